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

from mt3_common.errors import InvalidInput

__all__ = ['DEFAULT_LIBRARY', 'app']

DEFAULT_LIBRARY = str(Path('~/.mt3/library').expanduser())

app = typer.Typer(help='Look at and tend the demonstration library.', no_args_is_help=True)

Library = Annotated[str, typer.Option('--library', '-l', help='Folder or s3:// address.', envvar='MT3_LIBRARY')]
Id = Annotated[str, typer.Argument(metavar='ID', help='Demonstration id, or the beginning of one.')]
Json = Annotated[bool, typer.Option('--json', help='Print JSON.')]


def _open(uri: str) -> Any:
    from mt3_retrieval.library import DemoLibrary

    return DemoLibrary.open(uri, create=False)


def _full_id(library: Any, start: str, *, removed: bool = False) -> str:
    """Return the one id that begins with `start`.

    Raises:
        InvalidInput: None or several do.
    """
    found = [record.id for record in library.list(removed=removed) if record.id.startswith(start)]
    if len(found) != 1:
        what = 'no' if not found else f'{len(found)}'
        raise InvalidInput(f'{what} demonstrations begin with {start!r}; `mt3 library list` shows their ids')
    return found[0]


@app.command('list')
def list_(
    where: Annotated[str, typer.Argument(help='SQL condition, such as "skill = \'pick_up\'".')] = '',
    library: Library = DEFAULT_LIBRARY,
    removed: Annotated[bool, typer.Option('--removed', help='Show the removed ones instead.')] = False,
    as_json: Json = False,
) -> None:
    """List demonstrations, newest first."""
    records = _open(library).list(where, removed=removed)
    if as_json:
        print(json.dumps([_plain(record) for record in records]))
        return
    table = Table(box=box.SIMPLE)
    for name in ('id', 'task', 'object', 'robot', 'recorded', 'seconds', ''):
        table.add_column(name, no_wrap=name in ('id', 'recorded'))
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
    picture: Annotated[Path | None, typer.Option(help='Where to write the picture.')] = None,
    as_json: Json = False,
) -> None:
    """Show one demonstration and write its picture."""
    from mt3_teach.lint import lint_demonstration
    from mt3_teach.overlay import draw_demonstration

    opened = _open(library)
    identity = _full_id(opened, demonstration)
    demo, record = opened.get(identity), opened.record(identity)
    target = picture or Path(f'{identity[:8]}.png')
    Image.fromarray(draw_demonstration(demo)).save(target)
    findings = [str(finding) for finding in lint_demonstration(demo)]
    if as_json:
        print(json.dumps({**_plain(record), 'findings': findings, 'picture': str(target)}))
        return
    table = Table(show_header=False)
    for name, value in _plain(record).items():
        table.add_row(name, str(value))
    for finding in findings:
        table.add_row('finding', finding)
    table.add_row('picture', str(target))
    Console().print(table)


@app.command()
def edit(
    demonstration: Id,
    library: Library = DEFAULT_LIBRARY,
    task: Annotated[str | None, typer.Option(help='New task text.')] = None,
    notes: Annotated[str | None, typer.Option(help='New notes.')] = None,
    tag: Annotated[list[str] | None, typer.Option(help='Replace the tags by these (repeat it).')] = None,
) -> None:
    """Change the words of a demonstration."""
    opened = _open(library)
    demo = opened.update(_full_id(opened, demonstration), task=task, notes=notes, tags=tag)
    print(f'{demo.id[:8]}: {demo.task} ({demo.skill} {demo.target})')


@app.command()
def rm(demonstration: Id, library: Library = DEFAULT_LIBRARY) -> None:
    """Remove a demonstration; `undo` brings it back."""
    opened = _open(library)
    identity = _full_id(opened, demonstration)
    opened.remove(identity)
    print(f'removed {identity}; mt3 library undo {identity[:8]} brings it back')


@app.command()
def undo(demonstration: Id, library: Library = DEFAULT_LIBRARY) -> None:
    """Bring a removed demonstration back."""
    opened = _open(library)
    identity = _full_id(opened, demonstration, removed=True)
    opened.undo(identity)
    print(f'{identity} is back')


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
    opened = _open(library)
    chosen = [_full_id(opened, start) for start in demonstrations or []] or [record.id for record in opened.list()]
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

    text = library_card(_open(library).list(), Path(library).name)
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

    taken, target = _open(source), DemoLibrary.open(library)
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

    opened = _open(library)
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
    opened = _open(library)
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


def _plain(record: Any) -> dict[str, Any]:
    return {
        'id': record.id,
        'task': record.task,
        'skill': record.skill,
        'target': record.target,
        'other': record.other,
        'robot': record.robot,
        'simulated': record.simulated,
        'success': record.success,
        'degrees_of_freedom': record.dof,
        'recorded_at': record.recorded_at.isoformat(),
        'duration_s': round(record.duration_s, 3),
        'tags': list(record.tags),
        'notes': record.notes,
        'provenance': record.provenance,
    }
