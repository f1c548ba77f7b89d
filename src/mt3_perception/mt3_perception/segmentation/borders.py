"""Where the picture shows a border between two things."""

from dataclasses import dataclass

import numpy as np

__all__ = ['Borders', 'Images', 'find_borders']

_COLOUR_STEP = 14.0
_REACH = 6  # how far from a border both sides are looked at
_JUMP = 0.006  # of the depth, or this many deviations of its noise
_JUMP_DEVIATIONS = 4.0
_BEND = 0.004
_BEND_DEVIATIONS = 3.0


@dataclass(frozen=True, eq=False)
class Images:
    """What a border can be seen in.

    Attributes:
        depth: (H, W) [m].
        lab: (H, W, 3) uint8, smoothed colour; None without colour.
        sigma_inverse: Deviation of single pixels in inverse depth [1/m].
    """

    depth: np.ndarray
    lab: np.ndarray | None
    sigma_inverse: float = 0.0


@dataclass(frozen=True, eq=False)
class Borders:
    """Borders that the picture shows in a crop, between each pixel and the next one down or to the right.

    Attributes:
        shape: Two (h, w) bool, down and right: depth jumps, or the surface bends inwards.
        colour: Two (h, w) bool, down and right: colour changes.
    """

    shape: tuple[np.ndarray, np.ndarray]
    colour: tuple[np.ndarray, np.ndarray]

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
    inner = np.s_[
        box[0].start - wide[0].start : box[0].stop - wide[0].start,
        box[1].start - wide[1].start : box[1].stop - wide[1].start,
    ]
    depth = images.depth[wide]
    lab = None if images.lab is None else images.lab[wide].astype(np.float32) * np.float32([0.5, 1.0, 1.0])
    shape_down, colour_down = _along_rows(depth, lab, images.sigma_inverse)
    shape_right, colour_right = _along_rows(
        depth.T, None if lab is None else lab.transpose(1, 0, 2), images.sigma_inverse
    )
    return Borders(
        (shape_down[inner], shape_right.T[inner]),
        (colour_down[inner], colour_right.T[inner]),
    )


def _along_rows(depth: np.ndarray, lab: np.ndarray | None, sigma_inverse: float) -> tuple[np.ndarray, np.ndarray]:
    """Whether shape and colour show a border between each pixel (h, w) and the one a row further."""
    here, there = _moved(depth, 0), _moved(depth, 1)
    noise = np.float32(sigma_inverse) * here  # as a share of the depth
    jump = np.maximum(_JUMP, _JUMP_DEVIATIONS * noise) * here
    bend = np.maximum(_BEND, _BEND_DEVIATIONS * noise) * here
    with np.errstate(invalid='ignore'):
        shape = np.abs(here - there) > jump
        shape |= np.abs(_moved(depth, -2) - _moved(depth, 3)) > 0.014 * here + jump
        shape |= np.maximum(here, there) - 0.5 * (_moved(depth, -5) + _moved(depth, 6)) > bend
    if lab is None:
        return shape, np.zeros_like(shape)
    change = _moved(lab, -3) - _moved(lab, 4)
    return shape, np.einsum('ijk,ijk->ij', change, change) > _COLOUR_STEP**2


def _moved(values: np.ndarray, by: int) -> np.ndarray:
    """Values (h, w, ...) of the pixel `by` rows further, held at the rim."""
    if by == 0:
        return values
    if len(values) <= abs(by):
        return np.broadcast_to(values[-1:] if by > 0 else values[:1], values.shape)
    edge = np.repeat(values[-1:] if by > 0 else values[:1], abs(by), axis=0)
    return np.concatenate([values[by:], edge]) if by > 0 else np.concatenate([edge, values[:by]])
