"""Hand-eye calibration: linear, after Park and Martin (1994), refined by the reprojection error over all poses.

Both mounts are one equation. With A the pose of what the camera is fixed to in what the board is fixed to,
X the wanted pose of the camera, B the board as the camera sees it and Y the unknown place of the board: A X B = Y.

    camera on the hand:  A = T_base_hand, X = T_hand_camera, Y = T_base_board
    camera on the base:  A = T_hand_base, X = T_base_camera, Y = T_hand_board

OpenCV 5 no longer has calibrateHandEye.
"""

from dataclasses import dataclass
from itertools import combinations
from typing import Literal

import numpy as np
from scipy.optimize import least_squares
from scipy.spatial.transform import Rotation

from mt3_common import se3
from mt3_common.config import Config, setting
from mt3_common.errors import MT3Error, StatusCode
from mt3_perception.calibration.board import BoardView

__all__ = ['HandEye', 'HandEyeConfig', 'Mount', 'PoseResidual', 'Sample', 'motion', 'solve_hand_eye']

Mount = Literal['hand', 'base']


class HandEyeConfig(Config):
    """What is enough."""

    min_poses: int = setting(6, 'poses in which the board must be seen', 'poses', ge=3, le=1000)
    min_turn_deg: float = setting(15.0, 'the poses must turn by as much about each of two axes', 'degree', ge=1.0)
    max_rms_px: float = setting(1.5, 'a larger reprojection error is no calibration', 'pixel', ge=0.05)


@dataclass(frozen=True, eq=False)
class Sample:
    """One pose of the arm: T_base_hand (4, 4) [m] and the board as it was seen then."""

    T_base_hand: np.ndarray
    view: BoardView


@dataclass(frozen=True)
class PoseResidual:
    """How far one picture disagrees: of the board's middle [m], of its turn [rad], of its corners [pixel]."""

    distance_m: float
    angle_rad: float
    rms_px: float


@dataclass(frozen=True, eq=False)
class HandEye:
    """A calibration.

    Attributes:
        mount: What the camera is fixed to.
        T_mount_camera: (4, 4), T_hand_camera or T_base_camera [m].
        T_fixed_board: (4, 4) of the board in what it is fixed to: T_base_board or T_hand_board [m].
        residuals: One per pose.
        rms_px: Over all corners of all poses [pixel].
        sigma_m, sigma_rad: Standard deviation of the camera's place [m] and turn [rad] from the fit.
        turns_rad: (3,) by how much the poses turn about their main axes, largest first [rad].
    """

    mount: Mount
    T_mount_camera: np.ndarray
    T_fixed_board: np.ndarray
    residuals: tuple[PoseResidual, ...]
    rms_px: float
    sigma_m: float
    sigma_rad: float
    turns_rad: np.ndarray


def motion(samples: list[Sample]) -> np.ndarray:
    """Return by how much the poses turn about their three main axes (3,), largest first [rad]."""
    R = np.array([s.T_base_hand[:3, :3] for s in samples])
    turns = Rotation.from_matrix(R[0].T @ R).as_rotvec()
    _, _, axes = np.linalg.svd(turns - turns.mean(axis=0), full_matrices=True)
    return np.sort(np.ptp(turns @ axes.T, axis=0))[::-1]


def solve_hand_eye(samples: list[Sample], K: np.ndarray, mount: Mount, config: HandEyeConfig | None = None) -> HandEye:
    """Return where the camera is.

    Args:
        samples: The board seen in different poses of the arm, standing still.
        K: (3, 3) of rectified pictures [pixel].
        mount: 'hand': camera on the hand, board fixed in the room. 'base': camera fixed, board on the hand.

    Raises:
        MT3Error: CALIBRATION; too few poses, too little turn (names the spread and the limit), or a fit that is none.
    """
    config = config or HandEyeConfig()
    if len(samples) < config.min_poses:
        raise MT3Error(
            f'the board was seen in {len(samples)} poses, {config.min_poses} are needed; take more pictures',
            StatusCode.CALIBRATION,
        )
    turns = motion(samples)
    if np.degrees(turns[1]) < config.min_turn_deg:
        first, second = np.degrees(turns[:2])
        raise MT3Error(
            f'the poses turn by {first:.1f} degrees about one axis and by {second:.1f} about a second one; '
            f'{config.min_turn_deg:.0f} about each of two axes are needed: tilt the hand more, to different sides',
            StatusCode.CALIBRATION,
        )
    A = np.array([s.T_base_hand if mount == 'hand' else se3.inverse(s.T_base_hand) for s in samples])
    B = np.array([s.view.pose(K) for s in samples])
    X = _linear(A, B)
    T_mount_camera, T_fixed_board, sigma = _refine(A, samples, K, X, A[0] @ X @ B[0])
    residuals = _residuals(A, B, samples, K, T_mount_camera, T_fixed_board)
    corners = np.array([len(s.view.pixels) for s in samples])
    rms = float(np.sqrt(np.average([r.rms_px**2 for r in residuals], weights=corners)))
    if rms > config.max_rms_px:
        worst = int(np.argmax([r.rms_px for r in residuals]))
        raise MT3Error(
            f'the pictures do not fit one place of the camera: {rms:.2f} pixels, the limit is {config.max_rms_px}; '
            f'pose {worst + 1} is worst with {residuals[worst].rms_px:.2f}. Does the board sit tight, do its squares '
            f'have the size given, is the camera on the {mount}, and did the arm stand still?',
            StatusCode.CALIBRATION,
        )
    return HandEye(mount, T_mount_camera, T_fixed_board, residuals, rms, *sigma, turns)


def _linear(A: np.ndarray, B: np.ndarray) -> np.ndarray:
    """X (4, 4) of A X B = const from all pairs of poses: turn by the axes of the motions, then shift."""
    pairs = np.array(list(combinations(range(len(A)), 2)))
    i, j = pairs.T
    P, Q = se3.inverse(A[j]) @ A[i], B[j] @ se3.inverse(B[i])  # P X = X Q
    alpha = Rotation.from_matrix(P[:, :3, :3]).as_rotvec()
    beta = Rotation.from_matrix(Q[:, :3, :3]).as_rotvec()
    R_X = Rotation.align_vectors(alpha, beta)[0].as_matrix()
    system = (P[:, :3, :3] - np.eye(3)).reshape(-1, 3)
    t_X = np.linalg.lstsq(system, (Q[:, :3, 3] @ R_X.T - P[:, :3, 3]).ravel(), rcond=None)[0]
    return se3.make(R_X, t_X)


def _refine(
    A: np.ndarray, samples: list[Sample], K: np.ndarray, X: np.ndarray, Y: np.ndarray
) -> tuple[np.ndarray, np.ndarray, tuple[float, float]]:
    """Minimise the reprojection error over X and Y; also the standard deviation of X [m, rad]."""
    inverse_A = se3.inverse(A)
    points = [s.view.points for s in samples]
    pixels = np.concatenate([s.view.pixels for s in samples])

    def error(parameters: np.ndarray) -> np.ndarray:
        camera, board = X @ se3.exp(parameters[:6]), Y @ se3.exp(parameters[6:])
        T_camera_board = se3.inverse(camera) @ inverse_A @ board
        seen = np.concatenate([se3.transform_points(T, p) for T, p in zip(T_camera_board, points, strict=True)])
        return ((seen @ K.T)[:, :2] / seen[:, 2:] - pixels).ravel()

    fit = least_squares(error, np.zeros(12), loss='soft_l1', f_scale=1.0, x_scale='jac')
    freedom = max(len(fit.fun) - 12, 1)
    covariance = np.linalg.pinv(fit.jac.T @ fit.jac) * 2.0 * fit.cost / freedom
    sigma = np.sqrt(np.clip(np.diag(covariance), 0.0, None))
    spread = float(np.linalg.norm(sigma[:3])), float(np.linalg.norm(sigma[3:6]))
    return X @ se3.exp(fit.x[:6]), Y @ se3.exp(fit.x[6:]), spread


def _residuals(
    A: np.ndarray, B: np.ndarray, samples: list[Sample], K: np.ndarray, X: np.ndarray, Y: np.ndarray
) -> tuple[PoseResidual, ...]:
    found = []
    for T_a, T_b, sample in zip(A, B, samples, strict=True):
        view = sample.view
        expected = se3.inverse(X) @ se3.inverse(T_a) @ Y
        distance, angle = se3.pose_error(expected, T_b, view.points.mean(axis=0))
        seen = se3.transform_points(expected, view.points) @ K.T
        off = seen[:, :2] / seen[:, 2:] - view.pixels
        found.append(PoseResidual(distance, angle, float(np.sqrt((off**2).sum(axis=1).mean()))))
    return tuple(found)
