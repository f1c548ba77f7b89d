"""How a camera moved against a scene that it saw before, judged by what stood still: the background."""

from dataclasses import dataclass

import numpy as np

from mt3_common import se3

__all__ = ['Background', 'Registration', 'register', 'take_background']

_CELL, _COLUMNS = 8, 80  # cells are of 8 x 8 pixels; larger when more than 80 would stand side by side
_GATES_M = (0.10, 0.10, 0.06, 0.06, 0.04, 0.04, 0.03, 0.03, 0.02, 0.02, 0.02, 0.02)  # one per step, coarse to fine
_FITS_M = 0.02  # a cell is where it was within this
_DETERMINED = 0.02  # mean square of a surface's normal along a direction from which on it says where it is
_STEP_CELLS = 1500  # about so many take part in each step
_ENOUGH = 150  # cells below which nothing is said


@dataclass(frozen=True, eq=False)
class Background:
    """A reference view in cells.

    Attributes:
        points: (h, w, 3) camera frame, NaN unknown or not background [m].
        normals: (h, w, 3) unit length, NaN where the surface is not smooth.
        K: (3, 3) of the cells [cell].
        T_base_camera: (4, 4) [m].
    """

    points: np.ndarray
    normals: np.ndarray
    K: np.ndarray
    T_base_camera: np.ndarray


@dataclass(frozen=True)
class Registration:
    """How the live view must be moved to lie on the reference.

    Attributes:
        distance_m: By which the middle of the background moves [m].
        angle_rad: By which it turns [rad].
        share: Share of the common background that fits after the movement, in [0, 1].
        misfit_m: Median distance of the common background from the reference after the movement [m].
        misfit_before_m: The same without it [m].
        cells: How many cells both views know; too few say nothing.
    """

    distance_m: float
    angle_rad: float
    share: float
    misfit_m: float
    misfit_before_m: float
    cells: int

    @property
    def conclusive(self) -> bool:
        """Whether enough background is seen in both views."""
        return self.cells >= _ENOUGH


def take_background(depth_m: np.ndarray, K: np.ndarray, T_base_camera: np.ndarray, exclude: np.ndarray) -> Background:
    """Return a view without the pixels of `exclude` (H, W) bool: objects, the robot.

    Args:
        depth_m: (H, W), NaN unknown [m].
        K: (3, 3) [pixel].
        T_base_camera: (4, 4) [m].
        exclude: (H, W) bool.
    """
    edge = max(_CELL, depth_m.shape[1] // _COLUMNS)
    rows, columns = depth_m.shape[0] // edge, depth_m.shape[1] // edge
    known = np.where(exclude, np.nan, depth_m)[: rows * edge, : columns * edge].astype(np.float64)
    blocks = known.reshape(rows, edge, columns, edge).transpose(0, 2, 1, 3).reshape(rows, columns, -1)
    count = np.isfinite(blocks).sum(axis=2)
    z = np.where(count >= 0.75 * edge**2, np.nansum(blocks, axis=2) / np.maximum(count, 1), np.nan)
    cells = np.diag([1.0 / edge, 1.0 / edge, 1.0]) @ K
    cells[:2, 2] -= 0.5 * (edge - 1) / edge  # the middle of cell 0 is at pixel (edge - 1) / 2
    v, u = np.mgrid[0:rows, 0:columns]
    points = np.stack([(u - cells[0, 2]) / cells[0, 0] * z, (v - cells[1, 2]) / cells[1, 1] * z, z], axis=2)
    return Background(points, _normals(points), cells, T_base_camera)


def _normals(points: np.ndarray) -> np.ndarray:
    """Return the normals of the smooth parts of a grid of points."""
    normals = np.full_like(points, np.nan)
    across, down = points[1:-1, 2:] - points[1:-1, :-2], points[2:, 1:-1] - points[:-2, 1:-1]
    found = np.cross(across, down)
    length = np.linalg.norm(found, axis=2, keepdims=True)
    z = points[1:-1, 1:-1, 2]
    bend = np.abs(points[1:-1, 2:, 2] + points[1:-1, :-2, 2] - 2 * z) + np.abs(
        points[2:, 1:-1, 2] + points[:-2, 1:-1, 2] - 2 * z
    )
    with np.errstate(invalid='ignore', divide='ignore'):
        smooth = (bend < 0.02 * z) & (length[..., 0] > 0.0)
        normals[1:-1, 1:-1] = np.where(smooth[..., None], found / length, np.nan)
    return normals


def register(reference: Background, live: Background) -> Registration:
    """Return the movement of the camera between two views whose poses are believed to be right.

    Point-to-plane registration with projective correspondence, re-weighted so that what was put there or taken away
    does not count. Directions that the background does not determine (a bare table says nothing about a shift along
    it) stay at zero.
    """
    source = live.points[np.isfinite(live.points[..., 2])]
    to_reference = se3.inverse(reference.T_base_camera) @ live.T_base_camera
    source = se3.transform_points(to_reference, source)
    if len(source) < _ENOUGH:
        return Registration(0.0, 0.0, 0.0, 0.0, 0.0, len(source))
    middle = np.median(source, axis=0)
    reach = float(np.median(np.linalg.norm(source - middle, axis=1)))  # makes turns as large as shifts
    movement = np.eye(4)
    residual = _pairs(reference, source, 1.0)[2]
    cells = len(residual)
    if cells < _ENOUGH:
        return Registration(0.0, 0.0, 0.0, 0.0, 0.0, cells)
    before = float(np.median(np.abs(residual)))
    some = source[:: max(1, len(source) // _STEP_CELLS)]
    for gate in _GATES_M:
        points, normals, residual = _pairs(reference, se3.transform_points(movement, some), gate)
        if len(points) < _ENOUGH // 2:
            break
        weight = (1.0 - (residual / gate) ** 2) ** 2
        jacobian = np.hstack([normals, np.cross(points - middle, normals) / reach])
        system = (jacobian * weight[:, None]).T @ jacobian / weight.sum()
        step = -_solve_determined(system, (jacobian * weight[:, None]).T @ residual / weight.sum())
        turn = se3.exp(np.concatenate([np.zeros(3), step[3:] / reach]))
        turn[:3, 3] = middle - turn[:3, :3] @ middle + step[:3]
        movement = turn @ movement
    residual = _pairs(reference, se3.transform_points(movement, source), 1.0)[2]
    share = float(np.count_nonzero(np.abs(residual) < _FITS_M) / max(len(residual), 1))
    after = float(np.median(np.abs(residual))) if len(residual) else before
    distance, angle = se3.pose_error(movement, np.eye(4), middle)
    return Registration(distance, angle, share, after, before, cells)


def _solve_determined(system: np.ndarray, right: np.ndarray) -> np.ndarray:
    """Solve for the part (6,) of a step that the background determines; the rest is zero."""
    values, vectors = np.linalg.eigh(system)
    use = values > _DETERMINED
    return vectors[:, use] @ ((vectors[:, use].T @ right) / values[use])


def _pairs(reference: Background, points: np.ndarray, gate_m: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Points (N, 3) with the normals (N, 3) and distances (N,) [m] of the surface seen in their direction."""
    rows, columns = reference.points.shape[:2]
    K = reference.K
    points = points[points[:, 2] > 0.05]
    u = np.rint(K[0, 0] * points[:, 0] / points[:, 2] + K[0, 2]).astype(int)
    v = np.rint(K[1, 1] * points[:, 1] / points[:, 2] + K[1, 2]).astype(int)
    inside = (u >= 0) & (v >= 0) & (u < columns) & (v < rows)
    points, u, v = points[inside], u[inside], v[inside]
    normals = reference.normals[v, u]
    residual = np.einsum('ij,ij->i', normals, points - reference.points[v, u])
    with np.errstate(invalid='ignore'):
        good = np.abs(residual) < gate_m
    return points[good], normals[good], residual[good]
