"""Keeps the processes of a launch file together. honcho starts them and merges their output.

What honcho's manager decides differently from `ros2 launch` is changed here: only a *required* process
(`on_exit="shutdown"`) ends the rest when it ends, nodes are asked by SIGINT first (they stop the arm
on it), in reverse order of their start, and those who do not go are sent SIGTERM, then SIGABRT (a node prints where it
hangs), then SIGKILL.
"""

import os
import shlex
import signal
import sys
from collections.abc import Sequence
from datetime import datetime, timedelta

from honcho.manager import Manager
from honcho.printer import Printer

from mt3_cli.up.process import ProcessSpec

__all__ = ['run']

_ESCALATION = (
    (timedelta(seconds=6), signal.SIGTERM),
    (timedelta(seconds=9), signal.SIGABRT),
    (timedelta(seconds=10), signal.SIGKILL),
)


def run(processes: Sequence[ProcessSpec]) -> int:
    """Run until all have ended, a required one ends, or SIGINT or SIGTERM arrives.

    Returns:
        0 after Ctrl-C or when all ended well; else the exit code of what ended it (128 + n for signal n).
    """
    manager = _Supervisor({process.name for process in processes if process.required})
    for process in processes:
        # `exec`: the shell that honcho starts becomes the node, so that signals reach it.
        manager.add_process(
            process.name,
            'exec ' + shlex.join(process.command),
            env={**os.environ, **process.environment},
            cwd=process.cwd,
        )
    # a closed terminal must not leave nodes behind; honcho knows SIGINT and SIGTERM
    signal.signal(signal.SIGHUP, lambda *_: os.kill(os.getpid(), signal.SIGTERM))
    manager.loop()
    return manager.exit_code()


class _Supervisor(Manager):
    def __init__(self, required: set[str]) -> None:
        super().__init__(Printer(sys.stdout, colour=sys.stdout.isatty() and 'NO_COLOR' not in os.environ))
        self._required = required
        self._asked_at: datetime | None = None
        self._escalated = 0

    def exit_code(self) -> int:
        """Return the exit code of the whole; the process that ended first by itself counts."""
        if self.returncode in (None, 130):
            return 0 if self.returncode == 130 else 1
        return self.returncode if self.returncode >= 0 else 128 - self.returncode

    def _any_stopped(self) -> bool:
        """Whether the rest must end: a required process has ended, or nothing is left."""
        for name in self._required:
            if self._processes[name].get('returncode') is not None:
                if not self._terminating:
                    code = self._processes[name]['returncode']
                    self.returncode = code
                    self._system_print(f'{name} is required and ended (exit code {code}): ending the rest\n')
                return True
        return self._terminating or self._all_stopped()

    def terminate(self) -> None:
        """Ask all to end, last started first."""
        if not self._terminating:
            self._terminating = True
            self._asked_at = self._clock.now()
            self._signal_all(signal.SIGINT)

    def kill(self) -> None:
        """Ask harder as time goes by; called again and again while some have not ended."""
        waited = self._clock.now() - self._asked_at
        while self._escalated < len(_ESCALATION) and waited > _ESCALATION[self._escalated][0]:
            self._signal_all(_ESCALATION[self._escalated][1])
            self._escalated += 1

    def _signal_all(self, number: signal.Signals) -> None:
        for name, state in reversed(self._processes.items()):
            if 'returncode' in state or state.get('pid') is None:
                continue
            self._system_print(f'{number.name} to {name}\n')
            try:
                os.killpg(state['pid'], number)
            except ProcessLookupError:
                continue  # ended in the meantime; its message is on the way
