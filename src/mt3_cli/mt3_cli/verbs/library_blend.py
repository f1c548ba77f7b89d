"""`mt3 library blend`: several demonstrations of one task made into one."""

from pathlib import Path
from typing import Annotated, Any

import typer
from PIL import Image

from mt3_cli.library_access import DEFAULT_LIBRARY, Library, full_id, open_library
from mt3_common.errors import InvalidInput

__all__ = ['blend']


def blend(
    task: Annotated[str, typer.Argument(help='Whose demonstrations; in any wording that is understood.')] = '',
    library: Library = DEFAULT_LIBRARY,
    demonstration: Annotated[
        list[str] | None, typer.Option('--demo', metavar='ID', help='Of these only (repeat it).')
    ] = None,
    robot: Annotated[str, typer.Option(help='Only the demonstrations of this robot.')] = '',
    simulated: Annotated[
        bool | None, typer.Option('--simulated/--real', help='Only those; default: what is there.')
    ] = None,
    keep_speed: Annotated[bool, typer.Option('--keep-speed', help='Do not slow down where they agree.')] = False,
    picture: Annotated[Path, typer.Option(help='Where to write the picture.')] = Path('blend.png'),
    dry_run: Annotated[bool, typer.Option('--dry-run', help='Show the result, store nothing.')] = False,
    force: Annotated[bool, typer.Option('--force', help='Store although the linter finds errors.')] = False,
) -> None:
    """Make one demonstration of several: the mean of their paths, with its variance over time.

    At least three. Their objects are aligned with each other, their paths in time. The result is a demonstration of its
    own that names its parents, which stay; `mt3 run --demo ID` uses it, and so does retrieval when it fits best.
    """
    from mt3_teach.blending import blend_demonstrations
    from mt3_teach.lint import lint_demonstration
    from mt3_teach.overlay import draw_blend

    opened = open_library(library)
    ids = [full_id(opened, start) for start in demonstration or []] or _of_task(opened, task, robot, simulated)
    made = blend_demonstrations([opened.get(identity) for identity in ids], retime=not keep_speed)
    demo = made.demonstration
    Image.fromarray(draw_blend(demo, made.deviation_m, list(made.paths_base.values()))).save(picture)
    mm = 1e3 * made.deviation_m
    print(f'{len(made.paths_base)} demonstrations of "{demo.task}", in the scene of {made.reference[:8]}')
    print(
        f'  they lie {mm.min():.1f} to {mm.max():.1f} mm apart; {demo.interaction.duration_s:.1f} s; picture {picture}'
    )
    for identity, why in made.left_out.items():
        print(f'  left out: {identity[:8]}, {why}')
    findings = lint_demonstration(demo)
    for finding in findings:
        print(f'  {finding}')
    errors = [finding for finding in findings if finding.severity.name == 'ERROR']
    if errors and not (force or dry_run):
        raise InvalidInput(f'not stored: {len(errors)} error(s), see above; --force stores it nevertheless')
    if not dry_run:
        opened.add(demo)
        print(f'stored {demo.id[:8]}; `mt3 teach check {demo.id[:8]}` replays it in the simulated cell')


def _of_task(library: Any, task: str, robot: str, simulated: bool | None) -> list[str]:
    """Return the ids of the demonstrations of a task.

    Raises:
        InvalidInput: Fewer than three.
    """
    from mt3_retrieval.language import parse
    from mt3_teach.several import BLENDED

    if not task.strip():
        raise InvalidInput('name the task, or the demonstrations with --demo')
    wanted = parse(task)
    found = [
        r.id
        for r in library.list()
        if BLENDED not in r.provenance
        and (r.task.lower().strip() == task.lower().strip()
             or (wanted.understood and (r.skill, r.target, r.other) == (wanted.skill, wanted.target, wanted.other)))
        and (not robot or r.robot == robot)
        and (simulated is None or r.simulated == simulated)
    ]  # fmt: skip
    if len(found) < 3:
        raise InvalidInput(f'{len(found)} demonstrations of "{task}" are in the library, at least 3 are needed')
    return found
