"""Where the picture shows a border between two things."""

from dataclasses import dataclass

import cv2
import numpy as np

from mt3_common.jit import kernel

__all__ = ['Borders', 'Images', 'find_borders']

_COLOUR_STEP = 14
_CLOSE_STEP = 9  # right beside it, where it is still blurred
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
    (top, bottom), (left, right) = ((side.start - _REACH, side.stop + _REACH) for side in box)
    height, width = images.depth.shape
    wide = np.s_[max(top, 0) : min(bottom, height), max(left, 0) : min(right, width)]
    beyond = max(-top, 0), max(bottom - height, 0), max(-left, 0), max(right - width, 0)

    def go_on(crop: np.ndarray) -> np.ndarray:  # beyond the picture as at its rim
        return cv2.copyMakeBorder(crop, *beyond, cv2.BORDER_REPLICATE)

    depth, planes, found = go_on(images.depth[wide]), None, []
    if images.rgb is not None:
        planes = cv2.split(go_on(cv2.cvtColor(cv2.blur(images.rgb[wide], (3, 3)), cv2.COLOR_RGB2LAB)))
    for down, across in ((1, 0), (0, 1)):
        shape, step = _find_in_depth(depth, np.float32(images.sigma_inverse), down, across)
        colour = np.zeros_like(shape) if planes is None else _find_in_colour(*planes, step, down, across)
        found.append((shape, colour, step))
    return Borders(*zip(*found, strict=True))


@kernel
def _find_in_depth(depth, sigma_inverse, down, across):
    """Whether depth shows a border between each pixel (h, w) and the next one, and 2 where it jumps there, else 0.

    Without branches, so that several pixels are looked at together.

    Args:
        depth: (h + 2 * _REACH, w + 2 * _REACH) [m].
        sigma_inverse: Deviation of single pixels in inverse depth [1/m].
        down: 1 where the next pixel is below, else 0.
        across: 1 where it is to the right, else 0.
    """
    height, width = depth.shape[0] - 2 * _REACH, depth.shape[1] - 2 * _REACH
    shape, step = np.empty((height, width), np.bool_), np.empty((height, width), np.uint8)
    for v in range(height):
        here, there = _row(depth, v, 0, down, across), _row(depth, v, 1, down, across)
        before, after = _row(depth, v, -2, down, across), _row(depth, v, 3, down, across)
        far_before, far_after = _row(depth, v, -5, down, across), _row(depth, v, 6, down, across)
        for u in range(width):
            z, other = here[u], there[u]
            noise = sigma_inverse * z  # as a share of the depth
            jump = max(_JUMP, _JUMP_DEVIATIONS * noise) * z
            bend = max(_BEND, _BEND_DEVIATIONS * noise) * z
            farther = z if z > other else other
            beside = np.float32(0.5) * (far_before[u] + far_after[u])
            jumps = abs(z - other) > jump
            shape[v, u] = jumps | (abs(before[u] - after[u]) > _WIDE * z + jump) | (farther - beside > bend)
            step[v, u] = 2 * jumps
    return shape, step


@kernel
def _find_in_colour(lightness, a, b, step, down, across):
    """Whether colour shows a border between each pixel (h, w) and the next one; `step` becomes 1 where it is sharp.

    Args:
        lightness: (h + 2 * _REACH, w + 2 * _REACH) uint8; it counts half.
        a: As many, of Lab.
        b: As many.
        step: (h, w) uint8; where depth jumps it stays 2.
        down: 1 where the next pixel is below, else 0.
        across: 1 where it is to the right, else 0.
    """
    height, width = step.shape
    colour = np.empty((height, width), np.bool_)
    across_it, close = np.empty(width, np.int32), np.empty(width, np.int32)  # four times the squares of the distances
    for v in range(height):
        across_it[:], close[:] = 0, 0
        for plane, weight in ((lightness, 1), (a, 4), (b, 4)):
            before, after = _row(plane, v, -3, down, across), _row(plane, v, 4, down, across)
            close_before, close_after = _row(plane, v, -1, down, across), _row(plane, v, 2, down, across)
            for u in range(width):
                change = np.int32(before[u]) - np.int32(after[u])
                close_change = np.int32(close_before[u]) - np.int32(close_after[u])
                across_it[u] += weight * change * change
                close[u] += weight * close_change * close_change
        for u in range(width):
            colour[v, u] = across_it[u] > 4 * _COLOUR_STEP**2
            step[v, u] = max(step[v, u], np.uint8(close[u] > 4 * _CLOSE_STEP**2))
    return colour


@kernel
def _row(image, v, by, down, across):
    """Row `v` of what is inside of an image with a rim, so many steps further."""
    start = _REACH + by * across
    return image[_REACH + v + by * down, start : start + image.shape[1] - 2 * _REACH]
