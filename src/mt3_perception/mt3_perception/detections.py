"""Boxes of a detector in a picture made into objects: which of the things on the table each box means.

Our own segmentation says where things are, by depth; the boxes say which of them belong together, where to cut, and
what they are called. Where it found nothing, what stands out from the table in the middle of a box is taken.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from mt3_common.config import Config, setting
from mt3_perception.plugins import Instances
from mt3_perception.segmentation import Segmentation

__all__ = ['Detection', 'DetectionConfig', 'instances_from_boxes']

_WHOLE = 0.6  # share of a thing inside a box from which the box can mean all of it
_FILLED = 0.15  # share of a box that things must cover; with less of it, they were not found
_REACH_M = 0.08  # how far an object reaches from its nearest quarter, in depth


@dataclass(frozen=True)
class Detection:
    """One box.

    Attributes:
        box: Left, top, right, bottom [pixel].
        label: Its name; empty: unknown.
        score: In [0, 1].
    """

    box: tuple[float, float, float, float]
    label: str = ''
    score: float = 1.0


class DetectionConfig(Config):
    """What is made of a detector's boxes."""

    min_score: float = setting(0.3, 'boxes of lower score are left out', ge=0.0, le=1.0)
    max_overlap: float = setting(
        0.7, 'of two boxes with more in common (intersection over union) the less sure is left out', ge=0.0, le=1.0
    )
    names: tuple[str, ...] = setting((), 'names of the classes, for detectors that give numbers: 0 is the first')
    keep_others: bool = setting(True, 'what is on the table but in no box is an object without a name')


def instances_from_boxes(
    detections: Sequence[Detection], found: Segmentation, depth_m: np.ndarray, config: DetectionConfig
) -> Instances:
    """Return the objects that boxes mean.

    Args:
        detections: In the picture of the depth image, in any order.
        found: Our own segmentation of this depth; may be empty.
        depth_m: (H, W), NaN unknown [m].
        config: Settings.
    """
    height, width = depth_m.shape
    kept: list[tuple[Detection, tuple[int, int, int, int]]] = []
    for one in sorted(detections, key=lambda d: -d.score):
        clipped = _pixels(one.box, width, height)
        if one.score < config.min_score or clipped is None:
            continue
        if all(_overlap(clipped, other) <= config.max_overlap for _, other in kept):
            kept.append((one, clipped))
    ids = _assign([box for _, box in kept], found.labels)
    for number, (_, box) in enumerate(kept, start=1):
        left, top, right, bottom = box
        inside, free = ids[top:bottom, left:right], np.isfinite(depth_m[top:bottom, left:right])
        if found.support is not None:
            free &= ~found.support[top:bottom, left:right]
        if np.count_nonzero(inside == number) < _FILLED * inside.size:
            inside[_middle_surface(depth_m[top:bottom, left:right], free & (inside == 0))] = number
    if config.keep_others:
        rest = (ids == 0) & (found.labels > 0)
        for value in np.unique(found.labels[rest]):
            own = found.labels == value
            if np.count_nonzero(own & rest) > 0.5 * np.count_nonzero(own):  # else it is the rim of what a box cut out
                ids[own & rest] = len(kept) + int(value)
    return Instances(ids, {k: (d.label, d.score) for k, (d, _) in enumerate(kept, start=1)})


def _pixels(box: tuple[float, ...], width: int, height: int) -> tuple[int, int, int, int] | None:
    """Return the box in whole pixels of the picture, None if nothing of it is inside, or it is no box at all."""
    if not np.isfinite(box).all():
        return None
    left, top = max(int(np.floor(box[0])), 0), max(int(np.floor(box[1])), 0)
    right, bottom = min(int(np.ceil(box[2])), width), min(int(np.ceil(box[3])), height)
    return (left, top, right, bottom) if right - left > 1 and bottom - top > 1 else None


def _overlap(a: tuple[int, ...], b: tuple[int, ...]) -> float:
    """Intersection over union of two boxes."""
    common = max(min(a[2], b[2]) - max(a[0], b[0]), 0) * max(min(a[3], b[3]) - max(a[1], b[1]), 0)
    areas = sum((c[2] - c[0]) * (c[3] - c[1]) for c in (a, b))
    return common / max(areas - common, 1)


def _assign(boxes: list[tuple[int, int, int, int]], labels: np.ndarray) -> np.ndarray:
    """Give each thing (H, W labels from 1) to the box that fits it best; cut it where several boxes lie on it.

    Returns:
        (H, W) int32, k + 1 for boxes[k].
    """
    ids = np.zeros(labels.shape, np.int32)
    for value in range(1, int(labels.max(initial=0)) + 1):
        mask = labels == value
        left, top, wide, high = cv2.boundingRect(mask.astype(np.uint8))
        if not wide:
            continue
        own, area = (left, top, left + wide, top + high), np.count_nonzero(mask)
        cover, on = [], []  # share of the thing in each box, and the boxes that lie mostly on it
        for k, box in enumerate(boxes):
            inside = int(np.count_nonzero(mask[box[1] : box[3], box[0] : box[2]]))
            cover.append(inside / area)
            if inside > 0.4 * (box[2] - box[0]) * (box[3] - box[1]):
                on.append(k)
        whole = [k for k, share in enumerate(cover) if share >= _WHOLE]
        if len(on) > 1:
            _cut(ids, mask, [boxes[k] for k in on], on)
        elif whole:
            ids[mask] = 1 + max(whole, key=lambda k: _overlap(boxes[k], own))
        elif on:  # two things that we could not tell apart, and one box
            _cut(ids, mask, [boxes[on[0]]], on)
    return ids


def _cut(ids: np.ndarray, mask: np.ndarray, boxes: list[tuple[int, int, int, int]], numbers: list[int]) -> None:
    """Give each pixel of a thing to the box it lies in, where boxes overlap to the one whose middle is nearer."""
    v, u = np.nonzero(mask)
    distance = np.empty((len(boxes), len(u)))
    for k, (left, top, right, bottom) in enumerate(boxes):
        across, along = (u + 0.5 - left) / (right - left) * 2 - 1, (v + 0.5 - top) / (bottom - top) * 2 - 1
        inside = np.maximum(np.abs(across), np.abs(along)) <= 1.0
        distance[k] = np.where(inside, np.hypot(across, along), np.inf)
    nearest = np.argmin(distance, axis=0)
    inside = np.isfinite(distance[nearest, np.arange(len(u))])
    ids[v[inside], u[inside]] = np.array(numbers)[nearest[inside]] + 1


def _middle_surface(depth_m: np.ndarray, free: np.ndarray) -> np.ndarray:
    """Return the pixels (h, w) bool of a box that continue the surface in its middle without a jump of depth.

    Args:
        depth_m: (h, w) of the box [m].
        free: (h, w) bool, pixels that are neither bare table nor of another object.
    """
    height, width = depth_m.shape
    middle = np.zeros(depth_m.shape, bool)
    middle[height // 3 : -(-2 * height // 3), width // 3 : -(-2 * width // 3)] = True
    core = middle & free
    if not core.any():
        return core
    nearest = float(np.percentile(depth_m[core], 25))  # what stands in the box is nearer than what is behind it
    close = free & (np.abs(depth_m - nearest) < _REACH_M)
    _, parts = cv2.connectedComponents(close.astype(np.uint8))
    votes = np.bincount(parts[core & close], minlength=1)
    votes[:1] = 0
    return (parts == int(np.argmax(votes))) & close
