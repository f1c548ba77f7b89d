"""What one view knows about one place, and how a point of one view lies upon the other.

None of this branches: which points lie near a surface, or in a picture, is hard to foresee, and a wrong guess of the
processor costs more than all the arithmetic (three times the time, measured). Indices are unsigned, so that numba does
not look for negative ones. The constant comes first in each `min` and `max`, so that it wins over NaN.
"""

import numpy as np

from mt3_common.jit import kernel
from mt3_retrieval.alignment.shape import FAR_M

__all__ = ['free_margin', 'inverse_of', 'laid_upon', 'nearest_point']

_FAR2 = FAR_M**2
_Index = np.uintp


@kernel
def nearest_point(shape, x, y, z):
    """Return the index of the surface point nearest to (x, y, z) [m] and its squared distance, at most FAR_M squared.

    When none is within FAR_M the index is that of any point. A place outside the grid takes the cell at its border.
    """
    per_cell = 1.0 / shape.cell
    nx, ny, nz = shape.nearest.shape
    i = _Index(min(nx - 1.0, max(0.0, (x - shape.origin[0]) * per_cell)))
    j = _Index(min(ny - 1.0, max(0.0, (y - shape.origin[1]) * per_cell)))
    k = _Index(min(nz - 1.0, max(0.0, (z - shape.origin[2]) * per_cell)))
    found = shape.nearest[i, j, k]
    near = _Index(max(found, 0))
    dx, dy, dz = x - shape.points[near, 0], y - shape.points[near, 1], z - shape.points[near, 2]
    distance2 = min(_FAR2, dx * dx + dy * dy + dz * dz)
    return near, distance2 if found >= 0 else _FAR2


@kernel
def free_margin(shape, x, y, z):
    """Return how far (x, y, z) lies in front of the seen depth [m].

    Positive: the camera saw through it. Negative: behind a surface, hidden. NaN where nothing is known.
    """
    c = shape.camera
    height, width = shape.depth.shape
    depth = c[6] * x + c[7] * y + c[8] * z + c[11]
    nearness = 1.0 / max(depth, 0.05)
    u = c[12] * (c[0] * x + c[1] * y + c[2] * z + c[9]) * nearness + c[14] + 0.5
    v = c[13] * (c[3] * x + c[4] * y + c[5] * z + c[10]) * nearness + c[15] + 0.5
    inside_u, inside_v = min(width - 0.5, max(0.0, u)), min(height - 0.5, max(0.0, v))
    margin = shape.depth[_Index(inside_v), _Index(inside_u)] - depth
    return margin if (inside_u == u) & (inside_v == v) & (depth >= 0.05) else np.nan


@kernel
def laid_upon(source, p, target, M, R, t):
    """Return where M p + t puts point `p` of `source`, and what of `target` is there.

    Returns:
        (u, v, w) in the frame of `target` [m]; the index of the nearest point of `target` and its squared distance;
        the cosine between the two normals, the one of `source` turned by R.
    """
    x, y, z = source.points[p, 0], source.points[p, 1], source.points[p, 2]
    u = M[0, 0] * x + M[0, 1] * y + M[0, 2] * z + t[0]
    v = M[1, 0] * x + M[1, 1] * y + M[1, 2] * z + t[1]
    w = M[2, 0] * x + M[2, 1] * y + M[2, 2] * z + t[2]
    near, distance2 = nearest_point(target, u, v, w)
    a, b, c = source.normals[p, 0], source.normals[p, 1], source.normals[p, 2]
    facing = (
        (R[0, 0] * a + R[0, 1] * b + R[0, 2] * c) * target.normals[near, 0]
        + (R[1, 0] * a + R[1, 1] * b + R[1, 2] * c) * target.normals[near, 1]
        + (R[2, 0] * a + R[2, 1] * b + R[2, 2] * c) * target.normals[near, 2]
    )
    return u, v, w, near, distance2, facing


@kernel
def inverse_of(M, R, t):
    """Return the inverse of the map M p + t, its rotation, and its translation."""
    back, shift = np.empty((3, 3)), np.empty(3)
    for i in range(3):  # by cofactors
        for j in range(3):
            a, b, c, d = (j + 1) % 3, (j + 2) % 3, (i + 1) % 3, (i + 2) % 3
            back[i, j] = M[a, c] * M[b, d] - M[a, d] * M[b, c]
    back /= M[0, 0] * back[0, 0] + M[0, 1] * back[1, 0] + M[0, 2] * back[2, 0]
    for i in range(3):
        shift[i] = -(back[i, 0] * t[0] + back[i, 1] * t[1] + back[i, 2] * t[2])
    return back, R.T.copy(), shift
