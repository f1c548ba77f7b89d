"""Plan a whole task before anything moves: approach and interaction, both checked.

    plan = plan_task(arm, q_start, T_base_bottleneck, demonstration.interaction, obstacles)
    if not plan.status.ok: print(plan.status)

Steps: 1. inverse kinematics of each bottleneck, many solutions. 2. The whole interaction for each.
3. Rank by how far the whole interaction stays from joint limits and singularities. 4. Best first: collision
of the interaction, its timing, the approach, its timing, and a last check of every timed trajectory.
The first that passes everything is the plan; each other one leaves its reason.
"""

import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from mt3_common import se3
from mt3_common.demonstration import Interaction
from mt3_common.errors import InvalidInput, MT3Error, Status, StatusCode
from mt3_executor.approach import connect, straight_retreat
from mt3_executor.collision import CollisionWorld, Phase, densify
from mt3_executor.config import PlanningConfig
from mt3_executor.gripper_events import gripper_events
from mt3_executor.ik import solve_many
from mt3_executor.interaction_ik import FollowResult, follow, sample_interaction
from mt3_executor.obstacles import Obstacles
from mt3_executor.robot import ArmModel
from mt3_executor.timing import limit_violation, time_demonstrated, time_path
from mt3_executor.trajectory import JointTrajectory, Rejection, Segment, TaskPlan

__all__ = ['plan_task']

_APPROACH_TRIES = 3
_THERE_RAD = 1e-3
_DISTANCE_WEIGHT = 0.03  # per radian of the joint that has the farthest way to the bottleneck


class _Refused(Exception):
    """One way of doing it is not possible."""

    def __init__(self, code: StatusCode, reason: str) -> None:
        super().__init__(reason)
        self.code = code


@dataclass(frozen=True, eq=False)
class _Way:
    """One way of doing it: a bottleneck, a solution of it, the interaction from there."""

    alternative: int
    solution: int
    follow: FollowResult
    score: float


class _Clock:
    """Wall time per step, and the deadline."""

    def __init__(self, limit_s: float, should_stop: Callable[[], bool]) -> None:
        self.start = time.perf_counter()
        self.limit_s = limit_s
        self.cancelled = should_stop
        self.spent: dict[str, float] = {}

    def out_of_time(self) -> bool:
        return time.perf_counter() - self.start > self.limit_s

    def over(self) -> bool:
        return self.out_of_time() or self.cancelled()

    def measure(self, name: str, since: float) -> None:
        self.spent[name] = self.spent.get(name, 0.0) + time.perf_counter() - since


def plan_task(
    arm: ArmModel,
    q_start: np.ndarray,
    T_base_bottleneck: np.ndarray,
    interaction: Interaction,
    obstacles: Obstacles | None = None,
    config: PlanningConfig | None = None,
    *,
    speed_scale: float = 1.0,
    should_stop: Callable[[], bool] = lambda: False,
) -> TaskPlan:
    """Plan the approach to the bottleneck and the whole interaction from it.

    Args:
        arm: The arm.
        q_start: (n,) current joints [rad].
        T_base_bottleneck: (4, 4), or (M, 4, 4) alternatives that are equally right, preferred first [m].
        interaction: The tool path to replay relative to the bottleneck, with its gripper commands.
        obstacles: What must not be touched; None: only the arm itself.
        config: Settings; None: the defaults.
        speed_scale: Of approach and interaction, in (0, 1].
        should_stop: Asked often; True ends planning with CANCELLED.

    Returns:
        A plan whose status is OK, or UNREACHABLE, COLLISION, LIMITS, TIMEOUT or CANCELLED with the reason, and the
        rejected ways either way. Deterministic for a seed as long as the time limit is not reached.

    Raises:
        InvalidInput: A value of the request cannot be used.
    """
    config = config or PlanningConfig()
    obstacles = obstacles or Obstacles()
    q_start = np.array(q_start, dtype=float)
    bottlenecks = np.asarray(T_base_bottleneck, dtype=float)
    bottlenecks = se3.as_transform(bottlenecks[None] if bottlenecks.ndim == 2 else bottlenecks, 'T_base_bottleneck')
    if q_start.shape != (arm.n,) or not np.isfinite(q_start).all():
        raise InvalidInput(f'q_start must be ({arm.n},) finite joint positions: got {q_start.tolist()}')
    if not 0.0 < speed_scale <= 1.0:
        raise InvalidInput(f'speed_scale must lie in (0, 1]: got {speed_scale}')
    clock = _Clock(config.time_limit_s, should_stop)
    planner = _Planner(arm, q_start, bottlenecks, interaction, obstacles, config, speed_scale, clock)
    return planner.plan()


class _Planner:
    """The steps of `plan_task` with what they share."""

    def __init__(
        self,
        arm: ArmModel,
        q_start: np.ndarray,
        bottlenecks: np.ndarray,
        interaction: Interaction,
        obstacles: Obstacles,
        config: PlanningConfig,
        speed_scale: float,
        clock: _Clock,
    ) -> None:
        self.arm, self.q_start, self.bottlenecks, self.interaction = arm, q_start, bottlenecks, interaction
        self.config, self.speed, self.clock = config, speed_scale, clock
        since = time.perf_counter()
        self.world = CollisionWorld(arm, obstacles, config.collision)
        self.clock.measure('world', since)
        self.time_s, self.T_bottleneck_tcp = sample_interaction(interaction, config)
        events = gripper_events(interaction.time_s, interaction.gripper_opening, config.gripper_event_tolerance)
        self.opening = float(interaction.gripper_opening[0])
        # Split where the gripper acts: (first sample, last sample, opening meanwhile, command at the end).
        self.pieces: list[tuple[int, int, float, float | None]] = []
        first, opening = 0, self.opening
        for event in events:
            last = int(np.clip(np.searchsorted(self.time_s, event.time_s - 1e-9), first, len(self.time_s) - 1))
            self.pieces.append((first, last, opening, event.opening))
            first, opening = last, event.opening
        self.pieces.append((first, len(self.time_s) - 1, opening, None))
        self.rejected: list[Rejection] = []

    def plan(self) -> TaskPlan:
        """Run the steps."""
        self.arm.set_opening(self.opening)
        refusal = self._start_refusal()
        if refusal is not None:
            return self._answer(refusal)
        for way in self._ways():
            if self.clock.over():
                break
            try:
                return self._realise(way)
            except _Refused as refused:
                self.rejected.append(Rejection(way.alternative, way.solution, refused.code, str(refused)))
        return self._answer(self._refusal())

    def _start_refusal(self) -> Status | None:
        if not self.arm.within_limits(self.q_start, -1e-3):
            j = int(np.maximum(self.arm.lower - self.q_start, self.q_start - self.arm.upper).argmax())
            return Status(
                StatusCode.LIMITS,
                f'{self.arm.config.arm_joints[j]} starts at {self.q_start[j]:.3f} rad, outside its limits '
                f'({self.arm.lower[j]:.3f} to {self.arm.upper[j]:.3f}); bring the arm back by hand',
            )
        contact = self.world.contact(self.q_start, Phase.FREE)
        if contact and not self.world.is_free(self.q_start, Phase.CONTACT):
            return Status(
                StatusCode.COLLISION, f'where the arm stands now, {contact}; move it clear by hand or teleoperation'
            )
        return None

    def _ways(self) -> list[_Way]:
        """Return the ways that follow the whole interaction, most comfortable first."""
        config, ways = self.config, []
        rng = np.random.default_rng(config.seed)
        for a, T_base_bottleneck in enumerate(self.bottlenecks):
            if self.clock.over():
                break
            since = time.perf_counter()
            solutions = solve_many(
                self.arm,
                T_base_bottleneck,
                self.q_start,
                rng,
                seeds=config.ik_seeds,
                solutions=config.ik_solutions,
                margin=config.joint_margin_rad,
            )
            self.clock.measure('inverse_kinematics', since)
            if not solutions:
                p = T_base_bottleneck[:3, 3]
                self.rejected.append(
                    Rejection(
                        a,
                        -1,
                        StatusCode.UNREACHABLE,
                        f'no joints reach the bottleneck at ({p[0]:.3f}, {p[1]:.3f}, {p[2]:.3f}) m '
                        f'({config.ik_seeds} starting points tried)',
                    )
                )
            since = time.perf_counter()
            T_base_tcp = T_base_bottleneck @ self.T_bottleneck_tcp
            for s, q in enumerate(solutions):
                contact = self.world.contact(q, Phase.CONTACT)
                if contact:
                    self.rejected.append(Rejection(a, s, StatusCode.COLLISION, f'at the bottleneck {contact}'))
                    continue
                found = follow(self.arm, q, T_base_tcp, self.time_s, config)
                if not found.ok:
                    self.rejected.append(Rejection(a, s, found.code, found.reason))
                    continue
                away = float(np.abs(q - self.q_start).max())
                ways.append(_Way(a, s, found, found.score() - _DISTANCE_WEIGHT * away))
            self.clock.measure('interaction', since)
        return sorted(ways, key=lambda way: -way.score)

    def _realise(self, way: _Way) -> TaskPlan:
        """Turn one way into a checked plan.

        Raises:
            _Refused: Something in it is not possible.
        """
        clock, path = self.clock, way.follow.path
        since = time.perf_counter()
        self._check_interaction(path)
        clock.measure('interaction_collision', since)
        since = time.perf_counter()
        segments = self._time_interaction(path)
        clock.measure('interaction_timing', since)
        approach = self._approach(path[0])
        slowdown = self._slowdown(segments)
        margins = {
            'joint_limit_margin_rad': way.follow.limit_margin_rad,
            'least_singular_value': way.follow.singular_value,
            'tracking_error_m': way.follow.error_m,
            'tracking_error_rad': way.follow.error_rad,
            'interaction_time_scale': slowdown,
            'approach_duration_s': approach.duration_s if approach else 0.0,
            'interaction_duration_s': sum(s.trajectory.duration_s for s in segments),
        }
        return TaskPlan(
            Status(),
            approach,
            tuple(segments),
            self.opening,
            way.alternative,
            self.bottlenecks[way.alternative],
            tuple(self.rejected),
            margins,
            self._timings(),
        )

    def _check_interaction(self, path: np.ndarray) -> None:
        for first, last, opening, _ in self.pieces:
            self.arm.set_opening(opening)
            # The tool moves at most 6 mm between samples; joints are checked as finely as the approach's.
            found = self.world.first_contact(
                path[first : last + 1], Phase.CONTACT, 2.0 * self.config.check_resolution_rad
            )
            if found is not None:
                self.arm.set_opening(self.opening)
                raise _Refused(
                    StatusCode.COLLISION,
                    f'at t = {self.time_s[first + found[0]]:.2f} s of the interaction {found[1]}',
                )
        self.arm.set_opening(self.opening)

    def _time_interaction(self, path: np.ndarray) -> list[Segment]:
        segments = []
        for first, last, opening, then_opening in self.pieces:
            if last > first:
                try:
                    trajectory, demo_time = time_demonstrated(
                        self.arm, self.time_s[first : last + 1], path[first : last + 1], self.speed
                    )
                except MT3Error as error:
                    raise _Refused(error.code, f'the interaction cannot be timed: {error}') from error
            else:  # the gripper acts at once; there is nothing to drive before
                trajectory, demo_time = _standstill(path[first]), np.repeat(self.time_s[first], 2)
            broken = limit_violation(self.arm, trajectory, self.arm.config.max_velocity_scale)
            if broken:
                raise _Refused(StatusCode.LIMITS, f'in the interaction {broken}')
            segments.append(Segment(trajectory, demo_time, opening, then_opening))
        slowdown = self._slowdown(segments)
        if slowdown > self.config.max_slowdown / self.speed:
            raise _Refused(
                StatusCode.LIMITS,
                f'the velocity limits would make the interaction {slowdown:.1f} times slower than demonstrated '
                f'(limit {self.config.max_slowdown:g})',
            )
        self._check_timed(segments)
        return segments

    def _slowdown(self, segments: list[Segment]) -> float:
        """Return how much longer the interaction takes than demonstrated, without starting and stopping."""
        rest = 0.2 * len([s for s in segments if s.trajectory.duration_s > 0.01])
        total = sum(s.trajectory.duration_s for s in segments) - rest / self.speed
        return max(1.0, total / self.interaction.duration_s)

    def _check_timed(self, segments: list[Segment]) -> None:
        """Check the replayed tool path, as controllers will interpolate it, against the demonstrated one."""
        for segment in segments:
            trajectory = segment.trajectory
            at = segment.demo_time_s[::5]
            wanted = se3.interpolate(self.time_s, self.T_bottleneck_tcp, at)
            start = self.arm.fk(segments[0].trajectory.position[0])
            for q, T_bottleneck_tcp, t in zip(trajectory.position[::5], wanted, at, strict=True):
                distance, angle = se3.pose_error(self.arm.fk(q), start @ T_bottleneck_tcp)
                if distance > 1e-3 or angle > np.radians(0.5):
                    raise _Refused(
                        StatusCode.LIMITS,
                        f'the timed interaction leaves the demonstrated path by {distance * 1e3:.1f} mm, '
                        f'{np.degrees(angle):.2f} degrees at t = {t:.2f} s (limits 1 mm, 0.5 degrees)',
                    )

    def _approach(self, q_bottleneck: np.ndarray) -> JointTrajectory | None:
        if np.abs(self.q_start - q_bottleneck).max() < _THERE_RAD:
            return None
        since = time.perf_counter()
        retreat = straight_retreat(self.arm, self.world, q_bottleneck, self.config)
        self.clock.measure('straight_approach', since)
        # Without a clear end of the straight stretch (or a clear start) the gripper may touch the target all the way.
        clear = self.world.is_free(retreat[-1], Phase.FREE) and self.world.is_free(self.q_start, Phase.FREE)
        phase = Phase.FREE if clear else Phase.CONTACT
        reason = 'no path from here to the bottleneck was found'
        config = self.config
        for attempt in range(_APPROACH_TRIES):
            since = time.perf_counter()
            seed = config.seed + 1000 * attempt
            path = connect(self.arm, self.world, self.q_start, retreat[-1], phase, config, seed, self.clock.over)
            self.clock.measure('approach', since)
            if path is None:
                raise _Refused(StatusCode.UNREACHABLE, reason)
            since = time.perf_counter()
            trajectory, refusal = self._time_approach(path, retreat, phase)
            self.clock.measure('approach_timing', since)
            if trajectory is not None:
                return trajectory
            reason = f'{reason}; {refusal}'
            finer = max(0.0005, 0.5 * config.edge_resolution)
            config = config.model_copy(update={'edge_resolution': finer})
        raise _Refused(StatusCode.COLLISION, reason)

    def _time_approach(self, path: np.ndarray, retreat: np.ndarray, phase: Phase) -> tuple[JointTrajectory | None, str]:
        """Time the path and its straight end, and check the timed result once more."""
        arm, config = self.arm, self.config
        whole = np.concatenate([path, retreat[::-1][1:]])
        velocity = min(config.approach_velocity_scale, arm.config.max_velocity_scale) * self.speed
        acceleration = config.approach_acceleration_scale * self.speed**2
        try:
            trajectory, index = time_path(arm, whole, velocity, acceleration)
        except MT3Error as error:
            return None, str(error)
        broken = limit_violation(arm, trajectory, velocity)
        if broken:
            return None, broken
        samples = np.linspace(0.0, trajectory.duration_s, 2 * len(trajectory.time_s))
        dense, source = densify(trajectory.at(samples), config.check_resolution_rad)
        at = np.interp(samples, trajectory.time_s, index)[source]
        for q, k in zip(dense, at, strict=True):
            now = phase if k < len(path) - 1.02 else Phase.CONTACT
            if not self.world.is_free(q, now):
                return None, f'the timed approach was in contact: {self.world.contact(q, now)}'
        return trajectory, ''

    def _refusal(self) -> Status:
        if self.clock.cancelled():
            return Status(StatusCode.CANCELLED, 'planning was cancelled')
        summary = self._why()
        if self.clock.out_of_time():
            limit = self.config.time_limit_s
            return Status(StatusCode.TIMEOUT, f'no plan within {limit:g} s (time_limit_s); {summary}')
        # Of several causes, the one that came nearest to a plan says most: reached, then limits, then contact.
        codes = [r.code for r in self.rejected]
        for code in (StatusCode.COLLISION, StatusCode.LIMITS, StatusCode.UNREACHABLE):
            if code in codes:
                return Status(code, summary)
        return Status(StatusCode.UNREACHABLE, 'no joints reach the bottleneck')

    def _why(self) -> str:
        """Return one sentence about all rejected ways, the most frequent reason of each code first."""
        if not self.rejected:
            return 'nothing was tried'
        count = Counter(r.code for r in self.rejected)
        parts = []
        for code in (StatusCode.COLLISION, StatusCode.LIMITS, StatusCode.UNREACHABLE):
            reasons = [r.reason for r in self.rejected if r.code == code]
            if reasons:
                parts.append(f'{count[code]} x {code.name.lower()}, e.g. {reasons[-1]}')
        return f'none of {len(self.rejected)} ways is possible: ' + '; '.join(parts)

    def _answer(self, status: Status) -> TaskPlan:
        return TaskPlan(status, opening=self.opening, rejected=tuple(self.rejected), timing_s=self._timings())

    def _timings(self) -> dict[str, float]:
        return {**self.clock.spent, 'total': time.perf_counter() - self.clock.start}


def _standstill(q: np.ndarray) -> JointTrajectory:
    """Return a trajectory that stays at q for a moment."""
    zero = np.zeros((2, len(q)))
    return JointTrajectory(np.array([0.0, 0.01]), np.stack([q, q]), zero, zero)
