"""Following a joint trajectory as ros2_control's joint_trajectory_controller does, without ROS.

Between two points the motion is linear, cubic or quintic in time, depending on whether both give velocities and
accelerations. Tolerances follow control_msgs: 0 takes the controller's default, a negative one does not check.
"""

from dataclasses import dataclass, replace
from enum import Enum, IntEnum

import numpy as np

from mt3_common.config import Config, setting

__all__ = [
    'Ended',
    'ErrorCode',
    'FollowerConfig',
    'JointTrajectory',
    'State',
    'TrajectoryFollower',
    'sample_polynomial',
    'segment_polynomial',
]


class ErrorCode(IntEnum):
    """The error codes of control_msgs/action/FollowJointTrajectory."""

    SUCCESSFUL = 0
    INVALID_GOAL = -1
    INVALID_JOINTS = -2
    OLD_HEADER_TIMESTAMP = -3
    PATH_TOLERANCE_VIOLATED = -4
    GOAL_TOLERANCE_VIOLATED = -5


class FollowerConfig(Config):
    """What the controller assumes where a goal says nothing."""

    path_tolerance: float = setting(0.0, 'largest tracking error on the way, 0: not checked', 'rad', ge=0.0, le=3.2)
    goal_tolerance: float = setting(0.01, 'largest error at the end, 0: not checked', 'rad', ge=0.0, le=3.2)
    stopped_velocity: float = setting(0.05, 'velocity below which a joint stands at the end', 'rad/s', ge=0.0, le=1.0)
    goal_time: float = setting(1.0, 'how late the end may be reached', 's', ge=0.0, le=60.0)
    stop_acceleration: float = setting(
        12.0, 'deceleration when a goal is cancelled or fails', 'rad/s^2', ge=0.1, le=50.0
    )


@dataclass(frozen=True, eq=False)
class JointTrajectory:
    """A goal.

    Attributes:
        joint_names: Names in the goal's order.
        time_s: (K,) from the start, strictly increasing [s].
        position: (K, n) [rad].
        velocity, acceleration: (K, n) or None [rad/s, rad/s^2].
        start_time: When it starts on the controller's clock; None: at once [s].
        path_tolerance, goal_tolerance: By joint name: (position, velocity); see the module for 0 and negative.
        goal_time_tolerance: How late the end may be reached; 0: the controller's default, negative: any time [s].
    """

    joint_names: tuple[str, ...]
    time_s: np.ndarray
    position: np.ndarray
    velocity: np.ndarray | None = None
    acceleration: np.ndarray | None = None
    start_time: float | None = None
    path_tolerance: dict[str, tuple[float, float]] | None = None
    goal_tolerance: dict[str, tuple[float, float]] | None = None
    goal_time_tolerance: float = 0.0


@dataclass(frozen=True, eq=False)
class State:
    """Commanded joints at one instant: (n,) each [rad, rad/s, rad/s^2]."""

    position: np.ndarray
    velocity: np.ndarray
    acceleration: np.ndarray


@dataclass(frozen=True)
class Ended:
    """How a goal ended by itself."""

    code: ErrorCode
    message: str


class _Mode(Enum):
    HOLD = 'hold'
    STOP = 'stop'
    FOLLOW = 'follow'


def segment_polynomial(a: State, b: State, duration: float, order: int) -> np.ndarray:
    """Return the polynomial between two states: (6, n), a row per power of the time since the first.

    Args:
        a, b: At its two ends.
        duration: Between them [s].
        order: 1 meets the positions, 3 the velocities too, 5 the accelerations too.
    """
    h = max(duration, 1e-9)
    p, v, w = a.position, a.velocity, a.acceleration
    d = b.position - p
    c = np.zeros((6, len(p)))
    c[0] = p
    if order == 1:
        c[1] = d / h
    elif order == 3:
        c[1] = v
        c[2] = (3 * d - (2 * v + b.velocity) * h) / h**2
        c[3] = (-2 * d + (v + b.velocity) * h) / h**3
    else:
        v1, w1 = b.velocity, b.acceleration
        c[1], c[2] = v, w / 2
        c[3] = (20 * d - (8 * v1 + 12 * v) * h - (3 * w - w1) * h**2) / (2 * h**3)
        c[4] = (-30 * d + (14 * v1 + 16 * v) * h + (3 * w - 2 * w1) * h**2) / (2 * h**4)
        c[5] = (12 * d - 6 * (v1 + v) * h + (w1 - w) * h**2) / (2 * h**5)
    return c


def sample_polynomial(c: np.ndarray, t: float) -> State:
    """Return the state on a polynomial of `segment_polynomial` at a time since its begin [s]."""
    t2, t3, t4 = t * t, t * t * t, t * t * t * t
    powers = (
        (1.0, t, t2, t3, t4, t4 * t),
        (0.0, 1.0, 2 * t, 3 * t2, 4 * t3, 5 * t4),
        (0.0, 0.0, 2.0, 6 * t, 12 * t2, 20 * t3),
    )
    return State(*(np.array(powers) @ c))


class TrajectoryFollower:
    """One controller. Times are of any one clock; calls come from one thread at a time.

    Attributes:
        joint_names: The joints it moves, in its order.
        desired: What it commands now.
    """

    def __init__(
        self,
        joint_names: tuple[str, ...],
        lower: np.ndarray,
        upper: np.ndarray,
        config: FollowerConfig | None = None,
    ) -> None:
        self.joint_names = tuple(joint_names)
        self.config = config or FollowerConfig()
        self._lower, self._upper = np.asarray(lower, dtype=float), np.asarray(upper, dtype=float)
        self.hold_at(np.zeros(len(self.joint_names)))

    @property
    def active(self) -> bool:
        """Whether a goal is being followed."""
        return self._mode is _Mode.FOLLOW

    def hold_at(self, q: np.ndarray) -> None:
        """Drop any goal and hold a position (n,) [rad] from now on."""
        q = np.array(q, dtype=float)
        self.desired = State(q, np.zeros_like(q), np.zeros_like(q))
        self._mode = _Mode.HOLD
        self._goal: JointTrajectory | None = None

    def validate(self, goal: JointTrajectory, now: float) -> Ended | None:
        """Return why a goal cannot be accepted, or None."""
        names, mine = list(goal.joint_names), set(self.joint_names)
        if len(set(names)) != len(names) or set(names) != mine:
            return Ended(
                ErrorCode.INVALID_JOINTS, f'goal is for joints {names}, this controller moves {list(self.joint_names)}'
            )
        count, n = len(goal.time_s), len(names)
        if count == 0:
            return Ended(ErrorCode.INVALID_GOAL, 'the trajectory has no points')
        for values, name in (
            (goal.position, 'positions'),
            (goal.velocity, 'velocities'),
            (goal.acceleration, 'accelerations'),
        ):
            if values is None and name != 'positions':
                continue
            values = np.asarray(values)
            if values.shape != (count, n) or not np.isfinite(values).all():
                return Ended(ErrorCode.INVALID_GOAL, f'{name} must be finite, ({count}, {n}): got {values.shape}')
        if np.any(np.diff(goal.time_s) <= 0.0) or goal.time_s[0] < 0.0:
            return Ended(ErrorCode.INVALID_GOAL, 'time_from_start must not be negative and must increase strictly')
        order = [names.index(name) for name in self.joint_names]
        q = np.asarray(goal.position)[:, order]
        outside = np.argwhere((q < self._lower - 1e-6) | (q > self._upper + 1e-6))
        if len(outside):
            point, joint = outside[0]
            return Ended(
                ErrorCode.INVALID_GOAL,
                f'point {point} puts {self.joint_names[joint]} at {q[point, joint]:.4f}, '
                f'outside [{self._lower[joint]:.4f}, {self._upper[joint]:.4f}] rad',
            )
        if goal.start_time is not None and goal.start_time + goal.time_s[-1] < now:
            return Ended(
                ErrorCode.OLD_HEADER_TIMESTAMP,
                f'the trajectory ends {now - goal.start_time - goal.time_s[-1]:.3f} s ago; stamp it now, or with 0',
            )
        return None

    def start(self, goal: JointTrajectory, now: float) -> None:
        """Follow a goal that `validate` accepted; one that is being followed is dropped."""
        order = [list(goal.joint_names).index(name) for name in self.joint_names]
        self._goal = goal
        self._begin = now if goal.start_time is None else goal.start_time
        self._from, self._from_time = self.desired, min(now - self._begin, float(goal.time_s[-1]))
        if self._mode is _Mode.STOP:  # the braking ends here; a polynomial that went on with it would swing far out
            self._from = replace(self._from, acceleration=np.zeros_like(self._from.acceleration))
        self._times = np.asarray(goal.time_s, dtype=float)
        self._segment = -1  # which one `_polynomial` is of
        zero = np.zeros((len(self._times), len(order)))
        self._q = np.asarray(goal.position, dtype=float)[:, order]
        self._qd = zero if goal.velocity is None else np.asarray(goal.velocity, dtype=float)[:, order]
        self._qdd = zero if goal.acceleration is None else np.asarray(goal.acceleration, dtype=float)[:, order]
        with_velocity = goal.velocity is not None
        self._order = (5 if goal.acceleration is not None else 3) if with_velocity else 1
        self._path_tolerance = self._tolerances(goal.path_tolerance, self.config.path_tolerance, 0.0)
        self._goal_tolerance = self._tolerances(
            goal.goal_tolerance, self.config.goal_tolerance, self.config.stopped_velocity
        )
        self._goal_time = goal.goal_time_tolerance or self.config.goal_time
        self._mode = _Mode.FOLLOW

    def stop(self, now: float, at: State | None = None) -> None:
        """Drop the goal and come to rest along the present direction, all joints at once.

        Args:
            now: The time [s].
            at: Where the braking begins; default: where the arm is commanded.
        """
        self.desired = at or self.desired
        speed = float(np.abs(self.desired.velocity).max())
        self._goal = None
        self._stop_from, self._stop_begin = self.desired, now
        self._stop_duration = speed / self.config.stop_acceleration
        self._mode = _Mode.STOP if self._stop_duration > 0.0 else _Mode.HOLD

    def update(self, now: float, position: np.ndarray, velocity: np.ndarray) -> Ended | None:
        """Compute `desired` for this instant.

        Args:
            now: The time [s].
            position, velocity: (n,) measured [rad, rad/s].

        Returns:
            How the goal ended, if it did just now.
        """
        if self._mode is _Mode.STOP:
            self._decelerate(now)
        elif self._mode is _Mode.FOLLOW:
            return self._follow(now, np.asarray(position), np.asarray(velocity))
        return None

    def progress(self, now: float) -> float:
        """Return the time since the goal's start [s]; 0 without a goal."""
        return now - self._begin if self._goal is not None else 0.0

    def _decelerate(self, now: float) -> None:
        t = min(now - self._stop_begin, self._stop_duration)
        share = 1.0 - t / self._stop_duration
        start = self._stop_from
        q = start.position + start.velocity * (t - 0.5 * t * t / self._stop_duration)
        self.desired = self._within(State(q, start.velocity * share, -start.velocity / self._stop_duration))
        if share <= 0.0:
            self.hold_at(self.desired.position)

    def _within(self, state: State) -> State:
        """Keep a command within the joints' limits: a goal that comes in full motion may swing far out of them."""
        inside = (state.position >= self._lower) & (state.position <= self._upper)
        if inside.all():
            return state
        q = np.minimum(np.maximum(state.position, self._lower), self._upper)
        return State(q, np.where(inside, state.velocity, 0.0), np.where(inside, state.acceleration, 0.0))

    def _follow(self, now: float, position: np.ndarray, velocity: np.ndarray) -> Ended | None:
        t = now - self._begin
        self.desired = self._within(self._sample(t))
        error = np.abs(self.desired.position - position)
        if t < self._times[-1]:
            limits, speed_limits = self._path_tolerance
            bad = self._worst(error, limits) or self._worst(np.abs(self.desired.velocity - velocity), speed_limits)
            if bad:
                # from where it is: the command may be far ahead, with a speed that the arm never had
                self.stop(now, State(position.copy(), velocity.copy(), np.zeros_like(position)))
                return Ended(ErrorCode.PATH_TOLERANCE_VIOLATED, f'at {t:.3f} s {bad}')
            return None
        limits, speed_limits = self._goal_tolerance
        bad = self._worst(error, limits) or self._worst(np.abs(velocity), speed_limits)
        if not bad:
            self.hold_at(self._q[-1])
            return Ended(ErrorCode.SUCCESSFUL, 'goal reached')
        late = t - self._times[-1]
        if 0.0 <= self._goal_time < late:
            self.hold_at(self._q[-1])
            return Ended(ErrorCode.GOAL_TOLERANCE_VIOLATED, f'{late:.3f} s after the end {bad}')
        return None

    def _sample(self, t: float) -> State:
        times = self._times
        if t >= times[-1]:
            zero = np.zeros_like(self._q[-1])
            return State(self._q[-1], zero, zero)
        k = int(times.searchsorted(t, side='right'))
        if k != self._segment:
            after = State(self._q[k], self._qd[k], self._qdd[k])
            if k == 0 or times[k - 1] <= self._from_time:  # from where the arm was when the goal came
                before, begin = self._from, self._from_time
            else:
                before, begin = State(self._q[k - 1], self._qd[k - 1], self._qdd[k - 1]), float(times[k - 1])
            self._polynomial = segment_polynomial(before, after, float(times[k]) - begin, self._order)
            self._segment, self._segment_begin = k, begin
        return sample_polynomial(self._polynomial, t - self._segment_begin)

    def _tolerances(
        self, given: dict[str, tuple[float, float]] | None, position: float, velocity: float
    ) -> tuple[np.ndarray, np.ndarray]:
        """Return limits (n,) of position and velocity, infinite where not checked."""
        pairs = [(given or {}).get(name, (0.0, 0.0)) for name in self.joint_names]
        columns = []
        for column, default in enumerate((position, velocity)):
            values = np.array([default if pair[column] == 0.0 else pair[column] for pair in pairs])
            columns.append(np.where(values > 0.0, values, np.inf))
        return columns[0], columns[1]

    def _worst(self, error: np.ndarray, limits: np.ndarray) -> str:
        """Return a sentence about the first joint beyond its limit, empty when there is none."""
        beyond = error > limits
        joint = int(beyond.argmax())  # the first; half the time of `any` and `argmax`, which every tick would wait for
        if not beyond[joint]:
            return ''
        return f'{self.joint_names[joint]} is off by {error[joint]:.4f}, allowed {limits[joint]:.4f}'
