"""Pictures of a ChArUco board with a known truth: warped by its homography, blurred, noisy."""

import cv2
import numpy as np

from mt3_common import se3
from mt3_perception.calibration.board import CharucoBoard

__all__ = ['arm_poses', 'draw_board']

_PER_SQUARE = 160
_MARGIN = 60
_SUPER = 3  # each pixel is the mean of so many by so many


def draw_board(
    board: CharucoBoard,
    K: np.ndarray,
    T_camera_board: np.ndarray,
    size: tuple[int, int] = (640, 480),
    rng: np.random.Generator | None = None,
    blur_px: float = 0.6,
    noise: float = 3.0,
) -> np.ndarray:
    """Return (H, W, 3) uint8: the board as a camera with K (3, 3) [pixel] sees it.

    Args:
        T_camera_board: (4, 4) [m].
        size: (width, height) [pixel].
        rng: Source of the noise; None: none.
        blur_px: Standard deviation of the blur [pixel].
        noise: Standard deviation of the noise [grey level].
    """
    flat = board.draw(_PER_SQUARE, _MARGIN)
    scale = board.config.square_m / _PER_SQUARE
    # from pixel centres of the drawing to the board: its corner lies half a pixel before the first centre
    M_board_drawing = np.array(
        [[scale, 0.0, (0.5 - _MARGIN) * scale], [0.0, scale, (0.5 - _MARGIN) * scale], [0.0, 0.0, 1.0]]
    )
    H = K @ T_camera_board[:3, [0, 1, 3]] @ M_board_drawing
    fine = np.array([[_SUPER, 0, (_SUPER - 1) / 2], [0, _SUPER, (_SUPER - 1) / 2], [0, 0, 1.0]])
    width, height = size
    large = cv2.warpPerspective(
        flat, fine @ H, (width * _SUPER, height * _SUPER), flags=cv2.INTER_LINEAR, borderValue=110
    )
    picture = cv2.resize(large, size, interpolation=cv2.INTER_AREA).astype(np.float64)
    picture = cv2.GaussianBlur(picture, (0, 0), blur_px)
    if rng is not None:
        picture += rng.normal(0.0, noise, picture.shape)
    return np.repeat(np.clip(picture, 0, 255).astype(np.uint8)[..., None], 3, axis=2)


def arm_poses(
    board: CharucoBoard, T_camera_board: np.ndarray, count: int, rng: np.random.Generator, tilt_rad: float = 0.45
) -> list[np.ndarray]:
    """Return `count` T_camera_board (4, 4) around one: turned to all sides about the board's middle, and shifted."""
    poses = []
    middle = se3.make(None, board.middle)
    for _ in range(count):
        axis = rng.normal(size=3)
        turn = axis / np.linalg.norm(axis) * rng.uniform(0.3, 1.0) * tilt_rad
        shift = rng.uniform([-0.06, -0.04, -0.08], [0.06, 0.04, 0.12])
        change = middle @ se3.exp(np.concatenate([np.zeros(3), turn])) @ se3.inverse(middle)
        poses.append(se3.make(None, shift) @ T_camera_board @ change)
    return poses
