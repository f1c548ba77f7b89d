"""Groups of points that are several objects standing against each other."""

from dataclasses import dataclass

import numpy as np

from mt3_perception.segmentation.borders import Borders, Images, find_borders
from mt3_perception.segmentation.clusters import Groups
from mt3_perception.segmentation.cuts import Cut, CutLimits, find_cuts, nearest_part
from mt3_perception.segmentation.regions import label_boxes

__all__ = ['split_touching']

# how much of the border has to be seen in the picture, by the neck of the cut: parts that hardly meet need less
_NECKS = (0.2, 0.4, 0.85)
_SHARES = (0.5, 0.7, 0.8)


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
        crop = _Crop(row, column, v[members], u[members])
        borders = None
        todo = [own]
        while todo:
            part = todo.pop()
            cuts = find_cuts(part, groups.empty[box] & ~own, limits)
            if not cuts:
                continue
            borders = borders or find_borders(images, crop.box)
            sides = _best(part, cuts, crop, borders)
            if sides is None:
                continue
            cells[box][part & (sides == 2)] = following
            following += 1
            todo += [part & (sides == 1), part & (sides == 2)]
    return cells.ravel()[groups.view.index].astype(np.int32)


@dataclass(frozen=True, eq=False)
class _Crop:
    """Where the points (n,) of one group lie: in which cell, and in which pixel."""

    row: np.ndarray
    column: np.ndarray
    v: np.ndarray
    u: np.ndarray

    @property
    def box(self) -> tuple[slice, slice]:
        """The part of the picture that holds them all."""
        return np.s_[int(self.v.min()) : int(self.v.max()) + 1, int(self.u.min()) : int(self.u.max()) + 1]

    def paint(self, sides: np.ndarray) -> np.ndarray:
        """Values (rows, columns) of cells as an image of the box, uint8."""
        rows, columns = self.box
        image = np.zeros((rows.stop - rows.start, columns.stop - columns.start), np.uint8)
        image[self.v - rows.start, self.u - columns.start] = sides[self.row, self.column]
        return image


def _best(part: np.ndarray, cuts: list[Cut], crop: _Crop, borders: Borders) -> np.ndarray | None:
    """Side (rows, columns) 1 or 2 of each cell of a part, for the cut with the clearest border; None without one."""
    best, found = -np.inf, None
    for cut in cuts:
        sides = nearest_part(part, cut.sides)
        share = borders.share(crop.paint(sides))
        share = 1.0 if share is None else share
        if share < np.interp(cut.neck, _NECKS, _SHARES):
            continue
        merit = share + 0.5 * min(cut.gain, 0.6) - 0.3 * cut.neck
        if merit > best:
            best, found = merit, sides
    return found
