"""The parts of a thing that borders in the picture close off: faces, stripes, and objects that touch each other."""

from collections.abc import Collection
from dataclasses import dataclass

import cv2
import numpy as np

from mt3_common.jit import kernel
from mt3_perception.segmentation.borders import Borders

__all__ = ['Contact', 'contact_around', 'find_contacts', 'find_parts']

_SEED_PIXELS = 25
_GAP = 2  # pixels without a reading between two parts that meet
_RIM = 6  # pixels between two borders that may be too narrow for a part: the rim of a cup
_LEFT_PIXELS = 100  # what lies within a border is a part where it is so large
_BLUR = 2  # a border in depth may lie so many pixels beside the one in colour


def find_parts(own: np.ndarray, borders: Borders) -> np.ndarray:
    """Return the part (h, w) int32 from 1 of each pixel in and close to groups (h, w) int32 from 1, 0 elsewhere.

    A part is what hangs together without crossing a border, within a group. Pixels at a border join the part that they
    go on from without a step; those that do so from none, and those without a reading, join the nearest one.
    """
    core = _core(own, *borders.shape, *borders.colour)
    count, pieces = cv2.connectedComponents(core, connectivity=4)
    seeds, home = _number_large(pieces, own, count)
    if len(home) <= 2:
        return (own > 0).astype(np.int32)
    _grow(seeds, own, *borders.step, 1, own.size)  # where neither depth nor colour changes
    home = _add_left(seeds, own, *borders.step, home)
    _grow(seeds, own, *borders.step, 2, _RIM)  # over changes of colour
    nearest = _nearest(seeds)
    if _astray(own, home, nearest):
        for group in np.unique(own[own > 0]):
            mine = own == group
            nearest[mine] = _nearest(np.where(mine, seeds, 0))[mine]
    closed = cv2.morphologyEx((own > 0).view(np.uint8), cv2.MORPH_CLOSE, np.ones((2 * _GAP + 1,) * 2, np.uint8))
    return nearest * closed


@kernel
def _core(own, shape_down, shape_right, colour_down, colour_right):
    """Return the pixels (h, w) uint8 in a group (h, w) that have no border and no other group on any side."""
    height, width = own.shape
    core = (own > 0).astype(np.uint8)
    for v in range(height):
        for u in range(width):
            if not own[v, u]:
                continue
            if shape_down[v, u] or colour_down[v, u] or shape_right[v, u] or colour_right[v, u]:
                core[v, u] = 0
            if v and (shape_down[v - 1, u] or colour_down[v - 1, u] or 0 != own[v - 1, u] != own[v, u]):
                core[v, u] = 0
            if u and (shape_right[v, u - 1] or colour_right[v, u - 1] or 0 != own[v, u - 1] != own[v, u]):
                core[v, u] = 0
    return core


@kernel
def _number_large(pieces, own, count):
    """Return the large ones of pieces (h, w) numbered from 1, and the group of each number.

    A group that is so small, or so full of borders, that none is left of it is one as a whole.
    """
    area, groups = np.zeros(count, np.int64), int(own.max()) + 1
    for v in range(own.shape[0]):
        for u in range(own.shape[1]):
            area[pieces[v, u]] += 1
    number, found = np.zeros(count, np.int32), 0
    for piece in range(1, count):
        if area[piece] >= _SEED_PIXELS:
            found += 1
            number[piece] = found
    seeds, home = np.zeros(own.shape, np.int32), np.zeros(found + 1 + groups, np.int32)
    left = np.zeros(groups, np.int32)
    for v in range(own.shape[0]):
        for u in range(own.shape[1]):
            if own[v, u]:
                seeds[v, u] = number[pieces[v, u]]
                home[seeds[v, u]] = own[v, u]
                left[own[v, u]] = -1
    home[0] = 0
    for k in range(1, found + 1):
        left[home[k]] = 0
    for group in range(1, groups):
        if left[group] < 0:
            found += 1
            left[group], home[found] = found, group
    for v in range(own.shape[0]):
        for u in range(own.shape[1]):
            if own[v, u] and left[own[v, u]]:
                seeds[v, u] = left[own[v, u]]
    return seeds, home[: found + 1]


@kernel
def _grow(seeds, own, step_down, step_right, least, rings):
    """Grow seeds (h, w) over the rest of their groups (h, w) in place, ring by ring, over no step of `least`."""
    height, width = own.shape
    queue, last = np.empty(own.size, np.int64), 0
    for v in range(height):
        for u in range(width):
            if not seeds[v, u]:
                continue
            can_grow = False  # most cannot: they are in the middle of others
            if v:
                can_grow |= not seeds[v - 1, u] and own[v - 1, u] == own[v, u]
            if u:
                can_grow |= not seeds[v, u - 1] and own[v, u - 1] == own[v, u]
            if v + 1 < height:
                can_grow |= not seeds[v + 1, u] and own[v + 1, u] == own[v, u]
            if u + 1 < width:
                can_grow |= not seeds[v, u + 1] and own[v, u + 1] == own[v, u]
            if can_grow:
                queue[last] = v * width + u
                last += 1
    _flood(seeds, own, step_down, step_right, least, rings, queue, last)


@kernel
def _flood(seeds, own, step_down, step_right, least, rings, queue, last):
    """Grow the seeds whose first `last` flat indices are in `queue`; return how many pixels are in it at the end."""
    height, width = own.shape
    first, end = 0, last
    while first < end and rings:
        v = queue[first] // width
        u = queue[first] - v * width
        first += 1
        for down, across in ((-1, 0), (1, 0), (0, -1), (0, 1)):
            row, column = v + down, u + across
            if not (0 <= row < height and 0 <= column < width) or seeds[row, column] or own[row, column] != own[v, u]:
                continue
            if (step_down if down else step_right)[min(v, row), min(u, column)] >= least:
                continue
            seeds[row, column] = seeds[v, u]
            queue[last] = row * width + column
            last += 1
        if first == end:
            end, rings = last, rings - 1
    return last


@kernel
def _add_left(seeds, own, step_down, step_right, home):
    """Add seeds (h, w) in place where much was not reached within a border; return the group of each number."""
    height, width = own.shape
    queue, found = np.empty(own.size, np.int64), len(home) - 1
    homes = np.zeros(len(home) + own.size // _LEFT_PIXELS + 1, home.dtype)
    homes[: len(home)] = home
    for v in range(height):
        for u in range(width):
            if not own[v, u] or seeds[v, u]:
                continue
            seeds[v, u], queue[0] = found + 1, v * width + u
            last = _flood(seeds, own, step_down, step_right, 1, own.size, queue, 1)
            if last >= _LEFT_PIXELS:
                found += 1
                homes[found] = own[v, u]
                continue
            for i in range(last):
                seeds[queue[i] // width, queue[i] % width] = -1  # seen, and too small
    for v in range(height):
        for u in range(width):
            seeds[v, u] = max(seeds[v, u], 0)
    return homes[: found + 1]


@kernel
def _astray(own, home, nearest):
    """Whether the nearest seed (h, w) of any pixel belongs to another group (h, w) than it does."""
    for v in range(own.shape[0]):
        for u in range(own.shape[1]):
            if own[v, u] and home[nearest[v, u]] != own[v, u]:
                return True
    return False


def _nearest(seeds: np.ndarray) -> np.ndarray:
    """Return the seed (h, w) int32 that is nearest to each pixel."""
    _, index = cv2.distanceTransformWithLabels(
        (seeds == 0).view(np.uint8), cv2.DIST_L2, 5, labelType=cv2.DIST_LABEL_PIXEL
    )
    return _look_up(seeds, index)


@kernel
def _look_up(seeds, index):
    """Return the seed (h, w) of those pixels that have the same index (h, w) as it has."""
    table, out = np.zeros(int(index.max()) + 1, np.int32), np.empty_like(seeds)
    for v in range(seeds.shape[0]):
        for u in range(seeds.shape[1]):
            if seeds[v, u]:
                table[index[v, u]] = seeds[v, u]
    for v in range(seeds.shape[0]):
        for u in range(seeds.shape[1]):
            out[v, u] = table[index[v, u]]
    return out


@dataclass
class Contact:
    """How two parts meet in the picture.

    Attributes:
        length: Of the line between them [pixel].
        shape: How much of it is a jump or an inward bend of the depth [pixel].
        colour: How much of it is a change of colour [pixel].
    """

    length: float
    shape: float
    colour: float

    def __add__(self, other: 'Contact') -> 'Contact':
        return Contact(self.length + other.length, self.shape + other.shape, self.colour + other.colour)


def contact_around(numbers: Collection[int], contacts: dict[tuple[int, int], Contact]) -> Contact:
    """Return how some parts together meet all others."""
    outer = (contact for (one, other), contact in contacts.items() if (one in numbers) != (other in numbers))
    return sum(outer, Contact(0.0, 0.0, 0.0))


def find_contacts(parts: np.ndarray, borders: Borders) -> dict[tuple[int, int], Contact]:
    """Return the contact of each two parts, the smaller number first, that are next to each other in (h, w)."""
    count = int(parts.max()) + 1
    size = 2 * _BLUR + 1
    shape = cv2.dilate((borders.shape[0] | borders.shape[1]).view(np.uint8), np.ones((size, size), np.uint8))
    total = _measure_lines(parts, shape, *borders.colour, count)
    return {(int(a), int(b)): Contact(*total[a, b].tolist()) for a, b in np.argwhere(total[..., 0])}


@kernel
def _measure_lines(parts, shape, colour_down, colour_right, count):
    """Length, shape and colour (count, count, 3) of the lines between each two parts (h, w), the smaller one first."""
    total = np.zeros((count, count, 3), np.float64)
    height, width = parts.shape
    for v in range(height):
        for u in range(width):
            one = parts[v, u]
            if not one:
                continue
            for down in (0, 1):
                if v + down >= height or u + 1 - down >= width:
                    continue
                other = parts[v + down, u + 1 - down]
                if other and other != one:
                    line = total[min(one, other), max(one, other)]
                    line[0] += 1.0
                    line[1] += shape[v, u]
                    line[2] += colour_down[v, u] if down else colour_right[v, u]
    return total
