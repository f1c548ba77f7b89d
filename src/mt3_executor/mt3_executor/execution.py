"""One task from request to outcome, as a state machine without ROS.

perceive -> retrieve -> plan -> approach -> interact -> verify; when the outcome is not what was demonstrated, recover
and once more. Each phase ends with a status; the first that is not OK ends the attempt with it. A stop request
(cancel, emergency stop, Ctrl-C) ends any phase: whatever moves is stopped and waited for, and the arm stays where it
then stands.

The interaction is driven in stretches between gripper commands. At each command the arm stands still until the
fingers have reached their goal or stall: the demonstration's timing is open loop, and a gripper that is slower
here than there would otherwise leave before it has hold of the object. The pauses of the demonstration are
replayed as well, as part of the trajectories.
"""

import time
from collections.abc import Callable
from dataclasses import replace

import numpy as np

from mt3_common.errors import MT3Error, Status, StatusCode
from mt3_executor.attempt import Attempt
from mt3_executor.config import ExecutorConfig
from mt3_executor.held import HeldObject
from mt3_executor.player import Player
from mt3_executor.ports import Backend, GripperPort, Guard, NoGuard, PauseSignal, SensePort, StopSignal
from mt3_executor.record import RunRecord
from mt3_executor.recovery import Memory, in_vain, worth_another
from mt3_executor.task import EndedError, Phase, Report, TaskGoal, TaskResult, need

__all__ = ['Phase', 'TaskGoal', 'TaskResult', 'TaskRunner']

_MOST_ATTEMPTS = 20


class TaskRunner:
    """Runs tasks with what it is given: a backend, a gripper, perception and retrieval.

    Attributes:
        held: What the last task left in the hand; None when nothing is known to be there.
    """

    def __init__(
        self,
        backend: Backend,
        gripper: GripperPort,
        sense: SensePort,
        config: ExecutorConfig,
        guard: Guard | None = None,
        pause: PauseSignal | None = None,
        joint_names: tuple[str, ...] = (),
        now_s: Callable[[], float] = time.monotonic,
    ) -> None:
        self.backend, self.gripper, self.sense, self.config = backend, gripper, sense, config
        self.guard, self.now_s = guard or NoGuard(), now_s
        self.player = Player(backend, gripper, self.guard, pause or PauseSignal(), config, joint_names)
        self.held: HeldObject | None = None

    def run(self, goal: TaskGoal, stop: StopSignal, report: Report, record: RunRecord) -> TaskResult:
        """Do one task; never raises for what can go wrong in the world."""
        result = TaskResult()
        try:
            self._check(goal)
        except EndedError as ended:
            result.status = ended.status
            return result
        most = min(goal.max_attempts or self.config.recovery.max_attempts, _MOST_ATTEMPTS)
        memory, force = Memory(self.config.recovery), ('', 0)
        for number in range(1, most + 1):
            record.attempt = result.attempts = number
            attempt = Attempt(self, number, goal, stop, report, record, result, memory)
            best = replace(result)
            self._try(attempt, goal, force, result)
            result.history.append(attempt.report)
            if force[0] and in_vain(attempt.report):
                _answer_for(best, result)
            others = memory.others(attempt.retrieved)
            if result.status.ok or number == most or not worth_another(attempt.report, len(others)):
                break
            if not self._recover(attempt, memory, stop, result):
                break
            force = ('', 0) if attempt.report.moved else others[0]
        record.attempt = 1
        return result

    def _try(self, attempt: Attempt, goal: TaskGoal, force: tuple[str, int], result: TaskResult) -> None:
        begin = time.monotonic()
        try:
            attempt.prepare(force)
            if not goal.plan_only:
                attempt.carry_out()
            result.status = Status()
        except EndedError as ended:
            result.status = ended.status
        except MT3Error as error:
            result.status = error.status
        attempt.report.status, attempt.report.seconds = result.status, time.monotonic() - begin

    def _recover(self, attempt: Attempt, memory: Memory, stop: StopSignal, result: TaskResult) -> bool:
        """Clear the way for another attempt; say whether there can be one."""
        if not attempt.report.moved:
            return True
        if not attempt.repeatable:
            attempt.report.recovered = 'no second attempt: what was in the hand has been let go'
            return False
        if attempt.report.status.code == StatusCode.OUTCOME_FAILED:
            memory.failed_at(None if result.plan is None else result.plan.T_base_bottleneck)
        try:
            attempt.go_back()
        except (EndedError, MT3Error) as failed:
            attempt.report.recovered = f'recovery failed: {failed.status}'
            if stop.is_set() or failed.status.code == StatusCode.HARDWARE:
                result.status = failed.status
            return False
        attempt.report.recovered = 'went back, home, and looks again'
        return True

    def _check(self, goal: TaskGoal) -> None:
        """Refuse what can be refused before anything is asked of others."""
        if not goal.task.strip() and not goal.demonstration_id.strip():
            raise EndedError(Status(StatusCode.INVALID_INPUT, 'a request needs a task text or a demonstration id'))
        if not (np.isfinite(goal.speed_scale) and 0.0 <= goal.speed_scale <= 1.0):
            text = f'speed_scale must lie in (0, 1], 0 for the default: {goal.speed_scale}'
            raise EndedError(Status(StatusCode.INVALID_INPUT, text))
        need(self.backend.ready())
        need(self.gripper.ready())
        need(self.player.joints()[0])
        if not goal.plan_only:
            need(self.guard.may_move())


def _answer_for(best: TaskResult, result: TaskResult) -> None:
    """Answer for the pair that fits best: why that one cannot be done says more than that another one cannot either."""
    result.status, result.plan = best.status, best.plan
    result.demonstration_id, result.object_id, result.alignment = best.demonstration_id, best.object_id, best.alignment
