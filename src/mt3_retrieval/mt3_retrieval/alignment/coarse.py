"""Coarse search: every yaw and shift, both ways, on grids that say 'surface', 'free' or 'unknown'."""

from typing import NamedTuple

import numpy as np

from mt3_retrieval.alignment.config import AlignmentConfig
from mt3_retrieval.alignment.jit import kernel
from mt3_retrieval.alignment.lookup import free_margin, nearest_point
from mt3_retrieval.alignment.shape import FAR_M, Shape

__all__ = ['CoarsePoses', 'coarse_search']

_CELL_M = 0.008
_FIT_M = 0.020  # the fit falls to zero at this distance
_FREE_M = 0.012  # nearer to the surface than this nothing counts as seen through
_RAMP_M = 0.013
_POINTS = 400
_HIDDEN_CREDIT = 0.3  # of a point behind the seen surface


class CoarsePoses(NamedTuple):
    """The best shift of every yaw.

    Attributes:
        yaw: (Y,) over the full circle [rad].
        shift: (Y, 2) of the view centres, live view frame [m].
        score: (Y,) higher is better, at most 2.
    """

    yaw: np.ndarray
    shift: np.ndarray
    score: np.ndarray


def coarse_search(
    demo: Shape, live: Shape, config: AlignmentConfig, scale_xy: float = 1.0, scale_z: float = 1.0
) -> CoarsePoses:
    """Score all yaws and shifts of the demo (scaled) in the live view, demo to live and live to demo."""
    weight = config.search_free_space_weight
    shifts = round(config.shift_m / _CELL_M)
    scale = np.array([scale_xy, scale_xy, scale_z])
    demo_points = (demo.points[:_POINTS] * scale).astype(np.float64)
    live_points = live.points[:_POINTS].astype(np.float64)
    reach = _radius(demo_points), _radius(live_points)
    height = max(demo_points[:, 2].max(), live_points[:, 2].max()) + _CELL_M
    live_field = field_grid(live, reach[0] + (shifts + 1) * _CELL_M, height, np.ones(3), weight)
    demo_field = field_grid(demo, reach[1] + (shifts + 1) * _CELL_M, height, scale, weight)
    yaws = np.arange(config.yaw_steps) * (2.0 * np.pi / config.yaw_steps)
    scores = _scan(demo_points, live_points, demo_field, live_field, yaws, shifts, _CELL_M)
    flat = scores.reshape(len(yaws), -1)
    best = flat.argmax(axis=1)
    side = 2 * shifts + 1
    shift = (np.stack([best // side, best % side], axis=1) - shifts) * _CELL_M
    return CoarsePoses(yaws, shift, flat[np.arange(len(yaws)), best])


def _radius(points: np.ndarray) -> float:
    return float(np.sqrt((points[:, :2] ** 2).sum(axis=1).max()))


def field_grid(shape: Shape, half_width: float, height: float, scale: np.ndarray, weight: float) -> np.ndarray:
    """Return the value (Z, X, Y) float32 of a point in each cell: 0..1 near the surface, down to -weight in free space.

    The grid is square, centred on the view's origin, from the support up; `scale` (3,) stretches the view.
    """
    cells = 2 * int(np.ceil(half_width / _CELL_M)) + 1
    grid = np.empty((int(np.ceil(height / _CELL_M)), cells, cells), dtype=np.float32)
    _fill(shape, grid, _CELL_M, scale, weight, _FIT_M, _FREE_M, _RAMP_M, _HIDDEN_CREDIT)
    return grid


@kernel
def _fill(shape, grid, cell, scale, weight, fit_width, free_from, ramp, hidden):
    middle = grid.shape[1] // 2
    for k in range(grid.shape[0]):
        z = (k + 0.5) * cell / scale[2]
        for i in range(grid.shape[1]):
            x = (i - middle) * cell / scale[0]
            for j in range(grid.shape[2]):
                y = (j - middle) * cell / scale[1]
                p = nearest_point(shape, x, y, z)
                d = FAR_M
                if p >= 0:
                    dx = shape.points[p, 0] - x
                    dy = shape.points[p, 1] - y
                    dz = shape.points[p, 2] - z
                    d = min(FAR_M, np.sqrt(dx * dx + dy * dy + dz * dz))
                value = 0.0
                if d < fit_width:
                    q = 1.0 - (d / fit_width) ** 2
                    value = q * q
                if d > free_from:
                    margin = free_margin(shape, x, y, z)
                    if margin > free_from:
                        value -= weight * min(1.0, (d - free_from) / ramp)
                    elif margin < -free_from:
                        value = max(value, hidden)
                grid[k, i, j] = value


@kernel
def _scan(demo_points, live_points, demo_field, live_field, yaws, shifts, cell):
    """Return scores (Y, 2S + 1, 2S + 1) float32: mean value of the demo's points in the live field, and back.

    For one yaw the demo's field is turned into the live axes once; then every shift of both
    directions is a window of a grid, added row by row.
    """
    side = 2 * shifts + 1
    scores = np.zeros((len(yaws), side, side), np.float32)
    live_middle = live_field.shape[1] // 2
    demo_middle = demo_field.shape[1] // 2
    reach = 0
    for p in range(live_points.shape[0]):
        reach = max(reach, int(np.ceil(np.sqrt(live_points[p, 0] ** 2 + live_points[p, 1] ** 2) / cell)))
    half = reach + shifts + 1
    where = np.zeros((2 * half + 1, 2 * half + 1), np.int32)
    turned = np.zeros((demo_field.shape[0], 2 * half + 1, 2 * half + 1), np.float32)
    forward = np.float32(1.0 / demo_points.shape[0])
    backward = np.float32(1.0 / live_points.shape[0])
    for a in range(len(yaws)):
        c, s = np.cos(yaws[a]), np.sin(yaws[a])
        total = scores[a]
        for p in range(demo_points.shape[0]):
            x, y = demo_points[p, 0], demo_points[p, 1]
            i = int(np.floor((c * x - s * y) / cell + 0.5)) + live_middle - shifts
            j = int(np.floor((s * x + c * y) / cell + 0.5)) + live_middle - shifts
            k = min(max(0, int(demo_points[p, 2] / cell)), live_field.shape[0] - 1)
            for m in range(side):
                row = live_field[k, i + m]
                for n in range(side):
                    total[m, n] += forward * row[j + n]
        for i in range(2 * half + 1):
            for j in range(2 * half + 1):
                x, y = i - half, j - half
                u = int(np.floor(c * x + s * y + 0.5)) + demo_middle
                v = int(np.floor(-s * x + c * y + 0.5)) + demo_middle
                u = min(max(0, u), demo_field.shape[1] - 1)
                v = min(max(0, v), demo_field.shape[2] - 1)
                where[i, j] = u * demo_field.shape[2] + v
        for k in range(demo_field.shape[0]):
            layer = demo_field[k].ravel()
            for i in range(2 * half + 1):
                for j in range(2 * half + 1):
                    turned[k, i, j] = layer[where[i, j]]
        for p in range(live_points.shape[0]):
            i = int(np.floor(live_points[p, 0] / cell + 0.5)) + half + shifts
            j = int(np.floor(live_points[p, 1] / cell + 0.5)) + half + shifts
            k = min(max(0, int(live_points[p, 2] / cell)), turned.shape[0] - 1)
            for m in range(side):
                row = turned[k, i - m]
                for n in range(side):
                    total[m, n] += backward * row[j - n]
    return scores
