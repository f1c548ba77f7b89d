"""Timed joint trajectories, and the plan of one task."""

import functools
from dataclasses import dataclass, field

import numpy as np

from mt3_common.errors import Status, StatusCode

__all__ = ['JointTrajectory', 'Rejection', 'Segment', 'TaskPlan']


@dataclass(frozen=True, eq=False)
class JointTrajectory:
    """Joints over time, starting at 0.

    Attributes:
        time_s: (N,) strictly increasing [s].
        position, velocity, acceleration: (N, n) [rad, rad/s, rad/s^2].
        replay: A stretch of the interaction: what `execution.interaction` may give to a servo.
        start_tolerance_rad: How far off a joint may start, as the stretch before may end; then it begins from where the
            arm stands. 0: `execution.start_tolerance_rad`, and from the start [rad].
        goal_tolerance_rad: How far off a joint may end; 0: what the controller takes for right [rad].
    """

    time_s: np.ndarray
    position: np.ndarray
    velocity: np.ndarray
    acceleration: np.ndarray
    goal_tolerance_rad: float = 0.0
    replay: bool = False
    start_tolerance_rad: float = 0.0

    @property
    def duration_s(self) -> float:
        """Length [s]."""
        return float(self.time_s[-1])

    @functools.cached_property
    def fine(self) -> tuple[np.ndarray, np.ndarray]:
        """Times (M,) every 5 ms [s], and the positions (M, n) then [rad]; for those who ask all the time."""
        time_s = np.linspace(0.0, self.duration_s, max(2, int(self.duration_s / 0.005) + 1))
        return time_s, self.at(time_s)

    def at(self, time_s: np.ndarray) -> np.ndarray:
        """Return the positions (M, n) at times (M,) [s], cubic between samples as controllers interpolate."""
        t = np.clip(np.atleast_1d(time_s), 0.0, self.duration_s)
        k = np.clip(np.searchsorted(self.time_s, t, side='right') - 1, 0, len(self.time_s) - 2)
        h = (self.time_s[k + 1] - self.time_s[k])[:, None]
        s = (t - self.time_s[k])[:, None] / h
        p0, p1 = self.position[k], self.position[k + 1]
        v0, v1 = self.velocity[k] * h, self.velocity[k + 1] * h
        return p0 + s * (v0 + s * (3 * (p1 - p0) - 2 * v0 - v1 + s * (2 * (p0 - p1) + v0 + v1)))


@dataclass(frozen=True, eq=False)
class Segment:
    """A stretch of the interaction between two gripper commands.

    Attributes:
        trajectory: From rest to rest.
        demo_time_s: (N,) time in the demonstrated interaction at each sample [s].
        opening: Gripper opening during the motion.
        then_opening: Command given at its end, None when there is none.
    """

    trajectory: JointTrajectory
    demo_time_s: np.ndarray
    opening: float
    then_opening: float | None = None


@dataclass(frozen=True)
class Rejection:
    """Why one way to do it was not taken."""

    alternative: int
    solution: int
    code: StatusCode
    reason: str


@dataclass(frozen=True, eq=False)
class TaskPlan:
    """What `plan_task` answers.

    Attributes:
        status: OK, or why there is no plan.
        approach: From the current joints to the bottleneck; None when refused or already there.
        segments: The interaction.
        opening: Gripper opening to set before the approach: the taught one, or less where that meets something.
        alternative: Index of the bottleneck that was taken; -1 none.
        T_base_bottleneck: (4, 4) that bottleneck [m].
        rejected: The ways that were not possible.
        margins: Named measures of the chosen way (units in the names).
        timing_s: Wall time per step [s].
        conceded: What it took to find a plan (see `concessions`); empty: nothing.
    """

    status: Status
    approach: JointTrajectory | None = None
    segments: tuple[Segment, ...] = ()
    opening: float = 1.0
    alternative: int = -1
    T_base_bottleneck: np.ndarray | None = None
    rejected: tuple[Rejection, ...] = ()
    margins: dict[str, float] = field(default_factory=dict)
    timing_s: dict[str, float] = field(default_factory=dict)
    conceded: str = ''

    @property
    def duration_s(self) -> float:
        """Time of all motion [s], without the gripper's."""
        approach = self.approach.duration_s if self.approach else 0.0
        return approach + sum(segment.trajectory.duration_s for segment in self.segments)
