"""From waypoints to a timed joint motion with gripper commands and marks: what a person's teleoperation sends."""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from mt3_common import se3
from mt3_common.errors import MT3Error, StatusCode
from mt3_sim.experts.kinematics import Arm
from mt3_sim.experts.waypoint import Waypoint

__all__ = ['Grip', 'Mark', 'Motion', 'Move', 'Wait', 'hand_like', 'is_reachable', 'joint_move', 'plan']

PERIOD = 0.02  # between two points of a trajectory [s]
RISE = 0.10  # the hand comes to the bottleneck from this much higher [m]
PEAK = 1.875  # peak over mean speed of a minimum-jerk motion
JOINT_SPEED = 0.9  # of the free motion to the bottleneck [rad/s]
LIMIT_MARGIN = 0.10  # to every joint limit along the whole way, so that a slightly wrong pose is in reach too [rad]


@dataclass(frozen=True, eq=False)
class Move:
    """A timed joint trajectory: times (K,) from 0 [s], positions (K, n) [rad], velocities (K, n) [rad/s]."""

    time_s: np.ndarray
    q: np.ndarray
    qd: np.ndarray


@dataclass(frozen=True)
class Grip:
    """A gripper command: opening, 0 closed to 1 open."""

    opening: float


@dataclass(frozen=True)
class Mark:
    """An event of the recording."""

    name: str


@dataclass(frozen=True)
class Wait:
    """Nothing moves for a while [s]."""

    seconds: float


@dataclass(frozen=True)
class Motion:
    """One demonstration as a list of steps."""

    steps: tuple[Move | Grip | Mark | Wait, ...]

    @property
    def duration_s(self) -> float:
        """Of moves and waits [s]."""
        return sum(s.time_s[-1] if isinstance(s, Move) else getattr(s, 'seconds', 0.0) for s in self.steps)


def is_reachable(arm: Arm, waypoints: Sequence[Waypoint], T_base_target: np.ndarray) -> bool:
    """Return whether the arm can follow the whole way with the target there."""
    return _configuration(arm, [T_base_target @ w.T_target_tcp for w in waypoints]) is not None


def hand_like(waypoints: Sequence[Waypoint], rng: np.random.Generator) -> tuple[Waypoint, ...]:
    """Return the waypoints as a hand would meet them: off by millimetres where there is room, by less where not."""
    varied = []
    for w in waypoints:
        metres, radians = (0.0007, np.radians(0.3)) if w.tight else (0.003, np.radians(1.5))
        T = w.T_target_tcp @ se3.exp(np.concatenate([rng.normal(0, metres, 3), [0, 0, rng.normal(0, radians)]]))
        varied.append(Waypoint(T, w.speed * rng.uniform(0.9, 1.1), w.opening, w.event, w.tight))
    return tuple(varied)


def plan(
    arm: Arm,
    waypoints: Sequence[Waypoint],
    T_base_target: np.ndarray,
    q_start: np.ndarray,
    rng: np.random.Generator | None = None,
    dwell: float = 0.7,
) -> Motion:
    """Return the motion from `q_start` over the waypoints.

    The way to the bottleneck is a joint motion to a point above it, then straight down; from there on all segments
    are straight with a minimum-jerk speed.

    Args:
        waypoints: Relative to the target; the first is the bottleneck.
        T_base_target: (4, 4) true pose of the target [m].
        q_start: (n,) where the arm is [rad].
        rng: Of the small variations of a hand; None moves exactly.
        dwell: Rest after each gripper command [s].

    Raises:
        MT3Error: With code UNREACHABLE, no inverse kinematics along the way.
    """
    poses = [T_base_target @ w.T_target_tcp for w in waypoints]
    q = _configuration(arm, poses)
    if q is None:
        raise MT3Error(
            f'the arm cannot follow the way at {np.round(T_base_target[:3, 3], 3).tolist()} m, '
            f'yaw {np.degrees(se3.yaw_of(T_base_target)):.0f} degrees; place the target elsewhere',
            StatusCode.UNREACHABLE,
        )
    above = se3.make(poses[0][:3, :3], poses[0][:3, 3] + [0.0, 0.0, RISE])
    q_above = arm.solve(above, q)
    steps: list[Move | Grip | Mark | Wait] = [Mark('scene'), Wait(0.5)]
    if waypoints[0].opening is not None:
        steps.append(Grip(waypoints[0].opening))
    if q_above is not None:
        steps.append(joint_move(np.asarray(q_start), q_above))
        steps.append(_straight(arm, above, poses[0], q_above, waypoints[0].speed, rng))
    else:
        steps.append(joint_move(np.asarray(q_start), q))
    q = steps[-1].q[-1]
    steps += [Wait(0.4), Mark('bottleneck')]
    for before, pose, waypoint in zip(poses[:-1], poses[1:], waypoints[1:], strict=True):
        steps.append(_straight(arm, before, pose, q, waypoint.speed, rng))
        q = steps[-1].q[-1]
        if waypoint.opening is not None:
            steps += [Wait(0.15), Grip(waypoint.opening), Wait(dwell)]
        if waypoint.event and waypoint.event != 'bottleneck':
            steps += [Wait(0.3), Mark(waypoint.event)]
    return Motion(tuple(steps))


def _configuration(arm: Arm, poses: Sequence[np.ndarray]) -> np.ndarray | None:
    """Return the start (n,) of the joint path along straight lines that stays farthest from the limits."""
    best, best_margin = None, LIMIT_MARGIN
    dense = _dense(poses, 0.02)
    for q in arm.starts(poses[0]):
        path = arm.follow(dense, q)
        if path is None:
            continue
        margin = min(arm.margin(p) for p in path)
        if margin > best_margin:
            best, best_margin = q, margin
        if margin > 0.35:
            break
    return best


def _dense(poses: Sequence[np.ndarray], step: float) -> np.ndarray:
    out = [np.asarray(poses[0])]
    for a, b in itertools.pairwise(poses):
        count = max(2, int(np.ceil(np.linalg.norm(b[:3, 3] - a[:3, 3]) / step)))
        out += list(se3.interpolate(np.array([0.0, 1.0]), np.stack([a, b]), np.linspace(0, 1, count + 1)[1:]))
    return np.array(out)


def _minimum_jerk(count: int) -> np.ndarray:
    u = np.linspace(0.0, 1.0, count)
    return u**3 * (10.0 - 15.0 * u + 6.0 * u**2)


def joint_move(q_from: np.ndarray, q_to: np.ndarray) -> Move:
    """Return a minimum-jerk motion of all joints at once."""
    seconds = max(0.6, PEAK * float(np.abs(q_to - q_from).max()) / JOINT_SPEED)
    count = max(3, int(np.ceil(seconds / PERIOD)) + 1)
    return _timed(q_from + _minimum_jerk(count)[:, None] * (q_to - q_from))


def _straight(
    arm: Arm, T_from: np.ndarray, T_to: np.ndarray, q: np.ndarray, speed: float, rng: np.random.Generator | None
) -> Move:
    """Return the motion along a straight line with the smallest duration that keeps the speed limits."""
    length, angle = se3.pose_error(T_from, T_to)
    seconds = max(0.3, PEAK * max(length / speed, angle / 0.6))
    for _ in range(5):
        count = max(3, int(np.ceil(seconds / PERIOD)) + 1)
        u = _minimum_jerk(count)
        poses = se3.interpolate(np.array([0.0, 1.0]), np.stack([T_from, T_to]), u)
        if rng is not None:
            poses[:, :3, 3] += _tremor(u, length, rng)
        path = arm.follow(poses, q)
        if path is None:
            break
        move = _timed(path)
        excess = float((np.abs(move.qd) / arm.velocity).max())
        if excess <= 1.0:
            return move
        seconds *= min(1.1 * excess, 2.0)
    raise MT3Error(
        'the arm cannot follow a straight line of the way; place the target elsewhere', StatusCode.UNREACHABLE
    )


def _tremor(u: np.ndarray, length: float, rng: np.random.Generator) -> np.ndarray:
    """Return slow deviations (K, 3) of a hand, about a millimetre in mid-way and none at the ends [m]."""
    size = min(0.0012, 0.015 * length)
    waves = np.sin(np.pi * np.outer(u, [1.0, 2.0]) * np.array([2.0, 1.5])) @ rng.normal(0.0, size, (2, 3))
    return waves * (u * (1.0 - u) * 4.0)[:, None]


def _timed(q: np.ndarray) -> Move:
    time_s = PERIOD * np.arange(len(q))
    qd = np.gradient(q, PERIOD, axis=0)
    qd[0] = qd[-1] = 0.0
    return Move(time_s, q, qd)
