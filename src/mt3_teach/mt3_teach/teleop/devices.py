"""Reading a gamepad or a SpaceMouse on this machine, without a ROS driver, as axes and buttons. Knows no ROS.

The gamepad comes through the Linux joystick interface (`linux/joystick.h`): events of 8 bytes, time in ms, value, kind
and number. The SpaceMouse comes through HID, with the library `hidapi`: report 1 carries three or all six axes as
little-endian int16 of about +-350, report 2 the other three, report 3 the buttons (as spacenavd and others read it).
"""

import os
import select
import struct
from typing import Protocol

from mt3_common.errors import InvalidInput, MT3Error, StatusCode

__all__ = ['Device', 'Gamepad', 'SpaceMouse', 'read_joystick_event', 'read_spacemouse_report']

_EVENT = struct.Struct('<IhBB')
_BUTTON, _AXIS, _INITIAL = 0x01, 0x02, 0x80
_FULL_AXIS, _FULL_MOUSE = 32767.0, 350.0
_VENDORS = (0x256F, 0x046D)  # 3Dconnexion, and Logitech before it
_MOUSE_WORDS = ('space', '3dconnexion')


class Device(Protocol):
    """Axes in [-1, 1] and buttons, as sensor_msgs/Joy carries them."""

    axes: list[float]
    buttons: list[int]

    def poll(self, seconds: float) -> bool:
        """Wait so long for news; whether there were some.

        Raises:
            MT3Error: HARDWARE, it was unplugged.
        """

    def close(self) -> None:
        """Let go of it."""


def read_joystick_event(data: bytes, axes: list[float], buttons: list[int]) -> None:
    """Note one event (8 bytes) in axes and buttons; up and left are positive, as the `joy` package has it."""
    _, value, kind, number = _EVENT.unpack(data)
    target = {_BUTTON: buttons, _AXIS: axes}.get(kind & ~_INITIAL)
    if target is None:
        return
    target.extend([0] * (number + 1 - len(target)))
    target[number] = int(value != 0) if target is buttons else -value / _FULL_AXIS


def read_spacemouse_report(data: bytes, axes: list[float], buttons: list[int]) -> None:
    """Note one HID report in axes (6,) (x forward, y left, z up, turns about them) and buttons."""
    kind, count = data[0], (len(data) - 1) // 2
    if kind in (1, 2):
        values = [v / _FULL_MOUSE for v in struct.unpack_from(f'<{count}h', data, 1)]
        values = [max(-1.0, min(1.0, v)) for v in values]
        # the device has x right, y towards the person, z down
        triples = [values[0:3], values[3:6]] if kind == 1 and count >= 6 else [values[0:3]]
        for offset, triple in enumerate(triples, 1 if kind == 2 else 0):
            if len(triple) == 3:
                axes[3 * offset : 3 * offset + 3] = [-triple[1], -triple[0], -triple[2]]
    elif kind == 3 and len(data) > 1:
        buttons[:] = [(data[1] >> bit) & 1 for bit in range(2)]


class Gamepad:
    """A gamepad at /dev/input/js*.

    Raises:
        InvalidInput: It is not there, or may not be read.
    """

    def __init__(self, path: str) -> None:
        self.axes, self.buttons = [], []
        try:
            self._file = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
        except OSError as error:
            raise InvalidInput(
                f'no gamepad at {path}: {error.strerror}; plug it in, name another with `path`, or give the topic of '
                'a driver with `source`'
            ) from error

    def poll(self, seconds: float) -> bool:
        """See Device."""
        if not select.select([self._file], [], [], seconds)[0]:
            return False
        try:
            data = os.read(self._file, 64 * _EVENT.size)
        except OSError as error:
            raise MT3Error(f'the gamepad is gone: {error.strerror}', StatusCode.HARDWARE) from error
        if not data:
            raise MT3Error('the gamepad is gone: end of file', StatusCode.HARDWARE)
        for start in range(0, len(data) - _EVENT.size + 1, _EVENT.size):
            read_joystick_event(data[start : start + _EVENT.size], self.axes, self.buttons)
        return True

    def close(self) -> None:
        """See Device."""
        os.close(self._file)


class SpaceMouse:
    """The first SpaceMouse found.

    Raises:
        InvalidInput: None is there, it may not be read, or the library is missing.
    """

    def __init__(self) -> None:
        try:
            import hid  # a compiled library: only who has such a device needs it
        except ImportError as error:
            raise InvalidInput(
                'reading a SpaceMouse needs the package hidapi, or set `source` to a topic such as /spacenav/joy'
            ) from error
        found = [
            d
            for d in hid.enumerate()
            if d['vendor_id'] in _VENDORS and any(word in (d['product_string'] or '').lower() for word in _MOUSE_WORDS)
        ]
        if not found:
            raise InvalidInput('no SpaceMouse is plugged in; or set `source` to a topic such as /spacenav/joy')
        self.axes, self.buttons = [0.0] * 6, [0, 0]
        self._device = hid.device()
        try:
            self._device.open_path(found[0]['path'])
        except OSError as error:
            raise InvalidInput(
                f'{found[0]["product_string"]} may not be read: {error}; a udev rule must allow it (docs/teaching.md)'
            ) from error

    def poll(self, seconds: float) -> bool:
        """See Device."""
        try:
            data = self._device.read(16, max(1, int(1e3 * seconds)))
        except (OSError, ValueError) as error:
            raise MT3Error(f'the SpaceMouse is gone: {error}', StatusCode.HARDWARE) from error
        if data:
            read_spacemouse_report(bytes(data), self.axes, self.buttons)
        return bool(data)

    def close(self) -> None:
        """See Device."""
        self._device.close()
