"""Keys of a terminal as a teleoperation device."""

import numpy as np

from mt3_teach.teleop.keys import HELP, KEYS, HeldKey, split_keys, twist_of


def test_keys_come_apart_and_a_torn_sequence_waits():
    assert split_keys(b'w\x1b[A \r\x7f\x03') == (['w', 'up', 'space', 'enter', 'backspace', 'ctrl_c'], b'')
    assert split_keys(b'ww\x1b[') == (['w', 'w'], b'\x1b[')
    assert split_keys(b'\x1b[5~') == (['page_up'], b'')
    assert split_keys(b'\x1b') == (['escape'], b'')
    assert split_keys('é'.encode()) == (['é'], b'')
    assert split_keys(b'\xff\x00')[1] == b''  # whatever a terminal sends


def test_a_tap_moves_for_a_moment_and_a_held_key_until_it_is_let_go():
    key = HeldKey(tap_s=0.12, hold_s=0.2, pause_s=0.7)
    key.press('w', 0.0)
    assert key.at(0.1) == 'w' and key.at(0.13) == ''
    for at in np.arange(0.5, 2.0, 0.033):  # what the keyboard repeats
        key.press('w', at)
        assert key.at(at + 0.05) == 'w'
    assert key.at(1.99 + 0.25) == ''  # silence is a released key
    key.press('s', 2.3)
    assert key.at(2.31) == 's' and key.at(2.45) == ''
    key.press('s', 2.5)
    key.release()
    assert key.at(2.51) == ''


def test_opposite_keys_move_opposite_ways_along_one_axis():
    for plus, minus in (('w', 's'), ('a', 'd'), ('r', 'f'), ('o', 'u'), ('i', 'k'), ('j', 'l'), ('up', 'down')):
        one, other = (twist_of(key, 0.5, 0.1, 1.0) for key in (plus, minus))
        np.testing.assert_allclose(one, -other)
        assert np.count_nonzero(one) == 1
    np.testing.assert_allclose(twist_of('W', 0.5, 0.1, 1.0) * 5.0, twist_of('w', 0.5, 0.1, 1.0))
    assert twist_of('space', 1.0, 0.1, 1.0) is None and twist_of('§', 1.0, 0.1, 1.0) is None


def test_the_help_names_every_letter_that_drives():
    words = HELP.replace(',', ' ').split()
    missing = [key for key, c in KEYS.items() if len(key) == 1 and c.kind != 'button' and key not in words]
    assert set(missing) <= {'='}  # + without shift
