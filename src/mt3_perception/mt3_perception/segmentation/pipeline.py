"""The steps of the segmentation, in order."""

from dataclasses import replace
from itertools import pairwise

import cv2
import numpy as np

from mt3_common.cameras import check_intrinsics
from mt3_common.errors import InvalidInput, Status, StatusCode
from mt3_common.jit import kernel
from mt3_common.se3 import as_transform
from mt3_perception.segmentation.appearance import look_at
from mt3_perception.segmentation.borders import Images
from mt3_perception.segmentation.bridges import join_over_missing
from mt3_perception.segmentation.clusters import cluster
from mt3_perception.segmentation.coarse import Coarse, coarsen
from mt3_perception.segmentation.config import SegmentationConfig
from mt3_perception.segmentation.describing import View
from mt3_perception.segmentation.enlarge import enlarge, halve
from mt3_perception.segmentation.foreground import above_support, cut_jumps
from mt3_perception.segmentation.heights import Heights, measure_heights, support_region
from mt3_perception.segmentation.hovering import remove_hovering
from mt3_perception.segmentation.joining import JoinLimits
from mt3_perception.segmentation.judge import reject_reason
from mt3_perception.segmentation.objects import Standing, assemble
from mt3_perception.segmentation.outlines import clean_outlines
from mt3_perception.segmentation.pixels import Pixels, in_workspace, list_pixels
from mt3_perception.segmentation.quantiles import median, sample
from mt3_perception.segmentation.readings import fill_specks, prepare_depth
from mt3_perception.segmentation.regions import by_label
from mt3_perception.segmentation.result import Dropped, Segmentation
from mt3_perception.segmentation.support import Support, find_support
from mt3_perception.segmentation.touching import Split, split_touching

__all__ = ['segment']

_DEFAULTS = SegmentationConfig()
_LARGE = 960  # columns from which on a picture is looked at with half its resolution


def segment(
    depth_m: np.ndarray,
    K: np.ndarray,
    T_base_camera: np.ndarray | None = None,
    rgb: np.ndarray | None = None,
    config: SegmentationConfig = _DEFAULTS,
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
    (depth, valid), K = prepare_depth(depth_m), check_intrinsics(K)
    if min(depth.shape) < 32:
        raise InvalidInput(f'depth must be at least 32 x 32 pixels: got {depth.shape}')
    if rgb is not None:
        rgb = np.ascontiguousarray(rgb)
        if rgb.shape != (*depth.shape, 3) or rgb.dtype != np.uint8:
            raise InvalidInput(f'rgb must be {(*depth.shape, 3)} uint8 as depth is: got {rgb.shape} {rgb.dtype}')
    if T_base_camera is not None:
        T_base_camera = as_transform(T_base_camera, 'T_base_camera')
    if valid < 0.01:
        return _nothing(depth, valid, f'only {100 * valid:.1f} % of the depth pixels have a reading; check the camera')
    if depth.shape[1] > _LARGE:
        small_depth, small_K, small_rgb = halve(depth, K, rgb)
        found = segment(small_depth, small_K, T_base_camera, small_rgb, config)
        return enlarge(found, depth, K, T_base_camera, config.jump_m)
    return _segment(depth, K, T_base_camera, rgb, config, valid)


def _segment(
    depth: np.ndarray,
    K: np.ndarray,
    T_base_camera: np.ndarray | None,
    rgb: np.ndarray | None,
    config: SegmentationConfig,
    valid: float,
) -> Segmentation:
    """Find the support, then what stands on it, in checked input."""
    filled = fill_specks(depth, config.jump_m)
    coarse = coarsen(filled, K)
    up = None if T_base_camera is None else T_base_camera[2, :3].copy()
    inside = None
    if T_base_camera is not None:
        points = (coarse.rays / coarse.inverse[..., None]).reshape(-1, 3)
        inside = in_workspace(points, T_base_camera, config).reshape(coarse.inverse.shape)
    support = find_support(coarse, up, inside, config)
    if support is None:
        return _nothing(
            depth,
            valid,
            f'no {"level " if up is not None else ""}surface covers {100 * config.min_support_share:.0f} % of the '
            f'picture within {config.max_distance_m} m; point the camera at the table, or check T_base_camera',
        )
    return _objects_on(support, coarse, depth, filled, K, T_base_camera, rgb, config, valid)


def _objects_on(
    support: Support,
    coarse: Coarse,
    depth: np.ndarray,
    filled: np.ndarray,
    K: np.ndarray,
    T_base_camera: np.ndarray | None,
    rgb: np.ndarray | None,
    config: SegmentationConfig,
    valid: float,
) -> Segmentation:
    """Do the steps that follow once the support is known."""
    min_pixels = config.min_pixels * depth.size / (640 * 480)
    heights = measure_heights(filled, K, support, config)
    region = support_region(heights, coarse, support)
    bare = heights.bare & (region > 0)
    look = None if rgb is None or not config.use_colour else look_at(rgb, heights.bare)
    different = None if look is None else look.different
    foreground = above_support(heights, region, different)
    surfaces = cut_jumps(filled, foreground, np.float32(config.jump_m))
    standing_on, dropped = remove_hovering(
        np.flatnonzero(surfaces), filled, heights.height, K, support.up, config.hover_m, int(min_pixels)
    )
    near = cv2.dilate(cv2.resize(region, coarse.inverse.shape[::-1]), np.ones((9, 9), np.uint8))
    pixels = list_pixels(standing_on, filled, heights.height, K, support.up, region, near)
    if not len(pixels.flat):
        nothing = np.zeros(depth.shape, np.int32), pixels.slices
        return assemble(*nothing, depth, K, T_base_camera, support, heights, bare, {}, dropped, min_pixels, valid)
    images = Images(filled, *((None, None) if look is None else (rgb, look.lab)), support.sigma_inverse)
    seen = bare[::2, ::2].copy() if different is None else _surely_bare(bare, different)
    split = _group(pixels, seen, View(images, K, support.up), config)
    if look is not None:
        split = replace(split, labels=join_over_missing(split.labels, pixels, filled, look, region))
    labels, standing, refused = _label(split, pixels, heights, different, T_base_camera, support.up, min_pixels, config)
    labels, box = clean_outlines(labels, pixels.slices, filled, foreground & ~surfaces, look, region)
    dropped += refused
    return assemble(labels, box, depth, K, T_base_camera, support, heights, bare, standing, dropped, min_pixels, valid)


def _group(pixels: Pixels, bare: np.ndarray, view: View, config: SegmentationConfig) -> Split:
    """Group pixels by where they stand, and divide the groups that are several objects."""
    found = cluster(pixels.points, bare, view.images.depth, view.K, view.up, config)
    if not config.split_touching:
        return Split(found.labels, frozenset(), {})
    return split_touching(found, pixels, view, JoinLimits.in_cells(config, found.view.cell_m))


def _label(
    split: Split,
    pixels: Pixels,
    heights: Heights,
    different: np.ndarray | None,
    T_base_camera: np.ndarray | None,
    up: np.ndarray,
    min_pixels: float,
    config: SegmentationConfig,
) -> tuple[np.ndarray, dict[int, Standing], list[Dropped]]:
    """Labels (H, W) from 1 of the groups of pixels that are objects, how these stand, and the others."""
    shape, groups = heights.height.shape, split.labels
    labels, standing, refused = np.zeros(shape, np.int32), {}, []
    order, starts = by_label(groups)
    in_box = in_workspace(pixels.points, T_base_camera, config)
    for start, end in pairwise(starts[1:].tolist()):
        if end - start < 0.25 * min_pixels:
            continue
        flat, some = pixels.flat[order[start:end]], sample(order[start:end])
        points, over = pixels.points[some], pixels.place[some] > 1
        unlike = None if different is None else median(different.ravel()[pixels.flat[some]])
        sigma = heights.sigma_share * median(points[:, 2])
        reason = reject_reason(
            end - start, points, pixels.height[some], over, in_box[some], sigma, unlike, min_pixels, up, config
        )
        if reason:
            v, u = divmod(int(flat[len(flat) // 2]), shape[1])
            refused.append(Dropped((u, v), len(flat), reason))
            continue
        group = int(groups[some[0]])
        standing[len(standing) + 1] = Standing(
            np.count_nonzero(over) / len(over), split.raised_m.get(group, 0.0), group in split.doubtful
        )
        labels.ravel()[flat] = len(standing)
    return labels, standing, refused


@kernel
def _surely_bare(bare, different):
    """Every other pixel (H/2, W/2) at the height of the support that looks like it too: not the bottom of a bowl."""
    out = np.empty(((bare.shape[0] + 1) // 2, (bare.shape[1] + 1) // 2), np.bool_)
    for v in range(out.shape[0]):
        for u in range(out.shape[1]):
            out[v, u] = bare[2 * v, 2 * u] and different[2 * v, 2 * u] < 4.0
    return out


def _nothing(depth: np.ndarray, valid_share: float, message: str) -> Segmentation:
    """Return an empty result that says why."""
    status = Status(StatusCode.NO_DATA, message)
    return Segmentation((), None, np.zeros(depth.shape, np.int32), status, None, (), valid_share)
