"""Walk over the labelled parts of an image without touching all of it for each."""

from collections.abc import Iterator

import numpy as np
from scipy import ndimage

__all__ = ['label_boxes']


def label_boxes(labels: np.ndarray, margin: int = 0) -> Iterator[tuple[int, tuple[slice, slice]]]:
    """Yield (value, slices) for each label from 1 in an image (H, W), slices being its bounding box.

    Args:
        margin: Pixels added on every side, within the image.
    """
    for i, box in enumerate(ndimage.find_objects(labels)):
        if box is not None:
            rows, columns = box
            yield (
                i + 1,
                np.s_[
                    max(rows.start - margin, 0) : rows.stop + margin,
                    max(columns.start - margin, 0) : columns.stop + margin,
                ],
            )
