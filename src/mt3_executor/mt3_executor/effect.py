"""What a demonstration does to things, read from its tool path and its gripper commands.

A demonstration stores one scene, from before. What happened then follows from how it was done:

- A hand that closes and stays closed took hold of something, which from then on moves with the tool (HELD at the
  end). If it opens again, the thing stays where it was let go (CARRIED): lifted things and drawers alike.
- A hand that starts closed (partly) and opens lets go of what it held (PLACED).
- A hand that never changes may push. What its fingers meet on the way moves with them, along the support, until they
  go back (PUSHED). It takes the object's points to tell; too small a push leaves nothing to see (NONE).

Of furniture (a drawer, a door, a lid, a lever) only the part moves that the fingers touch; the body stays, and the part
may be a segment of its own, or of none. So what surely moves is what is between the fingers, whatever its segment. The
whole object goes along for sure only where it was lifted without being turned, as no hinge or slide allows.
"""

from dataclasses import dataclass, field
from enum import Enum

import numpy as np
from scipy.spatial import cKDTree

from mt3_common import se3
from mt3_common.demonstration import Interaction
from mt3_executor.gripper_events import gripper_events

__all__ = ['Effect', 'Kind', 'between_fingers', 'demonstrated_effect']

_REACH_M = 0.03  # around the closed fingers: what is grasped is near [m]
_CARRY_M = 0.015  # shorter ways of a closed hand show nothing [m]
_PUSH_M = 0.02  # shorter pushes show nothing [m]
_BETWEEN_M = (0.014, 0.004)  # half thickness of what is surely gripped, along the tool's x; beyond the fingers' faces
_BETWEEN_Z_M = (-0.045, 0.012)  # along the tool, whose z points out of the hand
_FEW = 60  # points between the fingers: too few to find again
_LIFT_M, _LIFT_TURN_RAD = 0.04, 0.6  # higher, and turned less, and the whole thing is in the hand
_LARGEST_M = 0.35  # larger things are not lifted
_FINGER_M = np.array([0.012, 0.0, 0.055])  # half thickness of a finger, -, its length; half the width is the opening's


class Kind(Enum):
    """What becomes of the object."""

    NONE = 'none'
    HELD = 'held'
    CARRIED = 'carried'
    PLACED = 'placed'
    PUSHED = 'pushed'


@dataclass(frozen=True, eq=False)
class Effect:
    """What should have happened, base frame.

    Attributes:
        kind: What became of the object.
        T_after_before: (4, 4) how the touched thing moved [m]; identity for NONE and PLACED.
        T_base_tcp: (4, 4) where the hand closed (HELD, CARRIED) or let go (PLACED) [m].
        closed_opening: Commanded opening of the grasp, 1 without one.
        touched: Points (N, 3) that surely moved, where they were before [m]: what the fingers close around or push.
        points: (M, 3) all of the object, of which furniture moves only a part [m].
        whole: Whether all of the object surely moved with that.
    """

    kind: Kind
    T_after_before: np.ndarray = field(default_factory=lambda: np.eye(4))
    T_base_tcp: np.ndarray = field(default_factory=lambda: np.eye(4))
    closed_opening: float = 1.0
    touched: np.ndarray = field(default_factory=lambda: np.zeros((0, 3)))
    points: np.ndarray = field(default_factory=lambda: np.zeros((0, 3)))
    whole: bool = False

    @property
    def moved_m(self) -> float:
        """How far the touched thing should be from where it was [m]."""
        return float(np.linalg.norm(self.T_after_before[:3, 3] + self._turned()))

    def _turned(self) -> np.ndarray:
        at = self.touched.mean(axis=0) if len(self.touched) else self.T_base_tcp[:3, 3]
        return self.T_after_before[:3, :3] @ at - at


def demonstrated_effect(
    T_base_bottleneck: np.ndarray,
    interaction: Interaction,
    points: np.ndarray,
    event_tolerance: float,
    held_opening: float,
    around: np.ndarray | None = None,
) -> Effect:
    """Return what the interaction does when it is replayed from a bottleneck.

    Args:
        T_base_bottleneck: (4, 4) live [m].
        interaction: The demonstrated one.
        points: (N, 3) seen points of the target before, base frame [m]; may be empty.
        event_tolerance: As for `gripper_events`.
        held_opening: A first opening below this means a hand that held something.
        around: (A, 3) everything that was seen above the support, of whatever segment [m]; None: only `points`.
    """
    path = np.asarray(T_base_bottleneck) @ interaction.T_bottleneck_tcp
    events = gripper_events(interaction.time_s, interaction.gripper_opening, event_tolerance)
    points = np.asarray(points, dtype=float).reshape(-1, 3)
    if not events:
        return _push(path, interaction, points)
    before = float(interaction.gripper_opening[0])
    openings = [before, *(e.opening for e in events)]
    at = [int(np.clip(np.searchsorted(interaction.time_s, e.time_s - 1e-9), 0, len(path) - 1)) for e in events]
    closings = [k for k in range(len(events)) if openings[k + 1] < openings[k]]
    if not closings:  # it only opens
        held = before < held_opening
        return Effect(Kind.PLACED if held else Kind.NONE, T_base_tcp=path[at[0]], points=points)
    first = closings[-1]
    end = at[first + 1] if first + 1 < len(events) else len(path) - 1
    T_close = path[at[first]]
    T_after_before = path[end] @ se3.inverse(T_close)
    kind = Kind.HELD if first + 1 == len(events) else Kind.CARRIED
    if np.linalg.norm(path[end][:3, 3] - T_close[:3, 3]) < _CARRY_M:
        kind = Kind.HELD if kind is Kind.HELD else Kind.NONE
    width = openings[first] * interaction.gripper_max_width_m
    touched = between_fingers(T_close, points if around is None else around, width)
    whole = _lifts_all(path[at[first] : end + 1], points)
    if whole and len(touched) < _FEW:
        touched = points[np.linalg.norm(points - T_close[:3, 3], axis=1) < _REACH_M]
    return Effect(kind, T_after_before, T_close, openings[first + 1], touched, points, whole)


def between_fingers(T_base_tcp: np.ndarray, points: np.ndarray, width_m: float) -> np.ndarray:
    """Return those of some points (N, 3) that fingers `width_m` apart close around; all in the base frame [m]."""
    if not len(points):
        return points
    x, y, z = se3.transform_points(se3.inverse(T_base_tcp), points).T
    inside = (np.abs(x) < _BETWEEN_M[0]) & (np.abs(y) < 0.5 * width_m + _BETWEEN_M[1])
    return points[inside & (z > _BETWEEN_Z_M[0]) & (z < _BETWEEN_Z_M[1])]


def _lifts_all(path: np.ndarray, points: np.ndarray) -> bool:
    """Whether a closed hand on this way (K, 4, 4) lifts the whole object, and not only a part that hangs on it."""
    if not len(points) or np.ptp(points, axis=0).max() > _LARGEST_M:
        return False
    highest = int(path[:, 2, 3].argmax())
    _, turned = se3.pose_error(path[highest], path[0])
    return bool(path[highest, 2, 3] - path[0, 2, 3] > _LIFT_M and turned < _LIFT_TURN_RAD)


def _push(path: np.ndarray, interaction: Interaction, points: np.ndarray) -> Effect:
    """Follow the fingers along the path and let them shove the points before them, horizontally."""
    if not len(points):
        return Effect(Kind.NONE, T_base_tcp=path[0])
    half = _FINGER_M.copy()
    half[1] = 0.5 * float(interaction.gripper_opening[0]) * interaction.gripper_max_width_m + _FINGER_M[0]
    shift, met = np.zeros(3), np.zeros(len(points), bool)
    for k in range(1, len(path)):
        step = path[k][:3, 3] - path[k - 1][:3, 3]
        step[2] = 0.0
        length = float(np.linalg.norm(step))
        if length < 1e-6:
            continue
        in_tcp = se3.transform_points(se3.inverse(path[k]), points + shift)
        # the tool's z points out of the hand: the fingers reach from -length to the tool centre point and a little on
        inside = (np.abs(in_tcp[:, 0]) < half[0]) & (np.abs(in_tcp[:, 1]) < half[1])
        inside &= (in_tcp[:, 2] > -half[2]) & (in_tcp[:, 2] < 0.005)
        if not inside.any():
            continue
        ahead = (points[inside] + shift - path[k][:3, 3]) @ (step / length)
        if np.median(ahead) > -0.5 * half[0]:  # before the fingers, not left behind them
            shift = shift + step
            met |= inside
    if np.linalg.norm(shift) < _PUSH_M:
        return Effect(Kind.NONE, T_base_tcp=path[0], points=points)
    touched = points[cKDTree(points[met]).query(points, distance_upper_bound=_REACH_M)[0] < _REACH_M]
    return Effect(Kind.PUSHED, se3.make(None, shift), path[0], touched=touched, points=points)
