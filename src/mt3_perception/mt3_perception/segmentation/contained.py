"""Things that stand in others: a bottle in a crate, a block in a bowl."""

import numpy as np

from mt3_perception.segmentation.joining import JoinLimits
from mt3_perception.segmentation.part import Part, sum_of
from mt3_perception.segmentation.parts import Contact, contact_around

__all__ = ['find_contents']

_CLEAR = 0.7  # of the border around what stands in something, share that shows in depth and in colour
_HUE = 1.5  # times the limit for neighbours: walls of one thing differ more than it and what stands in it are alike
_WITHIN = 0.85  # of what stands in something, share that its walls enclose, seen from above
_LARGER = 1.5  # times as large as what stands in it is a container
_SUNK = 0.6  # of the height of the walls: what is nowhere seen lower stands on top
_WALL_M = 0.015  # walls reach so far over the lowest that is seen of what they enclose
_STANDS_OUT_M = 0.02  # between the lowest and the highest that is seen of it: no stripe and no bottom
_IN_FRONT = 0.3  # of its border, share along which it hides what is beside it: the inside of a cup hides nothing
_STEP_M = 0.01
_AT = (-5, -2, 4)  # pixels beyond the border: two that tell how its surface goes on, and one behind it
_TOP, _TOP_OVER = 2.5, 0.3  # what is on top of a content encloses so much more with it at most, and is so much over it


def find_contents(
    parts: dict[int, Part],
    contacts: dict[tuple[int, int], Contact],
    target: dict[int, int],
    parts_image: np.ndarray,
    depth: np.ndarray,
    limits: JoinLimits,
) -> list[list[int]]:
    """Return the parts of everything that stands in a container which it was taken for one object with.

    The container has one colour, and its walls are seen around. Its content has another colour, a border that shows in
    depth and in colour, stands lower than the walls reach, and hides some of what is behind it.

    Args:
        parts: By number, as they were seen.
        contacts: Of those that are next to each other.
        target: Object of each part.
        parts_image: (h, w) part of each pixel, 0 for none.
        depth: (h, w) of the same pixels [m].
        limits: What counts as one colour, and as large enough to be an object.
    """
    found = []
    for whole in set(target.values()):
        members = [number for number in parts if target.get(number) == whole]
        for others in _of_other_colour(members, parts, limits):
            contents = [
                content
                for content in _with_tops(_connected(others, contacts), members, parts, contacts, limits)
                if _stands_in(content, [n for n in members if n not in content], parts, contacts, limits)
                and _is_in_front(content, parts_image, depth)
            ]
            found += contents
            if contents:
                break
    return found


def _of_other_colour(members: list[int], parts: dict[int, Part], limits: JoinLimits) -> list[set[int]]:
    """Return, for each colour that reaches down to the support, the parts of one object that have another colour."""
    low = sorted((n for n in members if parts[n].low < limits.lifted), key=lambda number: -parts[number].pixels)
    found = []
    for wall in low:
        others = {n for n in members if not parts[n].is_like(parts[wall], _HUE * limits.hue, vivid=False)}
        if others and others not in found:
            found.append(others)
    return found


def _connected(numbers: set[int], contacts: dict[tuple[int, int], Contact]) -> list[list[int]]:
    """Return the numbers in lists of those that hang together by contacts."""
    left, found = set(numbers), []
    while left:
        waiting, piece = [min(left)], []
        left.discard(waiting[0])
        while waiting:
            one = waiting.pop()
            piece.append(one)
            near = [b if a == one else a for a, b in contacts if one in (a, b)]
            waiting += [n for n in near if n in left]
            left.difference_update(near)
        found.append(sorted(piece))
    return found


def _with_tops(
    contents: list[list[int]],
    members: list[int],
    parts: dict[int, Part],
    contacts: dict[tuple[int, int], Contact],
    limits: JoinLimits,
) -> list[list[int]]:
    """Return the contents, each with what hangs together with the container only by it: a cap of the same colour."""
    whole = []
    for content in contents:
        rest = _connected(set(members) - set(content), contacts)
        tops = [piece for piece in rest if all(parts[number].low > limits.lifted for number in piece)]
        whole.append(sorted(sum(tops, content)))
    return whole


def _stands_in(
    content: list[int],
    rest: list[int],
    parts: dict[int, Part],
    contacts: dict[tuple[int, int], Contact],
    limits: JoinLimits,
) -> bool:
    """Whether some parts stand within the walls that the rest is."""
    inner = sum_of(content, parts)
    walls = [number for number in rest if parts[number].top > inner.low + _WALL_M]
    if not walls or inner.footprint.rectangle[1] < limits.min_width or inner.top - inner.low < _STANDS_OUT_M:
        return False
    for other in (parts[number] for number in rest if parts[number].low > inner.top - _WALL_M):
        # a cap with the colour of the container would be left in the air
        together = (inner.footprint | other.footprint).area
        if together < _TOP * inner.footprint.area and inner.overlap(other) > _TOP_OVER:
            return False
    around = sum_of(walls, parts)
    if around.footprint.area < _LARGER * inner.footprint.area:
        return False
    if inner.footprint.overlap(around.footprint) < _WITHIN * inner.footprint.overlap(inner.footprint):
        return False
    if inner.low > _SUNK * around.top:
        return False
    between = contact_around(content, contacts)
    return between.length > 0.0 and min(between.shape, between.colour) > _CLEAR * between.length


def _is_in_front(content: list[int], parts_image: np.ndarray, depth: np.ndarray) -> bool:
    """Whether parts are nearer to the camera than what is beside them along enough of their border."""
    far_within, within, beyond = _AT
    inner = np.pad(np.isin(parts_image, content), beyond - far_within)
    depth = np.pad(depth, beyond - far_within, constant_values=np.nan)
    border = nearer = 0
    for axis in (0, 1):
        for way in (1, -1):
            edge = inner & ~np.roll(inner, -way, axis)
            near, here, behind = (np.roll(depth, -way * steps, axis)[edge] for steps in _AT)
            slope = (here - near) / (within - far_within)
            over = behind - here - slope * (beyond - within)
            border += np.count_nonzero(np.isfinite(over))
            nearer += np.count_nonzero(over > _STEP_M)
    return nearer > _IN_FRONT * border
