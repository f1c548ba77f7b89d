"""What a segmentation returns."""

from dataclasses import dataclass, field

import numpy as np

from mt3_common.errors import Status

__all__ = ['Dropped', 'Plane', 'Segmentation', 'SegmentedObject']


@dataclass(frozen=True, eq=False)
class Plane:
    """A support surface: all p with normal . p + offset = 0.

    It is given in the frame of the object points: base if `T_base_camera` was given, else camera.

    Attributes:
        normal: (3,) unit length, upwards (towards the camera).
        offset: [m].
        residual_m: Standard deviation of the depth pixels about the surface, at its middle [m].
        share: Share of the image in which the surface is seen, in [0, 1].
    """

    normal: np.ndarray
    offset: float
    residual_m: float
    share: float

    def height(self, points: np.ndarray) -> np.ndarray:
        """Return the signed distance (N,) [m] of points (N, 3) above the surface."""
        return np.asarray(points) @ self.normal + self.offset


@dataclass(frozen=True, eq=False)
class SegmentedObject:
    """One object.

    Attributes:
        mask: (H, W) bool, all its pixels, those without a depth reading included.
        points: (N, 3) of its pixels with a reading, base frame, or camera frame without `T_base_camera` [m].
        support_height: Height of the surface under it: base frame z at the object's middle; without
            `T_base_camera` the coordinate along the upward normal, from the camera [m]. For what stands on a tray
            it is the tray's.
        confidence: That this is one whole object, in [0, 1]; at most 0.5 where one thing may stand on another, where
            only its top is seen, and where something small looks out from behind another one.
    """

    mask: np.ndarray
    points: np.ndarray
    support_height: float
    confidence: float


@dataclass(frozen=True)
class Dropped:
    """A thing above the support that is not an object on it.

    Attributes:
        pixel: (u, v) in its middle [pixel].
        pixels: How many it covers.
        reason: One sentence with the offending value and the limit.
    """

    pixel: tuple[int, int]
    pixels: int
    reason: str


@dataclass(frozen=True, eq=False)
class Segmentation:
    """The objects on the support.

    Attributes:
        objects: Nearest to the camera first.
        plane: The support surface; None when none was found.
        labels: (H, W) int32, 0 none, i + 1 for `objects[i]`.
        status: Not OK when there was no support or no depth to work on; no objects then.
        support: (H, W) bool, the pixels of the bare support surface.
        dropped: Things above the support that were left out, and why.
        valid_share: Share of pixels with a depth reading, in [0, 1].
    """

    objects: tuple[SegmentedObject, ...]
    plane: Plane | None
    labels: np.ndarray
    status: Status = field(default_factory=Status)
    support: np.ndarray | None = None
    dropped: tuple[Dropped, ...] = ()
    valid_share: float = 0.0
