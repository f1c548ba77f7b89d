"""What the bare support looks like, and how far each pixel's colour is from it."""

import cv2
import numpy as np

from mt3_perception.segmentation.pixels import sample

__all__ = ['colour_distance']

_SCALE = 8
_SHADOW = 40.0  # how much darker (of 255) the support gets in a soft shadow


def colour_distance(lab: np.ndarray, bare: np.ndarray) -> np.ndarray:
    """Return how unlike the support around it each pixel looks, in deviations of the support's own texture.

    The reference is local (light differs over a table), and darkening without a change of hue costs
    little, since that is what a shadow does.

    Args:
        lab: (H, W, 3) uint8, CIE Lab.
        bare: (H, W) bool, pixels known to show the bare support.

    Returns:
        (H, W) float32; below about 2 it could be the support, above 4 it is something else. All 0 where
        next to none of the support is bare.
    """
    height, width = bare.shape
    small_size = (max(width // _SCALE, 1), max(height // _SCALE, 1))
    # wear and blur near an object's outline would count as support: keep well inside of it
    inner = cv2.erode(bare.astype(np.uint8), np.ones((5, 5), np.uint8)).astype(np.float32)
    share = cv2.resize(inner, small_size, interpolation=cv2.INTER_AREA)
    if share.sum() < 4.0:
        return np.zeros((height, width), np.float32)
    half = (max(width // 2, 1), max(height // 2, 1))
    lab_half = cv2.resize(lab, half, interpolation=cv2.INTER_AREA).astype(np.float32)
    inner_half = cv2.resize(inner, half, interpolation=cv2.INTER_NEAREST)
    colour = cv2.resize(lab_half * inner_half[..., None], small_size, interpolation=cv2.INTER_AREA)
    weight = cv2.resize(inner_half, small_size, interpolation=cv2.INTER_AREA)
    mean = _spread(colour, weight)
    difference = lab_half - cv2.resize(mean, half, interpolation=cv2.INTER_LINEAR)
    use = inner_half > 0
    deviation = np.maximum(1.4826 * np.median(np.abs(sample(difference[use], 4000)), axis=0), (4.0, 2.0, 2.0))
    light = np.where(difference[..., 0] < 0, np.minimum(difference[..., 0] + _SHADOW, 0.0), difference[..., 0])
    distance = np.sqrt(
        (light / (2.0 * deviation[0])) ** 2
        + (difference[..., 1] / deviation[1]) ** 2
        + (difference[..., 2] / deviation[2]) ** 2
    )
    return cv2.resize(distance.astype(np.float32), (width, height), interpolation=cv2.INTER_LINEAR)


def _spread(total: np.ndarray, weight: np.ndarray) -> np.ndarray:
    """Weighted mean (h, w, 3) around every cell; from farther away where nothing is near."""
    mean = np.zeros_like(total)
    done = np.zeros(weight.shape, np.float32)
    for size in (7, 21, 63, 255):
        near = cv2.blur(weight, (size, size), borderType=cv2.BORDER_CONSTANT)
        value = cv2.blur(total, (size, size), borderType=cv2.BORDER_CONSTANT)
        part = (1.0 - done) * np.minimum(near / 0.05, 1.0)
        mean += part[..., None] * value / np.maximum(near, 1e-6)[..., None]
        done += part
    return mean / np.maximum(done, 1e-6)[..., None]
