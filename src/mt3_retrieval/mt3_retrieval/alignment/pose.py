"""The eight numbers of a pose between two views, and what they mean.

`pose` (8,) maps a demo point p (demo view frame) into the live view frame:

    p_live = R(yaw) @ S @ p + (x, y, z),   S = [[1 + a, b, 0], [b, 1 + c, 0], [0, 0, 1 + d]]

S is the stretch of a novel instance. It is symmetric, so the turn is all in the yaw; it knows no
axes of the object, so a box may grow along its own long side however it lies.
"""

import numpy as np

from mt3_common import se3
from mt3_common.jit import kernel

__all__ = [
    'affine_of',
    'carried',
    'pose_to_base',
    'rigid_pose',
    'stretch_to_base',
    'turned_about',
    'turned_within',
]

PARAMETERS = ('x', 'y', 'yaw', 'z', 'a', 'b', 'c', 'd')  # [m], [m], [rad], [m], and ratios


def rigid_pose(x: float, y: float, yaw: float) -> np.ndarray:
    """Return the pose (8,) without stretch, standing on the support."""
    return np.array([x, y, yaw, 0.0, 0.0, 0.0, 0.0, 0.0])


def turned_about(pose: np.ndarray, axis: np.ndarray, angle: float) -> np.ndarray:
    """Return the pose (8,) turned by `angle` [rad] about the point `axis` (2,) of the live view [m]."""
    cos, sin = np.cos(angle), np.sin(angle)
    turned = pose.copy()
    turned[:2] = axis + np.array([[cos, -sin], [sin, cos]]) @ (pose[:2] - axis)
    turned[2] = pose[2] + angle
    return turned


@kernel
def affine_of(pose):
    """Return M (3, 3), its rotation R (3, 3) and t (3,) [m]: p_live = M p + t."""
    cos, sin = np.cos(pose[2]), np.sin(pose[2])
    R = np.array([[cos, -sin, 0.0], [sin, cos, 0.0], [0.0, 0.0, 1.0]])
    S = np.array([[1.0 + pose[4], pose[5], 0.0], [pose[5], 1.0 + pose[6], 0.0], [0.0, 0.0, 1.0 + pose[7]]])
    t = np.array([pose[0], pose[1], pose[3]])
    M = np.zeros((3, 3))
    for i in range(2):
        for j in range(2):
            M[i, j] = R[i, 0] * S[0, j] + R[i, 1] * S[1, j]
    M[2, 2] = S[2, 2]
    return M, R, t


def carried(pose: np.ndarray, before: np.ndarray, after: np.ndarray) -> np.ndarray:
    """Return the pose (8,) moved in the live view as another one was, from `before` to `after`; its stretch stays."""
    moved = turned_about(pose, before[:2], after[2] - before[2])
    moved[:2] += after[:2] - before[:2]
    return moved


@kernel
def turned_within(pose, axis, angles):
    """Return the poses (A, 8) of the demo object turned by `angles` (A,) [rad] about itself, then placed by `pose`.

    The stretch turns with it: where a symmetric object looks the same after the turn, so does the stretched one.
    `axis` (2,) is the object's axis in the live view [m].
    """
    M = affine_of(pose)[0]
    determinant = M[0, 0] * M[1, 1] - M[0, 1] * M[1, 0]
    dx, dy = pose[0] - axis[0], pose[1] - axis[1]
    x, y = (M[1, 1] * dx - M[0, 1] * dy) / determinant, (M[0, 0] * dy - M[1, 0] * dx) / determinant
    a, b, c = 1.0 + pose[4], pose[5], 1.0 + pose[6]
    turned = np.empty((len(angles), 8))
    for k in range(len(angles)):
        cos, sin = np.cos(angles[k]), np.sin(angles[k])
        u, v = cos * x - sin * y, sin * x + cos * y
        turned[k, 0] = axis[0] + M[0, 0] * u + M[0, 1] * v
        turned[k, 1] = axis[1] + M[1, 0] * u + M[1, 1] * v
        turned[k, 2] = pose[2] + angles[k]
        turned[k, 3] = pose[3]
        turned[k, 4] = a * cos * cos + 2.0 * b * cos * sin + c * sin * sin - 1.0
        turned[k, 5] = (c - a) * cos * sin + b * (cos * cos - sin * sin)
        turned[k, 6] = a * sin * sin - 2.0 * b * cos * sin + c * cos * cos - 1.0
        turned[k, 7] = pose[7]
    return turned


def pose_to_base(pose: np.ndarray, T_base_dview: np.ndarray, T_base_lview: np.ndarray) -> np.ndarray:
    """Return T_live_demo (4, 4) in the base frame, stretch excluded [m]."""
    T_lview_dview = se3.from_yaw(pose[2], np.array([pose[0], pose[1], pose[3]]))
    return T_base_lview @ T_lview_dview @ se3.inverse(T_base_dview)


def stretch_to_base(pose: np.ndarray, T_base_dview: np.ndarray) -> np.ndarray:
    """Return the stretch (3, 3) of the demo along the axes of the base frame."""
    S = np.diag([1.0 + pose[4], 1.0 + pose[6], 1.0 + pose[7]])
    S[0, 1] = S[1, 0] = pose[5]
    return T_base_dview[:3, :3] @ S @ T_base_dview[:3, :3].T
