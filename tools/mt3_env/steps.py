"""Runs one step of the set-up: a line with its seconds, a log of its own, a clear end when it fails."""

import contextlib
import fcntl
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from mt3_env.paths import SETUP_LOG

TAIL_LINES = 25


class SetupError(Exception):
    """The set-up cannot go on; the message says what to do."""


@contextlib.contextmanager
def alone() -> Iterator[None]:
    """Keep other calls of ./mt3 in this checkout waiting: two builds in one folder spoil each other."""
    SETUP_LOG.mkdir(parents=True, exist_ok=True)
    with (SETUP_LOG / 'lock').open('w') as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            print('mt3: waiting for another ./mt3 that sets up or builds ...', file=sys.stderr)
            fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def run_step(title: str, command: Sequence[object], environment: Mapping[str, str] | None = None) -> None:
    """Run a command with its output in a log file.

    Raises:
        SetupError: It failed; the message holds the end of the log and names the file.
    """
    SETUP_LOG.mkdir(parents=True, exist_ok=True)
    log = SETUP_LOG / (title.replace(' ', '-') + '.log')
    live = sys.stderr.isatty()
    began = time.monotonic()
    print(f'mt3: {title} ...', file=sys.stderr, end='' if live else '\n', flush=True)
    with log.open('w') as stream:
        process = subprocess.Popen(
            [str(part) for part in command], stdout=stream, stderr=subprocess.STDOUT, env=environment
        )
        try:
            while process.poll() is None:
                try:
                    process.wait(1.0)
                except subprocess.TimeoutExpired:
                    if live:
                        seconds = time.monotonic() - began
                        print(f'\rmt3: {title} ... {seconds:.0f} s', file=sys.stderr, end='', flush=True)
        except KeyboardInterrupt:
            process.terminate()
            process.wait()
            raise
    seconds = time.monotonic() - began
    print(f'\rmt3: {title} ... {"done" if process.returncode == 0 else "FAILED"}, {seconds:.1f} s', file=sys.stderr)
    if process.returncode:
        raise SetupError(f'{title} failed (exit code {process.returncode}). {_tail(log)}\nWhole log: {log}')


def _tail(log: Path) -> str:
    lines = log.read_text(errors='replace').strip().splitlines()[-TAIL_LINES:]
    return 'Its last lines:\n' + '\n'.join('    ' + line for line in lines)
