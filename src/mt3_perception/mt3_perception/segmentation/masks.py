"""From labelled points to clean masks, missing depth filled in where colour allows."""

import cv2
import numpy as np

from mt3_perception.segmentation.regions import label_boxes

__all__ = ['fill_missing', 'give_back', 'keep_main_pieces']

_REACH_SHARE = 0.06
_SIMILAR = 30.0
_DIFFERENT = 5.0


def give_back(labels: np.ndarray, depth_m: np.ndarray, stray: np.ndarray, reach: int = 4) -> np.ndarray:
    """Give stray foreground pixels to the nearest label, if that is at most `reach` pixels and 2 cm of depth away."""
    if not stray.any() or not labels.any():
        return labels
    take = stray & (cv2.dilate((labels > 0).astype(np.uint8), np.ones((2 * reach + 1,) * 2, np.uint8)) > 0) & (labels == 0)
    nearest, distance = _nearest_pixel(labels)
    take &= distance <= reach
    rows, columns = np.nonzero(take)
    source = nearest[rows, columns]
    close = np.abs(depth_m.ravel()[source] - depth_m[rows, columns]) < 0.02
    labels = labels.copy()
    labels[rows[close], columns[close]] = labels.ravel()[source[close]]
    return labels


def fill_missing(
    labels: np.ndarray, depth_m: np.ndarray, rgb: np.ndarray | None, different: np.ndarray | None,
    region: np.ndarray,
) -> np.ndarray:
    """Return labels with pixels that have no depth filled: enclosed holes, and neighbours of the same colour.

    A pixel without depth beside an object may be the object (dark, glossy, seen by one eye of the camera
    only) or the support in its shadow. It joins the nearest labelled pixel if its colour is near that
    one's, and far from the support's; the patch must hang together with the object. Beyond the `region`
    (H, W) of the support, where nothing is known of the background's colour, only a few pixels join.
    """
    missing = ~np.isfinite(depth_m)
    labels = _fill_holes(labels, missing, different)
    if rgb is None or different is None or not labels.any():
        return labels
    candidate = missing & (labels == 0) & (different > _DIFFERENT)
    if not candidate.any():
        return labels
    nearest, distance = _nearest_pixel(labels)
    rows, columns = np.nonzero(candidate & (distance <= np.where(region, _REACH_SHARE * labels.shape[1], 3.0)))
    if not len(rows):
        return labels
    lab = cv2.cvtColor(cv2.blur(rgb, (3, 3)), cv2.COLOR_RGB2LAB).reshape(-1, 3).astype(np.int16)
    # the outline of a mask is often a pixel or two of background: compare with a colour further inside
    source = nearest[rows, columns]
    off = lab[rows * labels.shape[1] + columns] - lab[_inward(source, rows, columns, labels)]
    similar = np.sqrt((off[:, 0] * 0.5) ** 2 + off[:, 1] ** 2.0 + off[:, 2] ** 2.0) < _SIMILAR
    added = np.zeros_like(labels)
    added[rows[similar], columns[similar]] = labels.ravel()[source[similar]]
    solid = cv2.morphologyEx((added > 0).astype(np.uint8), cv2.MORPH_OPEN, np.ones((3, 3), np.uint8))
    joined = np.where(labels > 0, labels, added * solid)
    _, pieces = cv2.connectedComponents((joined > 0).astype(np.uint8), connectivity=4)
    attached = np.bincount(pieces[labels > 0], minlength=pieces.max() + 1) > 0
    return np.where(attached[pieces], joined, 0).astype(np.int32)


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


def _inward(source: np.ndarray, rows: np.ndarray, columns: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """Flat index of the pixel 4 further into the object than `source`, or `source` where that leaves it."""
    height, width = labels.shape
    row, column = source // width, source % width
    along = np.stack([row - rows, column - columns], axis=1).astype(np.float64)
    along /= np.maximum(np.linalg.norm(along, axis=1, keepdims=True), 1e-6)
    inner_row = np.clip(np.round(row + 4 * along[:, 0]), 0, height - 1).astype(np.int64)
    inner_column = np.clip(np.round(column + 4 * along[:, 1]), 0, width - 1).astype(np.int64)
    inner = inner_row * width + inner_column
    flat = labels.ravel()
    return np.where(flat[inner] == flat[source], inner, source)


def _fill_holes(labels: np.ndarray, missing: np.ndarray, different: np.ndarray | None) -> np.ndarray:
    """Fill pixels without depth that one object encloses, unless their colour is the support's."""
    labels = labels.copy()
    fillable = missing & (labels == 0)
    if different is not None:
        speck = cv2.morphologyEx(fillable.astype(np.uint8), cv2.MORPH_OPEN, np.ones((5, 5), np.uint8)) == 0
        fillable &= (different > 3.0) | speck
    for value, box in label_boxes(labels):
        own = cv2.morphologyEx((labels[box] == value).astype(np.uint8), cv2.MORPH_CLOSE, np.ones((5, 5), np.uint8))
        outlines, _ = cv2.findContours(own, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
        solid = cv2.drawContours(np.zeros_like(own), outlines, -1, 1, cv2.FILLED)
        labels[box][(solid > 0) & fillable[box]] = value
    return labels
