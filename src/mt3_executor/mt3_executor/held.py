"""What the last task left in the hand, and how the next one is moved so that it still ends in the right place."""

from dataclasses import dataclass, field, replace

import numpy as np

from mt3_common import se3
from mt3_common.demonstration import Interaction
from mt3_executor.ports import Retrieved

__all__ = ['HeldObject', 'corrected', 'points_in_hand', 'still_held']

_LARGEST_M = 0.35  # larger targets (a cabinet, a door) are not carried away [m]


@dataclass(frozen=True, eq=False)
class HeldObject:
    """Something that was picked.

    Attributes:
        task, demonstration_id: With which it was picked.
        opening: Of the fingers around it.
        shift_tcp: (3,) how far it was shifted by closing fingers and the lift, tool frame [m]; None: not seen.
        points_tcp: (H, 3) of the thing, tool frame, for what moves with the hand and must not touch anything [m].
    """

    task: str
    demonstration_id: str
    opening: float
    shift_tcp: np.ndarray | None = None
    points_tcp: np.ndarray = field(default_factory=lambda: np.zeros((0, 3)))

    @property
    def shift_m(self) -> float:
        """How far it is shifted in the hand, 0 when nothing was seen [m]."""
        return 0.0 if self.shift_tcp is None else float(np.linalg.norm(self.shift_tcp))


def still_held(held: HeldObject | None, opening_now: float | None, tolerance: float = 0.08) -> bool:
    """Whether the hand still is as it was when that was picked."""
    return held is not None and opening_now is not None and abs(opening_now - held.opening) <= tolerance


def points_in_hand(target_points: np.ndarray, T_base_tcp: np.ndarray, shift_tcp: np.ndarray | None) -> np.ndarray:
    """Return what is held in the tool frame (H, 3), as it was grasped and then shifted; none of what is too large.

    Args:
        target_points: (N, 3) of the thing before the grasp, base frame [m].
        T_base_tcp: (4, 4) where the hand closed [m].
        shift_tcp: (3,) how far it has shifted in the hand since [m]; None unknown.
    """
    if not len(target_points) or np.ptp(target_points, axis=0).max() > _LARGEST_M:
        return np.zeros((0, 3))
    in_hand = se3.transform_points(se3.inverse(T_base_tcp), target_points)
    return in_hand if shift_tcp is None else in_hand + shift_tcp


def corrected(retrieved: Retrieved, held: HeldObject) -> Retrieved:
    """Return a task that begins with the thing in the hand, moved so that the thing goes where it was demonstrated.

    With X the shift of the thing in the tool frame, `T_base_tcp' X T_tcp_object = T_base_tcp T_tcp_object` has to hold
    along the whole path: each tool pose is multiplied by the inverse of X from the right. The path relative to the
    bottleneck becomes `X T_bottleneck_tcp X^-1`.
    """
    X = se3.make(None, held.shift_tcp)
    X_inverse = se3.inverse(X)
    old = retrieved.interaction
    path = X @ old.T_bottleneck_tcp @ X_inverse
    path[0] = np.eye(4)
    interaction = Interaction(old.time_s, path, old.gripper_opening, old.gripper_max_width_m)
    return replace(retrieved, T_base_bottleneck=retrieved.T_base_bottleneck @ X_inverse, interaction=interaction)
