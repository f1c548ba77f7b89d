"""Whether the picture shows a border between two parts of a thing."""

from dataclasses import dataclass

import cv2
import numpy as np

__all__ = ['Borders', 'Images', 'find_borders']

_COLOUR_STEP = 14.0
_GAP = 4
_REACH = 6  # how far from a border both sides are looked at


@dataclass(frozen=True, eq=False)
class Images:
    """What a border can be seen in.

    Attributes:
        depth: (H, W) [m].
        lab: (H, W, 3) uint8, smoothed colour; None without colour.
    """

    depth: np.ndarray
    lab: np.ndarray | None


@dataclass(frozen=True, eq=False)
class Borders:
    """Borders that the picture shows in a crop.

    Attributes:
        down: (h, w) bool, between a pixel and the next one down.
        right: (h, w) bool, between a pixel and the next one to the right.
    """

    down: np.ndarray
    right: np.ndarray

    def share(self, number: np.ndarray) -> float | None:
        """Return how much of the line between parts 1 and 2 the picture shows as a border, in [0, 1].

        None where the parts are not next to each other in the picture, so that nothing can be seen.

        Args:
            number: (h, w) uint8 part of each pixel of the crop, 0 for neither.
        """
        grown = cv2.dilate(number, np.ones((_GAP + 1, _GAP + 1), np.uint8))
        number = np.where(number > 0, number, grown)
        below = (number[:-1] != number[1:]) & (number[:-1] > 0) & (number[1:] > 0)
        beside = (number[:, :-1] != number[:, 1:]) & (number[:, :-1] > 0) & (number[:, 1:] > 0)
        total = np.count_nonzero(below) + np.count_nonzero(beside)
        if total < 5:
            return None
        seen = np.count_nonzero(below & self.down[:-1]) + np.count_nonzero(beside & self.right[:, :-1])
        return seen / total


def find_borders(images: Images, box: tuple[slice, slice]) -> Borders:
    """Return the borders in a crop: where depth jumps or bends inwards, or colour changes.

    Bending inwards, the surfaces on both sides come towards the camera: so do two things that touch.
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
    down = _along_rows(depth, lab)
    right = _along_rows(depth.T, None if lab is None else lab.transpose(1, 0, 2)).T
    return Borders(down[inner], right[inner])


def _along_rows(depth: np.ndarray, lab: np.ndarray | None) -> np.ndarray:
    """Whether there is a border between each pixel (h, w) and the one a row further."""
    here, there = _moved(depth, 0), _moved(depth, 1)
    with np.errstate(invalid='ignore'):
        seen = np.abs(here - there) > 0.006 * here
        seen |= np.abs(_moved(depth, -2) - _moved(depth, 3)) > 0.02 * here
        seen |= np.maximum(here, there) - 0.5 * (_moved(depth, -5) + _moved(depth, 6)) > 0.004 * here
    if lab is not None:
        change = _moved(lab, -3) - _moved(lab, 4)
        seen |= np.einsum('ijk,ijk->ij', change, change) > _COLOUR_STEP**2
    return seen


def _moved(values: np.ndarray, by: int) -> np.ndarray:
    """Values (h, w, ...) of the pixel `by` rows further, held at the rim."""
    if by == 0:
        return values
    if len(values) <= abs(by):
        return np.broadcast_to(values[-1:] if by > 0 else values[:1], values.shape)
    edge = np.repeat(values[-1:] if by > 0 else values[:1], abs(by), axis=0)
    return np.concatenate([values[by:], edge]) if by > 0 else np.concatenate([edge, values[:by]])
