"""A person at a terminal: reads the screen of `mt3 teach` and presses keys as a hand does. For tests."""

import os
import pty
import re
import select
import signal
import subprocess
import time
from collections.abc import Sequence

from mt3_common.testing import PATIENCE

__all__ = ['Person']

_PAUSE_S, _REPEAT_S = 0.3, 0.033  # of a keyboard: before the second press, and between those after it
_STATUS = re.compile(
    r'tool x (-?[\d.]+) y (-?[\d.]+) z (-?[\d.]+) cm'
    r'(?: \| object (\d+): ([\d.]+) (forward|back), ([\d.]+) (left|right), top ([\d.]+) (above|below))?'
)
_KEYS = {'enter': b'\r', 'space': b' ', 'backspace': b'\x7f', 'ctrl_c': b'\x03', 'up': b'\x1b[A', 'down': b'\x1b[B'}


class Person:
    """A context manager around the command; knows nothing but what the screen shows.

    Attributes:
        screen: Everything shown so far.
    """

    def __init__(self, command: Sequence[str], log: str = '') -> None:
        self.screen = ''
        self._log = open(log, 'w') if log else None
        self._master, slave = pty.openpty()
        self._process = subprocess.Popen(
            list(command),
            stdin=slave,
            stdout=slave,
            stderr=slave,
            start_new_session=True,
            env={**os.environ, 'COLUMNS': '200', 'LINES': '50', 'TERM': 'xterm'},
        )
        os.close(slave)

    def look(self, seconds: float = 0.0) -> str:
        """Watch the screen for so long and return all of it."""
        until = time.monotonic() + seconds
        while True:
            left = max(0.0, until - time.monotonic())
            if not select.select([self._master], [], [], left)[0]:
                return self.screen
            try:
                data = os.read(self._master, 65536).decode('utf-8', 'replace')
            except OSError:  # the command has ended
                return self.screen
            self.screen += data
            if self._log:
                self._log.write(data)
                self._log.flush()

    def wait(self, words: str, seconds: float = 60.0, since: int = 0) -> int:
        """Wait until the screen shows words; return where they end.

        Raises:
            AssertionError: It does not.
        """
        until = time.monotonic() + PATIENCE * seconds
        while words not in self.screen[since:]:
            assert time.monotonic() < until and self.running, f'no {words!r} in:\n{self.screen[-3000:]}'
            self.look(0.05)
        return self.screen.index(words, since) + len(words)

    def tap(self, key: str) -> None:
        """Press a key once."""
        os.write(self._master, _KEYS.get(key) or key.encode())
        self.look(0.05)

    def hold(self, key: str, seconds: float) -> None:
        """Hold a key: the keyboard repeats it after a pause."""
        until = time.monotonic() + seconds
        self.tap(key)
        self.look(_PAUSE_S)
        while time.monotonic() < until:
            os.write(self._master, _KEYS.get(key) or key.encode())
            self.look(_REPEAT_S)

    def status(self) -> tuple[float, ...]:
        """Read the newest status line: tool x, y, z, and the offset to the top of the nearest object [cm].

        Raises:
            AssertionError: There is none.
        """
        self.look(0.35)
        found = _STATUS.findall(self.screen)
        assert found, f'no status in:\n{self.screen[-2000:]}'
        x, y, z, _, dx, fore, dy, side, dz, over = found[-1]
        tool = (float(x), float(y), float(z))
        if not dx:
            return tool
        signs = (1 if fore == 'forward' else -1, 1 if side == 'left' else -1, 1 if over == 'above' else -1)
        return (*tool, *(s * float(d) for s, d in zip(signs, (dx, dy, dz), strict=True)))

    def drive(self, axis: int, offset: tuple[float, float, float], near: float = 0.4, cm: float = 2.5) -> None:
        """Press the keys of one axis until the tool is `offset` (3,) from the object's top, as read on the screen [cm].

        Far away the key is held, near the end the slow key is tapped.
        """
        plus, minus = (('w', 's'), ('a', 'd'), ('r', 'f'))[axis]
        for _ in range(60):
            gap = self.status()[3 + axis] + offset[axis]
            if abs(gap) < near:
                return
            key = plus if gap > 0 else minus
            if abs(gap) > cm:
                self.hold(key, min(3.0, 0.35 + (abs(gap) - 0.6 * cm) / 6.0))  # half speed is 6 cm/s
            else:
                self.hold(key.upper(), 0.5) if abs(gap) > 0.8 else self.tap(key.upper())
            self.look(0.25)
        raise AssertionError(f'axis {axis} does not come to {offset}: {self.status()}')

    @property
    def running(self) -> bool:
        """Whether the command still runs."""
        return self._process.poll() is None

    def ended(self, seconds: float = 60.0) -> int:
        """Wait for the end and return the exit code."""
        until = time.monotonic() + PATIENCE * seconds
        while self.running and time.monotonic() < until:
            self.look(0.05)
        assert not self.running, f'it did not end:\n{self.screen[-2000:]}'
        self.look(0.2)
        return self._process.returncode

    def __enter__(self) -> 'Person':
        return self

    def __exit__(self, *_: object) -> None:
        if self.running:
            self._process.send_signal(signal.SIGTERM)
            try:
                self._process.wait(10.0)
            except subprocess.TimeoutExpired:
                os.killpg(self._process.pid, signal.SIGKILL)
                self._process.wait()
        os.close(self._master)
        if self._log:
            self._log.close()
