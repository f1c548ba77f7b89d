"""Plan a whole task before anything moves: approach and interaction, both checked.

    plan = plan_task(arm, q_start, T_base_bottleneck, demonstration.interaction, obstacles)
    if not plan.status.ok: print(plan.status)

Steps: 1. inverse kinematics of each bottleneck, many solutions. 2. The whole interaction for each.
3. Rank by how far the whole interaction stays from joint limits and singularities. 4. Best first: collision
of the interaction, its timing, the approach, its timing, and a last check of every timed trajectory.
The first that passes everything is the plan; each other one leaves its reason.
"""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from mt3_common import se3
from mt3_common.demonstration import Interaction
from mt3_common.errors import InvalidInput, MT3Error, Status, StatusCode
from mt3_executor.approach import plan_approach
from mt3_executor.budget import Budget, RefusedError
from mt3_executor.collision import CollisionWorld, Phase
from mt3_executor.config import PlanningConfig
from mt3_executor.gripper_events import gripper_events
from mt3_executor.ik import solve_many
from mt3_executor.interaction_ik import FollowResult, follow, sample_interaction
from mt3_executor.obstacles import Obstacles
from mt3_executor.robot import ArmModel
from mt3_executor.timing import limit_violation, time_demonstrated
from mt3_executor.trajectory import JointTrajectory, Rejection, Segment, TaskPlan

__all__ = ['plan_task']

# 1 mm and 0.5 degrees are what is promised; what lies between samples needs a little of it.
_REPLAY_M, _REPLAY_RAD = 0.85e-3, np.radians(0.45)
_DISTANCE_WEIGHT = 0.15  # per radian of the joint that has the farthest way: near and good before far and best


@dataclass(frozen=True, eq=False)
class _Way:
    """One way of doing it: a bottleneck, a solution of it, the interaction from there."""

    alternative: int
    solution: int
    follow: FollowResult
    score: float


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
    budget = Budget(config.time_limit_s, should_stop)
    planner = _Planner(arm, q_start, bottlenecks, interaction, obstacles, config, speed_scale, budget)
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
        budget: Budget,
    ) -> None:
        self.arm, self.q_start, self.bottlenecks, self.interaction = arm, q_start, bottlenecks, interaction
        self.config, self.speed, self.budget = config, speed_scale, budget
        with budget.measure('world'):
            self.world = CollisionWorld(arm, obstacles, config.collision)
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
            if self.budget.over():
                break
            try:
                return self._realise(way)
            except RefusedError as refused:
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
        ways = []
        rng = np.random.default_rng(self.config.seed)
        for a, T_base_bottleneck in enumerate(self.bottlenecks):
            if self.budget.over():
                break
            with self.budget.measure('inverse_kinematics'):
                solutions = self._solutions(a, T_base_bottleneck, rng)
            with self.budget.measure('interaction'):
                T_base_tcp = T_base_bottleneck @ self.T_bottleneck_tcp
                for s, q in enumerate(solutions):
                    contact = self.world.contact(q, Phase.CONTACT)
                    if contact:
                        self.rejected.append(Rejection(a, s, StatusCode.COLLISION, f'at the bottleneck {contact}'))
                        continue
                    found = follow(self.arm, q, T_base_tcp, self.time_s, self.config)
                    if not found.ok:
                        self.rejected.append(Rejection(a, s, found.code, found.reason))
                        continue
                    away = float(np.abs(q - self.q_start).max())
                    ways.append(_Way(a, s, found, found.score() - _DISTANCE_WEIGHT * away))
        return sorted(ways, key=lambda way: -way.score)

    def _solutions(self, a: int, T_base_bottleneck: np.ndarray, rng: np.random.Generator) -> list[np.ndarray]:
        config = self.config
        solutions = solve_many(
            self.arm,
            T_base_bottleneck,
            self.q_start,
            rng,
            seeds=config.ik_seeds,
            solutions=config.ik_solutions,
            margin=config.joint_margin_rad,
        )
        if not solutions:
            x, y, z = T_base_bottleneck[:3, 3]
            reason = f'no joints reach the bottleneck at ({x:.3f}, {y:.3f}, {z:.3f}) m ({config.ik_seeds} starts tried)'
            self.rejected.append(Rejection(a, -1, StatusCode.UNREACHABLE, reason))
        return solutions

    def _realise(self, way: _Way) -> TaskPlan:
        """Turn one way into a checked plan.

        Raises:
            RefusedError: Something in it is not possible.
        """
        path = way.follow.path
        with self.budget.measure('interaction_collision'):
            self._check_interaction(path)
        with self.budget.measure('interaction_timing'):
            segments = self._time_interaction(path)
        approach = plan_approach(self.arm, self.world, self.q_start, path[0], self.config, self.speed, self.budget)
        margins = {
            'joint_limit_margin_rad': way.follow.limit_margin_rad,
            'least_singular_value': way.follow.singular_value,
            'tracking_error_m': way.follow.error_m,
            'tracking_error_rad': way.follow.error_rad,
            'interaction_time_scale': self._slowdown(segments),
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
            self.budget.timing_s(),
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
                raise RefusedError(
                    f'at t = {self.time_s[first + found[0]]:.2f} s of the interaction {found[1]}',
                    StatusCode.COLLISION,
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
                    raise RefusedError(f'the interaction cannot be timed: {error}', error.code) from error
            else:  # the gripper acts at once; there is nothing to drive before
                trajectory, demo_time = _standstill(path[first]), np.repeat(self.time_s[first], 2)
            broken = limit_violation(self.arm, trajectory, self.arm.config.max_velocity_scale)
            if broken:
                raise RefusedError(
                    f'in the interaction {broken}',
                    StatusCode.LIMITS,
                )
            segments.append(Segment(trajectory, demo_time, opening, then_opening))
        slowdown = self._slowdown(segments)
        if slowdown > self.config.max_slowdown / self.speed:
            raise RefusedError(
                f'the velocity limits would make the interaction {slowdown:.1f} times slower than demonstrated '
                f'(limit {self.config.max_slowdown:g})',
                StatusCode.LIMITS,
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
        start, demo = self.arm.fk(segments[0].trajectory.position[0]), self.interaction
        for segment in segments:
            wanted = start @ se3.interpolate(demo.time_s, demo.T_bottleneck_tcp, segment.demo_time_s)
            there = np.array([self.arm.fk(q) for q in segment.trajectory.position])
            distance = np.linalg.norm(there[:, :3, 3] - wanted[:, :3, 3], axis=1)
            trace = np.einsum('kij,kij->k', there[:, :3, :3], wanted[:, :3, :3])
            angle = np.arccos(np.clip(0.5 * (trace - 1.0), -1.0, 1.0))
            bad = (distance > _REPLAY_M) | (angle > _REPLAY_RAD)
            if bad.any():
                k = int(bad.argmax())
                raise RefusedError(
                    f'the timed interaction leaves the demonstrated path by {distance[k] * 1e3:.1f} mm, '
                    f'{np.degrees(angle[k]):.2f} degrees at t = {segment.demo_time_s[k]:.2f} s (limits '
                    f'{_REPLAY_M * 1e3:g} mm, {np.degrees(_REPLAY_RAD):g} degrees): it bends too sharply',
                    StatusCode.LIMITS,
                )

    def _refusal(self) -> Status:
        if self.budget.cancelled():
            return Status(StatusCode.CANCELLED, 'planning was cancelled')
        summary = self._why()
        if self.budget.out_of_time():
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
        return TaskPlan(status, opening=self.opening, rejected=tuple(self.rejected), timing_s=self.budget.timing_s())


def _standstill(q: np.ndarray) -> JointTrajectory:
    """Return a trajectory that stays at q for a moment."""
    zero = np.zeros((2, len(q)))
    return JointTrajectory(np.array([0.0, 0.01]), np.stack([q, q]), zero, zero)
