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

__all__ = ['target_mask', 'turned_to_surroundings']

_UPON_M = 0.008  # a point so near to the taught surface is the object
_SURROUNDINGS_M = 0.012  # a point so far from it, and
_SAME_DEPTH_M = 0.008  # so near to the depth that was seen behind it, is what stood around it
_BEYOND_M = 0.02  # outside of the taught object's box by more is something else: its hidden side is not that thick
_ABOVE_SUPPORT_M = 0.006
_PAD = 40  # around where the taught object is, where pieces of it, and what stood beside it, are looked for [pixel]
_PIECE_SHARE = 0.5  # of a segment that lies upon the taught surface, for all of it to be a piece of the object
_KNOWN_SHARE = 0.3  # of another segment that is where it was taught, for all of it to be what stood there
_CLOSE_M = 0.05  # what is farther from the object is out of the hand's way, wherever it stands
_LEAST_AROUND = 200  # pixels: fewer tell no yaw
_AS_WELL = 0.9  # share of the best yaw's surroundings at which another is as good
_STRIDE = 3  # every so many-th pixel is enough to compare yaws
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
    rows, columns = _window(scene, segment, demo_view, alignment)
    labels = scene.labels[rows, columns]
    kind, high, _ = _classified(scene, rows, columns, demo_view, alignment)

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


def turned_to_surroundings(
    scene: Scene, object_id: int, demo_view: View, alignment: Alignment
) -> tuple[Alignment, bool]:
    """Return the alignment at the yaw at which what stands close around is as it was taught, and whether it is there.

    A can looks the same from every side, the crate in which it stands does not: the hand goes between can and crate as
    it was shown. Alternatives at which the surroundings fit less are dropped; without surroundings all of them stay.
    """
    rows, columns = _window(scene, scene.mask(object_id), demo_view, alignment)
    own = scene.labels[rows, columns][::_STRIDE, ::_STRIDE] == object_id
    fitting = []
    for turned in (alignment, *(alignment.at_yaw(k) for k in range(len(alignment.alternatives)))):
        kind, high, outside = _classified(scene, rows, columns, demo_view, turned, _STRIDE)
        fitting.append(np.count_nonzero((kind == _AROUND) & high & (outside < _CLOSE_M) & ~own))
    best = max(fitting)
    if best < _LEAST_AROUND / _STRIDE**2:
        return alignment, False
    kept = [k for k, count in enumerate(fitting) if count >= _AS_WELL * best]
    chosen = 0 if 0 in kept else int(np.argmax(fitting))
    return alignment.only_yaws([chosen, *(k for k in kept if k != chosen)]), True


def _classified(
    scene: Scene, rows: slice, columns: slice, demo_view: View, alignment: Alignment, stride: int = 1
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return of every `stride`-th pixel in a window: its kind, whether it is above the support, and how far outside.

    The last is the distance [m] from the upright box around the taught object, 0 within it and where nothing is known.
    """
    K = scene.K - np.array([[0.0, 0.0, columns.start], [0.0, 0.0, rows.start], [0.0, 0.0, 0.0]])
    depth = scene.depth_m[rows, columns][::stride, ::stride]
    K = np.diag([1.0 / stride, 1.0 / stride, 1.0]) @ K
    valid = np.isfinite(depth)
    points = se3.transform_points(scene.T_base_camera, backproject(depth, K, valid))
    # back into the frame of the taught view; the inverse of `alignment.transfer`
    taught = se3.transform_points(se3.inverse(alignment.T_live_demo), points)
    taught = alignment.anchor + (taught - alignment.anchor) @ np.linalg.inv(alignment.stretch).T
    taught = se3.transform_points(se3.inverse(demo_view.T_base_view), taught)
    kind, high = np.full(depth.shape, _OPEN, np.uint8), np.zeros(depth.shape, bool)
    kind[valid] = _classify(demo_view.shape, taught, _UPON_M**2, _SURROUNDINGS_M**2, _SAME_DEPTH_M)
    outside = np.zeros(depth.shape)
    outside[valid] = np.maximum(_outside(demo_view.shape.points, taught), 0.0)
    kind[(outside > _BEYOND_M) & (kind == _OPEN)] = _BEYOND
    high[valid] = taught[:, 2] > _ABOVE_SUPPORT_M
    return kind, high, outside


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
