"""Typed statuses and the one exception base of the stack.

A status is what crosses a process border (`mt3_interfaces/Status`); an exception is how a
ROS-free module says no. Both carry the same code and one sentence that names the offending
value, the limit, and what to do next.
"""

from dataclasses import dataclass
from enum import IntEnum

__all__ = ['InvalidInput', 'MT3Error', 'Status', 'StatusCode']


class StatusCode(IntEnum):
    """The codes of `mt3_interfaces/msg/Status`, number for number (a test compares them)."""

    OK = 0
    NO_DEMONSTRATION = 1
    OBJECT_NOT_FOUND = 2
    LOW_CONFIDENCE = 3
    AMBIGUOUS = 4
    STALE_SCENE = 5
    UNREACHABLE = 6
    COLLISION = 7
    LIMITS = 8
    TIMEOUT = 9
    CANCELLED = 10
    HARDWARE = 11
    INVALID_INPUT = 12
    NO_DATA = 13
    NOT_UNDERSTOOD = 14
    BUSY = 15
    OUTCOME_FAILED = 16
    EMERGENCY_STOP = 17
    CALIBRATION = 18
    STORAGE = 19
    INTERNAL = 20


@dataclass(frozen=True)
class Status:
    """Outcome of a request: a code and, unless OK, one sentence for a person."""

    code: StatusCode = StatusCode.OK
    message: str = ''

    @property
    def ok(self) -> bool:
        """Whether the request was fulfilled."""
        return self.code == StatusCode.OK

    def __str__(self) -> str:
        return f'{self.code.name}: {self.message}' if self.message else self.code.name


class MT3Error(Exception):
    """Base of every exception this stack raises on purpose.

    Args:
        message: One sentence: what, the value, the limit or the valid choices, the next step.
        code: The status it becomes at a process border.
    """

    code = StatusCode.INTERNAL

    def __init__(self, message: str, code: StatusCode | None = None) -> None:
        super().__init__(message)
        if code is not None:
            self.code = code

    @property
    def status(self) -> Status:
        """The same refusal as a status."""
        return Status(self.code, str(self))


class InvalidInput(MT3Error):  # noqa: N818 (the name is part of the Python API)
    """A value that cannot be used."""

    code = StatusCode.INVALID_INPUT
