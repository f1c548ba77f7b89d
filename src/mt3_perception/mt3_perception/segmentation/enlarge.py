"""Large pictures: segmented at half their size, which is as fine as the cells in which objects are told apart."""

import cv2
import numpy as np

from mt3_perception.segmentation.pixels import backproject_pixels
from mt3_perception.segmentation.regions import label_boxes
from mt3_perception.segmentation.result import Dropped, Segmentation, SegmentedObject

__all__ = ['enlarge', 'halve']


def halve(depth: np.ndarray, K: np.ndarray, rgb: np.ndarray | None) -> tuple[np.ndarray, np.ndarray, np.ndarray | None]:
    """Return every other row and column of depth (H, W), its intrinsics, and the colours there."""
    small = None if rgb is None else np.ascontiguousarray(cv2.blur(rgb, (3, 3))[::2, ::2])
    return np.ascontiguousarray(depth[::2, ::2]), np.diag([0.5, 0.5, 1.0]) @ K, small


def enlarge(
    found: Segmentation, depth: np.ndarray, K: np.ndarray, T_base_camera: np.ndarray | None, jump_m: float
) -> Segmentation:
    """Return the segmentation of a halved picture for the whole one.

    A pixel between two of those looked at belongs to the object if its depth, as far as it is known, does.

    Args:
        found: Of the halved picture.
        depth: (H, W) readings, NaN unknown [m].
        K: (3, 3) of the whole picture [pixel].
        jump_m: Depth step that is never inside one surface [m].
    """
    height, width = depth.shape

    def double(image: np.ndarray) -> np.ndarray:
        return np.repeat(np.repeat(image, 2, axis=0), 2, axis=1)[:height, :width]

    R, t = (np.eye(3), np.zeros(3)) if T_base_camera is None else (T_base_camera[:3, :3], T_base_camera[:3, 3])
    near = double(depth[::2, ::2])
    with np.errstate(invalid='ignore'):
        apart = np.abs(depth - near) > 2.0 * jump_m * near
    labels = double(found.labels)
    labels[apart] = 0
    objects = list(found.objects)
    for value, box in label_boxes(labels):
        inside = labels[box] == value
        v, u = np.nonzero(inside & np.isfinite(depth[box]))
        points = (
            backproject_pixels(u + box[1].start, v + box[0].start, depth[box][v, u], K).astype(np.float64) @ R.T + t
        )
        mask = np.zeros(labels.shape, bool)
        mask[box] = inside
        small = found.objects[value - 1]
        objects[value - 1] = SegmentedObject(mask, points, small.support_height, small.confidence)
    dropped = tuple(Dropped((2 * d.pixel[0], 2 * d.pixel[1]), 4 * d.pixels, d.reason) for d in found.dropped)
    support = None if found.support is None else double(found.support) & ~apart
    return Segmentation(
        tuple(objects), found.plane, labels, found.status, support, dropped, float(np.isfinite(depth).mean())
    )
