"""How wrong a calibration is today: by a board that should not move, or by corners of it that the tool touched."""

from dataclasses import dataclass

import numpy as np

from mt3_common import se3
from mt3_common.errors import MT3Error, StatusCode
from mt3_perception.calibration.hand_eye import Mount, Sample

__all__ = ['Check', 'check_board', 'check_touch']


@dataclass(frozen=True, eq=False)
class Check:
    """Errors of each picture or touch: distance (N,) [m]; turn (N,) [rad], NaN where none was measured."""

    distances_m: np.ndarray
    angles_rad: np.ndarray


def check_board(samples: list[Sample], K: np.ndarray, mount: Mount, T_mount_camera: np.ndarray) -> Check:
    """Return how much the board seems to move from pose to pose, against its mean place, at its middle.

    The board is fixed (to the room for a camera on the hand, to the hand otherwise), so all of it is error.

    Raises:
        MT3Error: CALIBRATION; fewer than two poses say nothing.
    """
    if len(samples) < 2:
        raise MT3Error(
            f'the board was seen in {len(samples)} poses; two different ones are needed', StatusCode.CALIBRATION
        )
    places = []
    for sample in samples:
        A = sample.T_base_hand if mount == 'hand' else se3.inverse(sample.T_base_hand)
        places.append(A @ T_mount_camera @ sample.view.pose(K))
    middle = np.mean([s.view.points.mean(axis=0) for s in samples], axis=0)
    spots = np.array([se3.transform_points(T, middle[None])[0] for T in places])
    mean = _mean_turn(np.array([T[:3, :3] for T in places]))
    return Check(
        np.linalg.norm(spots - spots.mean(axis=0), axis=1),
        np.array([se3.angle_between(mean, T[:3, :3]) for T in places]),
    )


def check_touch(T_base_board: np.ndarray, corners: np.ndarray, touched: np.ndarray) -> Check:
    """Return the distance between corners as the camera sees them and as the tool touched them.

    Args:
        T_base_board: (4, 4) by the camera and its calibration [m].
        corners: (N, 3) board frame [m].
        touched: (N, 3) tool tip, base frame [m].
    """
    seen = se3.transform_points(T_base_board, corners)
    return Check(np.linalg.norm(seen - touched, axis=1), np.full(len(seen), np.nan))


def _mean_turn(R: np.ndarray) -> np.ndarray:
    U, _, V = np.linalg.svd(R.mean(axis=0))
    return U @ np.diag([1.0, 1.0, np.linalg.det(U @ V)]) @ V
