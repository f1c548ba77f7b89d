"""From masked pixels to a clean surface: voxels, outliers, normals, and the grid of nearest points."""

import numpy as np

from mt3_common.jit import kernel
from mt3_retrieval.alignment.shape import FAR_M, MAX_POINTS

__all__ = ['clean_surface', 'nearest_grid', 'voxel_means']

_VOXEL_M = 0.002
_NEIGHBOUR_M = 0.009  # of a normal
_NEIGHBOUR_EDGE_M = 0.0046  # of the cubes by which neighbours are found
_LONELY_M = 0.008
_MIN_NEIGHBOURS = 5
_CELL_M = 0.005
_PAD_M = 0.03
_MAX_CELLS = 600_000


def voxel_means(points: np.ndarray, voxel_m: float) -> np.ndarray:
    """Return the mean point (M, 3) of each occupied voxel, sorted by voxel, x first [m]."""
    cells = np.floor(points / voxel_m).astype(np.int64)
    cells -= cells.min(axis=0)
    span = cells.max(axis=0) + 1
    key = (cells[:, 0] * span[1] + cells[:, 1]) * span[2] + cells[:, 2]
    _, inverse, counts = np.unique(key, return_inverse=True, return_counts=True)
    return np.stack([np.bincount(inverse, points[:, a]) / counts for a in range(3)], axis=1)


@kernel
def _cells(points, edge):
    """Sort points (P, 3) into cubes of `edge` [m], z fastest.

    Returns:
        The cell (P, 3) of each point, the points' order by cell (P,), the cells' first places in it (X * Y * Z + 1,),
        and how many cells there are along each axis (3,).
    """
    low, high = np.empty(3), np.empty(3)
    for axis in range(3):
        low[axis], high[axis] = points[:, axis].min(), points[:, axis].max()
    size = ((high - low) / edge).astype(np.int64) + 1
    place = ((points - low) / edge).astype(np.int64)
    key = (place[:, 0] * size[1] + place[:, 1]) * size[2] + place[:, 2]
    first = np.zeros(size[0] * size[1] * size[2] + 1, np.int64)
    for k in key:
        first[k + 1] += 1
    first = np.cumsum(first)
    order, filled = np.empty(points.shape[0], np.int64), first[:-1].copy()
    for p in range(points.shape[0]):
        order[filled[key[p]]] = p
        filled[key[p]] += 1
    return place, order, first, size


@kernel
def _neighbourhoods(points, normal_radius, lonely_radius, edge):
    """Return normals (N, 3) of the surface within `normal_radius` and neighbour counts (N,) within `lonely_radius`.

    `edge` of the cubes by which neighbours are found [m].
    """
    n = points.shape[0]
    normals = np.zeros((n, 3))
    counts = np.zeros(n, np.int64)
    place, order, first, size = _cells(points, edge)
    sorted_points = points[order]
    reach = int(np.ceil(max(normal_radius, lonely_radius) / edge))
    for i in range(n):
        x, y, z = points[i, 0], points[i, 1], points[i, 2]
        m = 0
        sx = sy = sz = sxx = syy = szz = sxy = sxz = syz = 0.0
        bottom, top = max(0, place[i, 2] - reach), min(size[2], place[i, 2] + reach + 1)
        for cx in range(max(0, place[i, 0] - reach), min(size[0], place[i, 0] + reach + 1)):
            for cy in range(max(0, place[i, 1] - reach), min(size[1], place[i, 1] + reach + 1)):
                column = (cx * size[1] + cy) * size[2]
                for k in range(first[column + bottom], first[column + top]):
                    dx, dy, dz = sorted_points[k, 0] - x, sorted_points[k, 1] - y, sorted_points[k, 2] - z
                    d2 = dx * dx + dy * dy + dz * dz
                    if d2 < lonely_radius * lonely_radius:
                        counts[i] += 1
                    if d2 < normal_radius * normal_radius:
                        m += 1
                        sx += dx
                        sy += dy
                        sz += dz
                        sxx += dx * dx
                        syy += dy * dy
                        szz += dz * dz
                        sxy += dx * dy
                        sxz += dx * dz
                        syz += dy * dz
        _flattest(
            sxx - sx * sx / m,
            syy - sy * sy / m,
            szz - sz * sz / m,
            sxy - sx * sy / m,
            sxz - sx * sz / m,
            syz - sy * sz / m,
            normals[i],
        )
    return normals, counts


@kernel
def _flattest(xx, yy, zz, xy, xz, yz, out):
    """Write the unit eigenvector of the smallest eigenvalue of a symmetric matrix into `out` (3,).

    The eigenvalue in closed form (trigonometric solution of the cubic), the vector as the largest cross product of two
    rows of the matrix less that eigenvalue.
    """
    mean = (xx + yy + zz) / 3.0
    off = xy * xy + xz * xz + yz * yz
    a, b, c = xx - mean, yy - mean, zz - mean
    spread = np.sqrt((a * a + b * b + c * c + 2.0 * off) / 6.0)
    out[0], out[1], out[2] = 0.0, 0.0, 1.0
    if spread < 1e-15:
        return
    determinant = a * (b * c - yz * yz) - xy * (xy * c - yz * xz) + xz * (xy * yz - b * xz)
    half = min(1.0, max(-1.0, 0.5 * determinant / spread**3))
    least = mean + 2.0 * spread * np.cos((np.arccos(half) + 2.0 * np.pi) / 3.0)
    a, b, c = xx - least, yy - least, zz - least
    best = 0.0
    for k in range(3):
        if k == 0:
            u, v, w = xy * yz - xz * b, xz * xy - a * yz, a * b - xy * xy
        elif k == 1:
            u, v, w = xy * c - xz * yz, xz * xz - a * c, a * yz - xy * xz
        else:
            u, v, w = b * c - yz * yz, yz * xz - xy * c, xy * yz - b * xz
        size = u * u + v * v + w * w
        if size > best:
            best = size
            length = np.sqrt(size)
            out[0], out[1], out[2] = u / length, v / length, w / length


def clean_surface(points: np.ndarray, camera: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return surface points (M, 3) [m] and normals (M, 3) towards the camera.

    Args:
        points: (N, 3) raw points, z up [m].
        camera: (3,) position of the camera in the same frame [m].
    """
    voxel = _VOXEL_M
    surface = voxel_means(points, voxel)
    while len(surface) > MAX_POINTS:
        voxel *= max(1.1, np.sqrt(len(surface) / MAX_POINTS))
        surface = voxel_means(points, voxel)
    grow = voxel / _VOXEL_M
    edge = max(_NEIGHBOUR_EDGE_M * grow, float(np.prod(np.ptp(surface, axis=0) + voxel) / _MAX_CELLS) ** (1.0 / 3.0))
    normals, neighbours = _neighbourhoods(surface, _NEIGHBOUR_M * grow, _LONELY_M * grow, edge)
    keep = neighbours > _MIN_NEIGHBOURS  # the point itself counts
    surface, normals = surface[keep], normals[keep]
    towards = np.einsum('ij,ij->i', normals, camera - surface)
    normals[towards < 0.0] *= -1.0
    return surface, normals


@kernel
def _splat(points, chosen, origin, cell, nearest, distance2, reach):
    """Write the index of each chosen point into the cells within `reach` to whose centre it is the nearest."""
    cells = int(reach / cell) + 1
    per_cell = 1.0 / cell
    for p in chosen:
        i0 = int((points[p, 0] - origin[0]) * per_cell)
        j0 = int((points[p, 1] - origin[1]) * per_cell)
        k0 = int((points[p, 2] - origin[2]) * per_cell)
        for i in range(max(0, i0 - cells), min(nearest.shape[0], i0 + cells + 1)):
            dx = origin[0] + (i + 0.5) * cell - points[p, 0]
            for j in range(max(0, j0 - cells), min(nearest.shape[1], j0 + cells + 1)):
                dy = origin[1] + (j + 0.5) * cell - points[p, 1]
                dxy2 = dx * dx + dy * dy
                if dxy2 > reach * reach:
                    continue
                for k in range(max(0, k0 - cells), min(nearest.shape[2], k0 + cells + 1)):
                    dz = origin[2] + (k + 0.5) * cell - points[p, 2]
                    d2 = dxy2 + dz * dz
                    if d2 < distance2[i, j, k]:
                        distance2[i, j, k] = d2
                        nearest[i, j, k] = p


def _central(points: np.ndarray, origin: np.ndarray, cell: float) -> np.ndarray:
    """Return the indices (M,) of the points next to the centre of each cell that holds any."""
    place = (points - origin) / cell
    cells = place.astype(np.int64)
    off = ((place - cells - 0.5) ** 2).sum(axis=1)
    key = (cells[:, 0] * 4096 + cells[:, 1]) * 4096 + cells[:, 2]
    order = np.lexsort((off, key))
    first = np.r_[True, key[order][1:] != key[order][:-1]]
    return order[first]


def nearest_grid(points: np.ndarray) -> tuple[np.ndarray, np.ndarray, float]:
    """Return the grid (X, Y, Z) int16 of nearest points, its corner (3,) [m] and its cell edge [m]."""
    low, high = points.min(axis=0) - _PAD_M, points.max(axis=0) + _PAD_M
    cell = max(_CELL_M, float(np.prod(high - low) / _MAX_CELLS) ** (1.0 / 3.0))
    size = np.ceil((high - low) / cell).astype(np.int64)
    nearest = np.full(size, -1, dtype=np.int16)
    distance2 = np.full(size, FAR_M**2, dtype=np.float32)
    corner = low.astype(np.float64)
    _splat(points, np.arange(len(points)), corner, cell, nearest, distance2, 1.5 * cell)  # exact where it decides
    _splat(points, _central(points, corner, cell), corner, cell, nearest, distance2, FAR_M)
    return nearest, corner, cell
