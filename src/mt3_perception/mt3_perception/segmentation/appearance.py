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
        return Appearance(np.ascontiguousarray(self.lab[half]), np.ascontiguousarray(self.different[box]))


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
    mean = cv2.resize(_spread(total, weight), half, interpolation=cv2.INTER_LINEAR)
    off = np.abs(_differences(lab, mean, inner, max(1, np.count_nonzero(inner) // _SAMPLES)))
    deviation = np.maximum(1.4826 * np.array([median(off[:, k], _SAMPLES) for k in range(3)]), (4.0, 2.0, 2.0))
    distance = _distance(lab, mean, (deviation * (2.0, 1.0, 1.0)).astype(np.float32))
    return cv2.resize(distance, (width, height), interpolation=cv2.INTER_LINEAR)


@kernel
def _gather(lab, inner, columns, rows):
    """Return sums (rows, columns, 3) of the inner ones of the colours (h, w, 3), and their share (rows, columns)."""
    height, width = inner.shape
    total, weight = np.zeros((rows, columns, 3), np.float32), np.zeros((rows, columns), np.float32)
    part = np.float32(rows * columns / (height * width))
    for v in range(height):
        row = v * rows // height
        for u in range(width):
            if inner[v, u]:
                column = u * columns // width
                weight[row, column] += part
                for k in range(3):
                    total[row, column, k] += part * lab[v, u, k]
    return total, weight


@kernel
def _differences(lab, mean, inner, step):
    """Differences (n, 3) of every so many inner pixels from the mean colour (h, w, 3) there."""
    out, seen, n = np.empty((np.count_nonzero(inner) // step + 1, 3), np.float32), 0, 0
    for v in range(inner.shape[0]):
        for u in range(inner.shape[1]):
            if inner[v, u]:
                if seen % step == 0:
                    for k in range(3):
                        out[n, k] = lab[v, u, k] - mean[v, u, k]
                    n += 1
                seen += 1
    return out[:n]


@kernel
def _distance(lab, mean, deviation):
    """Distance (h, w) of each colour from the mean there, a shadow's darkening left out."""
    height, width, _ = lab.shape
    out = np.empty((height, width), np.float32)
    for v in range(height):
        for u in range(width):
            light = lab[v, u, 0] - mean[v, u, 0]
            light = max(light, min(light + _SHADOW, np.float32(0.0))) / deviation[0]
            a, b = (lab[v, u, 1] - mean[v, u, 1]) / deviation[1], (lab[v, u, 2] - mean[v, u, 2]) / deviation[2]
            out[v, u] = np.sqrt(light * light + a * a + b * b)
    return out


@kernel
def contrast(one, other):
    """Return the square of the distance of two Lab colours (3,); lightness counts half."""
    light, a, b = 0.5 * one[0] - 0.5 * other[0], 1.0 * one[1] - other[1], 1.0 * one[2] - other[2]
    return light * light + a * a + b * b


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
