"""From labelled points to clean masks, missing depth filled in where colour allows."""

import cv2
import numpy as np

from mt3_perception.segmentation.regions import label_boxes

__all__ = ['fill_missing', 'give_back', 'keep_main_pieces']

_REACH_SHARE = 0.06
_SIMILAR = 30.0
_DIFFERENT = 5.0


def give_back(labels: np.ndarray, depth_m: np.ndarray, stray: np.ndarray, reach: int = 4) -> np.ndarray:
    """Give stray foreground pixels to a label beside them, step by step, over at most 2 cm of depth a step."""
    height, width = labels.shape
    labels = labels.copy()
    stray = stray & (cv2.dilate((labels > 0).astype(np.uint8), np.ones((2 * reach + 1,) * 2, np.uint8)) > 0)
    stray[[0, -1]] = False
    stray[:, [0, -1]] = False
    at = np.flatnonzero(stray & (labels == 0))
    flat, depth = labels.ravel(), depth_m.ravel()
    for _ in range(reach):
        if not len(at):
            break
        taken = np.zeros(len(at), labels.dtype)
        for by in (-1, 1, -width, width):
            value = flat[at + by]
            close = (value > 0) & (np.abs(depth[at + by] - depth[at]) < 0.02)
            taken[close] = value[close]
        flat[at] = taken
        at = at[taken == 0]
    return flat.reshape(height, width)


def fill_missing(
    labels: np.ndarray, depth_m: np.ndarray, lab: np.ndarray | None, different: np.ndarray | None, region: np.ndarray
) -> np.ndarray:
    """Return labels with pixels that have no depth filled: enclosed holes, and neighbours of the same colour.

    A pixel without depth beside an object may be the object (dark, glossy, seen by one eye of the camera
    only) or the support in its shadow. It joins the nearest labelled pixel if its colour is near that
    one's, and far from the support's; the patch must hang together with the object. Beyond the `region`
    (H, W) of the support, where nothing is known of the background's colour, nothing joins.

    Args:
        lab: (H, W, 3) uint8 smoothed colour; None without colour.
        different: (H, W) colour distance to the support; None without colour.
    """
    missing = ~np.isfinite(depth_m)
    labels = _fill_holes(labels, missing, different)
    if lab is None or different is None:
        return labels
    half = np.s_[::2, ::2]
    candidate = (missing & region)[half]
    candidate &= (labels[half] == 0) & (different[half] > _DIFFERENT)
    known = np.ascontiguousarray(labels[half])
    if not candidate.any() or not known.any():
        return labels
    nearest, distance = _nearest_pixel(known)
    at = np.flatnonzero(candidate & (distance <= _REACH_SHARE * known.shape[1]))
    if not len(at):
        return labels
    # the outline of a mask is often a pixel or two of background: compare with a colour further inside
    source = nearest.ravel()[at]
    colour = lab[half].reshape(-1, 3)
    off = colour[at].astype(np.float32) - colour[_inward(source, at, known)]
    off[:, 0] *= 0.5
    similar = (off**2).sum(axis=1) < _SIMILAR**2
    added = np.zeros(known.size, np.int32)
    added[at[similar]] = known.ravel()[source[similar]]
    added = added.reshape(known.shape)
    solid = cv2.morphologyEx((added > 0).astype(np.uint8), cv2.MORPH_OPEN, np.ones((3, 3), np.uint8)) > 0
    joined = np.where(known > 0, known, np.where(solid, added, 0))
    _, pieces = cv2.connectedComponents((joined > 0).astype(np.uint8), connectivity=4)
    attached = np.bincount(pieces[known > 0], minlength=pieces.max() + 1) > 0
    added = np.where(attached[pieces], joined, 0).astype(np.uint16)
    large = cv2.resize(added, labels.shape[::-1], interpolation=cv2.INTER_NEAREST).astype(np.int32)
    return np.where((labels == 0) & missing, large, labels)


def keep_main_pieces(labels: np.ndarray, share: float = 0.08) -> np.ndarray:
    """Return labels without the specks of each object that are smaller than a share of its largest piece."""
    out = np.zeros_like(labels)
    for value, box in label_boxes(labels):
        own = (labels[box] == value).astype(np.uint8)
        _, pieces, stats, _ = cv2.connectedComponentsWithStats(own, connectivity=8)
        area = stats[:, cv2.CC_STAT_AREA].copy()
        area[0] = 0
        out[box][(area >= share * area.max())[pieces] & (own > 0)] = value
    return out


def _nearest_pixel(labels: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Flat index (H, W) of the nearest labelled pixel of each pixel, and its distance (H, W) [pixel]."""
    distance, index = cv2.distanceTransformWithLabels(
        (labels == 0).astype(np.uint8), cv2.DIST_L2, 5, labelType=cv2.DIST_LABEL_PIXEL
    )
    at = np.flatnonzero(labels.ravel() > 0)
    table = np.zeros(index.max() + 1, np.int64)
    table[index.ravel()[at]] = at
    return table[index], distance


def _inward(source: np.ndarray, at: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """Flat index of the pixel 2 further into the object than `source`, or `source` where that leaves it."""
    height, width = labels.shape
    rows, columns = np.divmod(at, width)
    row, column = np.divmod(source, width)
    along = np.stack([row - rows, column - columns], axis=1).astype(np.float64)
    along /= np.maximum(np.linalg.norm(along, axis=1, keepdims=True), 1e-6)
    inner_row = np.clip(np.round(row + 2 * along[:, 0]), 0, height - 1).astype(np.int64)
    inner_column = np.clip(np.round(column + 2 * along[:, 1]), 0, width - 1).astype(np.int64)
    inner = inner_row * width + inner_column
    flat = labels.ravel()
    return np.where(flat[inner] == flat[source], inner, source)


def _fill_holes(labels: np.ndarray, missing: np.ndarray, different: np.ndarray | None) -> np.ndarray:
    """Fill what one object encloses: specks, and pixels without depth unless their colour is the support's."""
    labels = labels.copy()
    free = labels == 0
    fillable = free & missing
    if different is not None:
        fillable &= different > 3.0
    fillable |= free & (cv2.morphologyEx(free.astype(np.uint8), cv2.MORPH_OPEN, np.ones((5, 5), np.uint8)) == 0)
    for value, box in label_boxes(labels):
        own = cv2.morphologyEx((labels[box] == value).astype(np.uint8), cv2.MORPH_CLOSE, np.ones((5, 5), np.uint8))
        outlines, _ = cv2.findContours(own, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
        solid = cv2.drawContours(np.zeros_like(own), outlines, -1, 1, cv2.FILLED)
        labels[box][(solid > 0) & fillable[box]] = value
    return labels
