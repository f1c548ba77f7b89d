"""What a camera says of itself in camera_info, and whether it has changed."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from mt3_common.errors import InvalidInput, StatusCode
from mt3_common.messages import camera_info_to_intrinsics

__all__ = ['CameraModel', 'read_camera_info']


@dataclass(frozen=True, eq=False)
class CameraModel:
    """A rectified camera.

    Attributes:
        width, height: Of its images [pixel].
        K: (3, 3) [pixel].
    """

    width: int
    height: int
    K: np.ndarray

    def difference(self, other: 'CameraModel') -> str:
        """Return in words what differs by more than half a pixel at the rim of the image; empty: nothing."""
        if (self.width, self.height) != (other.width, other.height):
            return f'the size went from {other.width}x{other.height} to {self.width}x{self.height}'
        reach = np.array([0.5 * self.width, 0.5 * self.height])
        focal = np.array([self.K[0, 0], self.K[1, 1]]), np.array([other.K[0, 0], other.K[1, 1]])
        shift = np.abs(focal[0] / focal[1] - 1.0) * reach + np.abs(self.K[:2, 2] - other.K[:2, 2])
        if shift.max() > 0.5:
            before, now = (f'f {K[0, 0]:.1f} c ({K[0, 2]:.1f}, {K[1, 2]:.1f})' for K in (other.K, self.K))
            return f'the intrinsics went from {before} to {now}, which moves pixels by up to {shift.max():.1f}'
        return ''


def read_camera_info(message: Any, rectified: bool = False) -> CameraModel:
    """Return the camera of a sensor_msgs/CameraInfo.

    Args:
        rectified: The pictures went through image_proc, whose camera_info keeps the distortion that is past.

    Raises:
        InvalidInput: Code CALIBRATION; not calibrated, distorted, or of images that were cropped or binned.
    """
    binning = max(int(message.binning_x), 1), max(int(message.binning_y), 1)
    region = message.roi
    cropped = (region.width, region.height) not in ((0, 0), (message.width, message.height))
    if binning != (1, 1) or cropped or region.x_offset or region.y_offset:
        raise InvalidInput(
            f'camera_info is of a picture that was binned by {binning[0]}x{binning[1]} or cropped to '
            f'{region.width}x{region.height}; publish whole pictures, and use the parameter roi to look at a part',
            StatusCode.CALIBRATION,
        )
    return CameraModel(int(message.width), int(message.height), camera_info_to_intrinsics(message, rectified))
