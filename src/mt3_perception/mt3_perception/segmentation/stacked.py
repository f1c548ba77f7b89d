"""Things that stand on others: on a tray, which is then their support, or on a box, of which they may be a part."""

from dataclasses import dataclass

from mt3_perception.segmentation.joining import JoinLimits
from mt3_perception.segmentation.part import Part, sum_of
from mt3_perception.segmentation.parts import Contact, contact_around

__all__ = ['Stack', 'find_stacks']

_CLEAR = 0.7  # of the border around what stands on something, share that shows in depth and in colour
_OVER = (0.35, 0.6)  # of what stands on something, share that is over what is seen of it; on a tray
_LARGER = 2.5  # times as large as what stands on it is a tray
_HUE = 1.5  # times the limit for neighbours: sides of one thing differ more than two things stacked are alike
_TRAY_TOP_M = 0.035
_STANDS_OUT_M = 0.025


@dataclass(frozen=True)
class Stack:
    """Something on top of something else.

    Attributes:
        upper: Parts of what stands on top.
        lower: Parts of what carries it.
        height_m: Height at which it stands over the support [m].
        is_on_tray: Whether what carries it is large and flat; else both may be one thing.
    """

    upper: tuple[int, ...]
    lower: tuple[int, ...]
    height_m: float
    is_on_tray: bool


def find_stacks(
    parts: dict[int, Part], contacts: dict[tuple[int, int], Contact], target: dict[int, int], limits: JoinLimits
) -> dict[int, Stack]:
    """Return what stands on top in each object that consists of something with another thing on top of it.

    That is what is nowhere seen near the support, has a colour of its own and a border around it, and stands over
    the rest: a box on another one, but also the cap of a button. Without colour none is found.

    Args:
        parts: By number, as they were seen.
        contacts: Of those that are next to each other.
        target: Object of each part.
        limits: What counts as one colour, and as large enough to be an object.
    """
    found = {}
    for whole in set(target.values()):
        members = [number for number in parts if target.get(number) == whole]
        stacks = _stacks(members, parts, contacts, limits)
        best = next((stack for stack in stacks if stack.is_on_tray), next(iter(stacks), None))
        if best is not None:
            found[whole] = best
    return found


def _stacks(
    members: list[int], parts: dict[int, Part], contacts: dict[tuple[int, int], Contact], limits: JoinLimits
) -> list[Stack]:
    """Return what stands on top in one object, the highest first: one thing of one colour, or all that is on a tray."""
    found = []
    high = sorted((n for n in members if parts[n].low > limits.lifted), key=lambda n: -parts[n].low)
    for count, start in enumerate(high, 1):
        alike = [n for n in high if n == start or parts[n].is_like(parts[start], _HUE * limits.hue, vivid=False)]
        all_above = high[:count]  # a bottle with its cap has more than one colour
        for upper in (alike, all_above):
            stack = _as_stack(upper, [n for n in members if n not in upper], parts, contacts, limits)
            if stack is not None and (stack.is_on_tray or upper is alike):
                found.append(stack)
    return found


def _as_stack(
    upper: list[int],
    lower: list[int],
    parts: dict[int, Part],
    contacts: dict[tuple[int, int], Contact],
    limits: JoinLimits,
) -> Stack | None:
    """Return the stack of two sets of parts; None if it is none."""
    if not lower or min(parts[number].low for number in lower) > limits.lifted:
        return None
    between = contact_around(upper, contacts)  # what costs little first
    if between.length < limits.min_width or min(between.shape, between.colour) < _CLEAR * between.length:
        return None
    top, bottom = sum_of(upper, parts), sum_of(lower, parts)
    _, width = top.footprint.rectangle
    alike = top.is_like(bottom, limits.hue, vivid=False)
    if alike or width < limits.min_width or top.overlap(bottom) < _OVER[0]:
        return None
    tray = bottom.top < _TRAY_TOP_M and bottom.footprint.area > _LARGER * top.footprint.area
    tray = tray and top.overlap(bottom) > _OVER[1]
    return Stack(tuple(upper), tuple(lower), top.low, tray and top.top - bottom.top > _STANDS_OUT_M)
