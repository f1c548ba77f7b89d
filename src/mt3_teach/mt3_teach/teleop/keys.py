"""Keys of a terminal: their names, how long one counts as held, and what each does. Knows no ROS.

A terminal tells presses only, repeated while a key is held, the second after a pause of up to 0.6 s. So a tap moves
for a moment, a repeat moves on, and silence is a released key: the dead-man of a keyboard.
"""

import re
from dataclasses import dataclass

import numpy as np

__all__ = ['HELP', 'KEYS', 'Command', 'HeldKey', 'split_keys', 'twist_of']

_SEQUENCE = re.compile(rb'\x1b\[[0-9;]*[A-Za-z~]|\x1bO[A-Za-z]|[\x00-\x7f]|[\xc0-\xff][\x80-\xbf]+|.', re.S)
_NAMES = {
    b'\x1b[A': 'up', b'\x1b[B': 'down', b'\x1b[C': 'right', b'\x1b[D': 'left', b'\x1b[5~': 'page_up',
    b'\x1b[6~': 'page_down', b'\x1bOA': 'up', b'\x1bOB': 'down', b'\x1bOC': 'right', b'\x1bOD': 'left',
    b'\r': 'enter', b'\n': 'enter', b'\x7f': 'backspace', b'\x08': 'backspace', b'\x03': 'ctrl_c', b'\x04': 'ctrl_c',
    b' ': 'space', b'\t': 'tab', b'\x1b': 'escape',
}  # fmt: skip


@dataclass(frozen=True)
class Command:
    """What a key does.

    Attributes:
        kind: `move` (value: axis 0 to 5 and sign), `goto`, `gripper`, `speed`, `frame` or `button` (value: which).
        value: See kind.
    """

    kind: str
    value: tuple | str = ''


def _moves() -> dict[str, Command]:
    pairs = ('w s', 'up down'), ('a d', 'left right'), ('r f', 'page_up page_down'), ('o u',), ('i k',), ('j l',)
    found = {}
    for axis, names in enumerate(pairs):
        for pair in names:
            plus, minus = pair.split()
            found[plus], found[minus] = Command('move', (axis, 1.0)), Command('move', (axis, -1.0))
    return found


KEYS: dict[str, Command] = {
    **_moves(),
    'h': Command('goto', 'home'),
    'v': Command('goto', 'upright'),
    'space': Command('gripper'),
    '+': Command('speed', 'faster'),
    '=': Command('speed', 'faster'),
    '-': Command('speed', 'slower'),
    't': Command('frame'),
    'enter': Command('button', 'next'),
    'backspace': Command('button', 'redo'),
    'x': Command('button', 'discard'),
    'y': Command('button', 'yes'),
    'n': Command('button', 'no'),
    '?': Command('button', 'help'),
    'ctrl_c': Command('button', 'quit'),
    'q': Command('button', 'quit'),
}

HELP = """\
  w s   arrows up, down      forward, back (away from the base, towards it)
  a d   arrows left, right   left, right
  r f   page up, page down   up, down
  j l                        turn the hand about the vertical, left and right
  i k   o u                  tilt the hand
  SHIFT with a letter        the same, five times slower
  v (hold)                   let the hand point straight down
  h (hold)                   drive home, out of the view
  space                      close or open the gripper
  + -                        faster, slower         t  along the tool's own axes or the base's
  Enter                      next step              Backspace  once more    x  throw away    q  quit"""


def split_keys(data: bytes) -> tuple[list[str], bytes]:
    """Return the keys in what a terminal sent, and the bytes of a sequence that is not complete yet."""
    rest = b''
    torn = re.search(rb'\x1b(\[[0-9;]*|O)?$', data)
    if torn and data != b'\x1b':  # a lone escape is the key itself
        data, rest = data[: torn.start()], data[torn.start() :]
    found = _SEQUENCE.findall(data)
    return [_NAMES.get(item) or item.decode('utf-8', 'replace') for item in found], rest


class HeldKey:
    """The one key that a terminal repeats.

    Args:
        tap_s: How long a first press counts [s].
        hold_s: How long a repeat counts: longer than the time between two repeats [s].
        pause_s: A second press within this is a repeat [s].
    """

    def __init__(self, tap_s: float = 0.12, hold_s: float = 0.2, pause_s: float = 0.7) -> None:
        self._tap_s, self._hold_s, self._pause_s = tap_s, hold_s, pause_s
        self._key, self._pressed, self._until = '', -float('inf'), -float('inf')

    def press(self, key: str, now: float) -> None:
        """Note a press [s]."""
        again = key == self._key and now - self._pressed < self._pause_s
        self._key, self._pressed = key, now
        self._until = now + (self._hold_s if again else self._tap_s)

    def release(self) -> None:
        """Let go at once."""
        self._until = -float('inf')

    def at(self, now: float) -> str:
        """Return the key that is held, empty when none is."""
        return self._key if now < self._until else ''


def twist_of(key: str, speed: float, linear: float, angular: float) -> np.ndarray | None:
    """Return the twist (6,) of a held key, linear first, None when it does not move the tool [m/s, rad/s].

    Args:
        key: A capital letter is the same key, five times slower.
        speed: Scale in (0, 1].
        linear, angular: Full speeds [m/s, rad/s].
    """
    command = KEYS.get(key.lower() if len(key) == 1 else key)
    if command is None or command.kind != 'move':
        return None
    axis, sign = command.value
    fine = 0.2 if len(key) == 1 and key.isupper() else 1.0
    twist = np.zeros(6)
    twist[axis] = sign * speed * fine * (linear if axis < 3 else angular)
    return twist
