"""From masked pixels to a clean surface: voxels, outliers, normals, and the grid of nearest points."""

import numpy as np

from mt3_common.jit import kernel
from mt3_retrieval.alignment.shape import FAR_M, MAX_POINTS

__all__ = ['clean_surface', 'nearest_grid', 'voxel_means']

_VOXEL_M = 0.002
_NEIGHBOUR_M = 0.009  # of a normal
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
def _columns(points, edge):
    """Return the points' order by column (P,), the columns' first places in it (X * Y + 1,), and Y: columns in xy."""
    low_x, low_y = points[:, 0].min(), points[:, 1].min()
    nx = int((points[:, 0].max() - low_x) / edge) + 1
    ny = int((points[:, 1].max() - low_y) / edge) + 1
    column = np.empty(points.shape[0], np.int64)
    first = np.zeros(nx * ny + 1, np.int64)
    for p in range(points.shape[0]):
        column[p] = int((points[p, 0] - low_x) / edge) * ny + int((points[p, 1] - low_y) / edge)
        first[column[p] + 1] += 1
    first = np.cumsum(first)
    order, filled = np.empty(points.shape[0], np.int64), first[:-1].copy()
    for p in range(points.shape[0]):
        order[filled[column[p]]] = p
        filled[column[p]] += 1
    return order, first, ny


@kernel
def _neighbourhoods(points, normal_radius, lonely_radius):
    """Return normals (N, 3) of the surface within `normal_radius` and neighbour counts (N,) within `lonely_radius`."""
    n = points.shape[0]
    normals = np.zeros((n, 3))
    counts = np.zeros(n, np.int64)
    edge = max(normal_radius, lonely_radius)
    order, first, ny = _columns(points, edge)
    nx = (first.shape[0] - 1) // ny
    low_x, low_y = points[:, 0].min(), points[:, 1].min()
    for i in range(n):
        x, y, z = points[i, 0], points[i, 1], points[i, 2]
        cx, cy = int((x - low_x) / edge), int((y - low_y) / edge)
        m = 0
        sx = sy = sz = sxx = syy = szz = sxy = sxz = syz = 0.0
        for column in range(max(0, cx - 1), min(nx, cx + 2)):
            start, end = first[column * ny + max(0, cy - 1)], first[column * ny + min(ny, cy + 2)]
            for k in range(start, end):
                j = order[k]
                dx, dy, dz = points[j, 0] - x, points[j, 1] - y, points[j, 2] - z
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
    normals, neighbours = _neighbourhoods(surface, _NEIGHBOUR_M * grow, _LONELY_M * grow)
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
