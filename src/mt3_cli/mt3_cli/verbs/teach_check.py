"""`mt3 teach check`: replay a demonstration in the simulated cell before anybody trusts it."""

import dataclasses
import json
from typing import Annotated

import typer
from rich.console import Console

from mt3_cli.library_access import DEFAULT_LIBRARY, Id, full_id, open_library

__all__ = ['check']

_ANSWERS = {True: '[green]reproduces[/]', False: '[red]does not reproduce[/]', None: '[yellow]can be followed[/]'}


def check(
    demonstration: Id,
    library: Annotated[
        str, typer.Option('--library', '-l', help='Folder or s3:// address.', envvar='MT3_LIBRARY')
    ] = DEFAULT_LIBRARY,
    as_json: Annotated[bool, typer.Option('--json', help='Print JSON.')] = False,
) -> None:
    """Replay a demonstration in the simulated cell, on its own scene, and tell whether it reproduces.

    A demonstration given in the simulated cell is replayed in the very scene, and the task's judge answers. The scene
    of any other is rebuilt from its picture: then the check tells whether the arm can follow, what it touches, whether
    it grips and how the object moves, not whether the task is done. Exit code 0 unless something speaks against it.
    """
    from mt3_sim.experts import check as replay

    opened = open_library(library)
    console = Console(stderr=as_json)
    with console.status('replaying'):
        demo = opened.get(full_id(opened, demonstration))
        report = replay.check(demo)
    if as_json:
        print(json.dumps({**dataclasses.asdict(report), 'reproduces': report.reproduces, 'problems': report.problems}))
    else:
        console.print(f'{_ANSWERS[report.reproduces]} {demo.id[:8]} "{demo.task}"', highlight=False)
        console.print(f'  replayed in {report.scene}', highlight=False)
        if report.success:
            console.print(f'  the judge: {report.reason}', highlight=False)
        if report.followed:
            touched = ', '.join(report.touched) or 'nothing'
            for line in (
                f'the tool stays within {1e3 * report.tracking_m:.0f} mm of the demonstrated path',
                f'the hand touches {touched}; {"both fingers grip" if report.gripped else "no grip"}',
                f'the target ends {100 * report.moved_m:.1f} cm away, {100 * report.lifted_m:.1f} cm higher',
            ):
                console.print(f'  {line}', highlight=False)
        for problem in report.problems:
            console.print(f'  [red]{problem}[/]', highlight=False)
        if report.reproduces is None:
            console.print('  whether the task is done cannot be told from one picture: try it slowly', highlight=False)
    raise typer.Exit(1 if report.reproduces is False else 0)
