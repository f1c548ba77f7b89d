"""At which of the yaws that look the same what stands close around the object is as it was taught."""

import numpy as np

from mt3_common.scene import Scene
from mt3_retrieval.alignment import Alignment, View
from mt3_retrieval.taught_pixels import AROUND, Box, classified, points_of, window

__all__ = ['turned_to_surroundings']

_CLOSE_M = 0.05  # what is farther from the object is out of the hand's way, wherever it stands
_LEAST_AROUND = 200  # pixels: fewer tell no yaw
_AS_WELL = 0.9  # share of the best yaw's surroundings at which another is as good
_STRIDE = 3  # every so many-th pixel is enough to compare yaws


def turned_to_surroundings(
    scene: Scene, object_id: int, demo_view: View, alignment: Alignment
) -> tuple[Alignment, bool]:
    """Return the alignment at the yaw at which what stands close around is as it was taught, and whether it is there.

    A can looks the same from every side, the crate in which it stands does not: the hand goes between can and crate as
    it was shown. Alternatives at which the surroundings fit less are dropped; without surroundings all of them stay.
    """
    rows, columns = window(scene, scene.mask(object_id), demo_view, alignment)
    valid, points = points_of(scene, rows, columns, _STRIDE)
    points = points[scene.labels[rows, columns][::_STRIDE, ::_STRIDE][valid] != object_id]
    box, fitting = Box.around(demo_view), []
    for turned in (alignment, *(alignment.at_yaw(k) for k in range(len(alignment.alternatives)))):
        kind, high, outside = classified(points, demo_view, box, turned, _CLOSE_M)
        fitting.append(np.count_nonzero((kind == AROUND) & high & (outside < _CLOSE_M)))
    best = max(fitting)
    if best < _LEAST_AROUND / _STRIDE**2:
        return alignment, False
    kept = [k for k, count in enumerate(fitting) if count >= _AS_WELL * best]
    chosen = 0 if 0 in kept else int(np.argmax(fitting))
    return alignment.only_yaws([chosen, *(k for k in kept if k != chosen)]), True
