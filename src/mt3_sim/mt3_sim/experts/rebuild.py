"""A scene for the physics from a demonstration's one picture: what was seen, as columns down to the table.

A camera sees one side. The columns stand where it saw a surface and reach from there to the support, so an overhang (a
handle, a rim) becomes solid below, and what is hidden behind is missing. Mass and friction are guesses. It serves to
see whether the arm can follow a demonstration, what it would run into, and whether the fingers close on something.
"""

import numpy as np

from mt3_common import se3
from mt3_common.demonstration import Demonstration
from mt3_sim.objects.model import ParametricObject
from mt3_sim.objects.parts import Part
from mt3_sim.scene_spec import Placement, SceneSpec

__all__ = ['OTHERS', 'TARGET', 'rebuild_scene']

TARGET, OTHERS = 'target', 'others'
_CELL, _COARSE = 0.006, 0.015  # edge of the columns of the target, and of the rest [m]
_LEAST_POINTS = 2  # in a column: fewer are noise at a border
_MOST_COLUMNS = 250
_BASE = 0.003  # thickness of the plate below [m]
_DENSITY, _FRICTION = 300.0, 0.8  # of something hollow [kg/m^3]
_ABOVE, _BELOW = 0.012, 0.5  # heights over the support that are an object [m]
_REACH = 0.35  # others this far from the target do not matter [m]
_COLOURS = {TARGET: (1.0, 0.55, 0.1), OTHERS: (0.5, 0.5, 0.55)}


def rebuild_scene(demo: Demonstration) -> SceneSpec:
    """Return the scene: the target free to move, everything else near it fixed."""
    points, pixels = _points(demo)
    on_target = demo.mask[pixels]
    target = points[on_target]
    support = demo.support_height_m if np.isfinite(demo.support_height_m) else float(np.percentile(target[:, 2], 1))
    height = points[:, 2] - support
    near = np.linalg.norm(points[:, :2] - np.median(target[:, :2], axis=0), axis=1) < _REACH
    others = points[~on_target & near & (height > _ABOVE) & (height < _BELOW)]
    placements = [_placement(TARGET, target, support, _CELL, movable=True)]
    if len(others) > 20:
        placements.append(_placement(OTHERS, others, support, _COARSE, movable=False))
    return SceneSpec(tuple(placements), table_height=support)


def _points(demo: Demonstration) -> tuple[np.ndarray, tuple[np.ndarray, np.ndarray]]:
    """Points (N, 3) of the picture in the base frame [m], and their pixels (rows, columns)."""
    pixels = np.nonzero(np.isfinite(demo.depth_m))
    depth = demo.depth_m[pixels].astype(np.float64)
    rays = np.stack([pixels[1], pixels[0], np.ones(len(depth))], axis=1) @ np.linalg.inv(demo.K).T
    return se3.transform_points(demo.T_base_camera, rays * depth[:, None]), pixels


def _placement(name: str, points: np.ndarray, support: float, cell: float, movable: bool) -> Placement:
    centre = np.array([*np.median(points[:, :2], axis=0), support])
    columns = _columns(points - centre, cell)
    parts = [_part(x, y, _BASE, top, 0.5 * cell, 0.5 * cell, _COLOURS[name]) for x, y, top in columns]
    # One plate below carries it: hundreds of columns on the table would be thousands of contacts.
    low, high = columns[:, :2].min(axis=0) - 0.5 * cell, columns[:, :2].max(axis=0) + 0.5 * cell
    parts.append(_part(*(0.5 * (low + high)), 0.0, _BASE, *(0.5 * (high - low)), _COLOURS[name]))
    model = ParametricObject(name, None, tuple(parts), movable=movable)
    return Placement(name, model, se3.make(None, (*centre[:2], centre[2] + 0.0005)))


def _columns(points: np.ndarray, cell: float) -> np.ndarray:
    """Return columns (C, 3): middle x, y and top [m]; wider ones when there would be too many."""
    while True:
        index = np.floor(points[:, :2] / cell).astype(int)
        cells, member, counts = np.unique(index, axis=0, return_inverse=True, return_counts=True)
        if len(cells) <= _MOST_COLUMNS:
            break
        cell *= 1.3
    member = member.ravel()
    tops = np.array([np.percentile(points[member == i, 2], 80) for i in range(len(cells))])
    keep = (counts >= _LEAST_POINTS) & (tops > 0.5 * _ABOVE)
    return np.column_stack([(cells[keep] + 0.5) * cell, tops[keep]])


def _part(
    x: float, y: float, low: float, top: float, half_x: float, half_y: float, colour: tuple[float, float, float]
) -> Part:
    """Return an upright box around (x, y) from `low` to `top` [m]."""
    half = (half_x, half_y, max(0.5 * (top - low), 0.0005))
    mass = _DENSITY * 8.0 * half[0] * half[1] * half[2]
    return Part('box', half, se3.make(None, (x, y, low + half[2])), colour, mass=mass, friction=_FRICTION)
