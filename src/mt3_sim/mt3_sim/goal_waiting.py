"""How an action callback waits for a goal of the cell and tells its client how it ended."""

import time
from collections.abc import Callable
from typing import Any

from mt3_sim.cell import ArmGoal, Ending, GripperGoal

__all__ = ['finish', 'wait_for_end']

_CANCEL_GRACE_S = 1.0  # the client's cancel request shows in the handle a moment after it is answered


def wait_for_end(
    handle: Any,
    goal: ArmGoal | GripperGoal,
    cancel: Callable[[], None],
    feedback: Callable[[], None],
    period_s: float,
) -> None:
    """Wait until the goal is over, giving feedback; cancel it when the client asks.

    Args:
        handle: The action server's goal handle.
        goal: What to wait for.
        cancel: Cancels it.
        feedback: Tells the client how it goes.
        period_s: Between two pieces of feedback [s of the computer's clock].
    """
    while not goal.wait(period_s):
        if handle.is_cancel_requested:
            cancel()
        elif handle.is_active:
            feedback()


def finish(handle: Any, goal: ArmGoal | GripperGoal) -> None:
    """Set the state of the handle to how the goal ended."""
    if goal.ending is Ending.SUCCEEDED:
        handle.succeed()
        return
    if goal.ending is Ending.CANCELLED:
        until = time.monotonic() + _CANCEL_GRACE_S
        while not handle.is_cancel_requested and time.monotonic() < until:
            time.sleep(0.001)
        if handle.is_cancel_requested:
            handle.canceled()
            return
    handle.abort()
