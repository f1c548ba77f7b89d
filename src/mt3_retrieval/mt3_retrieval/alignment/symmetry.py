"""Which turns of the best pose are as good, and why: the object looks the same, or the telling part is out of sight.

A turn that neither camera contradicts is one of two things. Turned about its axis the object fits its own picture
too, in the demonstration and now: a symmetric object, every such yaw is right. Or it contradicts its own picture in
one of them (a handle seen in the demonstration would stand where that camera saw through) while the other camera does
not see the place: a hidden part, and nobody can know the yaw.
"""

from typing import NamedTuple

import numpy as np

from mt3_retrieval.alignment.coarse import CoarsePoses
from mt3_retrieval.alignment.confidence import angle_apart
from mt3_retrieval.alignment.config import AlignmentConfig
from mt3_retrieval.alignment.judge import judge, self_violation
from mt3_retrieval.alignment.polish import RIGID, polish
from mt3_retrieval.alignment.pose import rigid_pose, turned_about
from mt3_retrieval.alignment.shape import Shape

__all__ = ['Turns', 'find_turns']

_STEPS = 36
_AXIS_DEPTH = 0.8  # coarse yaws this near to the best tell where the axis is
_AXIS_POINTS = 200
_AXIS_TURNS = np.radians(np.arange(20.0, 360.0, 30.0))
_AXIS_STEPS_M = (0.004, 0.002)
_POINTS = 300
_WIDTHS_M = (0.008, 0.006, 0.004)
_ROUND_SHARE = 0.7  # of all turns are as good: a body of revolution
_SELF_LIMIT = 0.012  # an object whose own camera sees through more of it, turned, does not look the same
_PRUNE_LIMIT = 0.06
_HOPELESS = 5.0
_CROSS_LIMIT = 0.006  # the other camera may see through so much more of it than at the best pose
_UNTOLD_LIMIT = 0.004  # the like for a turn that cannot be excluded
_UNTOLD_FROM = 3  # steps from the best yaw, and from its equivalents, that count as another yaw
_APART_RAD = np.radians(12.0)


class Turns(NamedTuple):
    """Poses (8,) at other yaws that no camera contradicts.

    Attributes:
        equivalent: The object looks the same: as right as the best.
        undetermined: The object does not look the same, but what tells is out of sight.
    """

    equivalent: list[np.ndarray]
    undetermined: list[np.ndarray]


def find_turns(
    demo: Shape,
    live: Shape,
    best: np.ndarray,
    coarse: CoarsePoses,
    config: AlignmentConfig,
) -> Turns:
    """Turn the best pose about the object's axis; keep the yaws that are as good.

    Args:
        best: (8,) the chosen pose.
        coarse: Tells where the axis is.
    """
    axis = _axis(best, coarse)
    equivalent = [] if axis is None else _equivalent(demo, live, best, axis, config)
    about = best[:2] if axis is None else axis
    limit = judge(demo, live, best, config, _POINTS).violation + _UNTOLD_LIMIT
    turned = [
        turned_about(best, about, k * 2.0 * np.pi / _STEPS) for k in range(_UNTOLD_FROM, _STEPS - _UNTOLD_FROM + 1)
    ]
    if len(equivalent) > 0.5 * _STEPS:
        turned = []
    undetermined = [
        pose
        for pose in turned
        if judge(demo, live, pose, config, _POINTS).violation < limit
        and all(angle_apart(pose[2], other[2]) > _UNTOLD_FROM * 2.0 * np.pi / _STEPS - 0.01 for other in equivalent)
    ]
    return Turns(equivalent, undetermined)


def _equivalent(
    demo: Shape, live: Shape, best: np.ndarray, axis: np.ndarray, config: AlignmentConfig
) -> list[np.ndarray]:
    """Return the poses (8,) at which the object looks the same."""
    stretch = np.array([[1.0 + best[4], best[5]], [best[5], 1.0 + best[6]]])
    axis_demo = np.linalg.solve(_rotation(best[2]) @ stretch, axis - best[:2])
    limit = judge(demo, live, best, config, _POINTS).violation + _CROSS_LIMIT

    def against(pose: np.ndarray, about: np.ndarray, about_demo: np.ndarray) -> float:
        """Return the worst of three, each over its limit: crosswise, and turned, seen by its camera now and then."""
        angle, worst = pose[2] - best[2], judge(demo, live, pose, config, _POINTS).violation / limit
        for view, at in ((live, about), (demo, about_demo)):
            if worst > _HOPELESS:
                break
            worst = max(worst, self_violation(view, _self_turn(at, angle), _POINTS) / _SELF_LIMIT)
        return worst

    angles = np.arange(_STEPS) * (2.0 * np.pi / _STEPS)
    if np.mean([self_violation(live, _self_turn(axis, a), _AXIS_POINTS) < _PRUNE_LIMIT for a in angles[::3]]) > 0.5:
        about, about_demo = _centred(live, axis), _centred(demo, axis_demo)
        poses = [turned_about(best, about, angle) for angle in angles]
        good = [k for k in range(2, _STEPS - 1) if against(poses[k], about, about_demo) < 1.0]
        if len(good) > _ROUND_SHARE * _STEPS:
            return [poses[k] for k in good]
    poses = [turned_about(best, axis, angle) for angle in angles]
    values = np.array([against(pose, axis, axis_demo) for pose in poses])
    dips = [k for k in range(2, _STEPS - 1) if values[k] < _HOPELESS and values[k] <= min(values[k - 1], values[k + 1])]
    found: list[np.ndarray] = []
    for k in sorted(dips, key=lambda k: values[k]):
        pose = polish(demo, live, poses[k], config, RIGID, _WIDTHS_M, _POINTS)
        if angle_apart(pose[2], poses[k][2]) > _APART_RAD:
            pose = poses[k]
        value = min(values[k], against(pose, axis, axis_demo))
        if value < 1.0 and all(angle_apart(pose[2], other[2]) > _APART_RAD for other in [best, *found]):
            found.append(pose)
    return found


def _rotation(angle: float) -> np.ndarray:
    return np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])


def _axis(best: np.ndarray, coarse: CoarsePoses) -> np.ndarray | None:
    """Return the point (2,) of the live view that stays when the best pose is turned into the others [m].

    None when no other yaw is nearly as good: the object has no symmetry.
    """
    good = coarse.score > coarse.score.max() - _AXIS_DEPTH
    apart = np.array([angle_apart(yaw, best[2]) > np.radians(25.0) for yaw in coarse.yaw])
    chosen = np.nonzero(good & apart)[0]
    if not len(chosen):
        return None
    rows = [np.eye(2) - _rotation(coarse.yaw[k] - best[2]) for k in chosen]
    sides = [coarse.shift[k] - _rotation(coarse.yaw[k] - best[2]) @ best[:2] for k in chosen]
    return np.linalg.lstsq(np.concatenate(rows), np.concatenate(sides), rcond=None)[0]


def _centred(view: Shape, axis: np.ndarray) -> np.ndarray:
    """Return the axis (2,) near the given one about which the object, turned, hits its own free space least [m]."""

    def clash(at: np.ndarray) -> float:
        values = [self_violation(view, _self_turn(at, angle), _AXIS_POINTS) for angle in _AXIS_TURNS]
        return float(np.mean(np.minimum(values, _PRUNE_LIMIT)))

    least = clash(axis)
    for step in _AXIS_STEPS_M:
        for move in step * np.array([[1.0, 0.0], [-1.0, 0.0], [0.0, 1.0], [0.0, -1.0]]):
            value = clash(axis + move)
            while value < least:
                axis, least = axis + move, value
                value = clash(axis + move)
    return axis


def _self_turn(axis: np.ndarray, angle: float) -> np.ndarray:
    """Return the pose (8,) of a view turned about `axis` (2,)."""
    return rigid_pose(*(axis - _rotation(angle) @ axis), angle)
