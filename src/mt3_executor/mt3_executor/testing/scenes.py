"""Small planning problems."""

import numpy as np
from scipy.spatial.transform import Rotation

from mt3_common import se3
from mt3_common.demonstration import Interaction

__all__ = ['above', 'box_points', 'grasp', 'pull']

_DOWN = np.diag([1.0, -1.0, -1.0])


def above(x: float, y: float, z: float, yaw: float = 0.0) -> np.ndarray:
    """Return a tool pointing down at (x, y, z) m."""
    return se3.make(se3.from_yaw(yaw)[:3, :3] @ _DOWN, [x, y, z])


def grasp(depth_m: float = 0.1, duration_s: float = 4.0, closed: float = 0.3) -> Interaction:
    """Return a grasp: down by `depth_m`, close, wait, up again."""
    t = np.linspace(0.0, duration_s, 81)
    share = t / duration_s
    z = np.interp(share, [0.0, 0.35, 0.65, 1.0], [0.0, depth_m, depth_m, -0.02])
    poses = np.array([se3.make(None, [0.0, 0.0, d]) for d in z])
    return Interaction(t, poses, np.where(share < 0.45, 1.0, closed), 0.08)


def box_points(centre: tuple, size: tuple, step: float = 0.008) -> np.ndarray:
    """Return points (N, 3) that fill a box [m]."""
    axes = [np.arange(c - s / 2, c + s / 2 + 1e-9, step) for c, s in zip(centre, size, strict=True)]
    return np.stack(np.meshgrid(*axes), axis=-1).reshape(-1, 3)


def pull(depth_m: float, way_m: tuple, turn_rad: float = 0.0, closed: float = 0.2) -> Interaction:
    """Return a pull: down by `depth_m`, close, along `way_m` (3,) in the tool frame with a turn, open again."""
    t = np.linspace(0.0, 5.0, 126)
    share = t / t[-1]
    down, along = np.interp(share, [0.0, 0.25], [0.0, 1.0]), np.interp(share, [0.4, 0.75], [0.0, 1.0])
    turn = Rotation.from_rotvec(np.outer(along, [turn_rad, 0.0, 0.0])).as_matrix()
    at = np.outer(down, [0.0, 0.0, depth_m]) + np.outer(along, way_m)
    poses = np.array([se3.make(R, p) for R, p in zip(turn, at, strict=True)])
    return Interaction(t, poses, np.where((share > 0.3) & (share < 0.85), closed, 1.0), 0.08)
