"""The steps of the segmentation, in order."""

import cv2
import numpy as np

from mt3_common.cameras import check_depth, check_intrinsics
from mt3_common.errors import InvalidInput, Status, StatusCode
from mt3_common.se3 import as_transform
from mt3_perception.segmentation.appearance import colour_distance
from mt3_perception.segmentation.clusters import cluster, cut_jumps
from mt3_perception.segmentation.coarse import Coarse, coarsen
from mt3_perception.segmentation.config import SegmentationConfig
from mt3_perception.segmentation.foreground import above_support, grow_weak, over_region
from mt3_perception.segmentation.heights import measure_heights, support_region
from mt3_perception.segmentation.hovering import remove_hovering
from mt3_perception.segmentation.judge import confidence, reject_reason
from mt3_perception.segmentation.masks import fill_missing, give_back, keep_main_pieces
from mt3_perception.segmentation.result import Dropped, Plane, SegmentedObject, Segmentation
from mt3_perception.segmentation.support import Support, find_support
from mt3_perception.segmentation.trim import fill_bottoms, trim_shadows

__all__ = ['segment']


def segment(
    depth_m: np.ndarray,
    K: np.ndarray,
    T_base_camera: np.ndarray | None = None,
    rgb: np.ndarray | None = None,
    config: SegmentationConfig = SegmentationConfig(),
) -> Segmentation:
    """Find the objects that stand on the support surface of one depth image.

    No learned weights: the surface is found, everything that stands on it is grouped by where it stands
    (seen from above), and colour helps where depth is weak or missing.

    Args:
        depth_m: (H, W) float metres, NaN unknown.
        K: (3, 3) pinhole intrinsics [pixel].
        T_base_camera: (4, 4), gravity is -z of the base; None: gravity is taken from the surface itself.
        rgb: (H, W, 3) uint8 aligned to depth; None: depth only.
        config: Limits.

    Returns:
        Objects, support plane and labels. Without depth, or without a surface, the objects are empty and
        `status` says why.

    Raises:
        InvalidInput: The arrays do not have these shapes or are not what they should be.
    """
    depth, K = check_depth(depth_m), check_intrinsics(K)
    if min(depth.shape) < 32:
        raise InvalidInput(f'depth must be at least 32 x 32 pixels: got {depth.shape}')
    if rgb is not None:
        rgb = np.asarray(rgb)
        if rgb.shape != (*depth.shape, 3) or rgb.dtype != np.uint8:
            raise InvalidInput(
                f'rgb must be (H, W, 3) uint8 aligned to depth {depth.shape}: got {rgb.shape} {rgb.dtype}'
            )
        rgb = np.ascontiguousarray(rgb)
    if T_base_camera is not None:
        T_base_camera = as_transform(T_base_camera, 'T_base_camera')
    valid_share = float(np.isfinite(depth).mean())
    if valid_share < 0.01:
        return _nothing(
            depth, valid_share, f'{100 * valid_share:.1f} % of the depth pixels have a reading; check the depth camera'
        )
    depth[depth > config.max_distance_m * 1.5] = np.inf  # known, but far: not a hole to fill
    coarse = coarsen(np.where(np.isinf(depth), np.float32(np.nan), depth), K)
    up = None if T_base_camera is None else np.ascontiguousarray(T_base_camera[2, :3])
    support = find_support(coarse, up, _inside(coarse, T_base_camera, config), config)
    if support is None:
        return _nothing(
            depth,
            valid_share,
            f'no {"level " if up is not None else ""}surface covers {100 * config.min_support_share:.0f} % of the '
            f'picture within {config.max_distance_m} m; point the camera at the table, or check T_base_camera',
        )
    return _objects_on(support, coarse, depth, K, T_base_camera, rgb, config, valid_share)


def _objects_on(
    support: Support, coarse: Coarse, depth: np.ndarray, K: np.ndarray, T_base_camera: np.ndarray | None,
    rgb: np.ndarray | None, config: SegmentationConfig, valid_share: float,
) -> Segmentation:
    """The steps that follow once the support is known."""
    min_pixels = config.min_pixels * depth.size / (640 * 480)
    heights = measure_heights(depth, K, support)
    bare, region = support_region(heights, coarse, support, config)
    different = colour_distance(rgb, bare) if rgb is not None and config.use_colour else None
    strong = above_support(heights, config) & (heights.height < config.max_height_m + 0.3)
    foreground = grow_weak(strong, heights, region, different) & (depth < config.max_distance_m)
    surfaces = cut_jumps(depth, foreground, config.jump_m)
    hanging, found = remove_hovering(
        surfaces, depth, heights.height, K, support.up, config.hover_m, int(min_pixels)
    )
    dropped = [
        Dropped((u, v), pixels, f'its underside hangs {100 * low:.0f} cm above the support: held, or a hand')
        for u, v, pixels, low in found
    ]
    surfaces &= ~hanging
    labels, over = np.zeros(depth.shape, np.int32), np.zeros(depth.shape, bool)
    v, u = np.nonzero(surfaces)
    near = cv2.dilate(cv2.resize(region.astype(np.uint8), coarse.inverse.shape[::-1]), np.ones((9, 9), np.uint8))
    reach = cv2.resize(near, depth.shape[::-1], interpolation=cv2.INTER_NEAREST) + region.astype(np.uint8)
    points, z, height = _points(depth, K, u, v), depth[v, u], heights.height[v, u]
    place = over_region((v, u), points, height, support.up, K, reach)
    use = place > 0
    v, u, points, z, height, place = v[use], u[use], points[use], z[use], height[use], place[use]
    over[v[place > 1], u[place > 1]] = True
    if len(z):
        groups, _ = cluster(points, z, support.up, float(K[0, 0]), config)
        in_workspace = _in_workspace(points, T_base_camera, config)
        sigma = heights.sigma[v, u]
        kept = 0
        order = np.argsort(groups, kind='stable')
        starts = np.searchsorted(groups[order], np.arange(1, int(groups.max()) + 2))
        for start, end in zip(starts[:-1], starts[1:], strict=True):
            own = order[start:end]
            if len(own) < 0.25 * min_pixels:
                continue
            reason = reject_reason(
                points[own], height[own], place[own] > 1, in_workspace[own],
                float(np.median(sigma[own])),
                None if different is None else float(np.median(different[v[own], u[own]])), min_pixels, support.up, config,
            )
            if reason:
                dropped.append(Dropped((int(np.median(u[own])), int(np.median(v[own]))), len(own), reason))
                continue
            kept += 1
            labels[v[own], u[own]] = kept
    labels = give_back(labels, depth, foreground & ~hanging & ~surfaces)
    labels = keep_main_pieces(labels)
    labels = fill_bottoms(labels, depth)
    if different is not None:
        labels = trim_shadows(labels, different)
    labels = fill_missing(labels, depth, rgb, different, region)
    return _result(support, heights, labels, bare & region, depth, K, T_base_camera, dropped, min_pixels, over, valid_share)


def _result(
    support, heights, labels, bare, depth, K, T_base_camera, dropped, min_pixels, over, valid_share
) -> Segmentation:
    """Make the objects of the final labels, nearest first."""
    plane, R, t = _plane(support, T_base_camera, bare)
    up = support.up if T_base_camera is None else np.array([0.0, 0.0, 1.0])
    objects = []
    for value in range(1, int(labels.max()) + 1):
        mask = labels == value
        seen = mask & np.isfinite(depth)
        v, u = np.nonzero(seen)
        if not len(v):
            continue
        points = _points(depth, K, u, v).astype(np.float64) @ R.T + t
        middle = np.median(points, axis=0)
        support_height = float(middle @ up - plane.height(middle[None])[0] / (plane.normal @ up))
        height = heights.height[v, u]
        sure = confidence(
            mask, depth, len(v), float(over[v, u].mean()), float(np.percentile(height, 98)),
            float(np.median(heights.sigma[v, u])), min_pixels,
        )
        objects.append((float(np.median(depth[v, u])), SegmentedObject(mask, points, support_height, sure)))
    objects = [o for _, o in sorted(objects, key=lambda pair: pair[0])]
    out = np.zeros(labels.shape, np.int32)
    for i, o in enumerate(objects):
        out[o.mask] = i + 1
    return Segmentation(tuple(objects), plane, out, Status(), bare, tuple(dropped), valid_share)


def _plane(support: Support, T_base_camera: np.ndarray | None, bare: np.ndarray):
    """The support in the frame of the points, and the rotation and translation to that frame."""
    R, t = (np.eye(3), np.zeros(3)) if T_base_camera is None else (T_base_camera[:3, :3], T_base_camera[:3, 3])
    normal = R @ support.normal
    offset = support.distance_m - normal @ t
    rays_z = np.median(np.nonzero(support.inliers.any(axis=1))[0]) if support.inliers.any() else 0
    del rays_z
    residual = support.sigma_inverse * support.distance_m**2
    return Plane(normal, float(offset), float(residual), float(bare.mean())), R, t


def _points(depth: np.ndarray, K: np.ndarray, u: np.ndarray, v: np.ndarray) -> np.ndarray:
    """Points (N, 3) float32 of pixels, camera frame [m]."""
    z = depth[v, u]
    x = (u - np.float32(K[0, 2])) * z * np.float32(1.0 / K[0, 0])
    y = (v - np.float32(K[1, 2])) * z * np.float32(1.0 / K[1, 1])
    return np.stack([x, y, z], axis=1).astype(np.float32, copy=False)


def _inside(coarse: Coarse, T_base_camera: np.ndarray | None, config: SegmentationConfig) -> np.ndarray | None:
    """Coarse samples (h, w) whose base-frame position lies in the workspace."""
    if T_base_camera is None:
        return None
    points = coarse.rays / coarse.inverse[..., None]
    return _in_workspace(points.reshape(-1, 3), T_base_camera, config).reshape(coarse.inverse.shape)


def _in_workspace(points: np.ndarray, T_base_camera: np.ndarray | None, config: SegmentationConfig) -> np.ndarray:
    """Which points (N, 3), camera frame, lie in the workspace; all of them without a base frame."""
    if T_base_camera is None:
        return np.ones(len(points), bool)
    base = points @ T_base_camera[:3, :3].T.astype(np.float32) + T_base_camera[:3, 3].astype(np.float32)
    low, high = np.float32(config.workspace_min_m), np.float32(config.workspace_max_m)
    with np.errstate(invalid='ignore'):
        return ((base >= low) & (base <= high)).all(axis=1)


def _nothing(depth: np.ndarray, valid_share: float, message: str) -> Segmentation:
    """An empty result that says why."""
    status = Status(StatusCode.NO_DATA, message)
    return Segmentation((), None, np.zeros(depth.shape, np.int32), status, None, (), valid_share)
