"""Gamepads and SpaceMice: from axes and buttons, as sensor_msgs/Joy carries them, to what they command. Knows no ROS.

Gamepad (the axes and buttons of the `joy` package with an Xbox pad; a PlayStation pad differs in names only): the left
stick moves in the plane, the right one up and down and about the vertical, all of it only while the left shoulder
button is held: that is the dead-man; with the right one held too the right stick tilts. A closes and opens the
gripper, Start is the next step (and `yes`), Back once more, Y throws away. With the dead-man B lets the hand point down
and X drives home; without it B answers `no`: it was done, and did not reach its goal.

SpaceMouse (axes of spacenav_node): x forward, y left, z up, then the turns about them. The cap at rest is the
dead-man. Left button: gripper; right button: next step; both: once more.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

__all__ = ['JoyCommand', 'JoyReader', 'deadzone']

_A, _B, _X, _Y, _LEFT, _RIGHT, _BACK, _START = range(8)
_LEFT_X, _LEFT_Y, _RIGHT_X, _RIGHT_Y = 0, 1, 3, 4


@dataclass(frozen=True, eq=False)
class JoyCommand:
    """What the device wants now.

    Attributes:
        twist: (6,) in [-1, 1], base axes, linear first; None: the dead-man is released.
        goto: 'home', 'upright' or empty.
        gripper: The gripper shall change.
        button: One of `topics.BUTTONS` or empty, once per press.
    """

    twist: np.ndarray | None
    goto: str = ''
    gripper: bool = False
    button: str = ''


def deadzone(values: np.ndarray, zone: float) -> np.ndarray:
    """Return deflections without the small ones, steady at the zone's border and 1 at the end."""
    size = np.abs(values)
    return np.where(size > zone, np.sign(values) * (np.minimum(size, 1.0) - zone) / (1.0 - zone), 0.0)


class JoyReader:
    """Reads one device; buttons count when they go down.

    Args:
        kind: 'gamepad' or 'spacemouse'.
        zone: Smaller deflections are none.
    """

    def __init__(self, kind: str, zone: float) -> None:
        self._kind, self._zone = kind, zone
        self._before: list[int] | None = None

    def read(self, axes: Sequence[float], buttons: Sequence[int]) -> JoyCommand:
        """Return what it wants; axes and buttons that the device lacks are at rest."""
        values = np.zeros(8)
        values[: min(8, len(axes))] = np.nan_to_num(np.asarray(axes, float)[:8])
        now = [int(bool(b)) for b in buttons[:8]] + [0] * (8 - min(8, len(buttons)))
        before = self._before if self._before is not None else now  # what is down at the start is no press
        pressed = [a and not b for a, b in zip(now, before, strict=True)]
        self._before = now
        values = deadzone(values, self._zone)
        return self._gamepad(values, now, pressed) if self._kind == 'gamepad' else self._mouse(values, now, pressed)

    def _gamepad(self, axes: np.ndarray, down: list[int], pressed: list[bool]) -> JoyCommand:
        twist, goto = None, ''
        if down[_LEFT]:
            twist = np.zeros(6)
            twist[0], twist[1] = axes[_LEFT_Y], axes[_LEFT_X]
            if down[_RIGHT]:
                twist[4], twist[3] = axes[_RIGHT_Y], -axes[_RIGHT_X]
            else:
                twist[2], twist[5] = axes[_RIGHT_Y], axes[_RIGHT_X]
            goto = 'upright' if down[_B] else 'home' if down[_X] else ''
        refused = pressed[_B] and not down[_LEFT]
        meanings = (('next', pressed[_START]), ('redo', pressed[_BACK]), ('discard', pressed[_Y]), ('no', refused))
        button = next((name for name, meant in meanings if meant), '')
        return JoyCommand(twist, goto, pressed[_A], button)

    def _mouse(self, axes: np.ndarray, down: list[int], pressed: list[bool]) -> JoyCommand:
        twist = axes[:6] if axes[:6].any() else None
        both = down[0] and down[1]
        if both and (pressed[0] or pressed[1]):
            return JoyCommand(twist, button='redo')
        return JoyCommand(twist, gripper=pressed[0], button='next' if pressed[1] else '')
