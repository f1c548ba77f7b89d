"""When the gripper was told to move in a demonstration, and what it is told before the motion."""

from dataclasses import dataclass

import numpy as np

from mt3_common.demonstration import Interaction

__all__ = ['GripperEvent', 'first_gripper_command', 'gripper_events', 'starts_held']

_SETTLED_S = 0.15


@dataclass(frozen=True)
class GripperEvent:
    """One command: at `time_s` of the interaction [s], go to `opening` (0 closed, 1 open)."""

    time_s: float
    opening: float


def gripper_events(time_s: np.ndarray, opening: np.ndarray, tolerance: float) -> list[GripperEvent]:
    """Return the gripper commands of an interaction after its first opening.

    A change that ramps over several samples (a trigger, a slider, a recorded finger position) is one event: at
    the time at which it begins, to the value at which it settles or turns round.

    Args:
        time_s: (K,) [s].
        opening: (K,) in [0, 1].
        tolerance: Smaller changes are noise.
    """
    events: list[GripperEvent] = []
    current = float(opening[0])
    k = 1
    while k < len(opening):
        if abs(opening[k] - current) <= tolerance:
            k += 1
            continue
        begin = k - 1
        direction = np.sign(opening[k] - current)
        last = k
        while k + 1 < len(opening):
            change = (opening[k + 1] - opening[last]) * direction
            if change < -tolerance or time_s[k + 1] - time_s[last] > _SETTLED_S:
                break
            k += 1
            if change > 0.0:
                last = k
        current = float(opening[last])
        events.append(GripperEvent(float(time_s[begin]), current))
        k = last + 1
    return events


def starts_held(interaction: Interaction, held_opening: float, tolerance: float) -> bool:
    """Return whether a demonstration starts with something in the hand, or with a closed hand.

    A hand that is only a little open and closes next is empty: it was opened no further than the thing is wide.

    Args:
        interaction: The demonstrated one.
        held_opening: A first opening below this may be a hand that holds something.
        tolerance: As for `gripper_events`.
    """
    first = float(interaction.gripper_opening[0])
    if first >= held_opening:
        return False
    events = gripper_events(interaction.time_s, interaction.gripper_opening, tolerance)
    return not events or events[0].opening > first


def first_gripper_command(wanted: float, now: float | None, holds: bool, tolerance: float) -> float | None:
    """Return the opening to command before the approach, or None to leave the gripper alone.

    With something in the hand (or a closed hand) at the start, the gripper may close but never open, since opening
    would drop what is held.

    Args:
        wanted: First opening of the plan.
        now: Measured opening; None unknown.
        holds: Whether the demonstration starts with something held, or a closed hand.
        tolerance: Differences below this need no command.
    """
    if now is not None and abs(now - wanted) <= tolerance:
        return None
    if holds and (now is None or wanted > now):
        return None
    return wanted
