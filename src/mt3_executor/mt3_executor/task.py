"""A request, its phases and its answer; what the state machine of a task is made of."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Any

from mt3_common.errors import Status, StatusCode
from mt3_executor.outcome import Outcome
from mt3_executor.ports import StopSignal
from mt3_executor.recovery import AttemptReport
from mt3_executor.trajectory import TaskPlan

__all__ = ['EndedError', 'Phase', 'PhaseTimer', 'Report', 'TaskGoal', 'TaskResult', 'need']

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
    """A request; see ExecuteTask.action."""

    task: str = ''
    demonstration_id: str = ''
    plan_only: bool = False
    max_attempts: int = 0
    speed_scale: float = 0.0


@dataclass
class TaskResult:
    """The answer; see ExecuteTask.action."""

    status: Status = field(default_factory=Status)
    demonstration_id: str = ''
    object_id: int = 0
    alignment: Any = None
    attempts: int = 0
    history: list[AttemptReport] = field(default_factory=list)
    outcome: Outcome = field(default_factory=Outcome)
    phases_s: dict[str, float] = field(default_factory=dict)
    plan: TaskPlan | None = None


class EndedError(Exception):
    """A phase ended the attempt."""

    def __init__(self, status: Status) -> None:
        super().__init__(str(status))
        self.status = status


def need(status: Status, stop: StopSignal | None = None) -> None:
    """End the attempt unless OK; the reason of a stop says more than what it broke off.

    Hardware that did not stop when told to outranks the reason for the stop.

    Raises:
        EndedError: With the status, or that of the stop.
    """
    if stop is not None and stop.is_set() and status.code != StatusCode.HARDWARE:
        raise EndedError(stop.status)
    if not status.ok:
        raise EndedError(status)


class PhaseTimer:
    """Adds the wall time of a phase to a result."""

    def __init__(self, result: TaskResult, name: str) -> None:
        self.result, self.name = result, name

    def __enter__(self) -> None:
        self.start = time.perf_counter()

    def __exit__(self, *_: object) -> None:
        spent = time.perf_counter() - self.start
        self.result.phases_s[self.name] = self.result.phases_s.get(self.name, 0.0) + spent
