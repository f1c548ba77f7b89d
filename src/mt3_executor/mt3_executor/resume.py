"""Trajectories that begin anywhere: the rest of one after a stop, and the way back along one."""

import numpy as np

from mt3_executor.trajectory import JointTrajectory

__all__ = ['nearest_time', 'rest_of', 'reversed_trajectory']

_RAMP_S = 0.6  # from standstill to the planned speed
_SAMPLE_S = 0.02
_BACK_S, _AHEAD_S = 0.5, 1.5  # how far from the hint the arm may have come to rest


def reversed_trajectory(trajectory: JointTrajectory) -> JointTrajectory:
    """Return the same motion backwards."""
    return JointTrajectory(
        trajectory.duration_s - trajectory.time_s[::-1],
        trajectory.position[::-1].copy(),
        -trajectory.velocity[::-1],
        trajectory.acceleration[::-1].copy(),
    )


def nearest_time(trajectory: JointTrajectory, q: np.ndarray, hint_s: float | None = None) -> tuple[float, float]:
    """Return when a trajectory passes nearest to joints q, and how far away it then is.

    Args:
        trajectory: The motion.
        q: (n,) [rad].
        hint_s: About when; a path may pass the same place twice. None: anywhere.

    Returns:
        (time [s], largest joint distance [rad]).
    """
    at, path = trajectory.fine
    if hint_s is not None:
        window = slice(*np.searchsorted(at, (min(hint_s - _BACK_S, at[-1]), max(hint_s + _AHEAD_S, at[1]))))
        at, path = at[window], path[window]
    away = np.abs(path - q).max(axis=1)
    k = int(away.argmin())
    return float(at[k]), float(away[k])


def rest_of(trajectory: JointTrajectory, q: np.ndarray, from_s: float) -> JointTrajectory | None:
    """Return the rest of a trajectory from rest at joints q, which are near to where it is at `from_s`.

    Time runs from a standstill smoothly to its planned pace (so velocities stay within the planned ones), and the
    distance of q from the path fades out meanwhile.

    Args:
        trajectory: The whole motion, ending at rest.
        q: (n,) where the arm stands [rad].
        from_s: When the trajectory is nearest to it [s].

    Returns:
        The motion; None when nothing is left of it.
    """
    left = trajectory.duration_s - from_s
    offset = np.asarray(q) - trajectory.at(np.array([from_s]))[0]
    if left < 1e-3 and np.abs(offset).max() < 1e-3:
        return None
    ramp = _RAMP_S
    duration = max(left, 0.0) + 0.5 * ramp if left > 0.5 * ramp else ramp
    ramp = ramp if left > 0.5 * ramp else 2.0 * max(left, 0.0)
    u = np.linspace(0.0, duration, max(3, int(np.ceil(duration / _SAMPLE_S)) + 1))
    x = np.clip(u / ramp, 0.0, 1.0) if ramp > 0.0 else np.ones_like(u)
    passed = np.where(x < 1.0, ramp * (x**3 - 0.5 * x**4), 0.5 * ramp + u - ramp)
    s = np.clip(from_s + passed, 0.0, trajectory.duration_s)
    pace = 3.0 * x**2 - 2.0 * x**3
    y = np.clip(u / min(_RAMP_S, duration), 0.0, 1.0)
    fade = 1.0 - (10.0 * y**3 - 15.0 * y**4 + 6.0 * y**5)
    position = trajectory.at(s) + offset * fade[:, None]
    position[0], position[-1] = q, trajectory.position[-1]
    velocity = np.column_stack([np.interp(s, trajectory.time_s, v) for v in trajectory.velocity.T]) * pace[:, None]
    velocity += np.gradient(offset * fade[:, None], u, axis=0)
    velocity[0] = velocity[-1] = 0.0
    acceleration = np.gradient(velocity, u, axis=0)
    return JointTrajectory(u, position, velocity, acceleration, trajectory.goal_tolerance_rad, trajectory.replay)
