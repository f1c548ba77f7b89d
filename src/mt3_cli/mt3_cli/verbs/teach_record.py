"""`mt3 teach`: the guided session."""

import contextlib
import signal
from pathlib import Path
from types import FrameType
from typing import Annotated

import typer

__all__ = ['teach']


def teach(
    context: typer.Context,
    task: Annotated[str, typer.Option(help='What is being taught, such as "pick up the mug"; default: asks.')] = '',
    teleop: Annotated[
        str, typer.Option(help='keyboard: drive from here; none: with your own teleoperation or a gamepad.')
    ] = 'none',
    robot: Annotated[Path | None, typer.Option(help='Robot file (config/robots/<name>.yaml); default: Panda.')] = None,
    output: Annotated[str, typer.Option(help='How the keyboard drives: trajectory, action or servo.')] = 'trajectory',
    force: Annotated[bool, typer.Option('--force', help='Record although an input is missing.')] = False,
    keep_bag: Annotated[bool, typer.Option('--bag-only', help='Record only; import later.')] = False,
) -> None:
    """Teach a task, step by step: take the scene, go to the bottleneck, do it, judge it. Ctrl-C stops the arm.

    Needs the running stack (`mt3 up launch/sim.launch.xml`, or `teach.launch.xml` beside your arm). Enter or the Start
    button of a gamepad goes on, Backspace or Back begins again; docs/teaching.md shows what to expect.
    """
    if context.invoked_subcommand is not None:
        return
    # Imported here so that `mt3 --help` works without a ROS environment.
    from mt3_cli.client import StackClient
    from mt3_cli.teaching.drive_client import KeyboardDrive
    from mt3_cli.teaching.ports_client import StackPorts
    from mt3_cli.teaching.session import run_session
    from mt3_cli.teaching.terminal import KeyTerminal
    from mt3_common.config import load_config
    from mt3_common.errors import InvalidInput
    from mt3_common.robot import RobotConfig
    from mt3_teach.config import TopicsConfig
    from mt3_teach.guided import Stage

    for name, value, choices in (
        ('--teleop', teleop, ('none', 'keyboard')),
        ('--output', output, ('trajectory', 'action', 'servo')),
    ):
        if value not in choices:
            raise InvalidInput(f'{name} is one of {", ".join(choices)}: got {value!r}')
    config = load_config(RobotConfig, robot) if robot else RobotConfig()
    terminal = KeyTerminal()
    task = task or typer.prompt('What is being taught, such as "pick up the mug"').strip()
    for number in (signal.SIGTERM, signal.SIGHUP):  # a closed terminal must not leave anything running either
        signal.signal(number, _leave)
    with StackClient('mt3_teach') as client, terminal, contextlib.ExitStack() as ends:
        ports = StackPorts(client, config, TopicsConfig().color, terminal.say, force, not keep_bag)
        terminal.status('looking for recorder and arm ...')
        path = str(robot.resolve()) if robot else ''
        drive = None
        if teleop == 'keyboard':
            drive = ends.enter_context(KeyboardDrive(client, config, path, output))
        stage = run_session(client, terminal, ports, task, drive)
        if stage is Stage.TAUGHT and ports.demonstration:
            terminal.say(f'Try it: move the object, then  mt3 run "{task}"')
    if stage is not Stage.TAUGHT:
        raise typer.Exit(1)


def _leave(_signal: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt
