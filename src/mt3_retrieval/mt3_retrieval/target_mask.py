"""Which pixels of a scene are the taught object: the segment, mended by what the demonstration saw.

Without knowing what it looks at, a segmentation cuts a knob from its panel, and takes a bottle and the box in which it
stands for one thing. Once the object is aligned, the demonstration tells: what lies upon the taught surface is the
object, in whichever segment it is; what lies upon the surroundings that were taught is not, but it is where it was in
the demonstration, whose motion was made beside it. What else is in the segment, outside of the taught object's box, is
not the object either; whether it is a part that was hidden then, nobody knows, so that it counts as surroundings.
"""

import cv2
import numpy as np

from mt3_common import se3
from mt3_common.cameras import backproject, project
from mt3_common.jit import kernel
from mt3_common.scene import OBJECT, SURROUNDINGS, Scene
from mt3_retrieval.alignment import Alignment, View
from mt3_retrieval.alignment.lookup import free_margin, nearest_point

__all__ = ['target_mask']

_UPON_M = 0.008  # a point so near to the taught surface is the object
_SURROUNDINGS_M = 0.012  # a point so far from it, and
_SAME_DEPTH_M = 0.008  # so near to the depth that was seen behind it, is what stood around it
_BEYOND_M = 0.02  # outside of the taught object's box by more is something else: its hidden side is not that thick
_ABOVE_SUPPORT_M = 0.006
_PAD = 10  # around where the taught object is, where pieces of it are looked for [pixel]
_PIECE_SHARE = 0.5  # of a segment that lies upon the taught surface, for all of it to be a piece of the object
_LEAST_CHANGE = 0.04  # of the segment's pixels: less is noise of its border

_OPEN, _UPON, _AROUND, _BEYOND = range(4)


@kernel
def _classify(shape, points, upon2, around2, same_depth):
    """Return of each point (N, 3) in the taught view's frame: upon the object, on what was around it, or neither."""
    found = np.zeros(len(points), np.uint8)
    for i in range(len(points)):
        x, y, z = points[i, 0], points[i, 1], points[i, 2]
        _, distance2 = nearest_point(shape, x, y, z)
        if distance2 <= upon2:
            found[i] = _UPON
        elif distance2 > around2 and abs(free_margin(shape, x, y, z)) < same_depth:
            found[i] = _AROUND
    return found


def target_mask(scene: Scene, object_id: int, demo_view: View, alignment: Alignment) -> np.ndarray:
    """Return what is what in a scene (H, W) uint8: `OBJECT`, `SURROUNDINGS` that may be touched, 0 for anything else.

    Args:
        scene: The observation.
        object_id: The segment that was aligned.
        demo_view: The taught object.
        alignment: Of that segment.

    Returns:
        The segment itself where the demonstration says nothing better.
    """
    segment = scene.mask(object_id)
    rows, columns = _window(scene, segment, demo_view, alignment)
    labels, valid = scene.labels[rows, columns], np.isfinite(scene.depth_m[rows, columns])
    K = scene.K - np.array([[0.0, 0.0, columns.start], [0.0, 0.0, rows.start], [0.0, 0.0, 0.0]])
    points = se3.transform_points(scene.T_base_camera, backproject(scene.depth_m[rows, columns], K, valid))
    # back into the frame of the taught view; the inverse of `alignment.transfer`
    taught = se3.transform_points(se3.inverse(alignment.T_live_demo), points)
    taught = alignment.anchor + (taught - alignment.anchor) @ np.linalg.inv(alignment.stretch).T
    taught = se3.transform_points(se3.inverse(demo_view.T_base_view), taught)
    kind = np.full(labels.shape, _OPEN, np.uint8)
    kind[valid] = _classify(demo_view.shape, taught, _UPON_M**2, _SURROUNDINGS_M**2, _SAME_DEPTH_M)
    outside = _outside(demo_view.shape.points, taught) > _BEYOND_M
    kind[valid] = np.where(outside & (kind[valid] == _OPEN), _BEYOND, kind[valid])
    high = np.zeros(labels.shape, bool)
    high[valid] = taught[:, 2] > _ABOVE_SUPPORT_M

    own = labels == object_id
    least = _LEAST_CHANGE * np.count_nonzero(segment)
    stays = (kind == _AROUND) & high
    foreign = _chunks(own & (stays | (kind == _BEYOND)), least)
    around = _chunks(stays, least) | (stays & foreign)
    ragged = cv2.dilate((around | foreign).astype(np.uint8), np.ones((5, 5))) > 0  # their borders go with them
    result = own & ~(ragged & (kind != _UPON))
    for other in np.unique(labels[(kind == _UPON) & high & ~own]):
        piece = labels == other
        inside = piece & (kind == _UPON) & high
        if other and np.count_nonzero(inside) > _PIECE_SHARE * np.count_nonzero(scene.labels == other):
            inside = piece & (kind < _AROUND)
        result |= _chunks(inside, least)
    mask = np.zeros(segment.shape, np.uint8)
    if alignment.alternative_yaws:  # at another yaw it stands elsewhere
        around &= own
    mask[rows, columns] = np.where(result, OBJECT, np.where(around | own, SURROUNDINGS, 0))
    return mask if result.any() else np.where(segment, OBJECT, 0).astype(np.uint8)


def _outside(surface: np.ndarray, points: np.ndarray) -> np.ndarray:
    """Return how far points (N, 3) lie outside of the smallest upright box around a surface (M, 3) [m]."""
    (x, y), (length, width), angle = cv2.minAreaRect(surface[:, :2].astype(np.float32))
    c, s = np.cos(np.radians(angle)), np.sin(np.radians(angle))
    u = c * (points[:, 0] - x) + s * (points[:, 1] - y)
    v = -s * (points[:, 0] - x) + c * (points[:, 1] - y)
    above = points[:, 2] - surface[:, 2].max()
    return np.maximum(np.maximum(np.abs(u) - 0.5 * length, np.abs(v) - 0.5 * width), above)


def _window(scene: Scene, segment: np.ndarray, demo_view: View, alignment: Alignment) -> tuple[slice, slice]:
    """Return rows and columns that hold the segment and the taught object where it stands now."""
    points = alignment.transfer(demo_view.points_base())
    pixels = project(se3.transform_points(se3.inverse(scene.T_base_camera), points), scene.K)
    rows, columns = np.flatnonzero(segment.any(axis=1)), np.flatnonzero(segment.any(axis=0))
    ends = []
    for seen, taught in ((rows, pixels[:, 1]), (columns, pixels[:, 0])):
        low, high = min(seen[0], np.nanmin(taught)), max(seen[-1], np.nanmax(taught))
        ends.append(slice(max(0, int(low) - _PAD), max(0, int(high)) + _PAD + 1))
    return ends[0], ends[1]


def _chunks(mask: np.ndarray, least: float) -> np.ndarray:
    """Return the pixels of a mask that hang together in chunks of more than `least`, no thinner than three pixels."""
    opened = cv2.morphologyEx(mask.astype(np.uint8), cv2.MORPH_OPEN, np.ones((3, 3), np.uint8))
    count, labels, stats, _ = cv2.connectedComponentsWithStats(opened, connectivity=4)
    large = np.zeros(count, bool)
    large[1:] = stats[1:, cv2.CC_STAT_AREA] > least
    return large[labels]
