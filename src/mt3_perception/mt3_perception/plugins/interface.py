"""The contract of a segmenter that is plugged in."""

from dataclasses import dataclass, field
from typing import Protocol

import numpy as np

from mt3_perception.segmentation import Segmentation

__all__ = ['Instances', 'Segmenter']


@dataclass(frozen=True, eq=False)
class Instances:
    """Objects that somebody found in an image.

    Attributes:
        ids: (H, W) integers, 0 for none; each other value is one object.
        names: {id: (label, confidence in [0, 1])} of those that have a name.
    """

    ids: np.ndarray
    names: dict[int, tuple[str, float]] = field(default_factory=dict)

    def names_of(self, segmentation: Segmentation) -> list[tuple[str, float]]:
        """Return (label, confidence) of each object of a segmentation that was made of these."""
        return [self.names.get(int(self.ids[item.mask][0]), ('', 0.0)) for item in segmentation.objects]


class Segmenter(Protocol):
    """Anything that can be called like this."""

    def __call__(self, rgb: np.ndarray, depth_m: np.ndarray, K: np.ndarray, T_base_camera: np.ndarray) -> Instances:
        """Return the objects of one image.

        Args:
            rgb: (H, W, 3) uint8.
            depth_m: (H, W) float32, NaN unknown, the robot taken out [m].
            K: (3, 3) [pixel].
            T_base_camera: (4, 4) [m].
        """
