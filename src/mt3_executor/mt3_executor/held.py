"""What the last task left in the hand, and how the next one is moved so that it still ends in the right place."""

from dataclasses import dataclass, replace

import numpy as np

from mt3_common import se3
from mt3_common.demonstration import Interaction
from mt3_executor.ports import Retrieved

__all__ = ['HeldObject', 'corrected', 'still_held']


@dataclass(frozen=True, eq=False)
class HeldObject:
    """Something that was picked.

    Attributes:
        task, demonstration_id: With which it was picked.
        opening: Of the fingers around it.
        shift_tcp: (3,) how far it was shifted by closing fingers and the lift, tool frame [m]; None: not seen.
    """

    task: str
    demonstration_id: str
    opening: float
    shift_tcp: np.ndarray | None = None

    @property
    def shift_m(self) -> float:
        """How far it is shifted in the hand, 0 when nothing was seen [m]."""
        return 0.0 if self.shift_tcp is None else float(np.linalg.norm(self.shift_tcp))


def still_held(held: HeldObject | None, opening_now: float | None, tolerance: float = 0.08) -> bool:
    """Whether the hand still is as it was when that was picked."""
    return held is not None and opening_now is not None and abs(opening_now - held.opening) <= tolerance


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
