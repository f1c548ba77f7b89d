"""Rigid transforms as 4x4 float64 matrices.

`T_a_b` maps coordinates in frame b to frame a: `p_a = T_a_b @ p_b`. Quaternions are (x, y, z, w),
unit norm. Angles are radians, lengths metres.
"""

import numpy as np
from scipy.spatial.transform import Rotation, Slerp

from mt3_common.errors import InvalidInput

__all__ = [
    'angle_between',
    'as_transform',
    'exp',
    'from_position_quaternion',
    'from_yaw',
    'interpolate',
    'inverse',
    'is_transform',
    'log',
    'make',
    'pose_error',
    'quaternion',
    'transform_points',
    'yaw_of',
]

_ORTHOGONAL_TOLERANCE = 1e-6


def make(R_a_b: np.ndarray | None = None, t_a_b: np.ndarray | None = None) -> np.ndarray:
    """Return T_a_b (4, 4) from a rotation (3, 3) and a translation (3,) [m]; identity where left out."""
    T_a_b = np.eye(4)
    if R_a_b is not None:
        T_a_b[:3, :3] = R_a_b
    if t_a_b is not None:
        T_a_b[:3, 3] = t_a_b
    return T_a_b


def inverse(T_a_b: np.ndarray) -> np.ndarray:
    """Return T_b_a of rigid transforms (..., 4, 4)."""
    T_a_b = np.asarray(T_a_b, dtype=np.float64)
    R_b_a = np.swapaxes(T_a_b[..., :3, :3], -1, -2)
    T_b_a = np.zeros_like(T_a_b)
    T_b_a[..., :3, :3] = R_b_a
    T_b_a[..., :3, 3] = -np.einsum('...ij,...j->...i', R_b_a, T_a_b[..., :3, 3])
    T_b_a[..., 3, 3] = 1.0
    return T_b_a


def transform_points(T_a_b: np.ndarray, points_b: np.ndarray) -> np.ndarray:
    """Map points (N, 3) in frame b to frame a [m]."""
    return np.asarray(points_b) @ T_a_b[:3, :3].T + T_a_b[:3, 3]


def from_yaw(yaw: float, t_a_b: np.ndarray | None = None) -> np.ndarray:
    """Return the transform (4, 4) that turns by `yaw` [rad] about z and then moves by t_a_b (3,) [m]."""
    c, s = np.cos(yaw), np.sin(yaw)
    return make(np.array([[c, -s, 0.0], [s, c, 0.0], [0.0, 0.0, 1.0]]), t_a_b)


def yaw_of(T_a_b: np.ndarray) -> float:
    """Return the rotation about z [rad], in (-pi, pi], that comes nearest to the rotation of T_a_b."""
    R = T_a_b[:3, :3]
    return float(np.arctan2(R[1, 0] - R[0, 1], R[0, 0] + R[1, 1]))


def quaternion(T_a_b: np.ndarray) -> np.ndarray:
    """Return the rotation of (..., 4, 4) as quaternions (..., 4) in (x, y, z, w), w >= 0."""
    R = np.asarray(T_a_b)[..., :3, :3]
    return Rotation.from_matrix(R).as_quat(canonical=True)


def from_position_quaternion(position: np.ndarray, xyzw: np.ndarray) -> np.ndarray:
    """Return transforms (..., 4, 4) from positions (..., 3) [m] and quaternions (..., 4) (x, y, z, w).

    Raises:
        InvalidInput: A quaternion whose norm is not 1 within 1 %, or values that are not finite.
    """
    position = np.asarray(position, dtype=np.float64)
    xyzw = np.asarray(xyzw, dtype=np.float64)
    norm = np.linalg.norm(xyzw, axis=-1)
    if not (np.isfinite(position).all() and np.isfinite(xyzw).all()):
        raise InvalidInput(f'pose is not finite: position {position}, quaternion {xyzw}; check its source')
    if np.any(np.abs(norm - 1.0) > 0.01):
        raise InvalidInput(f'quaternion (x, y, z, w) {xyzw} has norm {norm}, not 1; was it left unset?')
    T = np.zeros((*position.shape[:-1], 4, 4))
    T[..., :3, :3] = Rotation.from_quat(xyzw).as_matrix()
    T[..., :3, 3] = position
    T[..., 3, 3] = 1.0
    return T


def exp(twist: np.ndarray) -> np.ndarray:
    """Return the transform (4, 4) reached by a body twist (6,) [m, rad], linear part first, in unit time."""
    v, w = np.asarray(twist[:3], dtype=float), np.asarray(twist[3:], dtype=float)
    return make(Rotation.from_rotvec(w).as_matrix(), _left_jacobian(w) @ v)


def log(T_a_b: np.ndarray) -> np.ndarray:
    """Return the body twist (6,) [m, rad], linear part first, whose `exp` is T_a_b."""
    w = Rotation.from_matrix(T_a_b[:3, :3]).as_rotvec()
    return np.concatenate([np.linalg.solve(_left_jacobian(w), T_a_b[:3, 3]), w])


def _left_jacobian(w: np.ndarray) -> np.ndarray:
    """Left Jacobian of SO(3) at the rotation vector w (3,) [rad]."""
    angle = np.linalg.norm(w)
    W = np.array([[0.0, -w[2], w[1]], [w[2], 0.0, -w[0]], [-w[1], w[0], 0.0]])
    if angle < 1e-5:  # the closed form loses digits here
        return np.eye(3) + 0.5 * W + W @ W / 6.0
    a = (1.0 - np.cos(angle)) / angle**2
    b = (angle - np.sin(angle)) / angle**3
    return np.eye(3) + a * W + b * W @ W


def angle_between(R_1: np.ndarray, R_2: np.ndarray) -> float:
    """Return the geodesic angle [rad] between two rotations (3, 3)."""
    return float(Rotation.from_matrix(R_1.T @ R_2).magnitude())


def pose_error(T_a_x: np.ndarray, T_a_y: np.ndarray, point_x: np.ndarray | None = None) -> tuple[float, float]:
    """Return (distance [m], angle [rad]) between two poses of the same body.

    The distance is taken at `point_x` (3,), body frame (default the body's origin), never through
    `T_a_x @ inverse(T_a_y)`, whose translation grows with the distance to the origin of frame a.
    """
    p = np.zeros(3) if point_x is None else np.asarray(point_x, dtype=float)
    difference = transform_points(T_a_x, p[None])[0] - transform_points(T_a_y, p[None])[0]
    return float(np.linalg.norm(difference)), angle_between(T_a_x[:3, :3], T_a_y[:3, :3])


def interpolate(times: np.ndarray, T_a_b: np.ndarray, at: np.ndarray) -> np.ndarray:
    """Interpolate poses: linear in translation, slerp in rotation; held beyond the ends.

    Args:
        times: (K,) strictly increasing [s].
        T_a_b: (K, 4, 4).
        at: (M,) [s].

    Returns:
        (M, 4, 4).
    """
    times, at = np.asarray(times, dtype=float), np.asarray(at, dtype=float)
    if len(times) == 1:
        return np.repeat(np.asarray(T_a_b, dtype=float), len(at), axis=0)
    clipped = np.clip(at, times[0], times[-1])
    T = np.zeros((len(at), 4, 4))
    T[:, :3, :3] = Slerp(times, Rotation.from_matrix(T_a_b[:, :3, :3]))(clipped).as_matrix()
    for axis in range(3):
        T[:, axis, 3] = np.interp(clipped, times, T_a_b[:, axis, 3])
    T[:, 3, 3] = 1.0
    return T


def is_transform(T: np.ndarray, tolerance: float = _ORTHOGONAL_TOLERANCE) -> bool:
    """Whether T (..., 4, 4) is finite and rigid: orthogonal, determinant 1, last row (0, 0, 0, 1)."""
    T = np.asarray(T)
    if T.shape[-2:] != (4, 4) or not np.isfinite(T).all():
        return False
    R = T[..., :3, :3]
    orthogonal = np.abs(R @ np.swapaxes(R, -1, -2) - np.eye(3)).max() <= tolerance
    proper = bool((np.linalg.det(R) > 0).all())
    return bool(orthogonal and proper and np.abs(T[..., 3, :] - [0.0, 0.0, 0.0, 1.0]).max() <= tolerance)


def as_transform(T: np.ndarray, name: str) -> np.ndarray:
    """Return T (..., 4, 4) as float64 after checking it; `name` (with both frames) goes into the message.

    Raises:
        InvalidInput: It is not a rigid transform.
    """
    T = np.array(T, dtype=np.float64)
    if not is_transform(T, tolerance=1e-4):
        raise InvalidInput(f'{name} is not a rigid transform (4, 4): got shape {T.shape}, values {T.tolist()}')
    return T
