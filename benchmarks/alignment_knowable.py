"""Whether the two pictures of a pair tell the yaw at all: judged by the true shapes, never by what a method found.

A mug whose handle the demonstration shows and that hides it behind itself now can stand at any of a range of yaws.
The pair is rendered once more without noise, and the true object is turned about its own axis in the live picture.
A turn is *allowed* when the two perfect pictures do not contradict it: no point that the demonstration's camera saw
falls where the live camera saw through, nor the other way round, and as much of one picture lies on the other's surface
as at the true pose. The yaw is *knowable* when one answer lies within 10 degrees of every allowed turn.
Nothing here knows of masks off by a pixel, noise or clutter: what is called unknowable is so for every method.
"""

from dataclasses import dataclass

import numpy as np
from alignment_scenes import K, Pair, Picture, render
from scipy.spatial import cKDTree

from mt3_common import se3
from mt3_common.cameras import backproject

__all__ = ['allowed_turns', 'is_knowable']

STEP_DEGREES = 5.0
LIMIT_DEGREES = 10.0
_TOLERANCE_M = 0.003
_MAX_CONTRADICTED = 0.003  # of the points of a picture: a dozen pixels, less than the noise of an outline
_MAX_OVERLAP_LOSS = 0.02
_POINTS = 2500


@dataclass(frozen=True, eq=False)
class _Perfect:
    """A noiseless picture: exact depth (H, W) [m], the camera in the object's frame, and what is seen of the object."""

    depth_m: np.ndarray
    T_camera_object: np.ndarray
    points: np.ndarray  # (N, 3) object frame [m]
    tree: cKDTree


def is_knowable(pair: Pair) -> bool:
    """Return whether one yaw lies within 10 degrees of all that perfect pictures allow, modulo the symmetry.

    For two instances of a category both pictures are taken to show one of them; the yaw is unknowable when it is so for
    either instance.
    """
    if pair.demo.instance.symmetry != 1:
        return True
    return any(
        _span(allowed_turns(pair, picture.instance)) <= 2.0 * LIMIT_DEGREES for picture in (pair.demo, pair.live)
    )


def allowed_turns(pair: Pair, instance) -> np.ndarray:
    """Return the turns (N,) from the true pose that neither perfect picture of `instance` contradicts [degree]."""
    surface = _sampled(instance.triangles)
    demo, live = _perfect(pair.demo, instance), _perfect(pair.live, instance)
    overlap = _overlap(demo, live, 0.0)
    allowed = []
    for degrees in np.arange(-180.0, 180.0, STEP_DEGREES):
        if degrees == 0.0 or (
            _contradicted(live.points, -degrees, demo, surface) < _MAX_CONTRADICTED
            and _contradicted(demo.points, degrees, live, surface) < _MAX_CONTRADICTED
            and _overlap(demo, live, degrees) >= overlap - _MAX_OVERLAP_LOSS
        ):
            allowed.append(degrees)
    return np.array(allowed)


def _span(turns: np.ndarray) -> float:
    """Return the shortest arc that holds all turns [degree]."""
    ordered = np.sort(turns)
    return 360.0 - float(np.diff(np.append(ordered, ordered[0] + 360.0)).max())


def _perfect(picture: Picture, instance) -> _Perfect:
    """Take the picture of `instance` again without noise, neighbours included as far as they hid the object."""
    depth, labels = render([(instance, picture.T_base_object)], picture.T_base_camera)
    hider = picture.depth_m < depth - 0.015
    seen = (labels == 1) & ~hider
    depth[hider] = np.nan
    T_camera_object = se3.inverse(picture.T_base_camera) @ picture.T_base_object
    points = se3.transform_points(se3.inverse(T_camera_object), backproject(depth.astype(np.float32), K, seen))
    points = points[np.random.default_rng(0).permutation(len(points))[:_POINTS]]
    return _Perfect(depth, T_camera_object, points, cKDTree(points))


def _sampled(triangles: np.ndarray, spacing_m: float = 0.0015) -> cKDTree:
    """Return points on the triangles (F, 3, 3), no farther apart than about `spacing_m`."""
    rng = np.random.default_rng(0)
    area = 0.5 * np.linalg.norm(np.cross(triangles[:, 1] - triangles[:, 0], triangles[:, 2] - triangles[:, 0]), axis=1)
    face = rng.choice(len(triangles), size=min(100_000, int(4.0 * area.sum() / spacing_m**2)), p=area / area.sum())
    a, b = np.sqrt(rng.random(len(face))), rng.random(len(face))
    weights = np.stack([1.0 - a, a * (1.0 - b), a * b], axis=1)
    return cKDTree(np.einsum('fk,fki->fi', weights, triangles[face]))


def _turned(points: np.ndarray, degrees: float) -> np.ndarray:
    return se3.transform_points(se3.from_yaw(np.radians(degrees)), points)


def _overlap(demo: _Perfect, live: _Perfect, degrees: float) -> float:
    """Return the share of both pictures' points that lie on the other's seen surface."""
    there = demo.tree.query(_turned(live.points, -degrees), distance_upper_bound=_TOLERANCE_M)[0]
    here = live.tree.query(_turned(demo.points, degrees), distance_upper_bound=_TOLERANCE_M)[0]
    return 0.5 * float(np.isfinite(there).mean() + np.isfinite(here).mean())


def _contradicted(points: np.ndarray, degrees: float, seen_by: _Perfect, surface: cKDTree) -> float:
    """Return the share of points, turned, that float where the camera of `seen_by` saw through."""
    turned = _turned(points, degrees)
    camera = se3.transform_points(seen_by.T_camera_object, turned)
    u = np.round(K[0, 0] * camera[:, 0] / camera[:, 2] + K[0, 2]).astype(int)
    v = np.round(K[1, 1] * camera[:, 1] / camera[:, 2] + K[1, 2]).astype(int)
    height, width = seen_by.depth_m.shape
    inside = (u >= 0) & (v >= 0) & (u < width) & (v < height)
    margin = np.zeros(len(points))
    margin[inside] = seen_by.depth_m[v[inside], u[inside]] - camera[inside, 2]
    suspect = margin > _TOLERANCE_M
    floating = surface.query(turned[suspect], distance_upper_bound=_TOLERANCE_M)[0] == np.inf
    return float(floating.sum() / len(points))
