"""What one view knows about one place: the nearest surface point, and how far in front of the seen depth it is."""

import numpy as np

from mt3_retrieval.alignment.jit import kernel

__all__ = ['free_margin', 'nearest_point']


@kernel
def nearest_point(shape, x, y, z):
    """Return the index of the surface point nearest to (x, y, z) [m], -1 when none is near."""
    per_cell = 1.0 / shape.cell
    i = int(np.floor((x - shape.origin[0]) * per_cell))
    j = int(np.floor((y - shape.origin[1]) * per_cell))
    k = int(np.floor((z - shape.origin[2]) * per_cell))
    nx, ny, nz = shape.nearest.shape
    if i < 0 or j < 0 or k < 0 or i >= nx or j >= ny or k >= nz:
        return -1
    return int(shape.nearest[i, j, k])


@kernel
def free_margin(shape, x, y, z):
    """Return how far (x, y, z) lies in front of the seen depth [m].

    Positive: the camera saw through it. Negative: behind a surface, hidden. Zero where nothing is known.
    """
    c = shape.camera
    depth = c[6] * x + c[7] * y + c[8] * z + c[11]
    if depth < 0.05:
        return 0.0
    u = int(c[12] * (c[0] * x + c[1] * y + c[2] * z + c[9]) / depth + c[14] + 0.5)
    v = int(c[13] * (c[3] * x + c[4] * y + c[5] * z + c[10]) / depth + c[15] + 0.5)
    if u < 0 or v < 0 or u >= shape.depth.shape[1] or v >= shape.depth.shape[0]:
        return 0.0
    seen = shape.depth[v, u]
    if seen != seen:  # no reading
        return 0.0
    return seen - depth
