"""Groups of points that are several objects standing against each other."""

import numpy as np

from mt3_perception.segmentation.borders import Images, border_share
from mt3_perception.segmentation.clusters import Groups
from mt3_perception.segmentation.cuts import CutLimits, find_cuts, nearest_part
from mt3_perception.segmentation.regions import label_boxes

__all__ = ['split_touching']

_CLEAR_SHARE = 0.75  # of the border is seen in the picture
_SOME_SHARE = 0.5  # enough where the parts hardly meet
_HARDLY = 0.35


def split_touching(groups: Groups, flat: np.ndarray, images: Images, limits: CutLimits) -> np.ndarray:
    """Return the group (N,) int32 of each point, groups divided where shape and picture show a border.

    A cut proposed by the outline seen from above is made when the picture shows a border along it, or
    when the two parts do not meet in the picture, or when the outline alone leaves no doubt.

    Args:
        groups: Points grouped by where they stand.
        flat: (N,) their pixels, index into the flattened picture.
        images: In which a border would be seen.
        limits: What counts as two objects.
    """
    cells = groups.cells.copy()
    v, u = np.divmod(flat, images.depth.shape[1])
    labels = groups.labels
    following = int(cells.max()) + 1
    order = np.argsort(labels, kind='stable')
    starts = np.searchsorted(labels[order], np.arange(following + 1))
    for group, box in list(label_boxes(groups.cells)):
        own = groups.cells[box] == group
        if np.count_nonzero(own) < limits.min_width**2:
            continue
        members = order[starts[group] : starts[group + 1]]
        row, column = groups.view.row[members] - box[0].start, groups.view.column[members] - box[1].start
        todo = [own]
        while todo:
            part = todo.pop()
            sides = _best(part, groups.empty[box] & ~own, row, column, v[members], u[members], images, limits)
            if sides is None:
                continue
            cells[box][part & (sides == 2)] = following
            following += 1
            todo += [part & (sides == 1), part & (sides == 2)]
    return cells.ravel()[groups.view.index].astype(np.int32)


def _best(
    part: np.ndarray, empty: np.ndarray, row: np.ndarray, column: np.ndarray, v: np.ndarray, u: np.ndarray,
    images: Images, limits: CutLimits,
) -> np.ndarray | None:
    """Side (rows, columns) 1 or 2 of each cell of a part, for the cut with the clearest border; None without one."""
    best, found = -np.inf, None
    for cut in find_cuts(part, empty, limits):
        sides = nearest_part(part, cut.sides)
        share = _share(sides, row, column, v, u, images)
        if share < (_SOME_SHARE if cut.neck < _HARDLY else _CLEAR_SHARE):
            continue
        merit = share + 0.5 * min(cut.gain, 0.6) - 0.3 * cut.neck
        if merit > best:
            best, found = merit, sides
    return found


def _share(
    sides: np.ndarray, row: np.ndarray, column: np.ndarray, v: np.ndarray, u: np.ndarray, images: Images
) -> float:
    """Share of the border between the sides that the picture shows; 1 where they do not meet in it."""
    number = sides[row, column]
    use = number > 0
    if not use.any():
        return 0.0
    number, v, u = number[use], v[use], u[use]
    top, left = int(v.min()), int(u.min())
    box = np.s_[top : int(v.max()) + 1, left : int(u.max()) + 1]
    crop = np.zeros((box[0].stop - top, box[1].stop - left), np.int32)
    crop[v - top, u - left] = number
    share = border_share(crop, images, box)
    return 1.0 if share is None else share
