"""The result put together from final labels."""

from dataclasses import dataclass

import numpy as np

from mt3_common.errors import Status
from mt3_common.jit import kernel
from mt3_perception.segmentation.heights import Heights
from mt3_perception.segmentation.judge import SMALL, confidence
from mt3_perception.segmentation.ledges import LOWEST_M, has_ledge
from mt3_perception.segmentation.quantiles import median, middle, quantiles, sample
from mt3_perception.segmentation.regions import label_boxes
from mt3_perception.segmentation.result import Dropped, Plane, Segmentation, SegmentedObject
from mt3_perception.segmentation.support import Support
from mt3_perception.segmentation.topview import level_axes

__all__ = ['Standing', 'assemble']

_DOUBT = 0.5  # confidence of one thing that may be two
_BESIDE = 16  # pixels within which what hides a part of a thing is seen beside it: between them depth may be missing
_NEARER_M = np.float32(0.02)


@dataclass(frozen=True)
class Standing:
    """How an object stands.

    Attributes:
        supported: Share of its points that stand over the support.
        raised_m: Height of what it stands on above the support: 0, or that of a tray [m].
        is_doubtful: Whether it may be two things, one on top of the other.
    """

    supported: float = 1.0
    raised_m: float = 0.0
    is_doubtful: bool = False


def assemble(
    labels: np.ndarray,
    within: tuple[slice, slice],
    depth: np.ndarray,
    K: np.ndarray,
    T_base_camera: np.ndarray | None,
    support: Support,
    heights: Heights,
    bare: np.ndarray,
    standing: dict[int, Standing],
    dropped: list[Dropped],
    min_pixels: float,
    valid_share: float,
) -> Segmentation:
    """Return the segmentation of labels (H, W), objects nearest to the camera first.

    Args:
        within: Where all labels are.
        depth: (H, W) readings only, NaN or inf elsewhere [m].
        standing: Of each label.
        valid_share: Of the pixels have a reading.
    """
    R, t = (np.eye(3), np.zeros(3)) if T_base_camera is None else (T_base_camera[:3, :3], T_base_camera[:3, 3])
    normal = R @ support.normal
    offset = support.distance_m - float(normal @ t)
    share = np.count_nonzero(bare) / bare.size
    plane = Plane(normal, offset, support.sigma_inverse * support.distance_m**2, share)
    up, frame = R @ support.up, np.vstack([level_axes(support.up), support.up])
    found = []
    for value, box in label_boxes(labels, within=within):
        inside = labels[box] == value
        points, z, high = _readings(inside, depth[box], heights.height[box], box[0].start, box[1].start, K, R, t)
        if len(points) < 0.5 * min_pixels:
            continue
        at = middle(points)
        support_height = float(at @ up - plane.height(at[None])[0] / (normal @ up))
        stands = standing.get(value, Standing())
        support_height += stands.raised_m
        (low, top), corner = quantiles(sample(high), 0.03, 0.98), (box[0].start, box[1].start)
        may_be_two = stands.is_doubtful or (
            top - stands.raised_m > LOWEST_M
            and has_ledge(inside, depth[box], heights.height[box], stands.raised_m, corner, K, frame)
        )
        is_small = len(points) < SMALL * min_pixels
        sure = confidence(
            inside,
            box,
            depth.shape,
            len(points),
            stands.supported * (_DOUBT if may_be_two else 1.0),
            (low - stands.raised_m, top),
            _share_behind(labels, value, depth, *corner, *inside.shape) if is_small else 0.0,
            heights.sigma_share * median(z),
            min_pixels,
        )
        found.append((float(at @ R[:, 2] - t @ R[:, 2]), inside, box, points, support_height, sure))
    found.sort(key=lambda item: item[0])
    out, objects = np.zeros(labels.shape, np.int32), []
    for i, (_, inside, box, points, support_height, sure) in enumerate(found):
        mask = np.zeros(labels.shape, bool)
        mask[box] = inside
        out[box][inside] = i + 1
        objects.append(SegmentedObject(mask, points, support_height, sure))
    return Segmentation(tuple(objects), plane, out, Status(), bare, tuple(dropped), valid_share)


@kernel
def _share_behind(labels, value, depth, top, left, rows, columns):
    """Share of the outline of a label, in a box of a picture (H, W), beside which another one is seen nearer."""
    outline, behind = 0, 0
    for v in range(max(top, _BESIDE), min(top + rows, labels.shape[0] - _BESIDE)):
        for u in range(max(left, _BESIDE), min(left + columns, labels.shape[1] - _BESIDE)):
            if labels[v, u] != value or not depth[v, u] < np.inf:
                continue
            is_rim, is_behind = False, False
            for down, across in ((-1, 0), (1, 0), (0, -1), (0, 1)):
                if labels[v + down, u + across] == value:
                    continue
                is_rim = True
                for step in range(1, _BESIDE + 1):
                    row, column = v + step * down, u + step * across
                    other = labels[row, column]
                    is_behind |= other > 0 and other != value and depth[row, column] < depth[v, u] - _NEARER_M
            outline += is_rim
            behind += is_behind
    return behind / max(outline, 1)


@kernel
def _readings(inside, depth, height, top, left, K, R, t):
    """Point (n, 3), depth and height of each pixel of a crop (h, w) that is inside and has a reading.

    Args:
        inside: (h, w) bool.
        depth: (h, w) [m].
        height: (h, w) [m].
        top: First row of the crop.
        left: First column of it.
        K: (3, 3) [pixel].
        R: (3, 3) to the frame of the points.
        t: (3,) [m].
    """
    count = np.count_nonzero(inside)
    points, near, high = np.empty((count, 3)), np.empty(count, np.float32), np.empty(count, np.float32)
    n = 0
    for v in range(inside.shape[0]):
        for u in range(inside.shape[1]):
            z = depth[v, u]
            if inside[v, u] and z < np.inf:
                x, y = (u + left - K[0, 2]) * z / K[0, 0], (v + top - K[1, 2]) * z / K[1, 1]
                for k in range(3):
                    points[n, k] = R[k, 0] * x + R[k, 1] * y + R[k, 2] * z + t[k]
                near[n], high[n] = z, height[v, u]
                n += 1
    return points[:n], near[:n], high[:n]
