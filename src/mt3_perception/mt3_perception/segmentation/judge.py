"""Which groups of points are objects, and how sure that is."""

import numpy as np

from mt3_perception.segmentation.config import SegmentationConfig
from mt3_perception.segmentation.quantiles import quantiles, sample
from mt3_perception.segmentation.topview import level_axes

__all__ = ['SMALL', 'confidence', 'reject_reason']

SMALL = 6.0
"""Times the smallest size: what is smaller is not sure."""

_ANGLES = np.arange(0.0, np.pi, np.pi / 8)
_AROUND = np.stack([np.cos(_ANGLES), np.sin(_ANGLES)], axis=1)
_FOOT_M, _TOP = 0.03, 0.5  # what is nowhere seen lower, nor below this share of its height, may be a part of another
_HIDDEN = 0.2  # of the outline of something small, share beside which what hides it is


def reject_reason(
    pixels: int,
    points: np.ndarray,
    height: np.ndarray,
    supported: np.ndarray,
    in_workspace: np.ndarray,
    sigma: float,
    unlike: float | None,
    min_pixels: float,
    up: np.ndarray,
    config: SegmentationConfig,
) -> str:
    """Return why a group of points is not an object on the support; empty when it is one.

    Args:
        pixels: Its size.
        points: (N, 3), a sample of its points [m].
        height: (N,) above the support [m].
        supported: (N,) bool, over the support.
        in_workspace: (N,) bool.
        unlike: Median colour distance to the support; None without colour.
        sigma: Depth noise at the group, as height [m].
        min_pixels: Smallest size [pixel].
        up: (3,) frame of the points.
    """
    if pixels < min_pixels:
        return f'{pixels} pixels, fewer than {min_pixels:.0f}'
    share = np.count_nonzero(supported) / len(supported)
    if share < 0.5:
        return f'only {100 * share:.0f} % of it stands over the support surface'
    share = np.count_nonzero(in_workspace) / len(in_workspace)
    if share < 0.5:
        return f'only {100 * share:.0f} % of it lies in the workspace'
    top = quantiles(sample(height), 0.98)[0]
    if top > config.max_height_m:
        return f'reaches {top:.2f} m above the support, more than {config.max_height_m:.2f} m'
    # what looks like the support has to be clearly higher than it, what looks different needs less
    clear = 2.3 if unlike is None else 2.4 if unlike < 2.5 else 1.4 if unlike < 6.0 else 1.1
    if top < clear * max(config.noise_factor * sigma, config.min_height_m * (0.6 if clear > 2.0 else 1.0)):
        return f'only {1000 * top:.0f} mm high, within the depth noise ({1000 * sigma:.1f} mm)'
    size = extent(points, up)
    if size > config.max_extent_m:
        return f'{size:.2f} m long, more than {config.max_extent_m:.2f} m'
    if max(size, top) < config.min_extent_m:
        return f'{1000 * size:.0f} mm long, less than {1000 * config.min_extent_m:.0f} mm'
    return ''


def extent(points: np.ndarray, up: np.ndarray) -> float:
    """Longest level distance across points (N, 3) [m], outliers left out."""
    directions = (_AROUND @ level_axes(up)).astype(np.float32)
    along = np.sort(directions @ sample(points, 600).T, axis=1)
    stray = round(0.02 * (along.shape[1] - 1))
    return float(np.max(along[:, -1 - stray] - along[:, stray]))


def confidence(
    mask: np.ndarray,
    box: tuple[slice, slice],
    shape: tuple[int, int],
    points: int,
    supported: float,
    heights: tuple[float, float],
    hidden: float,
    sigma: float,
    min_pixels: float,
) -> float:
    """Return how sure it is that a mask is one whole object, in [0, 1].

    The product of: enough pixels, enough height over the noise, depth known in most of it, wholly over the
    support, more than its top seen, and not cut by the rim of the picture. A small thing that looks out from behind
    another one may be depth smeared between that one and the support.

    Args:
        mask: (h, w) bool, the part of the picture's mask in `box`.
        shape: (H, W) of the picture.
        points: How many of its pixels have a depth reading.
        supported: Share of them over the support.
        heights: The lower and the upper end of what is seen of it, above what it stands on and above the support [m].
        hidden: Of something small, share of its outline beside which something nearer is seen; else 0.
        sigma: Depth noise there, as height [m].
    """
    area = max(np.count_nonzero(mask), 1)
    size = min(1.0, points / (SMALL * min_pixels))
    clear = min(1.0, heights[1] / max(8.0 * sigma, 1e-6))
    smeared = 0.5 if hidden > _HIDDEN else 1.0
    known = min(1.0, points / area / 0.7)
    rim = 0
    for axis in (0, 1):
        rim += np.count_nonzero(mask.take(0, axis)) if box[axis].start == 0 else 0
        rim += np.count_nonzero(mask.take(-1, axis)) if box[axis].stop >= shape[axis] else 0
    outline = 2.0 * (np.count_nonzero(mask.any(axis=0)) + np.count_nonzero(mask.any(axis=1)))
    whole = 1.0 - min(0.7, 2.0 * float(rim) / outline)
    whole *= 0.5 if heights[0] > max(_FOOT_M, _TOP * heights[1]) else 1.0
    sure = (0.4 + 0.6 * size) * (0.3 + 0.7 * clear) * (0.3 + 0.7 * known) * supported * whole * smeared
    return float(min(max(sure, 0.0), 1.0))
