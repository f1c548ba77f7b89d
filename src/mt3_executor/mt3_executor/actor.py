"""The hands of an attempt: each call moves something, reports it, and ends the attempt when it fails."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from mt3_common.errors import Status
from mt3_executor.ports import StopSignal
from mt3_executor.task import Phase, Report, need
from mt3_executor.trajectory import JointTrajectory

if TYPE_CHECKING:
    from mt3_executor.execution import TaskRunner

__all__ = ['Actor']


class Actor:
    """Moves arm and gripper for one attempt; everything raises `EndedError` when it fails or a stop is asked for."""

    def __init__(self, runner: 'TaskRunner', stop: StopSignal, feedback: Report, number: int, speed: float) -> None:
        self._cell, self._stop, self._feedback, self._number = runner, stop, feedback, number
        self._player, self._speed = runner.player, speed

    def say(self, phase: Phase, progress: float, text: str) -> None:
        """Report."""
        self._feedback(phase, progress, text if self._number == 1 else f'attempt {self._number}: {text}')

    def move(
        self,
        trajectory: JointTrajectory,
        phase: Phase,
        progress: Callable[[float], None] = lambda share: None,
        still_good: Callable[[], Status] = Status,
    ) -> None:
        """Run a trajectory; see `Player.move`."""
        need(self._player.move(trajectory, self._stop, progress, self._paused(phase), still_good), self._stop)

    def grip(self, opening: float, phase: Phase) -> None:
        """Command the gripper; a hand that opens no longer holds what the last task left in it."""
        if self._cell.held is not None and opening > self._cell.held.opening + 0.1:
            self._cell.held = None
        need(self._player.grip(opening, self._stop, self._paused(phase)).status, self._stop)

    def wait(self, seconds: float) -> None:
        """Let time pass."""
        need(self._player.wait(seconds, self._stop, self._cell.now_s), self._stop)

    def go_home(self, phase: Phase) -> None:
        """Drive to the home joints."""
        plan = self._cell.backend.plan_home(self._speed, self._stop)
        need(plan.status, self._stop)
        if plan.approach is not None:
            self.move(plan.approach, phase)

    def _paused(self, phase: Phase) -> Callable[[], None]:
        return lambda: self.say(phase, 0.0, 'paused: the arm holds until /mt3/resume')
