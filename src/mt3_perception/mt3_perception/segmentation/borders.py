"""Where the picture shows a border between two things."""

from dataclasses import dataclass

import cv2
import numpy as np

from mt3_common.jit import kernel
from mt3_perception.segmentation.appearance import contrast

__all__ = ['Borders', 'Images', 'find_borders']

_COLOUR_STEP = 14.0
_CLOSE_STEP = 9.0  # right beside it, where it is still blurred
_REACH = 7  # how far from a border is looked
_JUMP = np.float32(0.006)  # of the depth, or this many deviations of its noise
_JUMP_DEVIATIONS = np.float32(4.0)
_WIDE = np.float32(0.014)  # larger by so much over five pixels
_BEND = np.float32(0.004)
_BEND_DEVIATIONS = np.float32(3.0)


@dataclass(frozen=True, eq=False)
class Images:
    """What a border can be seen in.

    Attributes:
        depth: (H, W) [m].
        rgb: (H, W, 3) uint8; None without colour.
        lab: (H/2, W/2, 3) uint8, its colour, smoothed; None without colour.
        sigma_inverse: Deviation of single pixels in inverse depth [1/m].
    """

    depth: np.ndarray
    rgb: np.ndarray | None = None
    lab: np.ndarray | None = None
    sigma_inverse: float = 0.0


@dataclass(frozen=True, eq=False)
class Borders:
    """Borders that the picture shows in a crop, between each pixel and the next one down or to the right.

    Attributes:
        shape: Two (h, w) bool, down and right: depth jumps, or the surface bends inwards.
        colour: Two (h, w) bool, down and right: colour changes.
        step: Two (h, w) uint8, down and right: 2 where depth jumps from one pixel to the next, 1 where colour changes
            right there.
    """

    shape: tuple[np.ndarray, np.ndarray]
    colour: tuple[np.ndarray, np.ndarray]
    step: tuple[np.ndarray, np.ndarray]

    @property
    def any(self) -> np.ndarray:
        """(h, w) bool, pixels with a border on any of their four sides."""
        down, right = (shape | colour for shape, colour in zip(self.shape, self.colour, strict=True))
        out = down | right
        out[1:] |= down[:-1]
        out[:, 1:] |= right[:, :-1]
        return out


def find_borders(images: Images, box: tuple[slice, slice]) -> Borders:
    """Return the borders in a crop.

    Where a surface bends inwards, both sides of the border come towards the camera: so do two things that touch.
    """
    height, width = images.depth.shape
    wide = np.s_[
        max(box[0].start - _REACH, 0) : min(box[0].stop + _REACH, height),
        max(box[1].start - _REACH, 0) : min(box[1].stop + _REACH, width),
    ]
    top, left = box[0].start - wide[0].start, box[1].start - wide[1].start
    bottom, right = box[0].stop - wide[0].start, box[1].stop - wide[1].start
    depth, lab = np.ascontiguousarray(images.depth[wide]), np.zeros((0, 0, 3), np.uint8)
    if images.rgb is not None:
        lab = cv2.cvtColor(cv2.blur(images.rgb[wide], (3, 3)), cv2.COLOR_RGB2LAB)
    down, right = (
        _find(depth, lab, np.float32(images.sigma_inverse), top, bottom, left, right, *by) for by in ((1, 0), (0, 1))
    )
    return Borders(*zip(down, right, strict=True))


@kernel
def _find(depth, lab, sigma_inverse, top, bottom, left, right, down, across):
    """Whether shape and colour show a border, and depth a step, between each pixel and the next, `down` or `across`.

    Args:
        depth: (H, W) [m].
        lab: (H, W, 3), or (0, 0, 3) without colour.
        sigma_inverse: Deviation of single pixels in inverse depth [1/m].
    """
    shape = np.zeros((bottom - top, right - left), np.bool_)
    colour, step = np.zeros_like(shape), np.zeros(shape.shape, np.uint8)
    for v in range(top, bottom):
        for u in range(left, right):
            here, there = depth[v, u], _at(depth, v, u, down, across, 1)
            noise = sigma_inverse * here  # as a share of the depth
            jump = max(_JUMP, _JUMP_DEVIATIONS * noise) * here
            bend = max(_BEND, _BEND_DEVIATIONS * noise) * here
            farther = here if here > there else there
            wide = abs(_at(depth, v, u, down, across, -2) - _at(depth, v, u, down, across, 3))
            beside = np.float32(0.5) * (_at(depth, v, u, down, across, -5) + _at(depth, v, u, down, across, 6))
            step[v - top, u - left] = 2 if abs(here - there) > jump else 0
            shape[v - top, u - left] = abs(here - there) > jump or wide > _WIDE * here + jump or farther - beside > bend
            if lab.size:
                across_it = contrast(_at(lab, v, u, down, across, -3), _at(lab, v, u, down, across, 4))
                close = contrast(_at(lab, v, u, down, across, -1), _at(lab, v, u, down, across, 2))
                colour[v - top, u - left] = across_it > _COLOUR_STEP**2
                if close > _CLOSE_STEP**2:
                    step[v - top, u - left] = max(step[v - top, u - left], 1)
    return shape, colour, step


@kernel
def _at(values, v, u, down, across, by):
    """Value of the pixel so many steps further, held at the rim."""
    row, column = v + by * down, u + by * across
    return values[min(max(row, 0), values.shape[0] - 1), min(max(column, 0), values.shape[1] - 1)]
