"""The stack as a child process: `mt3 up launch/sim.launch.xml` with its output in a log file."""

import os
import signal
import subprocess
import sys
from pathlib import Path
from types import TracebackType

from mt3_common.errors import MT3Error, StatusCode

__all__ = ['Stack', 'last_words']

_STOP_LIMIT_S = 20.0


class Stack:
    """A context manager: the nodes run inside it and are gone after it.

    They run in a ROS domain of their own: the simulated cell has the topic names of a real arm,
    and a demo must never reach one that shares the network.
    """

    def __init__(self, launch_file: Path, arguments: dict[str, str], log: Path, domain: int) -> None:
        self._command = [sys.executable, '-m', 'mt3_cli.main', 'up', str(launch_file)]
        self._command += [f'{name}:={value}' for name, value in arguments.items()]
        self._log = log
        self._domain = domain
        self._process: subprocess.Popen | None = None

    def __enter__(self) -> 'Stack':
        environment = {
            **os.environ,
            'ROS_DOMAIN_ID': str(self._domain),
            'ROS_AUTOMATIC_DISCOVERY_RANGE': 'LOCALHOST',
            'NO_COLOR': '1',
        }
        with self._log.open('w') as stream:
            self._process = subprocess.Popen(
                self._command, stdout=stream, stderr=subprocess.STDOUT, env=environment, start_new_session=True
            )
        return self

    def check(self) -> None:
        """Raise when the nodes have ended.

        Raises:
            MT3Error: HARDWARE, with what the first of them said last.
        """
        if self._process.poll() is not None:
            raise MT3Error(
                f'the nodes ended (exit code {self._process.returncode}); {self._log}:\n'
                + last_words(self._log.read_text(errors='replace')),
                StatusCode.HARDWARE,
            )

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._process.poll() is None:
            self._process.send_signal(signal.SIGINT)
        try:
            self._process.wait(_STOP_LIMIT_S)
        except subprocess.TimeoutExpired:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()


def last_words(log: str, lines: int = 8) -> str:
    """Return the end of a log of `mt3 up` up to where a required node ended; what the others say then is noise."""
    kept: list[str] = []
    for line in log.strip().splitlines():
        kept.append(line)
        if 'is required and ended' in line:
            break
    return '\n'.join(kept[-lines:])
