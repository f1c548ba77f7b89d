"""The simulated cell as the demo's director uses it: set a scene, let the expert teleoperate, judge.

Only this file knows that there is a simulation; the nodes of the stack do not.
"""

import subprocess
from dataclasses import dataclass
from pathlib import Path

from mt3_cli.client import StackClient
from mt3_common.errors import MT3Error, Status, StatusCode
from mt3_interfaces.srv import SimJudge, SimReset

__all__ = ['Cell', 'Verdict']

_EXPERT_LIMIT_S = 180.0


@dataclass(frozen=True)
class Verdict:
    """Whether the task is done, from the true state of the physics, and what that rests on."""

    success: bool
    reason: str


class Cell:
    """Director of the simulated cell."""

    def __init__(self, client: StackClient, logs: Path) -> None:
        self._client = client
        self._logs = logs

    def wait(self, timeout_s: float) -> None:
        """Wait until the cell runs."""
        self._client.wait_for_service(SimReset, '/sim/reset', timeout_s)

    def reset(self, family: str, seed: int, instance: str = 'taught', distractors: int = 0) -> str:
        """Set up a task with its object somewhere; return the task in words.

        Raises:
            MT3Error: The cell cannot set it up.
        """
        request = SimReset.Request(
            family=family, seed=seed, instance=instance, instance_seed=seed, distractors=distractors
        )
        answer = self._client.call(SimReset, '/sim/reset', request, timeout_s=60.0, repeat_s=20.0)
        if answer.status.code != StatusCode.OK:
            raise MT3Error(answer.status.message, StatusCode(answer.status.code))
        return answer.task

    def judge(self) -> Verdict:
        """Ask the physics whether the task is done."""
        answer = self._client.call(SimJudge, '/sim/judge', SimJudge.Request(), repeat_s=5.0)
        return Verdict(answer.success, answer.reason)

    def teleoperate(self, family: str, seed: int, name: str) -> Status:
        """Let the scripted expert do the task once, in a process of its own, as a person at a teleop device would."""
        from mt3_cli.up.prefix import executable  # the same look-up as for launch files

        command = [executable('mt3_sim', 'expert'), '--family', family, '--seed', str(seed)]
        log = self._logs / f'expert-{name}.log'
        with log.open('w') as stream:
            try:
                code = subprocess.run(command, stdout=stream, stderr=stream, timeout=_EXPERT_LIMIT_S).returncode
            except subprocess.TimeoutExpired:
                return Status(
                    StatusCode.TIMEOUT, f'the expert did not finish within {_EXPERT_LIMIT_S:.0f} s; see {log}'
                )
        if code:
            last = log.read_text().strip().splitlines()[-1:] or ['it said nothing']
            return Status(StatusCode.HARDWARE, f'the expert gave up: {last[0]}')
        return Status()
