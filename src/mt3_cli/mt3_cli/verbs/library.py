"""`mt3 library`: look at and tend the demonstration library."""

import json
from collections import Counter
from pathlib import Path
from typing import Annotated, Any

import typer
from PIL import Image
from rich import box
from rich.console import Console
from rich.table import Table

from mt3_cli.library_access import DEFAULT_LIBRARY, Id, Json, Library, full_id, open_library
from mt3_cli.verbs.library_blend import blend
from mt3_cli.verbs.library_edit import edit, history, restore, undo
from mt3_common.errors import InvalidInput

__all__ = ['DEFAULT_LIBRARY', 'app']

app = typer.Typer(help='Look at and tend the demonstration library.', no_args_is_help=True)
for _verb in (edit, history, restore, undo, blend):
    app.command()(_verb)


@app.command('list')
def list_(
    where: Annotated[str, typer.Argument(help='SQL condition, such as "skill = \'pick_up\'".')] = '',
    library: Library = DEFAULT_LIBRARY,
    removed: Annotated[bool, typer.Option('--removed', help='Show the removed ones instead.')] = False,
    as_json: Json = False,
) -> None:
    """List demonstrations, newest first."""
    records = open_library(library).list(where, removed=removed)
    if as_json:
        print(json.dumps([_plain(record) for record in records]))
        return
    table = Table(box=box.SIMPLE)
    for name in ('id', 'task', 'object', 'robot', 'recorded', 'seconds', ''):
        table.add_column(name, no_wrap=name not in ('task', 'object'))
    for r in records:
        recorded = r.recorded_at.astimezone().strftime('%Y-%m-%d %H:%M')
        origin = 'simulated' if r.simulated else 'real'
        table.add_row(r.id[:8], r.task, r.target, r.robot, recorded, f'{r.duration_s:.1f}', origin)
    Console().print(table)
    print(f'{len(records)} demonstrations')


@app.command()
def show(
    demonstration: Id,
    library: Library = DEFAULT_LIBRARY,
    version: Annotated[int | None, typer.Option(help='An earlier version, see `history`.')] = None,
    picture: Annotated[Path | None, typer.Option(help='Where to write the picture.')] = None,
    as_json: Json = False,
) -> None:
    """Show one demonstration and write its picture."""
    from mt3_teach.lint import lint_demonstration
    from mt3_teach.overlay import draw_demonstration
    from mt3_teach.several import DEVIATION

    opened = open_library(library)
    identity = full_id(opened, demonstration)
    demo, record = opened.get(identity, version), opened.record(identity)
    target = picture or Path(f'{identity[:8]}.png')
    Image.fromarray(draw_demonstration(demo)).save(target)
    findings = [str(finding) for finding in lint_demonstration(demo)]
    if as_json:
        print(json.dumps({**_plain(record, demo), 'findings': findings, 'picture': str(target)}))
        return
    table = Table(show_header=False)
    shown = _plain(record, demo)
    shown['provenance'] = {key: value for key, value in record.provenance.items() if key != DEVIATION}  # --json has it
    for name, value in shown.items():
        table.add_row(name, str(value))
    table.add_row('gripper', _gripper(demo))
    for finding in findings:
        table.add_row('finding', finding)
    table.add_row('picture', str(target))
    Console().print(table)


@app.command()
def rm(demonstration: Id, library: Library = DEFAULT_LIBRARY) -> None:
    """Remove a demonstration; `undo` brings it back."""
    opened = open_library(library)
    identity = full_id(opened, demonstration)
    opened.remove(identity)
    print(f'removed {identity}; mt3 library undo {identity[:8]} brings it back')


@app.command()
def export(
    folder: Annotated[Path, typer.Argument(help='One folder per demonstration is made in it.')],
    demonstrations: Annotated[list[str] | None, typer.Argument(metavar='[ID ...]', help='Default: all.')] = None,
    library: Library = DEFAULT_LIBRARY,
    form: Annotated[
        str, typer.Option('--format', help='folder: open and edit it; paper: for its own code; lerobot: one dataset.')
    ] = 'folder',
) -> None:
    """Write demonstrations as plain folders, as the paper's, or as one LeRobot v3 dataset."""
    from mt3_teach.folder import export_folder
    from mt3_teach.formats.lerobot import export_lerobot
    from mt3_teach.formats.paper import export_paper

    writers = {'folder': export_folder, 'paper': export_paper}
    if form not in (*writers, 'lerobot'):
        raise InvalidInput(f'there is no format {form!r}; there are folder, paper and lerobot')
    opened = open_library(library)
    chosen = [full_id(opened, start) for start in demonstrations or []] or [record.id for record in opened.list()]
    if form == 'lerobot':
        print(export_lerobot([opened.get(identity) for identity in chosen], folder))
        return
    for identity in chosen:
        print(writers[form](opened.get(identity), folder / identity))


@app.command()
def card(
    library: Library = DEFAULT_LIBRARY,
    out: Annotated[Path | None, typer.Option(help='Where to write it; default: print it.')] = None,
) -> None:
    """Describe what the library holds, as Markdown: tasks, skills, objects, robots, cameras, dates, operators."""
    from mt3_teach.card import library_card

    text = library_card(open_library(library).list(), Path(library).name)
    if out is None:
        print(text, end='')
    else:
        out.write_text(text, encoding='utf-8')
        print(out)


@app.command()
def merge(
    source: Annotated[str, typer.Argument(help='The library to take from; it is not changed.')],
    library: Library = DEFAULT_LIBRARY,
    robot: Annotated[str, typer.Option(help='Only the demonstrations of this robot.')] = '',
) -> None:
    """Copy another library's demonstrations into this one; those that it has already are passed over."""
    from mt3_retrieval.library import DemoLibrary

    taken, target = open_library(source), DemoLibrary.open(library)
    known = {record.id for record in [*target.list(), *target.list(removed=True)]}
    new = [r.id for r in taken.list() if r.id not in known and (not robot or r.robot == robot)]
    if new:
        target.add_many([taken.get(identity) for identity in new])
    print(f'{len(new)} demonstrations copied from {source} to {library}')


@app.command('import')
def import_(
    folders: Annotated[list[Path], typer.Argument(help='Exported demonstrations, or a folder of them.')],
    library: Library = DEFAULT_LIBRARY,
) -> None:
    """Read demonstrations from plain folders; nothing is stored when one of them cannot be read."""
    from mt3_retrieval.library import DemoLibrary
    from mt3_teach.folder import import_folder, is_folder

    sources = []
    for folder in folders:
        inner = [folder] if is_folder(folder) else sorted(path for path in folder.glob('*') if is_folder(path))
        if not inner:
            raise InvalidInput(f'{folder} is neither an exported demonstration nor a folder of them (no demo.yaml)')
        sources += inner
    stored = DemoLibrary.open(library).add_many([import_folder(path) for path in sources])
    for demo in stored:
        print(f'{demo.id[:8]}  {demo.task}')


@app.command()
def lint(library: Library = DEFAULT_LIBRARY, as_json: Json = False) -> None:
    """Say what is odd about the demonstrations, each alone and in view of the others."""
    from mt3_teach.lint import lint_demonstration, lint_library

    opened = open_library(library)
    rows = [(f.severity.name.lower(), f.name, identity, f.message) for identity, f in lint_library(opened)]
    for record in opened.list():
        for finding in lint_demonstration(opened.get(record.id)):
            rows.append((finding.severity.name.lower(), finding.name, record.id, finding.message))
    if as_json:
        print(json.dumps([dict(zip(('severity', 'name', 'id', 'message'), row, strict=True)) for row in rows]))
    else:
        table = Table('severity', 'rule', 'id', 'what, where and how to mend it')
        for severity, name, identity, message in rows:
            table.add_row(severity, name, identity[:8], message)
        Console().print(table)
    if any(row[0] == 'error' for row in rows):
        raise typer.Exit(1)


@app.command()
def stats(library: Library = DEFAULT_LIBRARY, as_json: Json = False) -> None:
    """Count what the library holds."""
    opened = open_library(library)
    records = opened.list()
    counts = {
        'demonstrations': len(records),
        'removed': opened.count(removed=True),
        'tasks': len({r.task for r in records}),
        'version': opened.version,
        'skills': dict(Counter(r.skill for r in records).most_common()),
        'objects': dict(Counter(r.target for r in records).most_common()),
        'robots': dict(Counter(r.robot for r in records).most_common()),
        'origin': dict(Counter('simulated' if r.simulated else 'real' for r in records)),
    }
    if as_json:
        print(json.dumps(counts))
        return
    table = Table(show_header=False)
    for name, value in counts.items():
        text = ', '.join(f'{key or "unknown"} {n}' for key, n in value.items()) if isinstance(value, dict) else value
        table.add_row(name, str(text))
    Console().print(table)


def _plain(record: Any, demo: Any = None) -> dict[str, Any]:
    """Return what a script wants to know of a demonstration; with `demo`, as that version of it was."""
    shown = demo or record
    return {
        'id': record.id,
        'version': record.version,
        'edited': record.edited,
        'task': shown.task,
        'skill': shown.skill,
        'target': shown.target,
        'other': shown.other,
        'robot': record.robot,
        'simulated': record.simulated,
        'success': shown.success,
        'degrees_of_freedom': shown.dof,
        'stretch': shown.stretch,
        'refine': shown.refine,
        'recorded_at': record.recorded_at.isoformat(),
        'duration_s': round(demo.interaction.duration_s if demo else record.duration_s, 3),
        'tags': list(shown.tags),
        'notes': shown.notes,
        'provenance': record.provenance,
    }


def _gripper(demo: Any) -> str:
    """Return the gripper's commands in words: what an edit must not cut off."""
    path = demo.interaction
    changes = [
        k for k in range(1, len(path.time_s)) if abs(path.gripper_opening[k] - path.gripper_opening[k - 1]) > 0.02
    ]
    said = [f'{path.gripper_opening[k]:.2f} at {path.time_s[k]:.2f} s' for k in changes]
    return ', then '.join([f'{path.gripper_opening[0]:.2f} open at 0 s', *said[:8]])
