"""The outlines of what was found made clean: strays given back, holes filled, seams cut off."""

import numpy as np

from mt3_perception.segmentation.appearance import Appearance
from mt3_perception.segmentation.bridges import REACH_SHARE
from mt3_perception.segmentation.masks import fill_missing, give_back, keep_main_pieces
from mt3_perception.segmentation.regions import label_boxes, union_box
from mt3_perception.segmentation.trim import fill_bottoms, trim_shadows

__all__ = ['clean_outlines']

_TRIM_SHARE = 0.03  # how far from its outline what looks like the support may be


def clean_outlines(
    labels: np.ndarray, depth: np.ndarray, stray: np.ndarray, look: Appearance | None, region: np.ndarray
) -> np.ndarray:
    """Return labels (H, W) int32 with whole objects in clean outlines.

    Args:
        labels: (H, W) int32, of the pixels whose depth says so.
        depth: (H, W), NaN unknown [m].
        stray: (H, W) bool, pixels above the support that lie behind a depth step.
        look: Colours; None without.
        region: (H, W) uint8, 1 within the region of the support.
    """
    boxes = [box for _, box in label_boxes(labels)]
    if not boxes:
        return labels
    fill, trim = (max(3, round(share * labels.shape[1])) for share in (REACH_SHARE, _TRIM_SHARE))
    rows, columns = union_box(boxes)
    crop = np.s_[
        max(rows.start - 2 * fill, 0) // 2 * 2 : rows.stop + 2 * fill,  # from even pixels on, for colours of half size
        max(columns.start - 2 * fill, 0) // 2 * 2 : columns.stop + 2 * fill,
    ]
    depth, stray, region = (np.ascontiguousarray(image[crop]) for image in (depth, stray, region))
    if look is not None:
        look = look[crop]
    inner = np.ascontiguousarray(labels[crop])
    give_back(inner, depth, stray)
    inner = fill_bottoms(keep_main_pieces(inner), depth)
    if look is not None:
        inner = trim_shadows(inner, look.different, trim)
    out = np.zeros_like(labels)
    out[crop] = fill_missing(inner, np.isnan(depth), look, region, fill)
    return out
