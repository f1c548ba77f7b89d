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
    labels: np.ndarray,
    box: tuple[slice, slice],
    depth: np.ndarray,
    stray: np.ndarray,
    look: Appearance | None,
    region: np.ndarray,
) -> tuple[np.ndarray, tuple[slice, slice]]:
    """Return labels (H, W) int32 with whole objects in clean outlines, and where they are.

    Args:
        labels: (H, W) int32, of the pixels whose depth says so.
        box: Where they are.
        depth: (H, W), NaN unknown [m].
        stray: (H, W) bool, pixels above the support that lie behind a depth step.
        look: Colours; None without.
        region: (H, W) uint8, 1 within the region of the support.
    """
    boxes = [box for _, box in label_boxes(labels, within=box)]
    if not boxes:
        return labels, box
    fill, trim = (max(3, round(share * labels.shape[1])) for share in (REACH_SHARE, _TRIM_SHARE))
    rows, columns = union_box(boxes)
    crop = np.s_[
        max(rows.start - 2 * fill, 0) // 2 * 2 : rows.stop + 2 * fill,  # from even pixels on, for colours of half size
        max(columns.start - 2 * fill, 0) // 2 * 2 : columns.stop + 2 * fill,
    ]
    depth, stray, region = np.ascontiguousarray(depth[crop]), np.ascontiguousarray(stray[crop]), region[crop]
    if look is not None:
        look = look[crop]
    inner = np.ascontiguousarray(labels[crop])
    give_back(inner, depth, stray)
    inner = keep_main_pieces(inner)
    boxes = list(label_boxes(inner, 2))
    inner = fill_bottoms(inner, boxes, depth)
    if look is not None:
        inner = trim_shadows(inner, boxes, look.different, trim)
    out = np.zeros_like(labels)
    out[crop] = fill_missing(inner, np.isnan(depth), look, region, fill)
    return out, crop
