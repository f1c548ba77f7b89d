"""The walls of a round container that a tall thing in it cuts apart: one by one they do not look like one thing."""

from collections.abc import Mapping

from mt3_perception.segmentation.joining import JoinLimits
from mt3_perception.segmentation.part import Part, sum_of

__all__ = ['find_walls']

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
    for inner in sorted(parts.values(), key=lambda part: -part.top):
        others = {
            number: part
            for number, part in parts.items()
            if inner.top - part.top > _TALLER_M and not part.is_like(inner, limits.hue, vivid=False)
        }
        for wall in sorted(others.values(), key=lambda part: -part.pixels):
            walls = [n for n, part in others.items() if _are_level(part, wall, limits)]
            if len(walls) > 1 and _are_around(sum_of(walls, others), inner, limits):
                return walls
    return []


def _are_level(one: Part, other: Part, limits: JoinLimits) -> bool:
    """Whether two parts end equally high and have one colour."""
    return abs(one.top - other.top) < limits.walls[1] and one.is_like(other, limits.hue, vivid=False)


def _are_around(walls: Part, inner: Part, limits: JoinLimits) -> bool:
    """Whether some parts together are round and hollow, and another one is within."""
    if walls.low > limits.lifted or walls.footprint.roundness < limits.roundness:
        return False
    if len(walls.cells) > _HOLLOW * walls.footprint.area:
        return False
    return inner.footprint.overlap(walls.footprint) > _WITHIN * inner.footprint.overlap(inner.footprint)
