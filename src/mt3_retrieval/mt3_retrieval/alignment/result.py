"""The result of an alignment: how the object moved, how far to believe it, and which other yaws are as good."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from mt3_common import se3
from mt3_common.errors import InvalidInput, Status

__all__ = ['Alignment', 'Pose', 'refused']


@dataclass(frozen=True, eq=False)
class Pose:
    """One candidate: where the demo object would be in the live scene.

    Attributes:
        T_live_demo: (4, 4) base frame, scale excluded [m].
        stretch: (3, 3) symmetric, live over demo size, base frame of the demo.
        yaw: Turn about the vertical [rad].
        score, overlap, violation: As in `Alignment`.
        consistency: The score with the fit taken over the points that are not hidden from the other camera. A symmetric
            object fits as well at another yaw only in this sense: turned, its seen sides face away.
        worth: What candidates are ranked by in the end, colour included: logarithm of how probable the pose is, up to
            a constant.
    """

    T_live_demo: np.ndarray
    stretch: np.ndarray
    yaw: float
    score: float
    overlap: float
    violation: float
    consistency: float
    worth: float


@dataclass(frozen=True, eq=False)
class Alignment:
    """How the object moved between demonstration and live scene.

    Attributes:
        T_live_demo: (4, 4) base frame, scale excluded: p_live = T_live_demo @ p_demo [m].
        scale: (3,) size of the live object over the demo object along x, y, z; 1 when rigid.
        stretch: (3, 3) symmetric: the same with its cross terms, for an object that grew along a slanted side.
        anchor: (3,) point of the demo, base frame, that scaling leaves in place: under the object, on the support [m].
        score: Fit minus weighted free-space violation, both ways, at most 2; higher is better. This and the next two
            are of the pose before it was settled among its neighbours (`settle`), so that they compare with others'.
        overlap: Share of points explained, mean of both ways, in [0, 1].
        violation: Share of points seen through by the other view, mean of both ways, in [0, 1].
        confidence: Probability of being right within 2 cm and 10 degrees, in [0, 1].
        ambiguous: The pictures do not tell one yaw: `alternative_yaws` or `undetermined_yaws` is not empty.
        alternative_yaws: Every further turn at which the object looks the same (every 10 degrees where it is round),
            about the live object's centre, relative to the
            chosen pose [rad]; `at_yaw(k)` is the alignment that takes the k-th.
        undetermined_yaws: Further turns, in steps of 10 degrees from 30 degrees on, that neither camera contradicts
            although the object does not look the same: what tells is out of sight, one of them may be right [rad].
        status: OK, or why it should not be used; a refused alignment still holds the best pose found, if any.
        timing_s: Seconds per step.
        candidates: Poses considered in the last step, best first.
    """

    T_live_demo: np.ndarray
    scale: np.ndarray
    stretch: np.ndarray
    anchor: np.ndarray
    score: float
    overlap: float
    violation: float
    confidence: float
    ambiguous: bool = False
    alternative_yaws: tuple[float, ...] = ()
    status: Status = field(default_factory=Status)
    timing_s: dict[str, float] = field(default_factory=dict)
    candidates: tuple[Pose, ...] = ()
    alternatives: tuple[Pose, ...] = ()
    undetermined_yaws: tuple[float, ...] = ()
    features: dict[str, float] = field(default_factory=dict)

    def transfer(self, points_demo: np.ndarray) -> np.ndarray:
        """Map demo points (N, 3), base frame, onto the live object, scale included [m]."""
        scaled = self.anchor + (np.asarray(points_demo, dtype=np.float64) - self.anchor) @ self.stretch.T
        return se3.transform_points(self.T_live_demo, scaled)

    def transfer_pose(self, T_base_x_demo: np.ndarray) -> np.ndarray:
        """Move a pose (4, 4) of the demo, base frame, with the object.

        Its position goes through the scaled map like a point of the object; its rotation turns and is not scaled.
        """
        T = self.T_live_demo @ np.asarray(T_base_x_demo, dtype=np.float64)
        T[:3, 3] = self.transfer(np.asarray(T_base_x_demo, dtype=np.float64)[None, :3, 3])[0]
        return T

    def at_yaw(self, k: int) -> 'Alignment':
        """Return the equivalent alignment that takes `alternative_yaws[k]`.

        Raises:
            InvalidInput: There is no such alternative.
        """
        if not 0 <= k < len(self.alternatives):
            raise InvalidInput(f'alternative {k} does not exist: the alignment has {len(self.alternatives)}')
        pose = self.alternatives[k]
        return replace(
            self,
            T_live_demo=pose.T_live_demo,
            scale=np.diag(pose.stretch).copy(),
            stretch=pose.stretch,
            score=pose.score,
            overlap=pose.overlap,
            violation=pose.violation,
            ambiguous=bool(self.undetermined_yaws),
            alternative_yaws=(),
            alternatives=(),
        )

    def only_yaws(self, kept: Sequence[int]) -> 'Alignment':
        """Return the same with some of its equivalent yaws, the first of them chosen.

        Args:
            kept: 0 for the pose that is chosen now, k + 1 for `alternative_yaws[k]`.
        """
        yaws = (0.0, *self.alternative_yaws)
        own = {
            'T_live_demo': self.T_live_demo,
            'stretch': self.stretch,
            'score': self.score,
            'overlap': self.overlap,
            'violation': self.violation,
        }
        poses = (replace(self.alternatives[0], **own), *self.alternatives) if self.alternatives else ()
        first = self if kept[0] == 0 else self.at_yaw(kept[0] - 1)
        turns = [yaws[k] - yaws[kept[0]] for k in kept[1:]]
        return replace(
            first,
            ambiguous=bool(turns or self.undetermined_yaws),
            alternative_yaws=tuple(float((turn + np.pi) % (2.0 * np.pi) - np.pi) for turn in turns),
            alternatives=tuple(poses[k] for k in kept[1:]),
        )


def refused(status: Status) -> Alignment:
    """Return the alignment that could not be computed, with the reason."""
    nothing = float('nan')
    return Alignment(np.eye(4), np.ones(3), np.eye(3), np.zeros(3), nothing, 0.0, 1.0, 0.0, status=status)
