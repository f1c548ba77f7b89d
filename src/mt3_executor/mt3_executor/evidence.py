"""Is a thing where it should be? Asked of one depth picture, with the points of the thing as they were seen before.

Each point, moved to where it should be now, is looked up in the picture: a surface at its depth explains it; one
behind it shows that nothing is there (seen through); one before it hides it. No segmentation is needed, and the arm may
stand in the picture: what it hides does not count.
"""

from dataclasses import dataclass

import numpy as np
from scipy.spatial import cKDTree

from mt3_common import se3
from mt3_common.cameras import backproject, project
from mt3_common.scene import Scene

__all__ = ['STILL_THERE', 'Evidence', 'appeared', 'away_from', 'find_shift', 'look_up', 'seen_points']

STILL_THERE = 0.6
"""Share of explained points below which a thing is no longer where it was seen."""

_TOLERANCE_M = 0.012  # of depth and pose together [m]
_ALIKE_M = 0.015  # what comes to lie this near to where something was looks the same [m]
_SUPPORT_M = 0.006  # above the support: noise of the depth [m]
_FIT_STEP_M = 0.002  # finest step of a search for a shift [m]
_FIT_POINTS = 800  # enough for it


@dataclass(frozen=True)
class Evidence:
    """What a picture says about points.

    Attributes:
        count: Points that lie in the picture.
        visible: Share of them that nothing hides.
        explained: Share of the visible ones with a surface at their depth.
    """

    count: int
    visible: float
    explained: float

    @property
    def tells(self) -> bool:
        """Whether enough is seen to say anything."""
        return self.count >= 30 and self.visible >= 0.2


def look_up(points: np.ndarray, scene: Scene, tolerance_m: float = _TOLERANCE_M) -> Evidence:
    """Return what a scene's depth says about points (N, 3), base frame [m]."""
    if not len(points):
        return Evidence(0, 0.0, 0.0)
    in_camera = se3.transform_points(se3.inverse(scene.T_base_camera), points)
    pixel = np.rint(np.nan_to_num(project(in_camera, scene.K), nan=-1.0)).astype(int)
    height, width = scene.depth_m.shape
    inside = (pixel[:, 0] >= 0) & (pixel[:, 0] < width) & (pixel[:, 1] >= 0) & (pixel[:, 1] < height)
    depth = scene.depth_m[pixel[inside, 1], pixel[inside, 0]]
    behind = depth - in_camera[inside, 2]
    behind = np.where(np.isfinite(behind), behind, -np.inf)  # no reading tells as little as what stands before it
    explained, through = np.abs(behind) <= tolerance_m, behind > tolerance_m
    seen = int(explained.sum() + through.sum())
    return Evidence(len(behind), seen / max(1, len(behind)), float(explained.sum() / seen) if seen else 0.0)


def seen_points(scene: Scene, centre: np.ndarray, reach_m: float) -> np.ndarray:
    """Return all points (N, 3) that a scene shows above its support around a place, of whatever segment [m]."""
    points = se3.transform_points(scene.T_base_camera, backproject(scene.depth_m, scene.K))
    near = np.abs(points - centre).max(axis=1) < reach_m
    if np.isfinite(scene.support_height_m):
        near &= points[:, 2] > scene.support_height_m + _SUPPORT_M
    return points[near]


def away_from(points: np.ndarray, others: np.ndarray) -> np.ndarray:
    """Return the points (N, 3) at whose place nothing of the others is: only they tell one state from the other [m]."""
    if not len(points) or not len(others):
        return points
    distance, _ = cKDTree(others).query(points, distance_upper_bound=_ALIKE_M)
    return points[~np.isfinite(distance)]


def find_shift(points: np.ndarray, scene: Scene, reach_m: float = 0.03) -> tuple[np.ndarray, float] | None:
    """Return how far points must be moved to lie on what a scene shows.

    Searched from coarse to fine for the shift at which most of what nothing hides lies on a surface and least of it is
    seen through. The outline counts as much as the faces: matching surfaces alone would let a flat face slide.

    Args:
        points: (N, 3) where they are expected, base frame [m].
        scene: What is seen.
        reach_m: Largest shift along each axis [m].

    Returns:
        (shift (3,) [m], share of the points that are then explained, of those that nothing hides); None when too little
        is seen.
    """
    if len(points) > _FIT_POINTS:
        points = points[:: len(points) // _FIT_POINTS + 1]
    best, half = np.zeros(3), reach_m
    while half > _FIT_STEP_M:
        steps = np.linspace(-half, half, 5)
        shifts = best + np.array(np.meshgrid(steps, steps, steps)).reshape(3, -1).T
        scores = [_score(points + shift, scene, max(_FIT_STEP_M * 2.0, 0.5 * half)) for shift in shifts]
        best, half = shifts[int(np.argmax(scores))], 0.5 * half
    there = look_up(points + best, scene, 2.0 * _FIT_STEP_M)
    return (best, there.explained) if there.tells else None


def _score(points: np.ndarray, scene: Scene, tolerance_m: float) -> float:
    """Return the share of visible points on a surface, those seen through counted against."""
    found = look_up(points, scene, tolerance_m)
    return (2.0 * found.explained - 1.0) * found.visible


def appeared(before: Scene, after: Scene, centre: np.ndarray, radius_m: float, below_m: float, above_m: float) -> int:
    """Return how many pixels show something new around a place: nearer to the camera than before.

    Args:
        before, after: Two scenes of one camera pose.
        centre: (3,) the place, base frame [m].
        radius_m, below_m, above_m: Extent of the place: horizontally, downwards, upwards [m].
    """
    points = se3.transform_points(after.T_base_camera, backproject(after.depth_m, after.K))
    valid = np.isfinite(after.depth_m) & (after.depth_m > 0.0)
    inside = np.linalg.norm(points[:, :2] - centre[:2], axis=1) < radius_m
    inside &= (points[:, 2] > centre[2] - below_m) & (points[:, 2] < centre[2] + above_m)
    nearer = before.depth_m[valid] - after.depth_m[valid] > _TOLERANCE_M
    return int((inside & nearer).sum())
