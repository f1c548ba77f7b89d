"""Six degrees of freedom: an object that may lie on another side than the demonstrated one.

The demonstrated view is set down on each of 26 sides, and the coarse search over yaw and shift runs for each; the best
are climbed with all six numbers free. The score is the one of the upright search: what fits, minus what a camera saw
through. No stretch: a novel instance that has also fallen over is out of reach of one view.
"""

import itertools

import numpy as np

from mt3_common import se3
from mt3_common.jit import kernel
from mt3_retrieval.alignment.coarse import coarse_search
from mt3_retrieval.alignment.config import AlignmentConfig
from mt3_retrieval.alignment.judge import Judgement, judge_rigid
from mt3_retrieval.alignment.score import MIDDLE, WIDE, Tolerance, fits
from mt3_retrieval.alignment.shape import Shape
from mt3_retrieval.alignment.surface import nearest_grid

__all__ = ['judge_six', 'search_six', 'sides']

_PEAKS_PER_SIDE = 3
_CLIMBED, _REFINED = 24, 8
_COARSE_STEPS = np.array([0.006, 0.006, 0.006, 0.12, 0.12, 0.12])  # [m] x 3, [rad] x 3
_FINE_STEPS = np.array([0.0015, 0.0015, 0.0015, 0.03, 0.03, 0.03])
_FAR_APART_RAD, _FAR_APART_M = np.radians(12.0), 0.012
_RANK_VIOLATION = 40.0


def sides() -> np.ndarray:
    """Return rotations (26, 3, 3): each turns one of 26 directions of an object up, the upright one first."""
    ups = [np.array(d, float) / np.linalg.norm(d) for d in itertools.product((0, 1, -1), repeat=3) if any(d)]
    ups.sort(key=lambda up: -up[2])
    return np.array([_turn_up(up) for up in ups])


def _turn_up(up: np.ndarray) -> np.ndarray:
    """Return the smallest rotation (3, 3) that takes `up` to z."""
    axis = np.cross(up, [0.0, 0.0, 1.0])
    sine = np.linalg.norm(axis)
    if sine < 1e-9:
        return np.eye(3) if up[2] > 0.0 else np.diag([1.0, -1.0, -1.0])
    return se3.exp(np.concatenate([np.zeros(3), axis / sine * np.arctan2(sine, up[2])]))[:3, :3]


def search_six(
    demo: Shape, live: Shape, config: AlignmentConfig
) -> tuple[list[tuple[np.ndarray, Judgement]], np.ndarray]:
    """Return distinct poses T_liveview_demoview (4, 4) with their judgements, best first, and the coarse scores (Y,).

    The coarse scores are those of the best side over all yaws.
    """
    starts, profiles = [], []
    for R in sides():
        T_side_demo = _set_down(demo, R)
        coarse = coarse_search(_moved(demo, T_side_demo), live, config)
        profiles.append(coarse.score)
        left, right = np.roll(coarse.score, 1), np.roll(coarse.score, -1)
        peaks = [k for k in np.argsort(-coarse.score, kind='stable') if coarse.score[k] >= max(left[k], right[k])]
        for k in peaks[:_PEAKS_PER_SIDE]:
            T_live_side = se3.from_yaw(coarse.yaw[k], np.array([*coarse.shift[k], 0.0]))
            starts.append((coarse.score[k], T_live_side @ T_side_demo))
    starts.sort(key=lambda item: -item[0])
    weight = config.search_free_space_weight
    climbed = [climb_six(demo, live, T, _COARSE_STEPS, 3, 250, WIDE, weight) for _, T in starts[:_CLIMBED]]
    climbed.sort(key=lambda item: -item[1])
    kept: list[np.ndarray] = []
    for T, _ in climbed:
        if len(kept) < _REFINED and all(_apart(T, other) for other in kept):
            kept.append(T)
    refined = [climb_six(demo, live, T, _FINE_STEPS, 4, 600, MIDDLE, weight)[0] for T in kept]
    judged = [(T, judge_six(demo, live, T, config)) for T in refined]
    judged.sort(key=lambda item: -item[1].worth)
    return judged, max(profiles, key=lambda score: score.max())


def judge_six(demo: Shape, live: Shape, T: np.ndarray, config: AlignmentConfig, points: int = 1500) -> Judgement:
    """Judge T_liveview_demoview (4, 4) as `judge` does an upright pose, but for what poses are ranked by.

    The log-odds of upright poses do not hold here: fallen objects were seen from all sides, and more of them is hidden.
    """
    R, t = np.ascontiguousarray(T[:3, :3]), np.ascontiguousarray(T[:3, 3])
    judged = judge_rigid(demo, live, R, t, config, points)
    worth = 0.5 * (judged.score + judged.consistency) - _RANK_VIOLATION * judged.violation
    return judged._replace(worth=worth)


def _set_down(demo: Shape, R: np.ndarray) -> np.ndarray:
    """Return T_side_demo (4, 4): the demo turned by R, its middle over the origin, its lowest point on the support.

    What it stood on counts as part of it: the feet of the seen points hold up a fallen object as well.
    """
    feet = demo.points * np.array([1.0, 1.0, 0.0], np.float32)
    points = np.concatenate([demo.points, feet]).astype(np.float64) @ R.T
    low, high = np.percentile(points[:, :2], [1, 99], axis=0)
    return se3.make(R, -np.array([*(low + high) / 2.0, np.percentile(points[:, 2], 0.5)]))


def _moved(shape: Shape, T: np.ndarray) -> Shape:
    """Return the shape with its points, and its camera, moved by T (4, 4)."""
    points = np.ascontiguousarray(shape.points @ T[:3, :3].T + T[:3, 3], dtype=np.float32)
    normals = np.ascontiguousarray(shape.normals @ T[:3, :3].T, dtype=np.float32)
    T_camera_view = se3.make(shape.camera[:9].reshape(3, 3), shape.camera[9:12]) @ se3.inverse(T)
    camera = np.concatenate([T_camera_view[:3, :3].ravel(), T_camera_view[:3, 3], shape.camera[12:]])
    nearest, origin, cell = nearest_grid(points)
    return Shape(points, normals, shape.tints, nearest, origin, cell, shape.depth, camera)


def _apart(T: np.ndarray, other: np.ndarray) -> bool:
    distance, angle = se3.pose_error(T, other)
    return angle > _FAR_APART_RAD or distance > _FAR_APART_M


def climb_six(
    demo: Shape,
    live: Shape,
    T: np.ndarray,
    steps: np.ndarray,
    halvings: int,
    count: int,
    tolerance: Tolerance,
    weight: float,
) -> tuple[np.ndarray, float]:
    """Return the pose (4, 4) at the maximum reached from T by pattern search in six numbers, and its score."""
    centre = demo.points.mean(axis=0).astype(np.float64)
    R, t, score = _pattern_search(
        demo,
        live,
        np.ascontiguousarray(T[:3, :3]),
        T[:3, :3] @ centre + T[:3, 3],
        centre,
        steps,
        halvings,
        count,
        tolerance,
        weight,
    )
    return se3.make(R, t - R @ centre), score


@kernel
def _turned(R, axis, angle):
    """Return R turned by `angle` about a live axis."""
    c, s = np.cos(angle), np.sin(angle)
    i, j = (axis + 1) % 3, (axis + 2) % 3
    out = R.copy()
    for k in range(3):
        out[i, k] = c * R[i, k] - s * R[j, k]
        out[j, k] = s * R[i, k] + c * R[j, k]
    return out


@kernel
def _value(demo, live, R, t, centre, count, tolerance, weight):
    """Return the score of the pose that puts `centre` of the demo at `t`."""
    fit, violation, _ = fits(demo, live, R, R, t - R @ centre, count, tolerance)
    return fit - weight * violation


@kernel
def _pattern_search(demo, live, R, t, centre, steps, halvings, count, tolerance, weight):
    best = _value(demo, live, R, t, centre, count, tolerance, weight)
    size = 1.0
    for _ in range(halvings + 1):
        failed = 0  # numbers in a row: all six have been tried from here when it is six
        for _sweep in range(6):
            for axis in range(6):
                if failed == 6:
                    break
                failed += 1
                for sign in (1.0, -1.0):
                    move = sign * size * steps[axis]
                    new_R, new_t = R, t.copy()
                    if axis < 3:
                        new_t[axis] += move
                    else:
                        new_R = _turned(R, axis - 3, move)
                    score = _value(demo, live, new_R, new_t, centre, count, tolerance, weight)
                    if score > best:
                        best, R, t, failed = score, new_R, new_t, 0
                        break
        size *= 0.5
    return R, t, best
