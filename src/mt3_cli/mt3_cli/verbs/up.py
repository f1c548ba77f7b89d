"""`mt3 up`: start the processes of a launch file."""

import tempfile
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from mt3_common.errors import InvalidInput

__all__ = ['up']


def up(
    launch_file: Annotated[Path, typer.Argument(metavar='LAUNCH_XML', help='For example launch/sim.launch.xml')],
    arguments: Annotated[list[str] | None, typer.Argument(metavar='[NAME:=VALUE ...]')] = None,
    show_args: Annotated[bool, typer.Option('--show-args', '-s', help="Show the file's arguments and end.")] = False,
) -> None:
    """Start the nodes of a ROS 2 launch file; Ctrl-C ends them all."""
    from mt3_cli import up as runner

    if show_args:
        _show(runner.load(launch_file, {}, Path(), arguments_only=True))
        return
    with tempfile.TemporaryDirectory(prefix='mt3-up-') as scratch:
        launch = runner.load(launch_file, _values(arguments or []), Path(scratch))
        if not launch.processes:
            raise InvalidInput(f'{launch_file} starts nothing with these arguments')
        code = runner.run(launch.processes)
    raise typer.Exit(code)


def _values(words: list[str]) -> dict[str, str]:
    for word in words:
        if ':=' not in word:
            raise InvalidInput(f'arguments are written NAME:=VALUE: got {word!r}')
    return dict(word.split(':=', 1) for word in words)


def _show(launch: object) -> None:
    table = Table('argument', 'default', 'what it is')
    for argument in launch.arguments:
        table.add_row(
            argument.name, '[red]required[/]' if argument.default is None else argument.default, argument.description
        )
    Console().print(table)
