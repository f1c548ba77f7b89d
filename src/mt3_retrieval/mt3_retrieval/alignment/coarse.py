"""Coarse search: every yaw and shift, both ways, on grids that say 'surface', 'free' or 'unknown'."""

from typing import NamedTuple

import numpy as np

from mt3_common.jit import kernel
from mt3_retrieval.alignment.config import AlignmentConfig
from mt3_retrieval.alignment.lookup import free_margin, nearest_point
from mt3_retrieval.alignment.shape import Shape

__all__ = ['CoarsePoses', 'coarse_search']

_CELL_M = 0.008
_FIT_M = 0.020  # the fit falls to zero at this distance
_FREE_M = 0.012  # nearer to the surface than this nothing counts as seen through
_RAMP_M = 0.013
_POINTS = 400
_HIDDEN_CREDIT = 0.3  # of a point behind the seen surface
_LANES = 8  # numbers that a processor adds at a time


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
    width = -(-(2 * shifts + 1) // _LANES) * _LANES
    margin = (width - shifts) * _CELL_M
    live_field = field_grid(live, reach[0] + margin, height, np.ones(3), weight)
    demo_field = field_grid(demo, reach[1] + margin, height, scale, weight)
    yaws = np.arange(config.yaw_steps) * (2.0 * np.pi / config.yaw_steps)
    scores = _scan(demo_points / _CELL_M, live_points / _CELL_M, demo_field, live_field, yaws, shifts, width)
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
                d = np.sqrt(nearest_point(shape, x, y, z)[1])
                value = max(0.0, 1.0 - (d / fit_width) ** 2) ** 2
                if d > free_from:
                    margin = free_margin(shape, x, y, z)
                    if margin > free_from:
                        value -= weight * min(1.0, (d - free_from) / ramp)
                    elif margin < -free_from:
                        value = max(value, hidden)
                grid[k, i, j] = value


@kernel
def _add_windows(total, field, points, cos, sin, first, weight):
    """Add to `total` (S, W) the windows of `field` (Z, X, Y) over each point (P, 3), turned; lengths in cells.

    The window of a point at the origin begins at `first`. W is a multiple of _LANES: whole rows of them are added at a
    time.
    """
    for p in range(points.shape[0]):
        x, y = points[p, 0], points[p, 1]
        i = int(np.floor(cos * x - sin * y + 0.5)) + first
        j = int(np.floor(sin * x + cos * y + 0.5)) + first
        k = min(max(0, int(points[p, 2])), field.shape[0] - 1)
        for m in range(total.shape[0]):
            for n in range(0, total.shape[1], _LANES):
                row, sums = field[k, i + m, j + n : j + n + _LANES], total[m, n : n + _LANES]
                for lane in range(_LANES):
                    sums[lane] += weight * row[lane]


@kernel
def _turn(field, cos, sin, turned):
    """Write `field` (Z, X, X), seen from axes turned by the angle, into `turned` (Z, H, H); both centred."""
    middle, half, size = field.shape[1] // 2, turned.shape[1] // 2, field.shape[1]
    where = np.empty(turned.shape[1] * turned.shape[2], np.uint32)
    for i in range(turned.shape[1]):
        for j in range(turned.shape[2]):
            x, y = i - half, j - half
            u = int(np.floor(cos * x + sin * y + 0.5)) + middle
            v = int(np.floor(-sin * x + cos * y + 0.5)) + middle
            where[i * turned.shape[2] + j] = min(max(0, u), size - 1) * size + min(max(0, v), size - 1)
    for k in range(field.shape[0]):
        layer, out = field[k].ravel(), turned[k].ravel()
        for i in range(len(where)):
            out[i] = layer[where[i]]


@kernel
def _scan(demo_points, live_points, demo_field, live_field, yaws, shifts, width):
    """Return scores (Y, 2S + 1, 2S + 1): mean value of the demo's points in the live field, and back; lengths in cells.

    For one yaw the demo's field is turned into the live axes once; then every shift of both directions is a window of
    a grid, added row by row. Rows have `width` cells, 2S + 1 and what fills the last lanes.
    """
    side = 2 * shifts + 1
    scores = np.empty((len(yaws), side, side), np.float32)
    reach = np.sqrt(live_points[:, 0] ** 2 + live_points[:, 1] ** 2).max()
    half = int(np.ceil(reach)) + shifts + 1 + width - side
    turned = np.empty((demo_field.shape[0], 2 * half + 1, 2 * half + 1), np.float32)
    per_demo, per_live = np.float32(1.0 / demo_points.shape[0]), np.float32(1.0 / live_points.shape[0])
    for a in range(len(yaws)):
        cos, sin = np.cos(yaws[a]), np.sin(yaws[a])
        forward, backward = np.zeros((side, width), np.float32), np.zeros((side, width), np.float32)
        _add_windows(forward, live_field, demo_points, cos, sin, live_field.shape[1] // 2 - shifts, per_demo)
        _turn(demo_field, cos, sin, turned)
        _add_windows(backward, turned, live_points, 1.0, 0.0, half - shifts, per_live)
        for m in range(side):
            for n in range(side):
                scores[a, m, n] = forward[m, n] + backward[side - 1 - m, side - 1 - n]
    return scores
