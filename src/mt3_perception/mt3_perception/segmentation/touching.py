"""Groups of points that are several objects standing against each other, or one that hides a part of itself."""

from dataclasses import dataclass

import cv2
import numpy as np

from mt3_common.jit import kernel
from mt3_perception.segmentation.borders import find_borders
from mt3_perception.segmentation.clusters import Groups
from mt3_perception.segmentation.contained import find_contents
from mt3_perception.segmentation.describing import View, describe
from mt3_perception.segmentation.footprints import Footprint
from mt3_perception.segmentation.joining import JoinLimits, join_parts
from mt3_perception.segmentation.parts import find_contacts, find_parts
from mt3_perception.segmentation.pixels import Pixels
from mt3_perception.segmentation.quantiles import sample
from mt3_perception.segmentation.regions import by_label, label_boxes, union_box
from mt3_perception.segmentation.stacked import Stack, find_stacks
from mt3_perception.segmentation.walls import find_walls

__all__ = ['Split', 'split_touching']

_CONVEX = 0.9  # groups that fill this share of their convex outline are one object
_COLOURFUL = 8.0  # deviation of the hue of what may be two things
_MIN_CONTACT = 8  # groups that meet in the picture over fewer pixels have nothing to do with each other
_BESIDE = 5  # groups that meet have pixels within a square so large: those along a depth step belong to none


@dataclass(frozen=True, eq=False)
class Split:
    """Points with the objects that they belong to.

    Attributes:
        labels: (N,) int32, 0 for none.
        doubtful: Objects that may be two, one on top of the other.
        raised_m: Of objects that stand on a tray: how high over the support [m].
    """

    labels: np.ndarray
    doubtful: frozenset[int]
    raised_m: dict[int, float]


def split_touching(groups: Groups, pixels: Pixels, view: View, limits: JoinLimits) -> Split:
    """Return the object of each point: groups divided where picture and shape show two objects.

    Borders in the picture divide a group into parts; those that make one convex thing together, seen from
    above, are joined again. So are those of two groups of which one hides the space between them.

    Args:
        groups: Points grouped by where they stand.
        pixels: The points.
        view: The picture.
        limits: What counts as one object.
    """
    labels = groups.labels
    out, following = labels.copy(), int(labels.max()) + 1
    doubtful, raised = set(), {}
    image = pixels.draw(labels, view.images.depth.shape[1])
    order, starts = by_label(labels)
    boxes = dict(label_boxes(groups.cells))
    for bundle in _bundles(image, groups, boxes, limits):
        members = np.concatenate([order[starts[group] : starts[group + 1]] for group in bundle])
        if not len(members):
            continue
        if len(bundle) == 1 and _is_one(groups, bundle[0], boxes, limits) and not _is_colourful(view, pixels, members):
            continue
        cells = union_box([boxes[group] for group in bundle])
        of_point, target, stacks = _divide(labels, members, cells, groups, pixels, view, limits)
        if not target:
            continue
        out[members], following = _number(of_point, labels[members], target, following)
        for stack in stacks:
            label = int(np.bincount(out[members[np.isin(of_point, stack.upper)]]).argmax())
            if stack.is_on_tray:
                raised[label] = stack.height_m
            else:
                doubtful.add(label)
    return Split(out, frozenset(doubtful), raised)


def _divide(
    labels: np.ndarray,
    members: np.ndarray,
    cells: tuple[slice, slice],
    groups: Groups,
    pixels: Pixels,
    view: View,
    limits: JoinLimits,
) -> tuple[np.ndarray, dict[int, int], list[Stack]]:
    """Divide some of the points.

    Args:
        labels: (N,) group of each point.
        members: (n,) index of those that are divided.
        cells: Where they are, seen from above.

    Returns:
        The part (n,) of each of them, the object of each part, and which of these are stacks; no objects where the
        points are one.
    """
    v, u, (top, bottom, left, right) = _locate(pixels.flat[members], view.images.depth.shape[1])
    box, own = np.s_[top:bottom, left:right], np.zeros((bottom - top, right - left), np.int32)
    own[v, u] = labels[members]
    borders = find_borders(view.images, box)
    parts_image = find_parts(own, borders)
    of_point = parts_image[v, u]
    if parts_image.max() < 2:
        return of_point, {}, []
    parts = describe(of_point, members, pixels, groups, view, (cells[1].start, cells[0].start))
    contacts = find_contacts(parts_image, borders)
    walls = sorted(find_walls(parts, limits))
    target = join_parts(parts, contacts, groups.empty[cells].astype(np.uint8), limits, walls)
    for content in find_contents(parts, contacts, target, parts_image, view.images.depth[box], limits):
        rest = [n for n in parts if target[n] == target[content[0]] and n not in content]
        target.update(dict.fromkeys(content, content[0]))
        target.update(dict.fromkeys(rest, rest[0]))
    stacks = list(find_stacks(parts, contacts, target, limits).values())
    for stack in stacks:
        if stack.is_on_tray:
            target.update(dict.fromkeys(stack.upper, stack.upper[0]))
            target.update(dict.fromkeys(stack.lower, stack.lower[0]))
    return of_point, target, stacks


@kernel
def _locate(flat, width):
    """Return row and column (n,) of pixels (n,) from the corner of the box around them, and that box."""
    v, u = np.empty(len(flat), np.int64), np.empty(len(flat), np.int64)
    for i in range(len(flat)):
        v[i] = flat[i] // width
        u[i] = flat[i] - v[i] * width
    top, bottom, left, right = v.min(), v.max() + 1, u.min(), u.max() + 1
    return v - top, u - left, (top, bottom, left, right)


def _bundles(
    image: np.ndarray, groups: Groups, boxes: dict[int, tuple[slice, slice]], limits: JoinLimits
) -> list[list[int]]:
    """Return the groups, those together that meet in the picture (h, w) and stand close to each other."""
    count = int(image.max()) + 1
    bundle = {group: [group] for group in boxes}
    if len(bundle) < 2:
        return list(bundle.values())
    around = np.ones((_BESIDE, _BESIDE), np.uint8)
    labels = image.astype(np.uint8 if count < 256 else np.uint16)
    low, high = cv2.erode(labels - labels.dtype.type(1), around), cv2.dilate(labels, around)  # none is larger than all
    meeting = _count_pairs(low, high, count)
    keys, pixels = np.flatnonzero(meeting), meeting[meeting > 0]
    for key, length in zip(keys.tolist(), pixels.tolist(), strict=True):
        one, other = divmod(key, count)
        if length < _MIN_CONTACT or bundle[one] is bundle[other]:
            continue
        if _distance(groups.cells, one, other, boxes, int(limits.shadow)) > limits.shadow:
            continue
        joined = bundle[one] + bundle[other]
        for group in joined:
            bundle[group] = joined
    return [members for group, members in bundle.items() if members[0] == group]


@kernel
def _count_pairs(low, high, count):
    """Return how often (count * count) a `low` label, less 1, and a higher one (H, W) meet."""
    low, high, pairs = low.ravel(), high.ravel(), np.zeros(count * count, np.int64)
    for i in range(len(low)):
        if high[i] > low[i] + 1:
            pairs[(low[i] + 1) * count + high[i]] += 1
    return pairs


def _distance(cells: np.ndarray, one: int, other: int, boxes: dict[int, tuple[slice, slice]], margin: int) -> float:
    """Distance of two groups seen from above [cell], or more than `margin`."""
    rows, columns = boxes[one]
    low = max(rows.start - margin, 0), max(columns.start - margin, 0)
    wide = np.s_[low[0] : rows.stop + margin, low[1] : columns.stop + margin]
    there = cells[wide] == other
    if not there.any():
        return margin + 1.0
    away = cv2.distanceTransform((cells[wide] != one).astype(np.uint8), cv2.DIST_L2, 3)
    return float(away[there].min())


def _is_one(groups: Groups, group: int, boxes: dict[int, tuple[slice, slice]], limits: JoinLimits) -> bool:
    """Whether a group is too small to be divided, or convex seen from above."""
    cells = np.argwhere(groups.cells[boxes[group]] == group)
    return len(cells) < limits.min_width**2 or len(cells) > _CONVEX * Footprint.around(cells).area


def _is_colourful(view: View, pixels: Pixels, members: np.ndarray) -> bool:
    """Whether points have more than one hue: one thing may stand on another one."""
    if view.images.lab is None:
        return False
    _, deviation = view.colours(pixels.flat[sample(members, 200)])
    return float(deviation[1:].max()) > _COLOURFUL


def _number(of_point: np.ndarray, group: np.ndarray, target: dict[int, int], following: int) -> tuple[np.ndarray, int]:
    """Return the object (n,) of each point, and the next free number.

    Args:
        of_point: (n,) part of each point, 0 for none.
        group: (n,) its group; an object keeps the number of the group that most of it comes from.
        target: Object of each part.
        following: The first free number.
    """
    counts = _tally(of_point, group)
    objects: dict[int, np.ndarray] = {}  # how many points of each group are in an object
    for part, number in target.items():
        if part < len(counts):
            objects[number] = objects.get(number, 0) + counts[part]
    label_of, taken = np.zeros_like(counts), set()
    home: dict[int, int] = {}  # of what is in no part: with the largest object of its group
    for number in sorted(objects, key=lambda n: (-objects[n].sum(), n)):
        if not objects[number].any():
            continue
        label = int(np.argmax(objects[number]))
        if label in taken:
            label, following = following, following + 1
        taken.add(label)
        label_of[[part for part, of in target.items() if of == number and part < len(counts)]] = label
        for origin in np.flatnonzero(objects[number]):
            home.setdefault(int(origin), label)
    for part in set(range(len(counts))) - set(target):
        label_of[part] = [home.get(origin, origin) for origin in range(counts.shape[1])]
    return _look_up(label_of, of_point, group), following


@kernel
def _tally(one, other):
    """Return how often (n, m) two numbers (k,) from 0 come together."""
    counts = np.zeros((one.max() + 1, other.max() + 1), np.int64)
    for i in range(len(one)):
        counts[one[i], other[i]] += 1
    return counts


@kernel
def _look_up(table, one, other):
    """Return the value (k,) int32 in a table (n, m) at two numbers (k,)."""
    out = np.empty(len(one), np.int32)
    for i in range(len(one)):
        out[i] = table[one[i], other[i]]
    return out
