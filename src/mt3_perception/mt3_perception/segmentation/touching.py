"""Groups of points that are several objects standing against each other."""

import numpy as np

from mt3_perception.segmentation.borders import Images, find_borders
from mt3_perception.segmentation.clusters import Groups
from mt3_perception.segmentation.footprints import Footprint
from mt3_perception.segmentation.joining import JoinLimits, Part, join_parts
from mt3_perception.segmentation.parts import find_contacts, find_parts
from mt3_perception.segmentation.regions import label_boxes

__all__ = ['split_touching']

_CONVEX = 0.9  # groups that fill this share of their convex outline are one object


def split_touching(groups: Groups, flat: np.ndarray, images: Images, limits: JoinLimits) -> np.ndarray:
    """Return the group (N,) int32 of each point, groups divided where picture and shape show two objects.

    Borders in the picture divide a group into parts; those that make one convex thing together, seen from
    above, are joined again.

    Args:
        groups: Points grouped by where they stand.
        flat: (N,) their pixels, index into the flattened picture.
        images: In which borders are seen.
        limits: What counts as one object.
    """
    labels = groups.labels
    out, following = labels.copy(), int(labels.max()) + 1
    order = np.argsort(labels, kind='stable')
    starts = np.searchsorted(labels[order], np.arange(following + 1))
    rows, columns = np.divmod(flat, images.depth.shape[1])
    for group, cells in list(label_boxes(groups.cells)):
        members = order[starts[group] : starts[group + 1]]
        own_cells = np.argwhere(groups.cells[cells] == group)
        if len(own_cells) < limits.min_width**2 or not len(members):
            continue
        if len(own_cells) > _CONVEX * Footprint.around(own_cells).area:
            continue
        v, u = rows[members], columns[members]
        box = np.s_[int(v.min()) : int(v.max()) + 1, int(u.min()) : int(u.max()) + 1]
        v, u = v - box[0].start, u - box[1].start
        own = np.zeros((box[0].stop - box[0].start, box[1].stop - box[1].start), bool)
        own[v, u] = True
        borders = find_borders(images, box)
        image = find_parts(own, borders)
        if image.max() < 2:
            continue
        of_point = image[v, u]
        row, column = groups.view.row[members] - cells[0].start, groups.view.column[members] - cells[1].start
        shape = groups.cells[cells].shape
        lab = None if images.lab is None else images.lab[box][v, u]
        parts = _describe(of_point, row * shape[1] + column, shape, lab)
        target = join_parts(parts, find_contacts(image, borders), groups.empty[cells].astype(np.uint8), limits)
        table = np.full(int(image.max()) + 1, group, np.int32)
        for number in sorted(set(target.values()))[1:]:
            table[[part for part, whole in target.items() if whole == number]] = following
            following += 1
        out[members] = table[of_point]
    return out


def _describe(
    of_point: np.ndarray, cell: np.ndarray, shape: tuple[int, int], lab: np.ndarray | None
) -> dict[int, Part]:
    """Describe parts by their points: their part (n,), cell (n,) in a grid of `shape`, and colour (n, 3)."""
    count = int(of_point.max()) + 1
    size = shape[0] * shape[1]
    filled = np.bincount(of_point * size + cell, minlength=count * size).reshape(count, size)
    pixels = np.bincount(of_point, minlength=count)
    colour = np.zeros((3, count))
    if lab is not None:
        for channel, weight in enumerate((0.5, 1.0, 1.0)):
            colour[channel] = weight * np.bincount(of_point, lab[:, channel], count) / np.maximum(pixels, 1)
    parts = {}
    for number in range(1, count):
        at = np.flatnonzero(filled[number] > 1)  # single readings are mixtures of near and far
        at = at if len(at) > 2 else np.flatnonzero(filled[number])
        if len(at):
            cells = np.stack([at % shape[1], at // shape[1]], axis=1)
            parts[number] = Part(cells, Footprint.around(cells), colour[:, number], int(pixels[number]))
    return parts
