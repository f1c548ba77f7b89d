"""Joint paths get their times: as fast as the limits allow, never faster than demonstrated.

TOPPRA (Pham and Pham 2018) finds the fastest parametrisation of a path under velocity and acceleration
limits. A demonstrated path is given one more coordinate, its own demonstrated time, whose velocity limit
is the speed scale: so the result runs exactly as demonstrated where the joints can, slower where they
cannot, and starts and ends at rest. Pauses in the demonstration stay pauses.
"""

import numpy as np
import toppra
import toppra.algorithm
import toppra.constraint

from mt3_common.errors import MT3Error, StatusCode
from mt3_executor.collision import densify
from mt3_executor.robot import ArmModel
from mt3_executor.trajectory import JointTrajectory

__all__ = ['limit_violation', 'time_demonstrated', 'time_path', 'torque_violation']

_SAMPLE_S = 0.02
_DEMO_TIME_ACCELERATION = 5.0  # 1/s: demonstrated speed is reached within 0.2 s
_MIN_GRID = 60
_UNLIMITED = 1e3
_SAFETY = 0.98  # the limits hold at TOPPRA's grid points; a little is kept for what lies between them


def time_path(
    arm: ArmModel, path: np.ndarray, velocity_scale: float, acceleration_scale: float
) -> tuple[JointTrajectory, np.ndarray]:
    """Time a joint path (N, n) from rest to rest.

    The path is densified before a spline is laid through it: undensified, the spline cuts corners into obstacles.

    Returns:
        The trajectory, and the index into `path` (fractional) at each of its samples.

    Raises:
        MT3Error: LIMITS, no parametrisation within the limits.
    """
    dense, source = densify(path, 0.1)
    keep = np.append(True, np.abs(np.diff(dense, axis=0)).max(axis=1) > 1e-7)
    keep[-1] = True
    dense, source = dense[keep], source[keep]
    if len(dense) > 2 and np.abs(dense[-1] - dense[-2]).max() < 1e-7:
        dense, source = np.delete(dense, -2, axis=0), np.delete(source, -2)
    length = np.append(0.0, np.cumsum(np.linalg.norm(np.diff(dense, axis=0), axis=1)))
    trajectory, at = _parametrise(
        length,
        np.column_stack([dense, length]),
        np.append(velocity_scale * arm.velocity_limit, _UNLIMITED),
        np.append(acceleration_scale * arm.acceleration_limit, _UNLIMITED),
    )
    return trajectory, np.interp(at, length, source.astype(float))


def time_demonstrated(
    arm: ArmModel, demo_time_s: np.ndarray, path: np.ndarray, speed: float
) -> tuple[JointTrajectory, np.ndarray]:
    """Time a joint path (N, n) at its demonstrated speed or below, from rest to rest.

    Args:
        arm: Whose limits.
        demo_time_s: (N,) demonstrated time of each sample, strictly increasing [s].
        path: (N, n) [rad].
        speed: Share of the demonstrated speed, in (0, 1].

    Returns:
        The trajectory, and the demonstrated time (M,) at each of its samples [s].

    Raises:
        MT3Error: LIMITS, no parametrisation within the limits.
    """
    extended = np.column_stack([path, demo_time_s])
    velocity = np.append(arm.config.max_velocity_scale * arm.velocity_limit, speed)
    acceleration = np.append(arm.acceleration_limit, _DEMO_TIME_ACCELERATION)
    return _parametrise(demo_time_s, extended, velocity, acceleration)


def _parametrise(
    parameter: np.ndarray, points: np.ndarray, velocity_limit: np.ndarray, acceleration_limit: np.ndarray
) -> tuple[JointTrajectory, np.ndarray]:
    """Return the fastest trajectory through points (N, n + 1) and the values of the last coordinate at its samples."""
    spline = toppra.SplineInterpolator(parameter, points, bc_type='natural' if len(points) > 2 else 'not-a-knot')
    constraints = [
        toppra.constraint.JointVelocityConstraint(_SAFETY * np.column_stack([-velocity_limit, velocity_limit])),
        toppra.constraint.JointAccelerationConstraint(
            _SAFETY * np.column_stack([-acceleration_limit, acceleration_limit]),
            discretization_scheme=toppra.constraint.DiscretizationType.Interpolation,
        ),
    ]
    # The spline's acceleration is extreme at its knots, so these are grid points.
    pieces = max(1, int(np.ceil(_MIN_GRID / len(points))))
    knots = np.arange(len(points))
    grid = np.interp(np.arange(0.0, len(points) - 1 + 1e-9, 1.0 / pieces), knots, parameter)
    solver = toppra.algorithm.TOPPRA(
        constraints, spline, gridpoints=grid, parametrizer='ParametrizeConstAccel', solver_wrapper='seidel'
    )
    timed = solver.compute_trajectory(0.0, 0.0)
    if timed is None:
        raise MT3Error('no timing of this path keeps the velocity and acceleration limits', StatusCode.LIMITS)
    count = max(3, int(np.ceil(timed.duration / _SAMPLE_S)) + 1)
    time_s = np.linspace(0.0, timed.duration, count)
    position, velocity, acceleration = (timed(time_s, order) for order in range(3))
    # Between TOPPRA's grid points a bend of the path can exceed a limit a little: then all of it runs slower.
    stretch = max(
        1.0,
        float((np.abs(velocity) / velocity_limit).max()),
        float(np.sqrt((np.abs(acceleration) / acceleration_limit).max())),
    )
    time_s, velocity, acceleration = time_s * stretch, velocity / stretch, acceleration / stretch**2
    velocity[[0, -1]] = 0.0
    return JointTrajectory(time_s, position[:, :-1], velocity[:, :-1], acceleration[:, :-1]), position[:, -1]


def limit_violation(arm: ArmModel, trajectory: JointTrajectory, scale: float) -> str:
    """Return in words the first limit that a trajectory breaks; empty when it keeps them all.

    Args:
        arm: Whose limits.
        trajectory: To be checked.
        scale: Share of the URDF velocity limits that may be used.
    """
    names = arm.config.arm_joints
    for label, value, low, high, unit in (
        ('position', trajectory.position, arm.lower, arm.upper, 'rad'),
        ('velocity', trajectory.velocity, -scale * arm.velocity_limit, scale * arm.velocity_limit, 'rad/s'),
        ('acceleration', trajectory.acceleration, -arm.acceleration_limit, arm.acceleration_limit, 'rad/s^2'),
    ):
        slack = 1e-6 if label == 'position' else 0.01 * high
        bad = (value < low - slack) | (value > high + slack)
        if bad.any():
            k, j = (int(i) for i in np.argwhere(bad)[0])
            return (
                f'{label} of {names[j]} would be {value[k, j]:.3f} {unit} at t = {trajectory.time_s[k]:.2f} s '
                f'(limits {low[j]:.3f} to {high[j]:.3f})'
            )
    return ''


def torque_violation(arm: ArmModel, trajectory: JointTrajectory, share: float, payload_kg: float) -> str:
    """Return in words the worst overload of a motor along a trajectory; empty when there is none.

    Args:
        arm: Whose effort limits.
        trajectory: To be checked, with its dynamics.
        share: Of the URDF's effort limits that may be used.
        payload_kg: Mass at the tcp [kg].
    """
    if not np.isfinite(arm.effort_limit).any():
        return ''
    samples = zip(trajectory.position, trajectory.velocity, trajectory.acceleration, strict=True)
    used = np.array([np.abs(arm.torque(*sample, payload_kg)) for sample in samples]) / arm.effort_limit
    if used.max() <= share:
        return ''
    k, j = np.unravel_index(int(used.argmax()), used.shape)
    return (
        f'{arm.config.arm_joints[j]} would need {used[k, j] * arm.effort_limit[j]:.1f} N m at '
        f't = {trajectory.time_s[k]:.2f} s (limit {share:g} of {arm.effort_limit[j]:g} N m, max_torque_share)'
    )
