"""Parts joined to objects: which borders run inside of one thing, and which between two."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from mt3_perception.segmentation.config import SegmentationConfig
from mt3_perception.segmentation.footprints import Footprint
from mt3_perception.segmentation.part import Part, ends
from mt3_perception.segmentation.parts import Contact

__all__ = ['JoinLimits', 'join_parts']

_TIP_M = (0.09, 0.03, 0.014)
_SHADOW_M = 0.045
_HANDLE_M = (0.024, 0.0125)
_SHEET_M = (0.0145, 0.03)
_LIFTED_M = 0.012
_UPRIGHT_M = 0.025
_BAR_M = 0.035


@dataclass(frozen=True)
class JoinLimits:
    """What counts as one object.

    The area that two parts enclose together, as a share of the smaller one, may be as large as the limit that
    applies to their border.

    Attributes:
        min_width: Narrower things are no objects of their own, unless their border is clear [cell].
        handle_width: Handles are at most this wide [cell].
        tip: Things shorter, narrower and thinner than this are never objects of their own [cell].
        smooth: Limit where depth goes on smoothly.
        bent: Limit where depth jumps or bends inwards along a third of the border.
        stepped: Limit where it does along most of it.
        alike: Limit where colour does not change.
        hollow: Limit for things that are round together: the near and the far wall of a cup.
        roundness: Share of the circle around it that a round thing fills.
        clear: A clear border shows both in depth and in colour along this share.
        inside: Share of the smaller outline that a part covers which is over the other one.
        over: Limit where half of that share is covered.
        rim: Limit for two round parts with the colour of one, a rim hiding what is between: a bowl and its foot.
        walls: Limit for two such parts whose tops are equally high within the second [m]: the walls of a cup.
        shadow: Parts further from each other than this are not joined over what one of them hides [cell].
        handle: Thickest part that hangs on another one: where the space below it is seen, and where not [cell].
        sheet: Thickest and shortest wall that is a side of something: a board is no object of its own [cell].
        lifted: What is nowhere seen lower stands on something else, or is a part of it [m].
        bar: Handles of which the camera does not see that they hang are level bars, less high than this [m].
        flush: Limits for the side of something and the rest of it: beside each other, and one over the other.
        upright: Walls are higher than this [m].
        distant: What would enclose more with something it meets, but stands apart from, is hidden by it.
        same: Limit where the colours of two parts differ only in the light on them.
        hue: Colours differ by less then.
        colour_distance: Parts seen on both sides of another one belong together if their colours differ by less.
    """

    min_width: float
    handle_width: float
    tip: tuple[float, float, float]
    shadow: float
    handle: tuple[float, float]
    sheet: tuple[float, float]
    smooth: float = 0.6
    bent: float = 0.055
    stepped: float = 0.0
    alike: float = 0.2
    hollow: float = 0.2
    roundness: float = 0.85
    clear: float = 0.8
    lifted: float = _LIFTED_M
    upright: float = _UPRIGHT_M
    bar: float = _BAR_M
    flush: tuple[float, float] = (0.12, 0.35)
    inside: float = 0.2
    over: float = 0.05
    rim: float = 0.5
    walls: tuple[float, float] = (1.5, 0.006)
    distant: float = 1.0
    same: float = 0.85
    hue: float = 9.0
    colour_distance: float = 10.0

    @classmethod
    def in_cells(cls, config: SegmentationConfig, cell_m: float) -> 'JoinLimits':
        """Return the limits of a configuration for cells of a size [m]."""

        def cells(sizes: tuple[float, ...]) -> tuple[float, ...]:
            return tuple(size / cell_m for size in sizes)

        return cls(
            *cells((2.0 * config.body_radius_m, config.handle_width_m)),
            cells(_TIP_M),
            _SHADOW_M / cell_m,
            cells(_HANDLE_M),
            cells(_SHEET_M),
        )


def join_parts(
    parts: dict[int, Part],
    contacts: dict[tuple[int, int], Contact],
    empty: np.ndarray,
    limits: JoinLimits,
    together: Sequence[int] = (),
) -> dict[int, int]:
    """Return the object, named by one of its parts, that each part belongs to.

    The two parts that look most like one are joined first, until none do.

    Args:
        parts: By number.
        contacts: Of those that are next to each other in the picture.
        empty: (rows, columns) uint8, cells in which the bare support is seen.
        limits: What counts as one object.
        together: Parts known to be of one object.
    """
    parts, target = dict(parts), {number: number for number in parts}
    contacts = {pair: contact for pair, contact in contacts.items() if pair[0] in parts and pair[1] in parts}
    for other in together[1:]:
        _join((together[0], other), parts, target, contacts)
    for excess in (_excess, _excess_of_pieces):  # pieces only of what is whole otherwise
        over = {pair: excess(parts, pair, contact, limits) for pair, contact in contacts.items()}
        while over:
            joined = min(over, key=over.get)
            if over[joined] > 0.0:
                break
            _join(joined, parts, target, contacts)
            over = {  # in the order of the contacts, which decides between equals
                pair: excess(parts, pair, contact, limits) if joined[0] in pair else over[pair]
                for pair, contact in contacts.items()
            }
    _join_hidden(parts, target, contacts, empty, limits)
    for number in target:
        while target[number] != target[target[number]]:
            target[number] = target[target[number]]
    return target


def _join(
    pair: tuple[int, int], parts: dict[int, Part], target: dict[int, int], contacts: dict[tuple[int, int], Contact]
) -> None:
    """Make the second of two parts a piece of the first."""
    keep, gone = pair
    parts[keep] = parts[keep] + parts.pop(gone)
    target[gone] = keep
    contacts.pop(pair, None)
    for other in [other for other in contacts if gone in other]:
        third = other[0] if other[1] == gone else other[1]
        renamed = (min(keep, third), max(keep, third))
        contact = contacts.pop(other)
        contacts[renamed] = contacts[renamed] + contact if renamed in contacts else contact


def _excess(parts: dict[int, Part], pair: tuple[int, int], contact: Contact, limits: JoinLimits) -> float:
    """How far two parts that meet are from being one convex thing; they are where it is negative."""
    first, second = (parts[number] for number in pair)
    one, other = first.footprint, second.footprint
    shape, colour = contact.shape / contact.length, contact.colour / contact.length
    if first.group != second.group:
        if not first.is_like(second, limits.hue, vivid=False) or (one | other).roundness < limits.roundness:
            return 1.0
        limit = limits.walls[0] if abs(first.top - second.top) < limits.walls[1] else limits.rim
        return one.gain(other, limits.min_width) - limit
    gain = one.gain(other, limits.min_width)
    limit = _between(shape, (0.1, limits.smooth), (0.35, limits.bent))
    if shape > 0.35:
        limit = _between(shape, (0.35, limits.bent), (0.8, limits.stepped))
    limit = max(limit, limits.alike * _between(colour, (0.3, 1.0), (0.7, 0.0)))
    if limit < limits.over and first.overlap(second) > 0.5 * limits.inside:
        limit = max(limit, limits.over)
    if gain < limits.same and first.is_like(second, limits.hue):
        return gain - limits.same - 1.0  # before parts of other colours join either of them
    if contact.length < 3:
        limit = 0.0
    if gain < limits.hollow and (one | other).roundness > limits.roundness:
        limit = limits.hollow
    return gain - limit


def _between(x: float, first: tuple[float, float], last: tuple[float, float]) -> float:
    """Return y at x on the line through two points (x, y); beyond them as at them."""
    share = (x - first[0]) / (last[0] - first[0])
    if share <= 0.0:
        return first[1]
    return last[1] if share >= 1.0 else first[1] + share * (last[1] - first[1])


def _excess_of_pieces(parts: dict[int, Part], pair: tuple[int, int], contact: Contact, limits: JoinLimits) -> float:
    """Negative where one part is too narrow to be more than a piece of the other, or they are a tool."""
    one, other = (parts[number] for number in pair)
    same, clear = one.group == other.group, min(contact.shape, contact.colour) >= limits.clear * contact.length
    hangs = _hangs(one, limits) or _hangs(other, limits)
    if (hangs or _is_side(one, other, limits)) and (same or not clear or not _is_hidden(one, other, limits)):
        away = one.distance(other)
        if away < limits.shadow:
            gain = one.footprint.gain(other.footprint, limits.min_width)
            return 0.1 * min(away, 9.0) + 0.01 * min(gain, 9.0) - 50.0
    narrow = same and not clear and min(part.footprint.rectangle[1] for part in (one, other)) < limits.min_width
    tip = same and (narrow or _is_tip(one, limits) or _is_tip(other, limits))
    bar = same and (tip or _is_bar(one.footprint, other.footprint, limits))
    if bar or _is_tool(one, other, limits) or _is_tool(other, one, limits):
        return one.footprint.gain(other.footprint, limits.min_width) - 10.0
    return 1.0


def _is_side(one: Part, other: Part, limits: JoinLimits) -> bool:
    """Whether one of two parts is a wall, and flush with the other."""
    if not _is_wall(one, limits) and not _is_wall(other, limits):
        return False
    flush = limits.flush[1 if one.overlap(other) > limits.inside else 0]
    return one.footprint.gain(other.footprint, limits.min_width) < flush


def _is_hidden(one: Part, other: Part, limits: JoinLimits) -> bool:
    """Whether one of two parts is the top of what the other hides: it looks as though it hung on that one."""
    if one.footprint.gain(other.footprint, limits.min_width) <= limits.distant:
        return False
    return not one.is_like(other, limits.hue, vivid=False)


def _is_tip(part: Part, limits: JoinLimits) -> bool:
    """Whether a part can only be a piece of something, such as the handle of a mug."""
    length, width = part.footprint.rectangle
    return length < limits.tip[0] and width < limits.tip[1] and part.thickness < limits.tip[2]


def _hangs(part: Part, limits: JoinLimits, like: bool = False) -> bool:
    """Whether a part is a handle in the air: thin, nowhere near the support, and seen to hang or `like` the rest."""
    if part.low < limits.lifted or part.footprint.rectangle[1] > limits.handle_width + limits.handle[0]:
        return False
    if like or part.free > 0.6:
        return part.thickness < limits.handle[0]
    return part.thickness < limits.handle[1] and part.top - part.low < limits.bar


def _is_wall(part: Part, limits: JoinLimits) -> bool:
    """Whether a part is one side of something: upright, long, and thin. Two sides of a cup are as broad as long."""
    length, width = part.footprint.rectangle
    return part.top > limits.upright and length > max(limits.sheet[1], 1.5 * width) and part.thickness < limits.sheet[0]


def _is_bar(one: Footprint, other: Footprint, limits: JoinLimits) -> bool:
    """Whether two parts are a straight bar together, no broader than each of them: a pen and its cap."""
    length, width = (one | other).rectangle
    slim = width < min(limits.handle_width, 1.3 * min(one.rectangle[1], other.rectangle[1]))
    return slim and length > 2.5 * width


def _is_tool(handle: Part, head: Part, limits: JoinLimits) -> bool:
    """Whether one part stands on the middle of another's side like the handle of a hammer, or a narrow one of a pan."""
    at, axes, length, width = handle.spine
    if width > limits.handle_width or length < 2.5 * width:
        return False
    low, high = ends(head.cells, at, axes, 0.02)
    depth, breadth = high - low + 1.0
    start = low[0] if low[0] + high[0] > 0 else -high[0]
    on_its_middle = start > 0.5 * length - limits.min_width and abs(low[1] + high[1]) < 0.3 * breadth
    if width < limits.min_width and on_its_middle and max(2.0 * width, length) < breadth:
        return True  # a pan: narrow, shorter than the other is broad, and pointing at its middle
    return bool(on_its_middle and 1.2 * width < breadth < 1.3 * length and depth < 0.6 * breadth + limits.min_width)


def _join_hidden(
    parts: dict[int, Part],
    target: dict[int, int],
    contacts: dict[tuple[int, int], Contact],
    empty: np.ndarray,
    limits: JoinLimits,
) -> None:
    """Join what is seen of one thing on both sides of another that stands before it."""
    numbers = sorted(parts)
    for i, one in enumerate(numbers):
        for other in numbers[i + 1 :]:
            if one not in parts or other not in parts:
                continue
            if parts[one].group != parts[other].group:
                continue
            if np.linalg.norm(parts[one].colour - parts[other].colour) > limits.colour_distance:
                continue
            a, b = parts[one].footprint, parts[other].footprint
            enclosed, seen = a.between(b, empty)
            both = a | b
            others = sum(both.overlap(parts[k].footprint) for k in parts if k not in (one, other))
            if seen <= 0.05 * enclosed and others <= 0.1 * enclosed:
                _join((one, other), parts, target, contacts)
