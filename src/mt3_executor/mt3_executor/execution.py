"""One task from request to outcome, as a state machine without ROS.

perceive -> retrieve -> plan -> approach -> interact -> verify. Each phase ends with a status; the first that is
not OK ends the task with it. A stop request (cancel, emergency stop, Ctrl-C) ends any phase: whatever moves
is stopped and waited for, and the arm stays where it then stands.

The interaction is driven in stretches between gripper commands. At each command the arm stands still until the
fingers have reached their goal or stall: the demonstration's timing is open loop, and a gripper that is slower
here than there would otherwise leave before it has hold of the object. The pauses of the demonstration are
replayed as well, as part of the trajectories.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Any

import numpy as np

from mt3_common.errors import MT3Error, Status, StatusCode
from mt3_executor.config import ExecutorConfig
from mt3_executor.outcome import Outcome, check_outcome
from mt3_executor.ports import Backend, Capture, GripperPort, Retrieved, SensePort, StopSignal
from mt3_executor.record import RunRecord
from mt3_executor.trajectory import JointTrajectory, TaskPlan

__all__ = ['Phase', 'TaskGoal', 'TaskResult', 'TaskRunner', 'first_gripper_command']

Report = Callable[['Phase', float, str], None]


class Phase(IntEnum):
    """The phases of `ExecuteTask` feedback, number for number."""

    PERCEIVE = 0
    RETRIEVE = 1
    PLAN = 2
    APPROACH = 3
    INTERACT = 4
    VERIFY = 5
    RECOVER = 6


@dataclass(frozen=True)
class TaskGoal:
    """A request; see ExecuteTask.action.

    One attempt is made, whatever `max_attempts` allows: there is no recovery yet.
    """

    task: str = ''
    demonstration_id: str = ''
    plan_only: bool = False
    max_attempts: int = 1
    speed_scale: float = 0.0


@dataclass
class TaskResult:
    """The answer; see ExecuteTask.action."""

    status: Status = field(default_factory=Status)
    demonstration_id: str = ''
    object_id: int = 0
    alignment: Any = None
    attempts: int = 0
    outcome: Outcome = field(default_factory=Outcome)
    phases_s: dict[str, float] = field(default_factory=dict)
    plan: TaskPlan | None = None


class _EndedError(Exception):
    """A phase ended the task."""

    def __init__(self, status: Status) -> None:
        super().__init__(str(status))
        self.status = status


def first_gripper_command(wanted: float, now: float | None, held_below: float, tolerance: float) -> float | None:
    """Return the opening to command before the approach, or None to leave the gripper alone.

    A demonstration that starts with a low opening starts with something in the hand (or with a closed hand): then
    the gripper may close but never open, since opening would drop what is held.

    Args:
        wanted: First opening of the interaction.
        now: Measured opening; None unknown.
        held_below: Openings below this mean a closed hand.
        tolerance: Differences below this need no command.
    """
    if now is not None and abs(now - wanted) <= tolerance:
        return None
    if wanted < held_below and (now is None or wanted > now):
        return None
    return wanted


class TaskRunner:
    """Runs tasks with what it is given: a backend, a gripper, perception and retrieval."""

    def __init__(self, backend: Backend, gripper: GripperPort, sense: SensePort, config: ExecutorConfig) -> None:
        self.backend, self.gripper, self.sense, self.config = backend, gripper, sense, config
        self._seen_at = 0.0  # when the scene of the running task was asked for [s, monotonic]

    def run(self, goal: TaskGoal, stop: StopSignal, report: Report, record: RunRecord) -> TaskResult:
        """Do one task; never raises for what can go wrong in the world."""
        result = TaskResult()
        try:
            self._check(goal)
            result.attempts = 1
            plan, retrieved = self._prepare(goal, stop, report, record, result)
            if not goal.plan_only:
                self._carry_out(plan, retrieved, stop, report, result)
        except _EndedError as ended:
            result.status = ended.status
        except MT3Error as error:
            result.status = error.status
        return result

    def _check(self, goal: TaskGoal) -> None:
        """Refuse what can be refused before anything is asked of others."""
        if not goal.task.strip() and not goal.demonstration_id.strip():
            raise _EndedError(Status(StatusCode.INVALID_INPUT, 'a request needs a task text or a demonstration id'))
        if not (np.isfinite(goal.speed_scale) and 0.0 <= goal.speed_scale <= 1.0):
            raise _EndedError(
                Status(
                    StatusCode.INVALID_INPUT, f'speed_scale must lie in (0, 1], 0 for the default: {goal.speed_scale}'
                )
            )
        self._need(self.backend.ready())
        self._need(self.gripper.ready())
        self._need_joints()

    def _prepare(
        self, goal: TaskGoal, stop: StopSignal, report: Report, record: RunRecord, result: TaskResult
    ) -> tuple[TaskPlan, Retrieved]:
        """Look, retrieve, plan."""
        speed = goal.speed_scale or self.config.execution.speed_scale
        if self.config.execution.return_home and not goal.plan_only:
            with _Timer(result, 'home'):
                report(Phase.PERCEIVE, 0.0, 'driving home, out of the camera view')
                self._go_home(speed, stop)
        with _Timer(result, 'perceive'):
            report(Phase.PERCEIVE, 0.0, 'taking a scene')
            self._seen_at = time.monotonic()
            capture: Capture = self.sense.capture(stop)
            self._need(capture.status, stop)
        record.scene(capture.scene)
        with _Timer(result, 'retrieve'):
            report(Phase.RETRIEVE, 0.0, f'{len(capture.scene.objects)} objects in view; looking for a demonstration')
            retrieved = self.sense.retrieve(goal.task, goal.demonstration_id, capture, stop)
            result.demonstration_id, result.object_id = retrieved.demonstration_id, retrieved.object_id
            result.alignment = retrieved.alignment
            record.picture('overlay.png', retrieved.overlay_png)
            self._need(retrieved.status, stop)
        with _Timer(result, 'plan'):
            report(Phase.PLAN, 0.0, f'planning "{retrieved.task}" on object {retrieved.object_id}')
            self._need_joints()
            opening = self.gripper.opening()
            obstacles = self.backend.obstacles(capture.scene, retrieved.object_id, 1.0 if opening is None else opening)
            plan = self.backend.plan(retrieved.T_base_bottleneck, retrieved.interaction, obstacles, speed, stop)
            result.plan = plan
            record.plan(plan)
            report(Phase.PLAN, 1.0, str(plan.status) if not plan.status.ok else f'{plan.duration_s:.1f} s of motion')
        self._need(plan.status, stop)
        return plan, retrieved

    def _carry_out(
        self, plan: TaskPlan, retrieved: Retrieved, stop: StopSignal, report: Report, result: TaskResult
    ) -> None:
        """Move: gripper, approach, interaction; then judge."""
        execution, tolerance = self.config.execution, self.config.planning.gripper_event_tolerance
        age = time.monotonic() - self._seen_at
        if age > execution.plan_max_age_s:
            raise _EndedError(
                Status(
                    StatusCode.STALE_SCENE,
                    f'the scene is {age:.0f} s old by the time the plan is ready '
                    f'(limit {execution.plan_max_age_s:g} s); ask again',
                )
            )
        with _Timer(result, 'approach'):
            report(Phase.APPROACH, 0.0, 'going to the bottleneck')
            opening = first_gripper_command(plan.opening, self.gripper.opening(), execution.held_opening, tolerance)
            if opening is not None:
                self._need(self.gripper.command(opening, stop).status, stop)
            if plan.approach is not None:
                self._move(plan.approach, stop, lambda share: report(Phase.APPROACH, share, 'going to the bottleneck'))
        with _Timer(result, 'interact'):
            self._interact(plan, stop, report)
        with _Timer(result, 'verify'):
            report(Phase.VERIFY, 0.0, 'checking the outcome')
            result.outcome = check_outcome(
                retrieved.interaction, self.gripper.opening(), tolerance, execution.closed_opening
            )
            report(Phase.VERIFY, 1.0, result.outcome.text)
        if result.outcome.checked and not result.outcome.ok:
            raise _EndedError(Status(StatusCode.OUTCOME_FAILED, result.outcome.text))

    def _interact(self, plan: TaskPlan, stop: StopSignal, report: Report) -> None:
        total = max(1e-6, sum(s.trajectory.duration_s for s in plan.segments))
        done = 0.0
        for segment in plan.segments:
            share = segment.trajectory.duration_s / total

            def progress(part: float, done: float = done, share: float = share) -> None:
                report(Phase.INTERACT, min(1.0, done + share * part), 'replaying the interaction')

            if np.ptp(segment.trajectory.position, axis=0).max() > 1e-6:
                self._move(segment.trajectory, stop, progress)
            else:  # the demonstration stands still, so do we
                self._wait(segment.trajectory.duration_s, stop)
            done += share
            if segment.then_opening is not None:
                verb = 'closing' if segment.then_opening < segment.opening else 'opening'
                report(Phase.INTERACT, min(1.0, done), f'{verb} the gripper')
                self._need(self.gripper.command(segment.then_opening, stop).status, stop)
                self._wait(self.config.execution.gripper_settle_s, stop)

    def _go_home(self, speed: float, stop: StopSignal) -> None:
        plan = self.backend.plan_home(speed, stop)
        self._need(plan.status, stop)
        if plan.approach is not None:
            self._move(plan.approach, stop, lambda share: None)

    def _move(self, trajectory: JointTrajectory, stop: StopSignal, progress: Callable[[float], None]) -> None:
        """Run one trajectory, after a last look at whether the arm stands where it starts."""
        if stop.is_set():
            raise _EndedError(stop.status)
        q = self._need_joints()
        off = np.abs(q - trajectory.position[0])
        limit = self.config.execution.start_tolerance_rad
        if off.max() > limit:
            raise _EndedError(
                Status(
                    StatusCode.HARDWARE,
                    f'joint {int(off.argmax()) + 1} of the arm is {off.max():.3f} rad away from where the plan starts '
                    f'(limit {limit:g}); something else moved it; ask again',
                )
            )
        self._need(self.backend.move(trajectory, stop, progress), stop)

    def _need_joints(self) -> np.ndarray:
        reading = self.backend.joints()
        limit = self.config.execution.joint_state_timeout_s
        if reading is None:
            raise _EndedError(
                Status(StatusCode.NO_DATA, 'no joint states of the arm ever arrived; is its driver running?')
            )
        if reading.age_s > limit:
            raise _EndedError(
                Status(
                    StatusCode.NO_DATA, f'joint states are {reading.age_s:.1f} s old (limit {limit:g} s): nothing moves'
                )
            )
        return reading.position

    def _need(self, status: Status, stop: StopSignal | None = None) -> None:
        """End the task unless OK; the reason of a stop says more than what it broke off.

        Hardware that did not stop when told to outranks the reason for the stop.
        """
        if stop is not None and stop.is_set() and status.code != StatusCode.HARDWARE:
            raise _EndedError(stop.status)
        if not status.ok:
            raise _EndedError(status)

    def _wait(self, seconds: float, stop: StopSignal) -> None:
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            if stop.is_set():
                raise _EndedError(stop.status)
            time.sleep(min(0.01, max(0.0, end - time.monotonic())))


class _Timer:
    """Adds the wall time of a phase to a result."""

    def __init__(self, result: TaskResult, name: str) -> None:
        self.result, self.name = result, name

    def __enter__(self) -> None:
        self.start = time.perf_counter()

    def __exit__(self, *_: object) -> None:
        spent = time.perf_counter() - self.start
        self.result.phases_s[self.name] = self.result.phases_s.get(self.name, 0.0) + spent
