"""Editing a demonstration: where its interaction begins and ends, how fast it is, how its object is aligned, its words.

All times are those of the stored path, as `mt3 library show` prints it: 0 is the bottleneck. An edit takes a
demonstration and returns another with the same id; `DemoLibrary.replace` makes a version of it.
"""

import dataclasses
from dataclasses import dataclass

import numpy as np

from mt3_common import se3
from mt3_common.demonstration import Demonstration, Interaction
from mt3_common.errors import InvalidInput
from mt3_teach.edit_path import backed_off, begun, ended, faster, time_along

__all__ = ['Edit', 'Edited', 'apply_edit']


@dataclass(frozen=True)
class Edit:
    """What to change; None stays as it is.

    Attributes:
        bottleneck_s: Begin the interaction at this time of its path [s]; before 0 needs the lead-in.
        bottleneck_m: The same, told by the way along the path [m].
        back_off_m: Begin so far back along the tool's axis, straight [m].
        end_s: End the interaction at this time [s]; a negative one counts from the end.
        speed: Play it so many times as fast as now.
        dof: Degrees of freedom of the alignment, 4 or 6.
        stretch: Whether the live object may be of another size.
        refine: Whether the alignment is polished.
        task, notes, tags, success: The words.
    """

    bottleneck_s: float | None = None
    bottleneck_m: float | None = None
    back_off_m: float | None = None
    end_s: float | None = None
    speed: float | None = None
    dof: int | None = None
    stretch: bool | None = None
    refine: bool | None = None
    task: str | None = None
    notes: str | None = None
    tags: tuple[str, ...] | None = None
    success: bool | None = None

    def __post_init__(self) -> None:
        given = [n for n in ('bottleneck_s', 'bottleneck_m', 'back_off_m') if getattr(self, n) is not None]
        if len(given) > 1:
            raise InvalidInput(f'the bottleneck is moved in one way at a time: got {" and ".join(given)}')
        for name in ('bottleneck_s', 'bottleneck_m', 'back_off_m', 'end_s', 'speed'):
            value = getattr(self, name)
            if value is not None and not np.isfinite(value):
                raise InvalidInput(f'{name} must be a finite number: got {value}')

    @property
    def empty(self) -> bool:
        """Whether it changes nothing."""
        return all(getattr(self, field.name) is None for field in dataclasses.fields(self))


@dataclass(frozen=True, eq=False)
class Edited:
    """An edited demonstration, and each change in words."""

    demonstration: Demonstration
    changes: tuple[str, ...]


def apply_edit(demo: Demonstration, edit: Edit, lead_in: Interaction | None = None) -> Edited:
    """Return the demonstration as edited.

    Args:
        demo: As stored.
        edit: What to change.
        lead_in: The tool's path before the bottleneck, from the recording, ending there; its own first pose is its
            origin (see `mt3_teach.lead_in`).

    Raises:
        InvalidInput: A value that cannot be, or that changes nothing, with its limit.
    """
    if edit.empty:
        raise InvalidInput('nothing to change was named')
    words = {n: getattr(edit, n) for n in ('task', 'notes', 'tags', 'success', 'dof', 'stretch', 'refine')}
    new = {name: value for name, value in words.items() if value is not None and value != getattr(demo, name)}
    changes = [f'{name} {_said(getattr(demo, name))} -> {_said(value)}' for name, value in new.items()]
    path, T_base_bottleneck = demo.interaction, demo.T_base_bottleneck
    if edit.end_s is not None:  # before the bottleneck is moved: both are times of the stored path
        path = ended(path, edit.end_s)
        changes.append(f'the end from {demo.interaction.duration_s:.2f} to {path.duration_s:.2f} s')
    start = _start(path, edit, lead_in)
    if start is not None and edit.back_off_m is None:
        T_base_bottleneck, path = begun(T_base_bottleneck, path, start, lead_in)
        distance, _ = se3.pose_error(T_base_bottleneck, demo.T_base_bottleneck)
        changes.append(
            f'the bottleneck {abs(start):.2f} s {"later" if start > 0.0 else "earlier"}, {100 * distance:.1f} cm away'
        )
    elif edit.back_off_m is not None:
        T_base_bottleneck, path = backed_off(T_base_bottleneck, path, edit.back_off_m)
        changes.append(f'the bottleneck {100 * edit.back_off_m:.1f} cm back along the tool')
    if edit.speed is not None:
        path = faster(path, edit.speed)
        changes.append(f'{edit.speed:g} times as fast: {path.duration_s:.2f} s')
    if not changes:
        raise InvalidInput('the demonstration is that way already: nothing to change')
    edited = dataclasses.replace(demo, **new, T_base_bottleneck=T_base_bottleneck, interaction=path)
    return Edited(edited, tuple(changes))


def _start(path: Interaction, edit: Edit, lead_in: Interaction | None) -> float | None:
    """Return when the interaction is to begin [s], None when that stays."""
    return edit.bottleneck_s if edit.bottleneck_m is None else time_along(path, edit.bottleneck_m, lead_in)


def _said(value: object) -> str:
    if value is None or isinstance(value, bool):
        return {True: 'yes', False: 'no', None: 'unknown'}[value]
    return repr(value)
