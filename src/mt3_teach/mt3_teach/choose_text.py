"""Which object a text means: by its colour and by its size or place, such as "the large red one" or "leftmost".

Perception knows no names of things, so a name alone tells nothing here; the words that are understood are listed in the
refusal. Left and right, near and far are as in the picture.
"""

import re
from collections.abc import Callable

import numpy as np

from mt3_common.errors import MT3Error, StatusCode
from mt3_perception.segmentation import Segmentation
from mt3_perception.segmentation.result import SegmentedObject
from mt3_retrieval.colour import colour_share
from mt3_teach.choose_object import Choice

__all__ = ['by_text']

_SHARE = 0.3  # of the object's pixels that must have the colour


def _across(o: SegmentedObject) -> float:
    return float(np.median(np.nonzero(o.mask)[1]))


def _down(o: SegmentedObject) -> float:
    return float(np.nonzero(o.mask)[0].max())


def _volume(o: SegmentedObject) -> float:
    return float(np.prod(np.maximum(np.ptp(o.points, axis=0), 0.005)))


def _height(o: SegmentedObject) -> float:
    return float(o.points[:, 2].max() - o.support_height)


# word: (measure, sign of the wanted end)
_ORDERS: dict[str, tuple[Callable[[SegmentedObject], float], int]] = {
    'left': (_across, -1),
    'leftmost': (_across, -1),
    'right': (_across, 1),
    'rightmost': (_across, 1),
    'near': (_down, 1),
    'nearest': (_down, 1),
    'front': (_down, 1),
    'far': (_down, -1),
    'farthest': (_down, -1),
    'back': (_down, -1),
    'large': (_volume, 1),
    'largest': (_volume, 1),
    'big': (_volume, 1),
    'biggest': (_volume, 1),
    'small': (_volume, -1),
    'smallest': (_volume, -1),
    'tall': (_height, 1),
    'tallest': (_height, 1),
    'low': (_height, -1),
    'lowest': (_height, -1),
    'flat': (_height, -1),
}


def by_text(segmentation: Segmentation, rgb: np.ndarray, text: str) -> Choice:
    """Return the object that a text describes.

    Args:
        rgb: (H, W, 3) uint8, the scene.

    Raises:
        MT3Error: OBJECT_NOT_FOUND, none fits; AMBIGUOUS, several do; INVALID_INPUT, no word is understood.
    """
    words = re.findall(r'[a-z]+', text.lower())
    pixels = [rgb[o.mask] for o in segmentation.objects]
    left = list(range(len(segmentation.objects)))
    known = False
    for word in words:
        shares = [colour_share(p, word) for p in pixels]
        if left and shares[0] is not None:
            known = True
            left = [i for i in left if shares[i] > _SHARE]
    if not left:
        raise MT3Error(
            f'no object is {text!r}; look at the picture of a dry run and use --pixel', StatusCode.OBJECT_NOT_FOUND
        )
    for word in (w for w in words if w in _ORDERS):
        known = True
        measure, sign = _ORDERS[word]
        left = [max(left, key=lambda i: sign * measure(segmentation.objects[i]))]  # used at once
    if not known:
        raise MT3Error(
            f'{text!r} names no colour, size or place; understood are colours (red, blue, black, ...) and '
            f'{", ".join(_ORDERS)}. Or use --pixel',
            StatusCode.INVALID_INPUT,
        )
    if len(left) > 1:
        raise MT3Error(
            f'{len(left)} objects are {text!r}; say which (largest, leftmost, ...), or use --pixel',
            StatusCode.AMBIGUOUS,
        )
    return Choice(left[0], f'the object that is {text!r}')
