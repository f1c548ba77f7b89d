"""Did what the demonstration did happen here? First version: by the gripper alone."""

from dataclasses import dataclass

from mt3_common.demonstration import Interaction
from mt3_executor.gripper_events import gripper_events

__all__ = ['Outcome', 'check_outcome']


@dataclass(frozen=True)
class Outcome:
    """The judgement.

    Attributes:
        checked: Whether the demonstration gives something to judge by.
        ok: Whether it happened; False when not checked.
        confidence: Of that judgement, in [0, 1].
        text: One sentence that says what was looked at.
    """

    checked: bool = False
    ok: bool = False
    confidence: float = 0.0
    text: str = 'the outcome was not checked'


def check_outcome(
    interaction: Interaction, opening_now: float | None, event_tolerance: float, closed_opening: float
) -> Outcome:
    """Judge by the gripper at the end, compared with the demonstration's commands.

    A demonstration that closes the hand and keeps it closed took hold of something: here too the fingers must not
    have met. One that opens the hand at the end let go: here too the hand must be open. Anything else (a push, a
    press with a closed hand) leaves no trace in the gripper, and is not judged.

    Args:
        interaction: The demonstrated one.
        opening_now: Measured opening after the interaction; None: unknown.
        event_tolerance: As for `gripper_events`.
        closed_opening: At or below it the fingers have met.
    """
    events = gripper_events(interaction.time_s, interaction.gripper_opening, event_tolerance)
    if not events:
        return Outcome(text='not judged: the gripper does nothing in the demonstration, and nothing else is looked at')
    if opening_now is None:
        return Outcome(text='not judged: the gripper does not tell its opening')
    before = events[-2].opening if len(events) > 1 else float(interaction.gripper_opening[0])
    last = events[-1].opening
    if last < before:
        held = opening_now > closed_opening
        width = opening_now * interaction.gripper_max_width_m * 1e3
        what = f'the fingers stopped {width:.0f} mm apart' if held else f'the fingers met ({width:.0f} mm apart)'
        meaning = 'something is held' if held else 'nothing is held'
        return Outcome(
            True, held, 0.8 if held else 0.9, f'{meaning}: {what}; the demonstration ends with the hand closed'
        )
    opened = opening_now > last - 0.15
    return Outcome(
        True,
        opened,
        0.4,
        f'the hand is {opening_now:.0%} open, as the demonstration left it: {last:.0%}; where the object went was not '
        'looked at'
        if opened
        else f'the hand is only {opening_now:.0%} open; the demonstration ends with {last:.0%}',
    )
