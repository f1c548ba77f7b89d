"""The parts of a thing that borders in the picture close off: faces, stripes, and objects that touch each other."""

from dataclasses import dataclass

import cv2
import numpy as np

from mt3_perception.segmentation.borders import Borders

__all__ = ['Contact', 'find_contacts', 'find_parts']

_SEED_PIXELS = 25
_GAP = 2  # pixels without a reading between two parts that meet
_BLUR = 2  # a border in depth may lie so many pixels beside the one in colour


def find_parts(own: np.ndarray, borders: Borders) -> np.ndarray:
    """Return the part (h, w) int32 from 1 of each pixel in and close to groups (h, w) int32 from 1, 0 elsewhere.

    A part is what hangs together without crossing a border, within a group; pixels at a border join the nearest one,
    and so do those without a reading along a step.
    """
    core = (own > 0) & ~borders.any
    core[1:] &= (own[1:] == own[:-1]) | (own[:-1] == 0)
    core[:, 1:] &= (own[:, 1:] == own[:, :-1]) | (own[:, :-1] == 0)
    core = core.astype(np.uint8)
    _, pieces, stats, _ = cv2.connectedComponentsWithStats(core, connectivity=4)
    large = stats[:, cv2.CC_STAT_AREA] >= _SEED_PIXELS
    large[0] = False
    seeds = (np.cumsum(large) * large).astype(np.int32)[pieces]
    found = int(np.count_nonzero(large))
    for group in np.setdiff1d(own[own > 0], own[seeds > 0]):  # so small or so full of borders that nothing is left
        found += 1
        seeds[own == group] = found
    if found < 2:
        return (own > 0).astype(np.int32)
    nearest = _nearest(seeds)
    home = np.zeros(found + 1, own.dtype)
    home[seeds[seeds > 0]] = own[seeds > 0]
    astray = (own > 0) & (home[nearest] != own)
    for group in np.unique(own[astray]):
        mine = astray & (own == group)
        nearest[mine] = _nearest(np.where(own == group, seeds, 0))[mine]
    closed = cv2.morphologyEx((own > 0).astype(np.uint8), cv2.MORPH_CLOSE, np.ones((2 * _GAP + 1,) * 2, np.uint8))
    return np.where(closed > 0, nearest, 0)


def _nearest(seeds: np.ndarray) -> np.ndarray:
    """Return the seed (h, w) int32 that is nearest to each pixel."""
    _, index = cv2.distanceTransformWithLabels(
        (seeds == 0).astype(np.uint8), cv2.DIST_L2, 5, labelType=cv2.DIST_LABEL_PIXEL
    )
    at = np.flatnonzero(seeds.ravel())
    table = np.zeros(int(index.max()) + 1, np.int32)
    table[index.ravel()[at]] = seeds.ravel()[at]
    return table[index]


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


def find_contacts(parts: np.ndarray, borders: Borders) -> dict[tuple[int, int], Contact]:
    """Return the contact of each two parts, the smaller number first, that are next to each other in (h, w)."""
    count = int(parts.max()) + 1
    size = 2 * _BLUR + 1
    shape = cv2.dilate((borders.shape[0] | borders.shape[1]).astype(np.uint8), np.ones((size, size), np.uint8))
    total = np.zeros((3, count * count))
    for one, other, here, colour in (
        (parts[:-1], parts[1:], shape[:-1], borders.colour[0][:-1]),
        (parts[:, :-1], parts[:, 1:], shape[:, :-1], borders.colour[1][:, :-1]),
    ):
        line = (one != other) & (one > 0) & (other > 0)
        one, other = one[line], other[line]
        key = np.minimum(one, other) * count + np.maximum(one, other)
        total[0] += np.bincount(key, minlength=count * count)
        total[1] += np.bincount(key, here[line], count * count)
        total[2] += np.bincount(key, colour[line], count * count)
    return {divmod(int(key), count): Contact(*total[:, key].tolist()) for key in np.flatnonzero(total[0])}
