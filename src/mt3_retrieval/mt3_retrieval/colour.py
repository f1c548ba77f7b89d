"""Names of colours in a set of pixels, for tasks that name one ("the blue mug")."""

import cv2
import numpy as np

__all__ = ['colour_share']

# name: hue ranges in degrees [from, to)
_HUES = {
    'red': ((345.0, 360.0), (0.0, 16.0)),
    'orange': ((16.0, 42.0),),
    'yellow': ((42.0, 70.0),),
    'green': ((70.0, 165.0),),
    'turquoise': ((165.0, 195.0),),
    'blue': ((195.0, 255.0),),
    'purple': ((255.0, 300.0),),
    'pink': ((300.0, 345.0),),
}
_LIKE = {'violet': 'purple', 'golden': 'yellow', 'silver': 'grey', 'beige': 'yellow', 'brown': 'orange'}


def colour_share(colors: np.ndarray, name: str) -> float | None:
    """Return the share of pixels (N, 3) uint8 rgb that a person would call by a colour; None for an unknown name."""
    name = _LIKE.get(name, name)
    if name not in (*_HUES, 'black', 'white', 'grey') or not len(colors):
        return None
    hsv = cv2.cvtColor(np.ascontiguousarray(colors, np.uint8)[None], cv2.COLOR_RGB2HSV)[0].astype(float)
    hue, saturation, value = hsv[:, 0] * 2.0, hsv[:, 1] / 255.0, hsv[:, 2] / 255.0
    dark, pale = value < 0.2, saturation < 0.22
    if name == 'black':
        return float(dark.mean())
    if name in ('white', 'grey'):
        bright = value > 0.65
        return float((pale & ~dark & (bright if name == 'white' else ~bright)).mean())
    inside = np.any([(hue >= low) & (hue < high) for low, high in _HUES[name]], axis=0)
    return float((inside & ~dark & ~pale).mean())
