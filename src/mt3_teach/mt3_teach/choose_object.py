"""Which object a demonstration is about: by a pixel, by a point, or by where the tool acts.

By the tool: the instants at which it acts are the gripper motions during the interaction; without any, the whole
interaction. The object whose points come nearest to the tcp at those instants is the one; among objects that
are touched alike (within a centimetre), the one near which the tool stays longest. An object held from
the start is not on the table, so with it the rule finds what it is brought to.
"""

from dataclasses import dataclass

import numpy as np
from scipy.spatial import cKDTree

from mt3_common.errors import MT3Error, StatusCode
from mt3_perception.segmentation import Segmentation

__all__ = ['Choice', 'by_pixel', 'by_point', 'by_tool', 'distances']

_ALIKE_M = 0.01
_NEAR_M = 0.05


@dataclass(frozen=True)
class Choice:
    """The chosen object.

    Attributes:
        index: In `Segmentation.objects`.
        rule: How it was chosen, a sentence.
        distance_m: From the point or the tool to it [m]; 0 by pixel.
        rival_m: Distance of the next nearest object [m]; inf without one.
    """

    index: int
    rule: str
    distance_m: float = 0.0
    rival_m: float = float('inf')


def distances(points: np.ndarray, positions: np.ndarray) -> np.ndarray:
    """Return the distance (K,) from positions (K, 3) to the nearest of points (N, 3) [m]."""
    return cKDTree(points).query(positions)[0]


def by_pixel(segmentation: Segmentation, u: int, v: int) -> Choice:
    """Return the object at a pixel, or within 5 pixels of it.

    Raises:
        MT3Error: OBJECT_NOT_FOUND; says what is there.
    """
    labels = segmentation.labels
    height, width = labels.shape
    if not (0 <= u < width and 0 <= v < height):
        raise MT3Error(f'pixel ({u}, {v}) lies outside the picture of {width}x{height}', StatusCode.INVALID_INPUT)
    rows, columns = np.nonzero(labels)
    if len(rows):
        nearest = int(np.argmin((columns - u) ** 2 + (rows - v) ** 2))
        gap = float(np.hypot(columns[nearest] - u, rows[nearest] - v))
        if gap <= 5.0:
            return Choice(int(labels[rows[nearest], columns[nearest]]) - 1, f'the object at pixel ({u}, {v})')
    raise MT3Error(f'no object at pixel ({u}, {v}); {_list(segmentation)}', StatusCode.OBJECT_NOT_FOUND)


def by_point(segmentation: Segmentation, point: np.ndarray, max_m: float) -> Choice:
    """Return the object nearest to a point (3,), base frame [m].

    Raises:
        MT3Error: OBJECT_NOT_FOUND; nothing within `max_m`.
    """
    point = np.asarray(point, np.float64).reshape(1, 3)
    order = sorted((float(distances(o.points, point)[0]), i) for i, o in enumerate(segmentation.objects))
    if not order or order[0][0] > max_m:
        raise MT3Error(
            f'no object within {max_m} m of the point {np.round(point[0], 3).tolist()} m; {_list(segmentation)}',
            StatusCode.OBJECT_NOT_FOUND,
        )
    rival = order[1][0] if len(order) > 1 else float('inf')
    return Choice(order[0][1], f'the object nearest to the point {np.round(point[0], 3).tolist()}', order[0][0], rival)


def by_tool(segmentation: Segmentation, positions: np.ndarray, acting: np.ndarray | None, max_m: float) -> Choice:
    """Return the object on which the tool acts.

    Args:
        positions: (K, 3) of the tcp during the interaction, base frame, evenly spaced in time [m].
        acting: (M, 3) of the tcp when the gripper moves; None or empty: it does not.
        max_m: The nearest object must be nearer than this [m].

    Raises:
        MT3Error: OBJECT_NOT_FOUND; the tool comes near no object.
    """
    grips = acting is not None and len(acting) > 0
    where = acting[:1] if grips else positions  # the first grip: what is released later was gripped before
    ranking = []
    for i, o in enumerate(segmentation.objects):
        nearest = float(distances(o.points, where).min())
        near_share = float((distances(o.points, positions) < _NEAR_M).mean())
        ranking.append((nearest, -near_share, i))
    ranking.sort()
    if not ranking or ranking[0][0] > max_m:
        nearest = f'the nearest stays {ranking[0][0]:.3f} m away' if ranking else 'the scene has none'
        raise MT3Error(
            f'the tool acts on no object: {nearest}, the limit is {max_m} m; choose the object by pixel or point; '
            f'{_list(segmentation)}',
            StatusCode.OBJECT_NOT_FOUND,
        )
    alike = [r for r in ranking if r[0] <= ranking[0][0] + _ALIKE_M]
    best = min(alike, key=lambda r: (r[1], r[0]))
    others = [r[0] for r in ranking if r[2] != best[2]]
    rule = 'the object nearest to the tool when the gripper first moves' if grips else 'the object nearest to the tool'
    return Choice(best[2], rule, best[0], min(others, default=float('inf')))


def _list(segmentation: Segmentation) -> str:
    """Return the objects, for a message."""
    if not segmentation.objects:
        return f'the scene has no objects ({segmentation.status.message or "nothing stands on the support"})'
    items = []
    for o in segmentation.objects:
        v, u = (int(np.median(axis)) for axis in np.nonzero(o.mask))
        items.append(f'({u}, {v})')
    return f'objects lie at the pixels {", ".join(items)}'
