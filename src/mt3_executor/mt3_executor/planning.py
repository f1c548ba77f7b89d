"""Plan a whole task before anything moves: approach and interaction, both checked.

    plan = plan_task(arm, q_start, T_base_bottleneck, demonstration.interaction, obstacles)
    if not plan.status.ok: print(plan.status)

Steps: 1. The ways of doing it, most comfortable first (`ways`): solutions of inverse kinematics of each bottleneck,
ranked by how far the whole interaction stays from joint limits, singularities, motor torques and obstacles.
2. Best first: contact and timing of the interaction (`replay`), the approach, its timing, and a last check of every
timed trajectory. The first that passes everything is the plan; each other one leaves its reason.
3. When something is in the way of all of them: the same with little conceded (`concessions`).
"""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np

from mt3_common import se3
from mt3_common.demonstration import Interaction
from mt3_common.errors import InvalidInput, Status, StatusCode
from mt3_executor.approach import ApproachPlanner, plan_approach
from mt3_executor.budget import Budget, RefusedError
from mt3_executor.collision import CollisionWorld, Phase
from mt3_executor.concessions import variants
from mt3_executor.config import PlanningConfig
from mt3_executor.interaction_ik import sample_interaction
from mt3_executor.obstacles import Obstacles
from mt3_executor.replay import Replay
from mt3_executor.robot import ArmModel
from mt3_executor.trajectory import Rejection, Segment, TaskPlan
from mt3_executor.ways import Way, WaySearch

__all__ = ['plan_task']

_MORE = 10  # times the iterations of the approach's planner in the second round


def plan_task(
    arm: ArmModel,
    q_start: np.ndarray,
    T_base_bottleneck: np.ndarray,
    interaction: Interaction,
    obstacles: Obstacles | None = None,
    config: PlanningConfig | None = None,
    *,
    speed_scale: float = 1.0,
    approach_speed: float = 1.0,
    should_stop: Callable[[], bool] = lambda: False,
    approach: ApproachPlanner = plan_approach,
    near: Sequence[np.ndarray] = (),
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
        approach_speed: Share of that for the approach, in (0, 1].
        should_stop: Asked often; True ends planning with CANCELLED.
        approach: Who plans the motion to the bottleneck; its answer is part of the plan as it is.
        near: Joints (n,) that are known to reach a bottleneck: starting points of inverse kinematics [rad].

    Returns:
        A plan whose status is OK, or UNREACHABLE, COLLISION, LIMITS, TIMEOUT or CANCELLED with the reason, and the
        rejected ways either way; `conceded` says what it took where as taught nothing could be done.
        Deterministic for a seed as long as the time limit is not reached.

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
    for name, share in (('speed_scale', speed_scale), ('approach_speed', approach_speed)):
        if not 0.0 < share <= 1.0:
            raise InvalidInput(f'{name} must lie in (0, 1]: got {share}')
    budget = Budget(config.time_limit_s, should_stop)
    speeds = (speed_scale, speed_scale * approach_speed)

    rejected: tuple[Rejection, ...] = ()
    refusal: Status | None = None
    for variant in variants(interaction, bottlenecks, obstacles, config):
        how, around, settings = variant.interaction, variant.obstacles, variant.config
        plan = _Planner(arm, q_start, bottlenecks, how, around, settings, speeds, budget, approach, near).plan()
        rejected += plan.rejected
        if plan.status.ok or budget.over() or (refusal is None and plan.status.code != StatusCode.COLLISION):
            return replace(plan, conceded=variant.words, rejected=rejected)
        refusal = plan.status if refusal is None else Status(refusal.code, f'{refusal.message}; nor {variant.words}')
    return replace(plan, status=refusal, opening=float(interaction.gripper_opening[0]), rejected=rejected)


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
        speeds: tuple[float, float],
        budget: Budget,
        approach: ApproachPlanner,
        near: Sequence[np.ndarray],
    ) -> None:
        self.approach = approach
        self.arm, self.q_start, self.bottlenecks, self.interaction = arm, q_start, bottlenecks, interaction
        (speed, self.approach_speed), self.config, self.budget = speeds, config, budget
        with budget.measure('world'):
            self.world = CollisionWorld(arm, obstacles, config.collision)
        self.time_s, self.T_bottleneck_tcp = sample_interaction(interaction, config)
        self.opening = float(interaction.gripper_opening[0])
        self.replay = Replay(arm, self.world, obstacles, interaction, self.time_s, config, speed)
        self.rejected: list[Rejection] = []
        self.ways = WaySearch(
            arm,
            self.world,
            q_start,
            bottlenecks,
            self.time_s,
            self.T_bottleneck_tcp,
            config,
            budget,
            self.rejected,
            near,
        )

    def plan(self) -> TaskPlan:
        """Run the steps."""
        self.arm.set_opening(self.opening)
        refusal = self._start_refusal()
        if refusal is not None:
            return self._answer(refusal)
        postponed: list[tuple[Way, list[Segment], str]] = []
        for way in self.ways:
            try:
                segments = self._interaction(way)
            except RefusedError as refused:
                self._reject(way, refused.code, str(refused))
                continue
            plan, reason = self._with_approach(way, segments, self.config.approach_iterations)
            if plan is not None:
                return plan
            postponed.append((way, segments, reason))
        for way, segments, reason in postponed:  # nothing easier is left: look longer for an approach
            if self.budget.over():
                break
            plan, reason = self._with_approach(way, segments, _MORE * self.config.approach_iterations)
            if plan is not None:
                return plan
        for way, _, reason in postponed:
            self._reject(way, StatusCode.UNREACHABLE, reason)
        return self._answer(self._refusal())

    def _reject(self, way: Way, code: StatusCode, reason: str) -> None:
        self.rejected.append(Rejection(way.alternative, way.solution, code, reason))

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

    def _interaction(self, way: Way) -> list[Segment]:
        """Check and time the interaction of one way.

        Raises:
            RefusedError: Something in it is not possible.
        """
        with self.budget.measure('interaction_collision'):
            self.replay.check(way.follow.path)
        with self.budget.measure('interaction_timing'):
            return self.replay.time(way.follow.path)

    def _with_approach(self, way: Way, segments: list[Segment], iterations: int) -> tuple[TaskPlan | None, str]:
        """Return the whole plan, or why there is no approach."""
        config = self.config.model_copy(update={'approach_iterations': iterations})
        goal = way.follow.path[0]
        try:
            approach = self.approach(self.arm, self.world, self.q_start, goal, config, self.approach_speed, self.budget)
        except RefusedError as refused:
            return None, str(refused)
        margins = {
            'score': way.score,
            'joint_limit_margin_rad': way.comfort.limit_margin_rad,
            'least_singular_value': way.comfort.singular_value,
            'free_torque_share': way.comfort.free_torque_share,
            'clearance_m': way.comfort.clearance_m,
            'tracking_error_m': way.follow.error_m,
            'tracking_error_rad': way.follow.error_rad,
            'interaction_time_scale': self.replay.slowdown(segments),
            'approach_duration_s': approach.duration_s if approach else 0.0,
            'interaction_duration_s': sum(s.trajectory.duration_s for s in segments),
            'interactions_followed': float(self.ways.followed),
        }
        plan = TaskPlan(
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
        return plan, ''

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
        for code in (StatusCode.COLLISION, StatusCode.LIMITS, StatusCode.UNREACHABLE, StatusCode.TIMEOUT):
            reasons = [r.reason for r in self.rejected if r.code == code]
            if reasons:
                parts.append(f'{count[code]} x {code.name.lower()}, e.g. {reasons[-1]}')
        return f'none of {len(self.rejected)} ways is possible: ' + '; '.join(parts)

    def _answer(self, status: Status) -> TaskPlan:
        return TaskPlan(status, opening=self.opening, rejected=tuple(self.rejected), timing_s=self.budget.timing_s())
