"""A guided teaching session: which step comes next, whatever presses the buttons. Knows no ROS and no terminal.

The steps are those of a demonstration: clear the view and take the scene, drive to the bottleneck, do the task, judge
it. `next` goes on, `redo` begins again, `discard` throws away; `yes` and `no` answer whether it reached its goal.
"""

from enum import Enum
from typing import Protocol

from mt3_common.errors import MT3Error

__all__ = ['GuidedSession', 'Ports', 'Stage']


class Stage(Enum):
    """Where the session is."""

    CLEAR = 'clear the view'
    APPROACH = 'go to the bottleneck'
    INTERACT = 'do the task'
    JUDGE = 'judge it'
    TAUGHT = 'taught'
    ENDED = 'ended'


_PROMPTS = {
    Stage.CLEAR: 'Clear the view: only the objects before the camera, the arm out of it (hold h). Enter takes it.',
    Stage.APPROACH: 'Drive to the bottleneck: the last place before the task needs care, 5 to 10 cm before anything is '
    'touched, gripper open as you will need it. Rest there. Enter marks it.',
    Stage.INTERACT: 'Do the task from here, calmly and without detours. Enter when it is done.',
    Stage.JUDGE: 'Did it reach its goal? y keeps it, n keeps it marked as failed, Backspace: once more, x: throw away.',
    Stage.TAUGHT: 'Enter or q ends. Backspace teaches it once more (a second demonstration).',
    Stage.ENDED: '',
}


class Ports(Protocol):
    """What a session does to the world. Each may raise MT3Error: then the session stays where it is."""

    def start(self, task: str) -> None:
        """Start recording and take the scene."""

    def mark(self, name: str, text: str = '') -> None:
        """Mark a moment in the recording."""

    def stop(self, discard: bool) -> None:
        """End the recording, if one is under way."""

    def store(self) -> None:
        """Turn the recording that was ended last into a demonstration."""

    def say(self, text: str) -> None:
        """Tell the person something."""


class GuidedSession:
    """One task.

    Attributes:
        stage: Where it is.
        task: Free text.
    """

    def __init__(self, task: str, ports: Ports) -> None:
        self.task, self.stage, self._ports = task, Stage.CLEAR, ports

    @property
    def prompt(self) -> str:
        """What the person should do now."""
        return _PROMPTS[self.stage]

    @property
    def recording(self) -> bool:
        """Whether a recording is under way."""
        return self.stage in (Stage.APPROACH, Stage.INTERACT, Stage.JUDGE)

    def press(self, button: str) -> bool:
        """Do what a button asks for; whether it meant anything here.

        A refusal of the world is told, and the session stays where it is.
        """
        action = getattr(self, f'_{button}', None) if button in ('next', 'redo', 'discard', 'yes', 'no') else None
        if action is None or self.stage is Stage.ENDED:
            return False
        try:
            return action()
        except MT3Error as error:
            self._ports.say(f'{error}')
            return True

    def _next(self) -> bool:
        if self.stage is Stage.CLEAR:
            self._ports.start(self.task)
            self.stage = Stage.APPROACH
        elif self.stage is Stage.APPROACH:
            self._ports.mark('bottleneck')
            self.stage = Stage.INTERACT
        elif self.stage is Stage.INTERACT:
            self._ports.mark('end')
            self.stage = Stage.JUDGE
        elif self.stage is Stage.JUDGE:
            return self._judged('yes')
        else:
            self.stage = Stage.ENDED
        return True

    def _yes(self) -> bool:
        return self.stage is Stage.JUDGE and self._judged('yes')

    def _no(self) -> bool:
        return self.stage is Stage.JUDGE and self._judged('no')

    def _judged(self, success: str) -> bool:
        self._ports.mark('success', success)
        self._ports.stop(discard=False)
        self.stage = Stage.CLEAR  # where it goes on when the import refuses
        self._ports.store()
        self.stage = Stage.TAUGHT
        return True

    def _redo(self) -> bool:
        if self.recording:
            self._ports.stop(discard=True)
            self._ports.say('thrown away; once more')
        self.stage = Stage.CLEAR
        return True

    def _discard(self) -> bool:
        if self.recording:
            self._ports.stop(discard=True)
            self._ports.say('thrown away')
        self.stage = Stage.ENDED
        return True

    def abandon(self) -> None:
        """End it wherever it is: half a demonstration is none."""
        if self.recording:
            self._ports.stop(discard=True)
        self.stage = Stage.ENDED
