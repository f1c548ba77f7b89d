"""What stands on a level face within a segment: the tin on a book of its own colour, which perception takes for one.

Without knowing what is looked for, a segmentation must not cut a mug from its handle or a knob from its box, so that
things of one colour on top of each other stay one. Retrieval knows what it looks for: where no whole segment may be
acted on, it cuts them along their level faces and asks the pieces above. A wrong cut costs time, not safety: a piece
must fit the demonstration as any object must.
"""

from dataclasses import dataclass, replace

import cv2
import numpy as np

from mt3_common import se3
from mt3_common.cameras import backproject
from mt3_common.scene import Scene, SceneObject

__all__ = ['Piece', 'pieces']

_BIN_M = 0.003
_LEVEL_SHARE, _LEVEL_PIXELS = 0.06, 120  # of a segment, in three bins: less is no face that something stands on
_PROMINENCE = 1.3  # times as many pixels as in the bins around: slopes and walls are spread evenly
_AROUND_BINS = 5
_FACES = 4  # at most, the largest
_OVER_M = 0.006  # a piece begins so far over the face: noise of the face, and the foot that it hides
_JUMP_M = 0.012  # between neighbouring pixels: what is beyond is not connected
_LEAST_PIXELS, _MOST_SHARE = 150, 0.93  # of a piece; nearly all of a segment is the segment
_PIECES = 3  # of each face at most, the largest
_SAME = 0.9  # share that two pieces have in common to be one


@dataclass(frozen=True, eq=False)
class Piece:
    """A part of a segment that may be a thing of its own.

    Attributes:
        object: With an id that no object of the scene has, standing on the face.
        mask: (H, W) bool, its pixels.
        whole: Id of the segment that it is a part of.
    """

    object: SceneObject
    mask: np.ndarray
    whole: int

    def cut_from(self, scene: Scene) -> Scene:
        """Return the scene in which the piece is an object, and what is left of its segment is none."""
        labels = np.where(self.mask, self.object.id, scene.labels)
        return replace(scene, labels=labels, objects=(*scene.objects, self.object))


def pieces(scene: Scene) -> list[Piece]:
    """Return what may stand within the segments of a scene, in pieces of which some may overlap."""
    number, found = max((item.id for item in scene.objects), default=0), []
    for item in scene.objects:
        mine: list[np.ndarray] = []
        for height, mask in _above_faces(scene, item):
            if any(np.count_nonzero(m & mask) > _SAME * np.count_nonzero(m | mask) for m in mine):
                continue
            mine.append(mask)
            number += 1
            found.append(Piece(_as_object(scene, number, mask, height), mask, item.id))
    return found


def _above_faces(scene: Scene, item: SceneObject) -> list[tuple[float, np.ndarray]]:
    """Return the height of the face [m] and the mask (H, W) of each piece of a segment."""
    u, v, width, height = item.roi
    rows, columns = slice(v, v + height), slice(u, u + width)
    inside = scene.labels[rows, columns] == item.id
    depth = scene.depth_m[rows, columns]
    inside &= np.isfinite(depth)
    K = scene.K - np.array([[0.0, 0.0, u], [0.0, 0.0, v], [0.0, 0.0, 0.0]])
    z = np.full(depth.shape, np.nan)
    z[inside] = se3.transform_points(scene.T_base_camera, backproject(depth, K, inside))[:, 2]
    connected = _without_jumps(inside, depth)
    found, least = [], _LEAST_PIXELS * scene.depth_m.size / (640 * 480)
    total = np.count_nonzero(inside)
    for face in _faces(z[inside] - item.support_height_m):
        over = connected & (z > item.support_height_m + face + _OVER_M)
        _, parts, stats, _ = cv2.connectedComponentsWithStats(over.astype(np.uint8), connectivity=4)
        areas = stats[1:, cv2.CC_STAT_AREA]
        for part in 1 + np.argsort(-areas, kind='stable')[:_PIECES]:
            if least <= areas[part - 1] <= _MOST_SHARE * total:
                mask = np.zeros(scene.labels.shape, bool)
                grown = cv2.dilate((parts == part).astype(np.uint8), np.ones((3, 3), np.uint8)) > 0
                mask[rows, columns] = grown & inside & (z > item.support_height_m + face + _OVER_M)
                found.append((item.support_height_m + face, mask))
    return found


def _faces(heights: np.ndarray) -> list[float]:
    """Return the heights of level faces over the support [m], the largest first, of pixels' heights (N,)."""
    bins = np.floor(heights[heights > _OVER_M] / _BIN_M).astype(int)
    if not len(bins):
        return []
    counts = np.bincount(bins, minlength=bins.max() + 2).astype(float)
    near = np.convolve(counts, np.ones(3), 'same')
    around = np.convolve(counts, np.ones(2 * _AROUND_BINS + 1), 'same') * 3.0 / (2 * _AROUND_BINS + 1)
    least = max(_LEVEL_PIXELS, _LEVEL_SHARE * len(heights))
    peaks = [b for b in np.argsort(-near, kind='stable') if near[b] >= least and near[b] > _PROMINENCE * around[b]]
    chosen: list[int] = []
    for b in peaks:
        if all(abs(b - other) > _AROUND_BINS for other in chosen):
            chosen.append(int(b))
    return [(b + 0.5) * _BIN_M for b in chosen[:_FACES]]


def _without_jumps(inside: np.ndarray, depth: np.ndarray) -> np.ndarray:
    """Return the pixels (H, W) without the farther side of each jump in depth."""
    kept = inside.copy()
    for axis in (0, 1):
        step = np.diff(depth, axis=axis)
        farther, nearer = step > _JUMP_M, step < -_JUMP_M
        before = [slice(None), slice(None)]
        after = [slice(None), slice(None)]
        before[axis], after[axis] = slice(None, -1), slice(1, None)
        kept[tuple(after)] &= ~farther
        kept[tuple(before)] &= ~nearer
    return kept


def _as_object(scene: Scene, number: int, mask: np.ndarray, stands_at: float) -> SceneObject:
    seen = mask & np.isfinite(scene.depth_m)
    points = se3.transform_points(scene.T_base_camera, backproject(scene.depth_m, scene.K, seen))
    low, high = points.min(axis=0), points.max(axis=0)
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    roi = int(columns[0]), int(rows[0]), int(np.ptp(columns)) + 1, int(np.ptp(rows)) + 1
    T_base_object = se3.make(np.eye(3), 0.5 * (low + high))
    return SceneObject(number, points, scene.rgb[seen], T_base_object, high - low, stands_at, roi)
