"""The walls of a round container that a tall thing in it cuts apart: one by one they do not look like one thing."""

from collections.abc import Mapping, Sequence

import cv2
import numpy as np

from mt3_perception.segmentation.footprints import Footprint
from mt3_perception.segmentation.joining import JoinLimits
from mt3_perception.segmentation.part import Part

__all__ = ['find_walls']

_UPRIGHT_M = 0.025  # walls are higher than this
_TALLER_M = 0.02  # what hides a container's walls from each other reaches so far over them
_WITHIN = 0.85  # of what stands in it, share that the walls enclose, seen from above
_HOLLOW = 0.5  # share of their outline that the walls cover at most


def find_walls(parts: Mapping[int, Part], limits: JoinLimits) -> list[int]:
    """Return the parts that are walls of one round container in which something taller stands; none: empty.

    They have one colour, end equally high, and are round together; what stands within has another colour.

    Args:
        parts: By number, as they were seen.
        limits: What counts as one colour, as equally high, and as round.
    """
    by_height = sorted(parts, key=lambda number: -parts[number].top)
    for inner in (parts[number] for number in by_height):
        lower = [n for n in by_height if _UPRIGHT_M < parts[n].top < inner.top - _TALLER_M]
        lower = [n for n in lower if not parts[n].is_like(inner, limits.hue, vivid=False)]
        while len(lower) > 1:
            wall = parts[lower[0]]
            walls = [n for n in lower if _are_level(parts[n], wall, limits)]
            if len(walls) > 1 and _are_around([parts[number] for number in walls], inner, limits):
                return walls
            lower = lower[1:]
    return []


def _are_level(one: Part, other: Part, limits: JoinLimits) -> bool:
    """Whether two parts end equally high and have one colour."""
    return abs(one.top - other.top) < limits.walls[1] and one.is_like(other, limits.hue, vivid=False)


def _are_around(walls: Sequence[Part], inner: Part, limits: JoinLimits) -> bool:
    """Whether some parts together are round and hollow, and another one is within."""
    if min(part.low for part in walls) > limits.lifted:
        return False
    outline = Footprint(cv2.convexHull(np.concatenate([part.footprint.outline for part in walls])))
    if outline.roundness < limits.roundness or sum(len(part.cells) for part in walls) > _HOLLOW * outline.area:
        return False
    return inner.footprint.overlap(outline) > _WITHIN * inner.footprint.overlap(inner.footprint)
