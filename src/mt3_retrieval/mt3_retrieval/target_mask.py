"""Which pixels of a scene are the taught object: the segment, mended by what the demonstration saw.

Without knowing what it looks at, a segmentation cuts a knob from its panel, and takes a bottle and the box in which it
stands for one thing. Once the object is aligned, the demonstration tells: what lies upon the taught surface is the
object, in whichever segment it is; what lies upon the surroundings that were taught is not, but it is where it was in
the demonstration, whose motion was made beside it. What else is in the segment, outside of the taught object's box, is
not the object either; whether it is a part that was hidden then, nobody knows, so that it counts as surroundings.
"""

import cv2
import numpy as np

from mt3_common.scene import OBJECT, SURROUNDINGS, Scene
from mt3_retrieval.alignment import Alignment, View
from mt3_retrieval.taught_pixels import AROUND, BEYOND, OPEN, UPON, Box, classified, points_of, window

__all__ = ['target_mask']

_PIECE_SHARE = 0.5  # of a segment that lies upon the taught surface, for all of it to be a piece of the object
_KNOWN_SHARE = 0.3  # of another segment that is where it was taught, for all of it to be what stood there
_LEAST_CHANGE = 0.04  # of the segment's pixels: less is noise of its border


def target_mask(
    scene: Scene, object_id: int, demo_view: View, alignment: Alignment, agreed: bool = False
) -> np.ndarray:
    """Return what is what in a scene (H, W) uint8: `OBJECT`, `SURROUNDINGS` that may be touched, 0 for anything else.

    Args:
        scene: The observation.
        object_id: The segment that was aligned.
        demo_view: The taught object.
        alignment: Of that segment.
        agreed: Whether what stands around is as it was taught at the alternative yaws, too.

    Returns:
        The segment itself where the demonstration says nothing better.
    """
    segment = scene.mask(object_id)
    rows, columns = window(scene, segment, demo_view, alignment)
    labels = scene.labels[rows, columns]
    valid, points = points_of(scene, rows, columns)
    kind, high = np.full(valid.shape, OPEN, np.uint8), np.zeros(valid.shape, bool)
    kind[valid], high[valid], _ = classified(points, demo_view, Box.around(demo_view), alignment)

    own = labels == object_id
    least = _LEAST_CHANGE * np.count_nonzero(segment)
    stays = (kind == AROUND) & high
    foreign = _chunks(own & (stays | (kind == BEYOND)), least)
    around = _chunks(stays, least) | (stays & foreign)
    ragged = cv2.dilate((around | foreign).astype(np.uint8), np.ones((5, 5))) > 0  # their borders go with them
    result = own & ~(ragged & (kind != UPON))
    for other in np.unique(labels[(kind == UPON) & high & ~own]):
        piece = labels == other
        inside = piece & (kind == UPON) & high
        if other and np.count_nonzero(inside) > _PIECE_SHARE * np.count_nonzero(scene.labels == other):
            inside = piece & (kind < AROUND)
        result |= _chunks(inside, least)
    mask = np.zeros(segment.shape, np.uint8)
    if alignment.alternative_yaws and not agreed:  # at another yaw it stands elsewhere
        around &= own
    for other in np.unique(labels[around & ~own]):  # more of it may be seen now than was then
        whole = scene.labels == other
        if other and np.count_nonzero(around & (labels == other)) > _KNOWN_SHARE * np.count_nonzero(whole):
            mask[whole] = SURROUNDINGS
    inside = mask[rows, columns]
    inside[around | own] = SURROUNDINGS
    inside[result] = OBJECT
    return mask if result.any() else np.where(segment, OBJECT, 0).astype(np.uint8)


def _chunks(mask: np.ndarray, least: float) -> np.ndarray:
    """Return the pixels of a mask that hang together in chunks of more than `least`, no thinner than three pixels."""
    opened = cv2.morphologyEx(mask.astype(np.uint8), cv2.MORPH_OPEN, np.ones((3, 3), np.uint8))
    count, labels, stats, _ = cv2.connectedComponentsWithStats(opened, connectivity=4)
    large = np.zeros(count, bool)
    large[1:] = stats[1:, cv2.CC_STAT_AREA] > least
    return large[labels]
