"""`mt3 library edit|history|restore|undo`: change a demonstration; every change is a version."""

import json
from pathlib import Path
from typing import Annotated, Any

import typer
from PIL import Image
from rich import box
from rich.console import Console
from rich.table import Table

from mt3_cli.library_access import DEFAULT_LIBRARY, Id, Json, Library, full_id, open_library
from mt3_common.errors import InvalidInput

__all__ = ['edit', 'history', 'restore', 'undo']


def edit(
    demonstration: Id,
    library: Library = DEFAULT_LIBRARY,
    task: Annotated[str | None, typer.Option(help='New task text.')] = None,
    notes: Annotated[str | None, typer.Option(help='New notes.')] = None,
    tag: Annotated[list[str] | None, typer.Option(help='Replace the tags by these (repeat it; "" for none).')] = None,
    success: Annotated[bool | None, typer.Option('--success/--failed', help='Whether it reached its goal.')] = None,
    bottleneck: Annotated[
        float | None,
        typer.Option(metavar='S', help='Begin the interaction at this time of its path, in seconds; below 0: earlier.'),
    ] = None,
    bottleneck_cm: Annotated[
        float | None, typer.Option(metavar='CM', help='The same, by the way along the path, in cm.')
    ] = None,
    back_off_cm: Annotated[
        float | None, typer.Option(metavar='CM', help='Begin so far back, straight along the tool, in cm.')
    ] = None,
    end: Annotated[
        float | None,
        typer.Option(metavar='S', help='End it at this time, in seconds; below 0: so long before its end.'),
    ] = None,
    speed: Annotated[float | None, typer.Option(metavar='X', help='Play it X times as fast as now.')] = None,
    dof: Annotated[int | None, typer.Option(help='Degrees of freedom of the alignment: 4 or 6.')] = None,
    stretch: Annotated[
        bool | None, typer.Option('--stretch/--rigid', help='Whether the object may be of another size.')
    ] = None,
    refine: Annotated[
        bool | None, typer.Option('--refine/--no-refine', help='Whether the alignment is polished.')
    ] = None,
    bag: Annotated[
        Path | None, typer.Option(help='The recording, for what lies before the bottleneck; default: where it was.')
    ] = None,
    picture: Annotated[Path | None, typer.Option(help='Write a picture of before and after.')] = None,
    dry_run: Annotated[bool, typer.Option('--dry-run', help='Say what would change, change nothing.')] = False,
    force: Annotated[bool, typer.Option('--force', help='Change it although the linter finds new errors.')] = False,
) -> None:
    """Change a demonstration: where it begins and ends, its speed, how its object is aligned, its words.

    Times are those of the stored path (`mt3 library show`), 0 is the bottleneck. `undo` takes the edit back.
    """
    from mt3_teach.edit import Edit, apply_edit
    from mt3_teach.lint import lint_demonstration
    from mt3_teach.overlay import draw_edit

    opened = open_library(library)
    before = opened.get(full_id(opened, demonstration))
    wanted = Edit(
        bottleneck_s=bottleneck,
        bottleneck_m=None if bottleneck_cm is None else 0.01 * bottleneck_cm,
        back_off_m=None if back_off_cm is None else 0.01 * back_off_cm,
        end_s=end,
        speed=speed,
        dof=dof,
        stretch=stretch,
        refine=refine,
        task=task,
        notes=notes,
        tags=None if tag is None else tuple(t for t in tag if t),
        success=success,
    )
    done = apply_edit(before, wanted, _lead_in(before, bag, min(bottleneck or 0.0, bottleneck_cm or 0.0)))
    known = {finding.name for finding in lint_demonstration(before)}
    findings = [finding for finding in lint_demonstration(done.demonstration) if finding.name not in known]
    if picture is not None:
        Image.fromarray(draw_edit(before, done.demonstration)).save(picture)
    for finding in findings:
        print(f'  {finding}')
    errors = [finding for finding in findings if finding.severity.name == 'ERROR']
    if errors and not (force or dry_run):
        raise InvalidInput(f'not changed: {len(errors)} new error(s), see above; --force changes it nevertheless')
    what = '; '.join(done.changes)
    if dry_run:
        print(f'{before.id[:8]} would be changed: {what}')
        return
    demo = opened.replace(done.demonstration, what)
    print(f'{demo.id[:8]} "{demo.task}" is version {opened.record(demo.id).version}: {what}')
    print(f'mt3 library undo {demo.id[:8]} takes it back' + (f'; picture {picture}' if picture else ''))


def _lead_in(demo: Any, bag: Path | None, earlier: float) -> Any:
    """Return the tool's path before the bottleneck when it is asked for and can be had."""
    if earlier >= 0.0:
        return None
    from mt3_teach.lead_in import find_bag, lead_in

    found = bag or find_bag(demo)
    return None if found is None else lead_in(demo, found)


def history(demonstration: Id, library: Library = DEFAULT_LIBRARY, as_json: Json = False) -> None:
    """List the versions of a demonstration, the present one first."""
    opened = open_library(library)
    versions = opened.history(full_id(opened, demonstration))
    if as_json:
        print(json.dumps([{**vars(v), 'changed_at': v.changed_at.isoformat()} for v in versions]))
        return
    table = Table('version', 'since', 'seconds', 'task', 'what was changed', box=box.SIMPLE)
    for v in versions:
        since = v.changed_at.astimezone().strftime('%Y-%m-%d %H:%M')
        table.add_row(str(v.number), since, f'{v.duration_s:.2f}', v.task, v.edited or 'as it came')
    Console().print(table)


def restore(
    demonstration: Id,
    version: Annotated[int, typer.Argument(help='Number of the version, see `history`.')],
    library: Library = DEFAULT_LIBRARY,
) -> None:
    """Go back to an earlier version; that is a new one, so nothing is lost."""
    opened = open_library(library)
    demo = opened.restore(full_id(opened, demonstration), version)
    print(f'{demo.id[:8]} "{demo.task}" is version {opened.record(demo.id).version}, which is version {version} again')


def undo(demonstration: Id, library: Library = DEFAULT_LIBRARY) -> None:
    """Take the last change of a demonstration back: a removal, or an edit."""
    opened = open_library(library)
    identity = full_id(opened, demonstration, removed=None)
    opened.undo(identity)
    record = opened.record(identity)
    print(f'{identity[:8]} "{record.task}" is as before the last change ({record.edited or "version 1"})')
