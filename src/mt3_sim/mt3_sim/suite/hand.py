"""How much room the hand needs: openings, and how far it may reach down into things."""

from mt3_sim.experts.ways import PALM, TIP
from mt3_sim.objects.uses import Grip, Rest

__all__ = ['opening_for', 'release_height']

_MAX_WIDTH = 0.08  # between the open fingers [m]
_ROOM = 0.012  # between a finger and what it goes around [m]
_FINGER = 0.022  # thickness of a finger with some room beside it [m]


def opening_for(width: float) -> float:
    """Return the opening in [0, 1] with which the fingers go around something this wide [m]."""
    return min(1.0, (width + 2.0 * _ROOM) / _MAX_WIDTH)


def release_height(grip: Grip, rest: Rest, clearance: float = 0.003) -> float:
    """Return how high over the target's origin the held thing's underside is when the fingers open [m].

    On a surface just over it. In a hollow as deep as hand and fingers find room: else it drops from the rim.
    """
    height = rest.z + clearance
    if rest.kind == 'on':
        return height
    rim = rest.z + rest.depth
    if opening_for(grip.width) * _MAX_WIDTH + 2.0 * _FINGER > 2.0 * rest.radius:
        height = max(height, rim + TIP + 0.004 - grip.z)  # the fingers open over the rim
    return max(height, rim + 0.006 - PALM - grip.z)
