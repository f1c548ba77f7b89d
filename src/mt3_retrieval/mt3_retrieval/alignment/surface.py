"""From masked pixels to a clean surface: voxels, outliers, normals, and the grid of nearest points."""

import numpy as np

from mt3_retrieval.alignment.jit import kernel
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
def _neighbourhoods(points, normal_radius, lonely_radius, slack):
    """Return covariances (N, 3, 3) within `normal_radius` and neighbour counts (N,) within `lonely_radius`.

    The points are sorted by x up to `slack`, which bounds the scan.
    """
    n = points.shape[0]
    covariance = np.zeros((n, 3, 3))
    counts = np.zeros(n, np.int64)
    first = 0
    reach = max(normal_radius, lonely_radius) + slack
    for i in range(n):
        x, y, z = points[i, 0], points[i, 1], points[i, 2]
        while points[first, 0] < x - reach - slack:
            first += 1
        m = 0
        sx = sy = sz = sxx = syy = szz = sxy = sxz = syz = 0.0
        for j in range(first, n):
            dx = points[j, 0] - x
            if dx > reach:
                break
            dy, dz = points[j, 1] - y, points[j, 2] - z
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
        c = covariance[i]
        c[0, 0] = sxx - sx * sx / m
        c[1, 1] = syy - sy * sy / m
        c[2, 2] = szz - sz * sz / m
        c[0, 1] = c[1, 0] = sxy - sx * sy / m
        c[0, 2] = c[2, 0] = sxz - sx * sz / m
        c[1, 2] = c[2, 1] = syz - sy * sz / m
    return covariance, counts


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
    covariance, neighbours = _neighbourhoods(surface, _NEIGHBOUR_M * grow, _LONELY_M * grow, voxel)
    keep = neighbours > _MIN_NEIGHBOURS  # the point itself counts
    surface, covariance = surface[keep], covariance[keep]
    if not len(surface):
        return surface, surface
    normals = np.linalg.eigh(covariance)[1][:, :, 0]
    towards = np.einsum('ij,ij->i', normals, camera - surface)
    normals[towards < 0.0] *= -1.0
    return surface, normals


@kernel
def _splat(points, origin, cell, nearest, distance2, reach):
    """Write each point's index into the cells within `reach` to whose centre it is the nearest."""
    cells = int(reach / cell) + 1
    for p in range(points.shape[0]):
        i0 = int((points[p, 0] - origin[0]) / cell)
        j0 = int((points[p, 1] - origin[1]) / cell)
        k0 = int((points[p, 2] - origin[2]) / cell)
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


def nearest_grid(points: np.ndarray) -> tuple[np.ndarray, np.ndarray, float]:
    """Return the grid (X, Y, Z) int16 of nearest points, its corner (3,) [m] and its cell edge [m]."""
    low, high = points.min(axis=0) - _PAD_M, points.max(axis=0) + _PAD_M
    cell = max(_CELL_M, float(np.prod(high - low) / _MAX_CELLS) ** (1.0 / 3.0))
    size = np.ceil((high - low) / cell).astype(np.int64)
    nearest = np.full(size, -1, dtype=np.int16)
    distance2 = np.full(size, FAR_M**2, dtype=np.float32)
    _splat(points, low.astype(np.float64), cell, nearest, distance2, FAR_M)
    return nearest, low.astype(np.float64), cell
