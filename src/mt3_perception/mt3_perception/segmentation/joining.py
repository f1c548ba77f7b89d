"""Parts joined to objects: which borders run inside of one thing, and which between two."""

from dataclasses import dataclass
from functools import cached_property

import cv2
import numpy as np

from mt3_perception.segmentation.config import SegmentationConfig
from mt3_perception.segmentation.footprints import Footprint
from mt3_perception.segmentation.parts import Contact

__all__ = ['JoinLimits', 'Part', 'join_parts']

_TIP_M = (0.09, 0.03, 0.014)


@dataclass(frozen=True, eq=False)
class Part:
    """One part.

    Attributes:
        cells: (n, 2) (column, row) that it covers, seen from above.
        footprint: Their outline.
        colour: (3,) mean colour.
        pixels: Its size.
    """

    cells: np.ndarray
    footprint: Footprint
    colour: np.ndarray
    pixels: int

    @cached_property
    def thickness(self) -> float:
        """Diameter of the largest circle in it [cell]."""
        corner = self.cells.min(axis=0) - 1
        column, row = (self.cells - corner).T
        mask = np.zeros((int(row.max()) + 2, int(column.max()) + 2), np.uint8)
        mask[row, column] = 1
        return 2.0 * float(cv2.distanceTransform(mask, cv2.DIST_L2, 5).max()) - 1.0

    def __add__(self, other: 'Part') -> 'Part':
        share = self.pixels / (self.pixels + other.pixels)
        colour = share * self.colour + (1.0 - share) * other.colour
        cells = np.concatenate([self.cells, other.cells])
        return Part(cells, self.footprint | other.footprint, colour, self.pixels + other.pixels)


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
        colour_distance: Parts seen on both sides of another one belong together if their colours differ by less.
    """

    min_width: float
    handle_width: float
    tip: tuple[float, float, float]
    smooth: float = 0.6
    bent: float = 0.055
    stepped: float = 0.0
    alike: float = 0.2
    hollow: float = 0.2
    roundness: float = 0.85
    clear: float = 0.8
    colour_distance: float = 10.0

    @classmethod
    def in_cells(cls, config: SegmentationConfig, cell_m: float) -> 'JoinLimits':
        """Return the limits of a configuration for cells of a size [m]."""
        tip = tuple(size / cell_m for size in _TIP_M)
        return cls(2.0 * config.body_radius_m / cell_m, config.handle_width_m / cell_m, tip)


def join_parts(
    parts: dict[int, Part], contacts: dict[tuple[int, int], Contact], empty: np.ndarray, limits: JoinLimits
) -> dict[int, int]:
    """Return the object, named by one of its parts, that each part belongs to.

    The two parts that look most like one are joined first, until none do.

    Args:
        parts: By number.
        contacts: Of those that are next to each other in the picture.
        empty: (rows, columns) uint8, cells in which the bare support is seen.
        limits: What counts as one object.
    """
    parts, target = dict(parts), {number: number for number in parts}
    contacts = {pair: contact for pair, contact in contacts.items() if pair[0] in parts and pair[1] in parts}
    for excess in (_excess, _excess_of_pieces):  # pieces only of what is whole otherwise
        while contacts:
            over = {pair: excess(parts, pair, contact, limits) for pair, contact in contacts.items()}
            pair = min(over, key=over.get)
            if over[pair] > 0.0:
                break
            _join(pair, parts, target, contacts)
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
    one, other = (parts[number].footprint for number in pair)
    shape, colour = contact.shape / contact.length, contact.colour / contact.length
    gain = one.gain(other, limits.min_width)
    limit = np.interp(shape, (0.1, 0.35, 0.8), (limits.smooth, limits.bent, limits.stepped))
    limit = max(limit, limits.alike * np.interp(colour, (0.3, 0.7), (1.0, 0.0)))
    if contact.length < 3:
        limit = 0.0
    if gain < limits.hollow and (one | other).roundness > limits.roundness:
        limit = limits.hollow
    return gain - limit


def _excess_of_pieces(parts: dict[int, Part], pair: tuple[int, int], contact: Contact, limits: JoinLimits) -> float:
    """Negative where one part is too narrow to be more than a piece of the other, or they are a tool."""
    one, other = (parts[number] for number in pair)
    clear = min(contact.shape, contact.colour) >= limits.clear * contact.length
    narrow = min(part.footprint.rectangle[3] for part in (one, other)) < limits.min_width
    tip = _is_tip(one, limits) or _is_tip(other, limits)
    bar = _is_bar(one.footprint, other.footprint, limits)
    if tip or bar or (narrow and not clear) or _is_tool(one, other, limits) or _is_tool(other, one, limits):
        return one.footprint.gain(other.footprint, limits.min_width) - 10.0
    return 1.0


def _is_tip(part: Part, limits: JoinLimits) -> bool:
    """Whether a part can only be a piece of something, such as the handle of a mug."""
    length, width = part.footprint.rectangle[2:]
    return length < limits.tip[0] and width < limits.tip[1] and part.thickness < limits.tip[2]


def _is_bar(one: Footprint, other: Footprint, limits: JoinLimits) -> bool:
    """Whether two parts are a straight bar together, no broader than each of them: a pen and its cap."""
    _, _, length, width = (one | other).rectangle
    slim = width < min(limits.handle_width, 1.3 * min(one.rectangle[3], other.rectangle[3]))
    return slim and length > 2.5 * width


def _is_tool(handle: Part, head: Part, limits: JoinLimits) -> bool:
    """Whether one part stands on the middle of another's side like the handle of a hammer, or a narrow one of a pan."""
    middle = np.median(handle.cells, axis=0)
    along = np.linalg.svd(handle.cells - handle.cells.mean(axis=0), full_matrices=False)[2][0]
    axes = np.stack([along, (-along[1], along[0])], axis=1)
    # a few cells of the head may have been taken for the handle
    low, high = np.percentile((handle.cells - middle) @ axes, (4, 96), axis=0)
    length, width = high - low + 1.0
    if width > limits.handle_width or length < 2.5 * width:
        return False
    low, high = np.percentile((head.cells - middle) @ axes, (2, 98), axis=0)
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
            if np.linalg.norm(parts[one].colour - parts[other].colour) > limits.colour_distance:
                continue
            a, b = parts[one].footprint, parts[other].footprint
            enclosed, seen = a.between(b, empty)
            both = a | b
            others = sum(both.overlap(parts[k].footprint) for k in parts if k not in (one, other))
            if seen <= 0.05 * enclosed and others <= 0.1 * enclosed:
                _join((one, other), parts, target, contacts)
