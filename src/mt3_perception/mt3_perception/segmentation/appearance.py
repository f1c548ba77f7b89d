"""What the bare support looks like, and how far each pixel's colour is from it."""

from dataclasses import dataclass

import cv2
import numpy as np

from mt3_common.jit import kernel
from mt3_perception.segmentation.quantiles import median

__all__ = ['Appearance', 'contrast', 'look_at']

_SCALE = 8
_SAMPLES = 4000  # pixels that tell the support's texture
_SHADOW = np.float32(40.0)  # how much darker (of 255) the support gets in a soft shadow


@dataclass(frozen=True, eq=False)
class Appearance:
    """Colours.

    Attributes:
        lab: (H/2, W/2, 3) uint8, CIE Lab, smoothed.
        different: (H, W) float32, how unlike the support around it each pixel looks.
    """

    lab: np.ndarray
    different: np.ndarray

    def __getitem__(self, box: tuple[slice, slice]) -> 'Appearance':
        """Return those in a box that starts at an even pixel."""
        half = np.s_[box[0].start // 2 : (box[0].stop + 1) // 2, box[1].start // 2 : (box[1].stop + 1) // 2]
        return Appearance(np.ascontiguousarray(self.lab[half]), self.different[box])


def look_at(rgb: np.ndarray, bare: np.ndarray) -> Appearance:
    """Return the colours of a picture (H, W, 3) uint8 and how they differ from those of the `bare` (H, W) support."""
    half = ((rgb.shape[1] + 1) // 2, (rgb.shape[0] + 1) // 2)
    lab = cv2.cvtColor(cv2.resize(rgb, half, interpolation=cv2.INTER_AREA), cv2.COLOR_RGB2LAB)
    return Appearance(lab, colour_distance(lab, bare))


def colour_distance(lab: np.ndarray, bare: np.ndarray) -> np.ndarray:
    """Return how unlike the support around it each pixel looks, in deviations of the support's own texture.

    The reference is local (light differs over a table), and darkening without a change of hue costs
    little, since that is what a shadow does.

    Args:
        lab: (H/2, W/2, 3) uint8, CIE Lab.
        bare: (H, W) bool, pixels known to show the bare support.

    Returns:
        (H, W) float32; below about 2 it could be the support, above 4 it is something else. All 0 where
        next to none of the support is bare.
    """
    height, width = bare.shape
    half = lab.shape[1::-1]
    small = (max(width // _SCALE, 1), max(height // _SCALE, 1))
    # wear and blur near an object's outline would count as support: keep well inside of it
    inner = cv2.erode(bare.view(np.uint8), np.ones((5, 5), np.uint8))
    inner = cv2.resize(inner, half, interpolation=cv2.INTER_NEAREST)
    total, weight = _gather(lab, inner, *small)
    if weight.sum() < 4.0:
        return np.zeros((height, width), np.float32)
    colour = cv2.split(lab)
    mean = [cv2.resize(plane, half, interpolation=cv2.INTER_LINEAR) for plane in cv2.split(_spread(total, weight))]
    at = np.flatnonzero(inner)
    at = at[:: max(1, len(at) // _SAMPLES)]
    off = [np.abs(one.ravel()[at] - other.ravel()[at]) for one, other in zip(colour, mean, strict=True)]
    deviation = np.maximum([1.4826 * median(one, _SAMPLES) for one in off], (4.0, 2.0, 2.0))
    distance = _distance(*colour, *mean, (deviation * (2.0, 1.0, 1.0)).astype(np.float32))
    return cv2.resize(distance, (width, height), interpolation=cv2.INTER_LINEAR)


@kernel
def _gather(lab, inner, columns, rows):
    """Return sums (rows, columns, 3) of the inner ones of the colours (h, w, 3), and their share (rows, columns)."""
    height, width = inner.shape
    total, weight = np.zeros((rows, columns, 3), np.float32), np.zeros((rows, columns), np.float32)
    part = np.float32(rows * columns / (height * width))
    of_column = np.arange(width) * columns // width
    for v in range(height):
        row = v * rows // height
        for u in range(width):
            if inner[v, u]:
                column = of_column[u]
                weight[row, column] += part
                for k in range(3):
                    total[row, column, k] += part * lab[v, u, k]
    return total, weight


@kernel
def _distance(lightness, a, b, mean_lightness, mean_a, mean_b, deviation):
    """Distance (h, w) of each colour from the mean there, a shadow's darkening left out."""
    out = np.empty(lightness.shape, np.float32)
    for v in range(lightness.shape[0]):
        for u in range(lightness.shape[1]):
            light = lightness[v, u] - mean_lightness[v, u]
            light = max(light, min(light + _SHADOW, np.float32(0.0))) / deviation[0]
            one, other = (a[v, u] - mean_a[v, u]) / deviation[1], (b[v, u] - mean_b[v, u]) / deviation[2]
            out[v, u] = np.sqrt(light * light + one * one + other * other)
    return out


@kernel
def contrast(one, other):
    """Return the square of the distance of two Lab colours (3,); lightness counts half."""
    light, a, b = 0.5 * one[0] - 0.5 * other[0], 1.0 * one[1] - other[1], 1.0 * one[2] - other[2]
    return light * light + a * a + b * b


def _spread(total: np.ndarray, weight: np.ndarray) -> np.ndarray:
    """Weighted mean (h, w, 3) around every cell; from farther away where nothing is near."""
    both = np.concatenate([total, weight[..., None]], axis=2)
    mean, done = np.zeros_like(total), np.zeros_like(weight)
    for size in (7, 21, 63, 255):
        _add_around(mean, done, cv2.blur(both, (size, size), borderType=cv2.BORDER_CONSTANT))
    return mean / np.maximum(done, 1e-6)[..., None]


@kernel
def _add_around(mean, done, both):
    """Add to the mean (h, w, 3), in place, the part that is still open from sums and weights (h, w, 4) around it."""
    for v in range(done.shape[0]):
        for u in range(done.shape[1]):
            near = both[v, u, 3]
            part = (np.float32(1.0) - done[v, u]) * min(near / np.float32(0.05), np.float32(1.0))
            if part == 0.0:
                continue
            for k in range(3):
                mean[v, u, k] += part * both[v, u, k] / max(near, np.float32(1e-6))
            done[v, u] += part
