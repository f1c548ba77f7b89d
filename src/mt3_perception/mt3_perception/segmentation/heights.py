"""Height of every pixel above the support, and where that support is seen."""

from dataclasses import dataclass

import cv2
import numpy as np

from mt3_perception.segmentation.coarse import Coarse
from mt3_perception.segmentation.config import SegmentationConfig
from mt3_perception.segmentation.support import Support

__all__ = ['Heights', 'measure_heights', 'support_region']


@dataclass(frozen=True, eq=False)
class Heights:
    """Heights above the support.

    Attributes:
        height: (H, W) along the plane's normal, NaN unknown [m].
        sigma: (H, W) deviation of the height from depth noise [m], NaN unknown.
    """

    height: np.ndarray
    sigma: np.ndarray


def measure_heights(depth_m: np.ndarray, K: np.ndarray, support: Support) -> Heights:
    """Return the height of every pixel of depth (H, W) [m]."""
    height, width = depth_m.shape
    N = support.N
    across = ((np.arange(width) - K[0, 2]) * (N[0] / K[0, 0]) + N[2]).astype(np.float32)
    down = ((np.arange(height) - K[1, 2]) * (N[1] / K[1, 1])).astype(np.float32)
    distance = np.float32(support.distance_m)
    heights = down[:, None] + across[None, :]
    heights *= depth_m
    np.subtract(1.0, heights, out=heights)
    heights *= distance
    # h = (1/z - N . ray) z D: the noise of inverse depth reaches the height through z D
    sigma = depth_m * np.float32(max(support.sigma_inverse, 1e-5) * support.distance_m)
    return Heights(heights, sigma)


def support_region(heights: Heights, coarse: Coarse, support: Support, config: SegmentationConfig):
    """Return (bare, region): pixels of the bare support, and the whole surface with what stands on it.

    The region is the convex hull, in the image, of the pieces of bare surface: a table is nearly always
    convex, and projection keeps that. Pieces that lie away from the main one belong to something else
    that merely is as high (the seat of a chair, another table).

    Returns:
        bare (H, W) bool, region (H, W) bool.
    """
    tolerance = np.maximum(np.float32(config.noise_factor) * heights.sigma, np.float32(config.min_height_m))
    off = np.abs(heights.height)
    bare = off < tolerance
    # real depth bends by more than its pixel noise: the outline of the surface is found more generously
    small = _shrink(off < np.float32(1.7) * tolerance, coarse, support)
    count, pieces, stats, _ = cv2.connectedComponentsWithStats(small, connectivity=4)
    region = np.zeros(small.shape, np.uint8)
    if count < 2:
        return bare, np.zeros(bare.shape, bool)
    weight = np.bincount(pieces.ravel(), weights=np.nan_to_num(coarse.inverse).ravel() ** 2, minlength=count)
    weight[0] = 0.0
    order = np.argsort(-weight)
    hull = _hull(pieces == order[0])
    cv2.fillConvexPoly(region, hull, 1)
    for piece in order[1:count]:
        if stats[piece, cv2.CC_STAT_AREA] < 6:
            continue
        pixels = pieces == piece
        if np.count_nonzero(region[pixels]) > 0.5 * np.count_nonzero(pixels):
            hull = _hull(pixels | (region > 0))
            cv2.fillConvexPoly(region, hull, 1)
    full = np.zeros(bare.shape, np.uint8)
    # coarse sample i lies at pixel i * stride + stride // 2; half a sample more reaches the last one's edge
    corners = hull.astype(np.float64) * coarse.stride + coarse.stride // 2
    middle = corners.mean(axis=0)
    away = corners - middle
    corners += away / np.maximum(np.linalg.norm(away, axis=-1, keepdims=True), 1e-6) * coarse.stride
    cv2.fillConvexPoly(full, np.round(corners).astype(np.int32), 1)
    return bare, full > 0


def _shrink(bare: np.ndarray, coarse: Coarse, support: Support) -> np.ndarray:
    """Bare surface at the coarse samples (h, w) uint8: most of each sample's square is bare and level."""
    share = cv2.resize(bare.astype(np.float32), coarse.inverse.shape[::-1], interpolation=cv2.INTER_AREA)
    with np.errstate(invalid='ignore'):
        level = coarse.normals @ support.normal.astype(np.float32) > np.cos(np.radians(30.0))
    solid = ((share > 0.5) & level).astype(np.uint8)
    return cv2.morphologyEx(solid, cv2.MORPH_OPEN, np.ones((2, 2), np.uint8))


def _hull(mask: np.ndarray) -> np.ndarray:
    """Convex hull (n, 1, 2) of a mask (h, w), in (u, v)."""
    outlines, _ = cv2.findContours(mask.astype(np.uint8), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
    return cv2.convexHull(np.concatenate(outlines))
