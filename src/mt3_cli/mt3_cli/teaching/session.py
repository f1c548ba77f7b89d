"""The guided session at work: keys, buttons of other devices and steps brought together.

The main thread reads keys and drives, and never waits for anything else: the arm must stop when a key is released.
Steps wait for services, so they are done in a thread of their own, one after the other.
"""

import contextlib
import queue
import threading
import time
from typing import Any

from std_srvs.srv import Trigger

from mt3_cli.client import StackClient
from mt3_cli.teaching.drive_client import KeyboardDrive
from mt3_cli.teaching.offsets import describe_tool
from mt3_cli.teaching.ports_client import StackPorts
from mt3_cli.teaching.terminal import KeyTerminal
from mt3_common.errors import MT3Error, StatusCode
from mt3_common.service_call import poll
from mt3_teach.guided import GuidedSession, Stage
from mt3_teach.teleop.keys import HELP, KEYS
from mt3_teach.teleop.topics import BUTTONS, button_service

__all__ = ['run_session']

_LOOP_S, _STATUS_S = 0.02, 0.2


def run_session(
    client: StackClient, terminal: KeyTerminal, ports: StackPorts, task: str, drive: KeyboardDrive | None
) -> Stage:
    """Guide through one task until it is taught, thrown away or left.

    Returns:
        TAUGHT: A demonstration was stored; ENDED: not.

    Raises:
        MT3Error: NO_DATA; no recorder runs.
    """
    session = GuidedSession(task, ports)
    pressed: queue.Queue[str | None] = queue.Queue()
    for button in BUTTONS:  # hands stay on the gamepad: it calls these
        client.node.create_service(Trigger, button_service(button), _answer(pressed, button))
    if not poll(lambda: ports.missing is not None, 15.0):
        raise MT3Error(
            'no recorder is heard on /diagnostics; start the stack: mt3 up launch/teach.launch.xml', StatusCode.NO_DATA
        )
    terminal.say(f'Teaching "{task}".' + (f' Keys (? shows them again):\n{HELP}' if drive else ''))
    done: list[bool] = []
    worker = threading.Thread(target=_work, args=(session, pressed, terminal, done), name='steps', daemon=True)
    worker.start()
    left = False
    try:
        left = _loop(session, terminal, ports, drive, pressed)
    finally:
        if drive is not None:
            drive.close()
        pressed.put(None)
        worker.join(60.0 if not left else 10.0)
        with contextlib.suppress(MT3Error):  # the recorder may be what failed
            session.abandon()
    return Stage.TAUGHT if ports.demonstration or (done and done[-1]) else Stage.ENDED


def _loop(
    session: GuidedSession,
    terminal: KeyTerminal,
    ports: StackPorts,
    drive: KeyboardDrive | None,
    pressed: 'queue.Queue[str | None]',
) -> bool:
    """Read keys and drive until the session ends; True when the person left it."""
    missing: list[str] | None = None
    shown_at = 0.0
    while session.stage is not Stage.ENDED:
        for key in terminal.keys(_LOOP_S):
            command = KEYS.get(key)
            if command is not None and command.kind == 'button':
                if command.value == 'quit':
                    terminal.say(
                        'leaving: the arm stops' + (', the recording is thrown away' if session.recording else '')
                    )
                    return True
                if command.value == 'help':
                    terminal.say(HELP)
                else:
                    pressed.put(command.value)
            elif drive is not None:
                drive.press(key)
        if drive is not None:
            drive.tick()
        if time.monotonic() - shown_at < _STATUS_S:
            continue
        shown_at = time.monotonic()
        if ports.missing != missing:
            missing = ports.missing
            terminal.say('\n'.join(f'missing: {line}' for line in missing) or 'everything that is recorded is there')
        terminal.status(_status(session, ports, drive))
    return False


def _status(session: GuidedSession, ports: StackPorts, drive: KeyboardDrive | None) -> str:
    tool = ports.tool()
    parts = [f'[{session.stage.value}]']
    if tool is not None:
        parts.append(describe_tool(tool, ports.offset(tool)))
    if drive is not None:
        parts.append(drive.state)
        if drive.notice:
            parts.append(drive.notice)
    return ' | '.join(parts)


def _work(session: GuidedSession, pressed: 'queue.Queue[str | None]', terminal: KeyTerminal, done: list[bool]) -> None:
    """Do the steps that buttons ask for."""
    terminal.say(f'1. {session.prompt}')
    while session.stage is not Stage.ENDED:
        button = pressed.get()
        if button is None:
            return
        before = session.stage
        try:
            meant = session.press(button)
        except Exception as error:  # of a thread nobody would hear otherwise
            terminal.say(f'this step failed: {error!r}')
            continue
        if session.stage is Stage.TAUGHT:
            done.append(True)
        if meant and session.prompt:
            number = list(Stage).index(session.stage) + 1
            terminal.say(f'{number}. {session.prompt}')
        elif not meant:
            terminal.say(f'{button} means nothing here ({before.value})')


def _answer(pressed: 'queue.Queue[str | None]', button: str) -> Any:
    def press(_: Trigger.Request, response: Trigger.Response) -> Trigger.Response:
        pressed.put(button)
        response.success = True
        return response

    return press
