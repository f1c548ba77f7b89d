"""Height of every pixel above the support, and where that support is seen."""

from dataclasses import dataclass

import cv2
import numpy as np

from mt3_common.jit import kernel
from mt3_perception.segmentation.coarse import Coarse
from mt3_perception.segmentation.config import SegmentationConfig
from mt3_perception.segmentation.support import Support

__all__ = ['Heights', 'measure_heights', 'support_region']

_MARGIN_M = 0.3  # what is so much higher than an object is not even looked at


@dataclass(frozen=True, eq=False)
class Heights:
    """Heights above the support, and what they say of each pixel; nothing where depth is unknown.

    Attributes:
        height: (H, W) float32 along the plane's normal, NaN unknown [m].
        sigma_share: Deviation of the height from depth noise, as a share of the depth.
        bare: (H, W) bool, as high as the support.
        level: (H, W) uint8, 255 where it is about as high: real depth bends by more than its pixel noise.
        higher: (H, W) uint8, 1 where it is weakly higher, 2 where it is higher than noise explains; 0 far away, and
            so high that it has nothing to do with objects.
    """

    height: np.ndarray
    sigma_share: float
    bare: np.ndarray
    level: np.ndarray
    higher: np.ndarray


def measure_heights(depth_m: np.ndarray, K: np.ndarray, support: Support, config: SegmentationConfig) -> Heights:
    """Return the height of every pixel of depth (H, W) [m]."""
    height, width = depth_m.shape
    N = support.N
    across = ((np.arange(width) - K[0, 2]) * (N[0] / K[0, 0]) + N[2]).astype(np.float32)
    down = ((np.arange(height) - K[1, 2]) * (N[1] / K[1, 1])).astype(np.float32)
    # h = (1/z - N . ray) z D: the noise of inverse depth reaches the height through z D
    sigma_share = max(support.sigma_inverse, 1e-5) * support.distance_m
    limits = config.noise_factor, config.min_height_m, config.max_height_m + _MARGIN_M, config.max_distance_m
    high, bare, level, higher = _measure(
        depth_m, across, down, *(np.float32(value) for value in (support.distance_m, sigma_share, *limits))
    )
    return Heights(high, sigma_share, bare, level, higher)


@kernel
def _measure(depth, across, down, distance, sigma_share, factor, least, most, far):
    """Heights (H, W), and whether they are bare, level, and higher, see `Heights`."""
    height = np.empty(depth.shape, np.float32)
    bare = np.empty(depth.shape, np.bool_)
    level, higher = np.empty(depth.shape, np.uint8), np.empty(depth.shape, np.uint8)
    for v in range(depth.shape[0]):
        for u in range(depth.shape[1]):
            z = depth[v, u]
            high = (np.float32(1.0) - (down[v] + across[u]) * z) * distance
            sigma = z * sigma_share
            tolerance = max(factor * sigma, least)
            height[v, u] = high
            bare[v, u] = abs(high) < tolerance
            level[v, u] = 255 if abs(high) < np.float32(1.7) * tolerance else 0
            if not (z < far and high < most and high > max(np.float32(1.5) * sigma, np.float32(0.002))):
                higher[v, u] = 0
            else:
                higher[v, u] = 2 if high > tolerance else 1
    return height, bare, level, higher


def support_region(heights: Heights, coarse: Coarse, support: Support) -> np.ndarray:
    """Return the region (H, W) uint8, 1 on the whole surface with what stands on it.

    The region is the convex hull, in the image, of the pieces of bare surface: a table is nearly always
    convex, and projection keeps that. Pieces that lie away from the main one belong to something else
    that merely is as high (the seat of a chair, another table).
    """
    small = _shrink(heights.level, coarse, support)
    count, pieces = cv2.connectedComponents(small, connectivity=4)
    region = np.zeros(small.shape, np.uint8)
    if count < 2:
        return np.zeros(heights.height.shape, np.uint8)
    weight, area = _weigh(pieces, coarse.inverse, count)
    order = np.argsort(-weight)
    hull = _hull(pieces == order[0])
    cv2.fillConvexPoly(region, hull, 1)
    for piece in order[1:count]:
        if area[piece] < 6:
            continue
        pixels = pieces == piece
        if np.count_nonzero(region[pixels]) > 0.5 * np.count_nonzero(pixels):
            hull = _hull(pixels | (region > 0))
            cv2.fillConvexPoly(region, hull, 1)
    full = np.zeros(heights.height.shape, np.uint8)
    # coarse sample i lies at pixel i * stride + stride // 2; half a sample more reaches the last one's edge
    corners = hull.astype(np.float64) * coarse.stride + coarse.stride // 2
    middle = corners.mean(axis=0)
    away = corners - middle
    corners += away / np.maximum(np.linalg.norm(away, axis=-1, keepdims=True), 1e-6) * coarse.stride
    cv2.fillConvexPoly(full, np.round(corners).astype(np.int32), 1)
    return full


@kernel
def _weigh(pieces, inverse, count):
    """Return the weight (count,) of each piece (h, w) from 1, what is near weighs more, and its size (count,)."""
    weight, area = np.zeros(count), np.zeros(count, np.int64)
    for v in range(pieces.shape[0]):
        for u in range(pieces.shape[1]):
            piece = pieces[v, u]
            if piece:
                area[piece] += 1
                weight[piece] += inverse[v, u] ** 2 if inverse[v, u] > 0.0 else 0.0
    return weight, area


def _shrink(level: np.ndarray, coarse: Coarse, support: Support) -> np.ndarray:
    """Surface at the coarse samples (h, w) uint8: most of each sample's square is as high as it, and level."""
    share = cv2.resize(level, coarse.inverse.shape[::-1], interpolation=cv2.INTER_AREA)
    with np.errstate(invalid='ignore'):
        facing = coarse.normals @ support.normal.astype(np.float32) > np.cos(np.radians(30.0))
    solid = ((share > 127) & facing).astype(np.uint8)
    return cv2.morphologyEx(solid, cv2.MORPH_OPEN, np.ones((2, 2), np.uint8))


def _hull(mask: np.ndarray) -> np.ndarray:
    """Convex hull (n, 1, 2) of a mask (h, w), in (u, v)."""
    rows = np.flatnonzero(mask.any(axis=1))
    first, last = mask[rows].argmax(axis=1), mask.shape[1] - 1 - mask[rows, ::-1].argmax(axis=1)
    ends = np.stack([np.concatenate([first, last]), np.concatenate([rows, rows])], axis=1)
    return cv2.convexHull(ends.astype(np.int32))
