"""Waypoints of the tool, in the frame of the object that the task is about."""

from dataclasses import dataclass

import numpy as np

from mt3_common import se3

__all__ = ['Waypoint', 'top_down']


@dataclass(frozen=True, eq=False)
class Waypoint:
    """One pose that the tool goes to on a straight line.

    Attributes:
        T_target_tcp: (4, 4) [m].
        speed: Highest speed on the way to it [m/s].
        opening: Command to the gripper once there, 0 closed to 1 open; None leaves it.
        event: Mark set once there ('bottleneck', 'end'), empty for none.
        tight: Something is near: the hand goes there exactly.
    """

    T_target_tcp: np.ndarray
    speed: float = 0.1
    opening: float | None = None
    event: str = ''
    tight: bool = True


def top_down(x: float, y: float, z: float, closing_yaw: float) -> np.ndarray:
    """Return a tool pose (4, 4) that points straight down.

    Args:
        x, y, z: Position [m].
        closing_yaw: Direction in which the fingers close (the tool's y axis), about z [rad].
    """
    c, s = np.cos(closing_yaw), np.sin(closing_yaw)
    return se3.make(np.array([[-s, c, 0.0], [c, s, 0.0], [0.0, 0.0, -1.0]]), (x, y, z))
