"""What an attempt does before anything moves: look, retrieve, plan."""

from typing import TYPE_CHECKING

import numpy as np

from mt3_common.errors import StatusCode
from mt3_executor.actor import Actor
from mt3_executor.effect import Effect, Kind, demonstrated_effect
from mt3_executor.evidence import seen_points
from mt3_executor.gripper_events import starts_held
from mt3_executor.held import corrected, still_held
from mt3_executor.ports import Capture, Retrieved, StopSignal
from mt3_executor.recovery import AttemptReport, Memory
from mt3_executor.stretch import stretched
from mt3_executor.task import Phase, PhaseTimer, TaskGoal, TaskResult, need
from mt3_executor.trajectory import TaskPlan

if TYPE_CHECKING:
    from mt3_executor.execution import TaskRunner
    from mt3_executor.record import RunRecord

__all__ = ['Preparation']

_AROUND_M = 0.6  # from the bottleneck: no interaction grasps farther away


class Preparation:
    """What is known of one attempt before anything moves; each is None or empty until it is known.

    Attributes:
        capture: What was seen.
        seen_at: When [s, by the node's clock].
        retrieved: What retrieval said.
        plan: The motion.
        effect: What the demonstration did.
        target_points: (N, 3) of the object that is taken [m].
    """

    def __init__(
        self,
        runner: 'TaskRunner',
        goal: TaskGoal,
        stop: StopSignal,
        act: Actor,
        record: 'RunRecord',
        result: TaskResult,
        report: AttemptReport,
        memory: Memory,
        speed: float,
    ) -> None:
        self._cell, self._goal, self._stop, self._act = runner, goal, stop, act
        self._record, self._result, self._report, self._memory = record, result, report, memory
        self._config, self._speed = runner.config, speed
        self.capture: Capture | None = None
        self.seen_at = 0.0
        self.retrieved: Retrieved | None = None
        self.plan: TaskPlan | None = None
        self.effect, self.target_points = Effect(Kind.NONE), np.zeros((0, 3))

    def run(self, force: tuple[str, int]) -> None:
        """Look, retrieve, plan.

        Args:
            force: Demonstration and object to use; '' and 0 leave the choice.

        Raises:
            EndedError: Any of them says no.
        """
        result, record, execution = self._result, self._record, self._config.execution
        if execution.return_home and not self._goal.plan_only:
            with PhaseTimer(result, 'home'):
                self._act.say(Phase.PERCEIVE, 0.0, 'driving home, out of the camera view')
                self._act.go_home(Phase.PERCEIVE)
        self._report.phase = 'perceive'
        with PhaseTimer(result, 'perceive'):
            self._act.say(Phase.PERCEIVE, 0.0, 'taking a scene')
            self.seen_at = self._cell.now_s()
            self.capture = self._cell.sense.capture(self._stop)
            need(self.capture.status, self._stop)
        scene = self.capture.scene
        record.scene(scene)
        self._report.phase = 'retrieve'
        with PhaseTimer(result, 'retrieve'):
            self._act.say(Phase.RETRIEVE, 0.0, f'{len(scene.objects)} objects in view; looking for a demonstration')
            demonstration, object_id = force
            retrieved = self._cell.sense.retrieve(
                self._goal.task, demonstration or self._goal.demonstration_id, self.capture, self._stop, object_id
            )
            self.retrieved = retrieved
            result.demonstration_id, result.object_id = retrieved.demonstration_id, retrieved.object_id
            result.alignment = retrieved.alignment
            self._report.demonstration_id, self._report.object_id = retrieved.demonstration_id, retrieved.object_id
            self._report.alignment_confidence = float(getattr(retrieved.alignment, 'confidence', float('nan')))
            record.picture('overlay.png', retrieved.overlay_png)
            need(retrieved.status, self._stop)
        retrieved, self._report.changed = self._memory.choose(retrieved)
        self.retrieved = self._with_what_is_held(self._for_its_size(retrieved))
        self._report.phase = 'plan'
        self._make_plan()

    def _make_plan(self) -> None:
        retrieved, backend = self.retrieved, self._cell.backend
        with PhaseTimer(self._result, 'plan'):
            self._act.say(Phase.PLAN, 0.0, f'planning "{retrieved.task}" on object {retrieved.object_id}')
            need(self._cell.player.joints()[0])
            opening = self._cell.gripper.opening()
            held = self._cell.held if still_held(self._cell.held, opening) else None
            obstacles = backend.obstacles(
                self.capture.scene,
                retrieved.object_id,
                1.0 if opening is None else opening,
                None if held is None else held.points_tcp,
                retrieved.target_mask,
            )
            self.target_points = obstacles.object_points
            plan = backend.plan(
                retrieved.T_base_bottleneck,
                retrieved.interaction,
                obstacles,
                self._speed,
                self._stop,
                self._approach_speed(opening),
            )
            self.plan = self._result.plan = plan
            self._record.plan(plan)
            words = str(plan.status) if not plan.status.ok else f'{plan.duration_s:.1f} s of motion'
            if plan.status.ok and plan.conceded:
                words += f', {plan.conceded}: otherwise it meets what stands around'
            self._act.say(Phase.PLAN, 1.0, words)
        if plan.status.code in (StatusCode.UNREACHABLE, StatusCode.COLLISION, StatusCode.LIMITS):
            self._memory.no_way(retrieved.demonstration_id, retrieved.object_id)
        need(plan.status, self._stop)
        self._report.alternative = plan.alternative
        scene = self.capture.scene
        seen = [o.points for o in scene.objects if o.id == retrieved.object_id]
        self.effect = demonstrated_effect(
            plan.T_base_bottleneck,
            retrieved.interaction,
            seen[0] if seen else np.zeros((0, 3)),
            self._config.planning.gripper_event_tolerance,
            self._config.execution.held_opening,
            seen_points(scene, plan.T_base_bottleneck[:3, 3], _AROUND_M),
        )

    @property
    def starts_held(self) -> bool:
        """Whether the demonstration starts with something held, or a closed hand."""
        tolerance = self._config.planning.gripper_event_tolerance
        return starts_held(self.retrieved.interaction, self._config.execution.held_opening, tolerance)

    def _approach_speed(self, opening: float | None) -> float:
        """Return the share of the speed for the approach: careful with what is in the hand."""
        execution = self._config.execution
        return (
            execution.held_approach_speed if self.starts_held and (opening or 0.0) > execution.closed_opening else 1.0
        )

    def _for_its_size(self, retrieved: Retrieved) -> Retrieved:
        config = self._config
        return stretched(retrieved, config.execution.stretch, config.planning.gripper_event_tolerance)

    def _with_what_is_held(self, retrieved: Retrieved) -> Retrieved:
        """Correct a task that begins with what the last one picked."""
        held, recovery = self._cell.held, self._config.recovery
        if not (recovery.correct_in_hand and self.starts_held and still_held(held, self._cell.gripper.opening())):
            return retrieved
        if held.shift_m < recovery.in_hand_least_m:
            return retrieved
        words = f'moved by {1e3 * held.shift_m:.0f} mm: that much "{held.task}" is shifted in the hand'
        self._report.changed = f'{self._report.changed}, {words}' if self._report.changed else words
        return corrected(retrieved, held)
