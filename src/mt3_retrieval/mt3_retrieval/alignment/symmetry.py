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
from mt3_retrieval.alignment.polish import RIGID, polish
from mt3_retrieval.alignment.pose import affine_of, turned_within
from mt3_retrieval.alignment.score import violations
from mt3_retrieval.alignment.shape import Shape
from mt3_retrieval.alignment.tint import contradiction

__all__ = ['Turns', 'find_turns']

_STEPS = 36
_STEP_RAD = 2.0 * np.pi / _STEPS
_ANGLES = np.arange(_STEPS) * _STEP_RAD
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
_OTHER_COLOUR = 0.2  # so much more contradiction of colours than at the best pose is another look


class Turns(NamedTuple):
    """Poses (8,) at other yaws that no camera contradicts.

    Attributes:
        equivalent: The object looks the same: as right as the best.
        undetermined: The object does not look the same, but what tells is out of sight.
        looseness: How near to its limit the least certain of `equivalent` came, in [0, 1]; 0 when there is none.
        untold: How many steps of the circle are open because the telling part is hidden. Steps whose difference to the
            object's own picture is barely over the limit count in part: a round thing seen badly is not a hidden part.
    """

    equivalent: list[np.ndarray]
    undetermined: list[np.ndarray]
    looseness: float
    untold: float


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
    judged = _Judged(demo, live, best, config)
    equivalent, looseness = ([], 0.0) if axis is None else _equivalent(judged, best, axis)
    if len(equivalent) > 0.5 * _STEPS:
        return Turns(equivalent, [], looseness, 0.0)
    equivalent = _alike_in_colour(demo, live, best, equivalent)
    about = best[:2] if axis is None else axis
    poses = turned_within(best, about, _ANGLES[_UNTOLD_FROM : 1 - _UNTOLD_FROM])
    new = [all(angle_apart(p[2], e[2]) > _UNTOLD_FROM * _STEP_RAD - 0.01 for e in equivalent) for p in poses]
    poses = poses[new]
    poses = poses[judged.across(poses) < judged.best_violation + _UNTOLD_LIMIT]
    differing = judged.within(poses, about) - 1.0
    return Turns(equivalent, list(poses), looseness, float(np.clip(differing, 0.0, 1.0).sum()))


class _Judged:
    """What speaks against turns of the best pose, stacked (P, 8)."""

    def __init__(self, demo: Shape, live: Shape, best: np.ndarray, config: AlignmentConfig) -> None:
        self.demo, self.live, self._best, self._config = demo, live, best, config
        self.best_violation = float(self.across(best[None])[0])

    def axis_demo(self, axis: np.ndarray) -> np.ndarray:
        """Return the point (2,) of the demo view that the best pose puts at `axis` (2,) of the live view [m]."""
        return np.linalg.solve(affine_of(self._best)[0][:2, :2], axis - self._best[:2])

    def across(self, poses: np.ndarray) -> np.ndarray:
        """Return what the other camera saw through (P,), both ways."""
        return violations(self.demo, self.live, poses, _POINTS)

    def within(self, poses: np.ndarray, about: np.ndarray, about_demo: np.ndarray | None = None) -> np.ndarray:
        """Return what its own camera sees through of the turned object (P,), now and then the worse, over its limit.

        `about`, `about_demo`: the axis (2,) in each view [m], the second by default where the best pose puts the first.
        """
        worst = np.zeros(len(poses))
        for view, at in ((self.live, about), (self.demo, self.axis_demo(about) if about_demo is None else about_demo)):
            open_ = worst <= _HOPELESS
            seen = violations(view, view, _self_turns(at, poses[open_, 2] - self._best[2]), _POINTS)
            worst[open_] = np.maximum(worst[open_], seen / _SELF_LIMIT)
        return worst

    def against(self, poses: np.ndarray, about: np.ndarray, about_demo: np.ndarray | None = None) -> np.ndarray:
        """Return the worst of both (P,), each over its limit: 1 and more is another look."""
        worst = self.across(poses) / (self.best_violation + _CROSS_LIMIT)
        open_ = worst <= _HOPELESS
        worst[open_] = np.maximum(worst[open_], self.within(poses[open_], about, about_demo))
        return worst

    def polished(self, pose: np.ndarray) -> np.ndarray:
        """Return the pose at its nearest maximum, unless that is another turn."""
        there = polish(self.demo, self.live, pose, self._config, RIGID, _WIDTHS_M, _POINTS)
        return pose if angle_apart(there[2], pose[2]) > _APART_RAD else there


def _equivalent(judged: _Judged, best: np.ndarray, axis: np.ndarray) -> tuple[list[np.ndarray], float]:
    """Return the poses (8,) at which the object looks the same, and how near to the limit that came."""
    alike = violations(judged.live, judged.live, _self_turns(axis, _ANGLES[::3]), _AXIS_POINTS) < _PRUNE_LIMIT
    if alike.mean() > 0.5:
        about, about_demo = _centred(judged.live, axis), _centred(judged.demo, judged.axis_demo(axis))
        poses = turned_within(best, about, _ANGLES)
        values = judged.against(poses, about, about_demo)
        good = [k for k in range(2, _STEPS - 1) if values[k] < 1.0]
        if len(good) > _ROUND_SHARE * _STEPS:
            return [poses[k] for k in good], float(np.median(values))
    poses = turned_within(best, axis, _ANGLES)
    values = judged.against(poses, axis)
    dips = [k for k in range(2, _STEPS - 1) if values[k] < _HOPELESS and values[k] <= min(values[k - 1], values[k + 1])]
    found, looseness = [], 0.0
    for k in sorted(dips, key=lambda k: values[k]):
        pose = judged.polished(poses[k])
        value = min(values[k], float(judged.against(pose[None], axis)[0]))
        if value < 1.0 and all(angle_apart(pose[2], other[2]) > _APART_RAD for other in [best, *found]):
            found.append(pose)
            looseness = max(looseness, value)
    return found, looseness


def _alike_in_colour(demo: Shape, live: Shape, best: np.ndarray, turned: list[np.ndarray]) -> list[np.ndarray]:
    """Return the poses (8,) that lay no colours upon each other that differ: a bar with one red end has two ends."""
    limit = contradiction(demo, live, best)[0] + _OTHER_COLOUR
    return [pose for pose in turned if contradiction(demo, live, pose)[0] < limit]


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
        values = violations(view, view, _self_turns(at, _AXIS_TURNS), _AXIS_POINTS)
        return float(np.minimum(values, _PRUNE_LIMIT).mean())

    least = clash(axis)
    for step in _AXIS_STEPS_M:
        for move in step * np.array([[1.0, 0.0], [-1.0, 0.0], [0.0, 1.0], [0.0, -1.0]]):
            value = clash(axis + move)
            while value < least:
                axis, least = axis + move, value
                value = clash(axis + move)
    return axis


def _self_turns(axis: np.ndarray, angles: np.ndarray) -> np.ndarray:
    """Return the poses (A, 8) of a view turned about `axis` (2,) by `angles` (A,) [rad]."""
    cos, sin = np.cos(angles), np.sin(angles)
    poses = np.zeros((len(angles), 8))
    poses[:, 0] = axis[0] - cos * axis[0] + sin * axis[1]
    poses[:, 1] = axis[1] - sin * axis[0] - cos * axis[1]
    poses[:, 2] = angles
    return poses
