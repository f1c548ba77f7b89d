"""The robot's own pixels taken out of a depth image before it is segmented, and out of the objects afterwards."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from mt3_common import se3
from mt3_common.config import Config, setting
from mt3_perception.robot.model import RobotShapes
from mt3_perception.robot.polytopes import covered_pixels
from mt3_perception.segmentation import Segmentation

__all__ = ['RobotInView', 'RobotRemovalConfig', 'without_pixels']


class RobotRemovalConfig(Config):
    """How the robot's own links are taken out of the picture."""

    remove: bool = setting(True, "take the robot's own links out of the picture, if a robot description is published")
    padding_m: float = setting(0.015, 'links are taken to be larger by this all around', 'm', ge=0.0, le=0.2)
    joint_tolerance_s: float = setting(
        0.1, 'an image may be so much older or newer than the joint states', 's', ge=0.001, le=2.0
    )
    wait_s: float = setting(0.3, 'longest wait for the joint states of an image', 's', ge=0.0, le=10.0)


@dataclass(frozen=True, eq=False)
class RobotInView:
    """The robot when an image was taken.

    Attributes:
        shapes: Of its links.
        positions: Of its joints, by name [rad or m].
        padding_m: By which the links are grown [m].
    """

    shapes: RobotShapes
    positions: Mapping[str, float]
    padding_m: float

    def pixels(self, depth_m: np.ndarray, K: np.ndarray, T_base_camera: np.ndarray) -> np.ndarray:
        """Return the pixels (H, W) bool of a depth image [m, NaN unknown] in which the robot is seen."""
        bodies = self.shapes.place(self.positions, se3.inverse(T_base_camera))
        return covered_pixels(depth_m, K, bodies, self.padding_m)


def without_pixels(segmentation: Segmentation, pixels: np.ndarray, min_pixels: int = 20) -> Segmentation:
    """Return a segmentation whose objects do not hold `pixels` (H, W) bool.

    A segmentation fills missing depth by colour, and so grows back over what had been taken out of its depth image;
    the pixels have no depth reading, so the objects' points stay as they are.
    """
    objects, labels = [], np.zeros_like(segmentation.labels)
    for item in segmentation.objects:
        mask = item.mask & ~pixels
        if len(item.points) and np.count_nonzero(mask) >= min_pixels:
            objects.append(replace(item, mask=mask))
            labels[mask] = len(objects)
    return replace(segmentation, objects=tuple(objects), labels=labels)
