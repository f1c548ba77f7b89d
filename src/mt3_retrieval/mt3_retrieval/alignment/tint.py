"""Colour as evidence: whether what a pose lays upon each other looks alike in both pictures.

Geometry cannot tell the ends of a thin or smooth thing apart when they are shaped alike; paint often does. Light and
exposure differ between the pictures: a tint is two chromaticities and, far less trusted, the logarithm of brightness.
"""

from collections.abc import Sequence

import numpy as np

from mt3_common.jit import kernel
from mt3_retrieval.alignment.lookup import inverse_of, laid_upon
from mt3_retrieval.alignment.pose import affine_of
from mt3_retrieval.alignment.shape import Shape

__all__ = ['colour_worth', 'contradiction', 'tints_at']

_GAMMA = 2.2
_DARK = 0.03  # brightness below which a chromaticity is noise, of full scale
_CHROMA, _LOG_BRIGHTNESS = 0.2, 0.9  # differences that count as another colour
_REACH_M = 0.008
_PER_CONTRADICTION = 15.0  # log-odds of everything being of another colour
_NOISE = 0.06  # of a contradiction: edges, shadows
_OTHER_PAINT, _DOUBT = 0.45, 0.15  # from here on two instances are painted differently; over this range trust fades
_POINTS = 800


def tints_at(points_camera: np.ndarray, K: np.ndarray, rgb: np.ndarray | None) -> np.ndarray:
    """Return the tints (N, 3) float32 of points (N, 3) in the optical frame [m]: red-green, yellow-blue, brightness."""
    if rgb is None:
        return np.full((len(points_camera), 3), np.nan, np.float32)
    rgb = np.asarray(rgb)
    u = np.clip(np.round(K[0, 0] * points_camera[:, 0] / points_camera[:, 2] + K[0, 2]), 0, rgb.shape[1] - 1)
    v = np.clip(np.round(K[1, 1] * points_camera[:, 1] / points_camera[:, 2] + K[1, 2]), 0, rgb.shape[0] - 1)
    linear = (rgb[v.astype(np.intp), u.astype(np.intp)] / 255.0) ** _GAMMA
    total = linear.mean(axis=1) + _DARK
    red, green, blue = linear.T
    tints = [(red - green) / total / 3.0, (0.5 * (red + green) - blue) / total / 3.0, np.log(total)]
    return np.stack(tints, axis=1).astype(np.float32)


def contradiction(demo: Shape, live: Shape, pose: np.ndarray, points: int = _POINTS) -> tuple[float, float]:
    """Return how far the colours laid upon each other by the pose (8,) differ, in [0, 1], and the share compared."""
    ahead_of = affine_of(pose)
    brighter = float(np.median(live.tints[:points, 2]) - np.median(demo.tints[:points, 2]))  # the exposure, mostly
    ahead = _differing(demo, live, ahead_of, points, brighter, _CHROMA, _LOG_BRIGHTNESS, _REACH_M)
    behind = _differing(live, demo, inverse_of(*ahead_of), points, -brighter, _CHROMA, _LOG_BRIGHTNESS, _REACH_M)
    compared = ahead[1] + behind[1]
    return (ahead[0] + behind[0]) / max(compared, 1e-9), 0.5 * compared


def colour_worth(demo: Shape, live: Shape, poses: Sequence[np.ndarray]) -> np.ndarray:
    """Return what colour adds to the worth of each pose (8,): (P,), in log-odds, 0 for the best.

    Where even the best of them lays different colours upon each other, the two are painted differently (two instances
    of a kind) and colour says nothing.
    """
    against, compared = np.array([contradiction(demo, live, pose) for pose in poses]).T
    if compared.min() == 0.0:
        return np.zeros(len(poses))
    least = against.min()
    trust = min(1.0, max(0.0, (_OTHER_PAINT - least) / _DOUBT))
    return -_PER_CONTRADICTION * trust * np.maximum(0.0, against - least - _NOISE)


@kernel
def _differing(source, target, motion, count, brighter, chroma, brightness, reach):
    """Return the summed difference of colour and the number of compared points, over all of `source`.

    `brighter`: how much brighter the target's picture is taken, logarithm.
    """
    count = min(count, source.points.shape[0])
    differing = compared = 0.0
    M, R, t = motion
    for p in range(count):
        _, _, _, near, distance2, _ = laid_upon(source, np.uintp(p), target, M, R, t)
        a, b = source.tints[p], target.tints[near]
        difference = ((a[0] - b[0]) ** 2 + (a[1] - b[1]) ** 2) / chroma**2 + (
            (a[2] + brighter - b[2]) / brightness
        ) ** 2
        if difference != difference:  # no colour
            continue
        if distance2 < reach * reach:
            compared += 1.0
            differing += difference / (1.0 + difference)
    return differing / count, compared / count
