"""A terminal that gives keys at once and keeps one line of status at the bottom."""

import os
import select
import shutil
import sys
import termios
import threading
from types import TracebackType

from mt3_common.errors import InvalidInput
from mt3_teach.teleop.keys import split_keys

__all__ = ['KeyTerminal']


class KeyTerminal:
    """A context manager: keys arrive one by one, unechoed, Ctrl-C among them; the terminal is as before afterwards.

    Raises:
        InvalidInput: Standard input is not a terminal.
    """

    def __init__(self) -> None:
        if not sys.stdin.isatty():
            raise InvalidInput(
                '`mt3 teach` reads single keys: start it in a terminal; scripts use the services (docs/interfaces.md)'
            )
        self._file = sys.stdin.fileno()
        self._rest = b''
        self._status = ''
        self._lock = threading.Lock()

    def __enter__(self) -> 'KeyTerminal':
        self._before = termios.tcgetattr(self._file)
        mode = termios.tcgetattr(self._file)
        mode[3] &= ~(termios.ICANON | termios.ECHO | termios.ISIG)
        mode[6][termios.VMIN], mode[6][termios.VTIME] = 0, 0
        termios.tcsetattr(self._file, termios.TCSADRAIN, mode)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.status('')
        termios.tcsetattr(self._file, termios.TCSADRAIN, self._before)

    def keys(self, seconds: float) -> list[str]:
        """Return the keys pressed within so long; a terminal that is gone presses Ctrl-C."""
        if not select.select([self._file], [], [], seconds)[0]:
            return []
        try:
            data = os.read(self._file, 4096)
        except OSError:
            return ['ctrl_c']
        if not data:
            return ['ctrl_c']
        found, self._rest = split_keys(self._rest + data)
        return found

    def say(self, text: str) -> None:
        """Print lines above the status. From any thread."""
        with self._lock:
            sys.stdout.write(f'\r\x1b[K{text}\n{self._status}')
            sys.stdout.flush()

    def status(self, text: str) -> None:
        """Show one line at the bottom, cut to the width. From any thread."""
        with self._lock:
            text = text[: max(20, shutil.get_terminal_size().columns - 1)]
            if text != self._status:
                self._status = text
                sys.stdout.write(f'\r\x1b[K{text}')
                sys.stdout.flush()
