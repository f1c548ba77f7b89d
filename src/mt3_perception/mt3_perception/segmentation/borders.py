"""Whether the picture shows a border between two parts of a thing."""

from dataclasses import dataclass

import cv2
import numpy as np

__all__ = ['Images', 'border_share']

_COLOUR_STEP = 14.0
_GAP = 4


@dataclass(frozen=True, eq=False)
class Images:
    """What a border can be seen in.

    Attributes:
        depth: (H, W) [m].
        lab: (H, W, 3) uint8, smoothed colour; None without colour.
    """

    depth: np.ndarray
    lab: np.ndarray | None


def border_share(number: np.ndarray, images: Images, box: tuple[slice, slice]) -> float | None:
    """Return the share of the border between parts 1 and 2 at which depth or colour changes.

    Depth changes where it jumps, or where it bends inwards: the surfaces on both sides come towards the
    camera. None where the parts are not next to each other in the picture, so that nothing can be seen.

    Args:
        number: (h, w) int32 part of each pixel of a crop, 0 for neither.
        images: Of the whole picture.
        box: Where the crop lies.
    """
    depth = images.depth[box]
    lab = None if images.lab is None else images.lab[box]
    number = _spread(number)
    visible = total = 0
    for axis in (0, 1):
        ahead = np.roll(number, -1, axis)
        border = (number > 0) & (ahead > 0) & (number != ahead)
        if axis == 0:
            border[-1] = False
        else:
            border[:, -1] = False
        rows, columns = np.nonzero(border)
        if not len(rows):
            continue
        far_before, before, here, there, after, far_after = (
            _along(depth, rows, columns, axis, k) for k in (-5, -2, 0, 1, 3, 6)
        )
        scale = np.maximum(here, 0.3)
        with np.errstate(invalid='ignore'):
            seen = (np.abs(here - there) > 0.006 * scale) | (np.abs(before - after) > 0.02 * scale)
            seen |= np.maximum(here, there) - 0.5 * (far_before + far_after) > 0.004 * scale
        if lab is not None:
            change = _along(lab, rows, columns, axis, -3).astype(np.float32) - _along(lab, rows, columns, axis, 4)
            change[:, 0] *= 0.5
            seen |= (change**2).sum(axis=1) > _COLOUR_STEP**2
        visible += int(seen.sum())
        total += len(rows)
    return visible / total if total >= 5 else None


def _spread(number: np.ndarray) -> np.ndarray:
    """Grow parts into unnumbered pixels next to them, so that parts across a thin gap meet."""
    grown = cv2.dilate(number.astype(np.uint8), np.ones((_GAP + 1, _GAP + 1), np.uint8))
    return np.where(number > 0, number, grown)


def _along(values: np.ndarray, rows: np.ndarray, columns: np.ndarray, axis: int, by: int) -> np.ndarray:
    """Values at pixels moved along an axis, held at the rim."""
    if axis == 0:
        return values[np.clip(rows + by, 0, values.shape[0] - 1), columns]
    return values[rows, np.clip(columns + by, 0, values.shape[1] - 1)]
