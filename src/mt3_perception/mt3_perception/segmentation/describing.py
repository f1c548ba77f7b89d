"""What is known of each part of a thing: the cells it covers, its colour, its heights, and what is seen below it."""

from dataclasses import dataclass

import numpy as np

from mt3_common.jit import kernel
from mt3_perception.segmentation.borders import Images
from mt3_perception.segmentation.clusters import Groups
from mt3_perception.segmentation.footprints import Footprint
from mt3_perception.segmentation.hovering import SAMPLES, free_below
from mt3_perception.segmentation.part import Part
from mt3_perception.segmentation.pixels import Pixels
from mt3_perception.segmentation.quantiles import quantiles, sample
from mt3_perception.segmentation.regions import by_label

__all__ = ['View', 'describe']

_MARGIN_M = 0.012  # what is seen below a handle is at least so far behind it
_LIFTED_M = 0.01  # below parts that are seen lower than this there is nothing to see
_GREY = np.array([0.0, 128.0, 128.0])  # without colour: of no hue


@dataclass(frozen=True, eq=False)
class View:
    """What is looked at.

    Attributes:
        images: In which borders are seen.
        K: (3, 3) [pixel].
        up: (3,) against gravity, camera frame.
    """

    images: Images
    K: np.ndarray
    up: np.ndarray

    def colours(self, flat: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Mean colour (3,) of pixels, given by their index (n,) into the flattened image, and its deviation (3,)."""
        return _mean_colour(self.images.lab, flat, self.images.depth.shape[1])


def describe(
    of_point: np.ndarray, members: np.ndarray, pixels: Pixels, groups: Groups, view: View, corner: tuple[int, int]
) -> dict[int, Part]:
    """Return the parts of some of the points, by number.

    Args:
        of_point: (n,) part from 1 of each of these points, 0 for none.
        members: (n,) their index among all points.
        pixels: All points.
        groups: Of all points.
        view: The picture.
        corner: (column, row) of the cell from which cells are counted.
    """
    order, starts = by_label(of_point)
    members = members[order]
    readings = np.zeros(groups.cells.size, np.int32)
    parts = {}
    for number in range(1, len(starts) - 1):
        own = members[starts[number] : starts[number + 1]]
        if not len(own):
            continue
        index = groups.view.index[own]
        cells = _cells(index, readings, groups.cells.shape[1]) - corner
        colour = _GREY
        if view.images.lab is not None:
            colour = view.colours(pixels.flat[sample(own, 400)])[0] * (0.5, 1.0, 1.0)
        height = pixels.height[own]
        low, middle, top = quantiles(sample(height), 0.04, 0.5, 0.96)
        free = 0.0
        if low > _LIFTED_M:
            lower = own[sample(np.flatnonzero(height <= middle), SAMPLES)]
            depth = view.images.depth
            free = free_below(pixels.points[lower], pixels.height[lower], view.up, depth, view.K, _MARGIN_M)
        group = int(np.bincount(groups.cells.ravel()[sample(index)]).argmax())
        parts[number] = Part(cells, Footprint.around(cells), colour, len(own), low, top, free, group)
    return parts


@kernel
def _mean_colour(lab, flat, width):
    """Return the mean (3,) and the deviation (3,) of the colours (H/2, W/2, 3) of pixels (n,) of a picture."""
    total, squares = np.zeros(3, np.int64), np.zeros(3, np.int64)
    for i in flat:
        v, u = i // width // 2, i % width // 2
        for k in range(3):
            value = np.int64(lab[v, u, k])
            total[k] += value
            squares[k] += value * value
    mean = total / len(flat)
    return mean, np.sqrt(np.maximum(squares / len(flat) - mean * mean, 0.0))


@kernel
def _cells(index, readings, columns):
    """Return the cells (m, 2) (column, row) of points, given by their flat index (n,).

    Those with a single reading are left out where there are others: these are mixtures of near and far.

    Args:
        readings: (rows * columns) zeros, and zeros again afterwards.
    """
    found, single = np.empty(len(index), np.int64), 0
    n = 0
    for i in index:
        if not readings[i]:
            found[n] = i
            n += 1
        readings[i] += 1
    for i in found[:n]:
        single += readings[i] == 1
    least = 2 if n - single > 2 else 1
    cells, m = np.empty((n, 2), np.int64), 0
    for i in found[:n]:
        if readings[i] >= least:
            cells[m, 0], cells[m, 1] = i % columns, i // columns
            m += 1
        readings[i] = 0
    return cells[:m]
