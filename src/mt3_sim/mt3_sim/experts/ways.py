"""Ways of the tool that several task families share, written relative to the target object.

The first waypoint is the bottleneck, 5 to 12 cm before anything is touched. Grasps leave room: on either side of
what is gripped there is more than a centimetre, so that a few millimetres and degrees of error do no harm.
"""

import numpy as np

from mt3_sim.experts.waypoint import Waypoint, top_down

__all__ = ['FREE', 'HALF_TURN', 'NEAR', 'PALM', 'QUARTER_TURN', 'TIP', 'grasp', 'release']

HALF_TURN, QUARTER_TURN = np.pi, 0.5 * np.pi
TIP = 0.0095  # from the tcp down to the end of the fingers [m]
PALM = 0.037  # from the tcp up to the palm of the hand [m]
NEAR, FREE = 0.07, 0.14  # speeds close to things and away from them [m/s]


def grasp(x: float, y: float, z: float, closing_yaw: float, opening: float, lift: float = 0.14) -> list[Waypoint]:
    """Return: from 8 cm above straight down, close, straight up."""
    return [
        Waypoint(top_down(x, y, z + 0.08, closing_yaw), FREE, opening, 'bottleneck', tight=False),
        Waypoint(top_down(x, y, z, closing_yaw), NEAR, 0.0),
        Waypoint(top_down(x, y, z + lift, closing_yaw), 0.1, event='end', tight=False),
    ]


def release(x: float, y: float, z: float, closing_yaw: float, opening: float, above: float = 0.08) -> list[Waypoint]:
    """Return: from above straight down with something in the hand, open, straight up."""
    return [
        Waypoint(top_down(x, y, z + above, closing_yaw), FREE, event='bottleneck', tight=False),
        Waypoint(top_down(x, y, z, closing_yaw), NEAR, opening),
        Waypoint(top_down(x, y, z + above + 0.02, closing_yaw), 0.1, event='end', tight=False),
    ]
