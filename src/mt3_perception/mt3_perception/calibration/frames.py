"""Which frame gets a calibrated pose: the driver of a camera has a tree of frames of its own, each with one parent."""

import numpy as np

from mt3_common import se3
from mt3_common.errors import MT3Error
from mt3_common.transforms import TransformStore

__all__ = ['camera_root', 'mounted_pose']


def camera_root(store: TransformStore, optical_frame: str, base_frame: str, hand_frame: str) -> str:
    """Return the root of the camera's own frames: the highest above its optical frame that is not the robot's.

    Publishing base -> optical frame would give that frame two parents where the driver publishes its own.
    """
    robot = {base_frame, hand_frame, *store.ancestors(base_frame), *store.ancestors(hand_frame)}
    root = optical_frame
    for frame in store.ancestors(optical_frame):
        if frame in robot:
            break
        root = frame
    return root


def mounted_pose(store: TransformStore, T_mount_optical: np.ndarray, optical_frame: str, root_frame: str) -> np.ndarray:
    """Return T_mount_root (4, 4) [m] that puts the optical frame where it was measured."""
    if root_frame == optical_frame:
        return T_mount_optical
    try:
        T_root_optical = store.lookup(root_frame, optical_frame)
    except MT3Error as error:
        raise MT3Error(f'the frames of the camera itself are incomplete: {error}', error.code) from error
    return T_mount_optical @ se3.inverse(T_root_optical)
