"""Gamepad and SpaceMouse: what axes, buttons and reports mean."""

import os
import struct

import numpy as np
import pytest

from mt3_common.errors import InvalidInput, MT3Error
from mt3_teach.teleop.devices import Gamepad, SpaceMouse, read_joystick_event, read_spacemouse_report
from mt3_teach.teleop.joy import JoyReader, deadzone

LEFT, RIGHT = 4, 5


def pad(axes=(), *down):
    reader = JoyReader('gamepad', 0.1)
    reader.read([], [0] * 8)
    return reader.read(axes, [int(b in down) for b in range(8)])


def test_nothing_moves_without_the_dead_man():
    assert pad([1.0] * 6).twist is None
    twist = pad([0.0, 1.0, 0.0, 0.0, -1.0], LEFT).twist
    np.testing.assert_allclose(twist, [1, 0, -1, 0, 0, 0])
    np.testing.assert_allclose(pad([0, 0, 0, 0.0, 1.0], LEFT, RIGHT).twist, [0, 0, 0, 0, 1, 0])
    assert pad([], 2).goto == '' and pad([], 2, LEFT).goto == 'home' and pad([], 1, LEFT).goto == 'upright'


def test_buttons_count_once_and_what_is_down_at_the_start_does_not():
    reader = JoyReader('gamepad', 0.1)
    start = [0] * 7 + [1]
    assert reader.read([], start).button == ''
    reader.read([], [0] * 8)
    assert [reader.read([], start).button for _ in range(3)] == ['next', '', '']
    assert pad([], 6).button == 'redo' and pad([], 3).button == 'discard' and pad([], 0).gripper
    assert pad([], 1).button == 'no' and pad([], 1, LEFT).button == ''


def test_small_deflections_are_none_and_full_ones_full():
    np.testing.assert_allclose(deadzone(np.array([0.05, -0.1, 1.0, -1.0, 2.0, 0.55]), 0.1), [0, 0, 1, -1, 1, 0.5])


def test_a_short_or_broken_message_is_rest():
    assert pad([float('nan')] * 8, LEFT).twist.any() == False  # noqa: E712
    assert JoyReader('gamepad', 0.1).read([], []).twist is None


def test_spacemouse_cap_is_the_dead_man_and_both_buttons_mean_again():
    mouse = JoyReader('spacemouse', 0.1)
    assert mouse.read([0.05] * 6, [0, 0]).twist is None
    np.testing.assert_allclose(mouse.read([1, 0, 0, 0, 0, -1], [0, 0]).twist, [1, 0, 0, 0, 0, -1])
    assert mouse.read([0] * 6, [1, 0]).gripper
    assert mouse.read([0] * 6, [1, 1]).button == 'redo'
    mouse.read([0] * 6, [0, 0])
    assert mouse.read([0] * 6, [0, 1]).button == 'next'


def test_joystick_events_fill_axes_and_buttons():
    axes, buttons = [], []
    read_joystick_event(struct.pack('<IhBB', 0, -32767, 2, 1), axes, buttons)
    read_joystick_event(struct.pack('<IhBB', 0, 1, 0x81, 3), axes, buttons)  # the state at the start
    read_joystick_event(struct.pack('<IhBB', 0, 1, 7, 0), axes, buttons)  # a kind that nobody knows
    assert axes == [0, 1.0] and buttons == [0, 0, 0, 1]


def test_spacemouse_reports_fill_axes_and_buttons():
    axes, buttons = [0.0] * 6, [0, 0]
    read_spacemouse_report(b'\x01' + struct.pack('<3h', 0, -350, 0), axes, buttons)
    assert axes == [1.0, 0, 0, 0, 0, 0]  # pushed away from the person: forward
    read_spacemouse_report(b'\x02' + struct.pack('<3h', 0, 0, 175), axes, buttons)
    assert axes == [1.0, 0, 0, 0, 0, -0.5]
    read_spacemouse_report(b'\x01' + struct.pack('<6h', 350, 0, 0, 0, 0, 0), axes, buttons)  # newer: all in one
    assert axes == [0, -1.0, 0, 0, 0, 0]
    read_spacemouse_report(b'\x03\x02', axes, buttons)
    assert buttons == [0, 1]


def test_a_gamepad_that_is_not_there_or_goes_away_is_told(tmp_path):
    with pytest.raises(InvalidInput, match='no gamepad at'):
        Gamepad(str(tmp_path / 'js0'))
    os.mkfifo(tmp_path / 'js1')
    device = Gamepad(str(tmp_path / 'js1'))
    writer = os.open(tmp_path / 'js1', os.O_WRONLY)
    assert not device.poll(0.01)
    os.write(writer, struct.pack('<IhBB', 0, 1, 1, 0) + struct.pack('<IhBB', 0, 32767, 2, 0))
    assert device.poll(1.0) and device.buttons == [1] and device.axes == [-1.0]
    os.close(writer)
    with pytest.raises(MT3Error, match='gone'):
        device.poll(1.0)
    device.close()


def test_no_spacemouse_is_told():
    pytest.importorskip('hid', reason='hidapi is not installed')
    import hid

    if hid.enumerate():
        pytest.skip('there are devices on this machine')
    with pytest.raises(InvalidInput, match='no SpaceMouse'):
        SpaceMouse()
