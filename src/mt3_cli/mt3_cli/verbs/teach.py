"""`mt3 teach`: record a demonstration and import it."""

from pathlib import Path
from typing import Annotated

import typer
from PIL import Image
from rich.console import Console

from mt3_cli.verbs.library import DEFAULT_LIBRARY
from mt3_cli.verbs.teach_check import check
from mt3_cli.verbs.teach_record import teach
from mt3_common.errors import InvalidInput, MT3Error

__all__ = ['app']

app = typer.Typer(invoke_without_command=True)
app.callback()(teach)
app.command('record')(teach)
app.command('check')(check)


@app.command('import')
def import_(
    bag: Annotated[Path, typer.Argument(help='Folder of a rosbag2 bag, ours or of `ros2 bag record`.')],
    task: Annotated[str, typer.Option(help='What is taught; default: as the bag says.')] = '',
    library: Annotated[
        str, typer.Option('--library', '-l', help='Folder or s3:// address.', envvar='MT3_LIBRARY')
    ] = DEFAULT_LIBRARY,
    robot: Annotated[Path | None, typer.Option(help='Robot file (config/robots/<name>.yaml); default: Panda.')] = None,
    pixel: Annotated[tuple[int, int] | None, typer.Option(metavar='U V', help='Pixel on the object.')] = None,
    point: Annotated[
        tuple[float, float, float] | None, typer.Option(metavar='X Y Z', help='Point on the object, base frame [m].')
    ] = None,
    tag: Annotated[list[str] | None, typer.Option(help='Store this tag with it (repeat it).')] = None,
    simulated: Annotated[bool | None, typer.Option('--simulated/--real', help='Default: as the bag says.')] = None,
    dry_run: Annotated[bool, typer.Option('--dry-run', help='Show the result, store nothing.')] = False,
    force: Annotated[bool, typer.Option('--force', help='Store although the linter finds errors.')] = False,
    picture: Annotated[Path, typer.Option(help='Where to write the picture of the result.')] = Path('import.png'),
) -> None:
    """Turn a bag into a demonstration of the library."""
    import numpy as np

    from mt3_common.config import load_config
    from mt3_common.robot import RobotConfig
    from mt3_teach.importer import import_bag

    if pixel and point:
        raise InvalidInput('choose the object by --pixel or by --point, not by both')
    console = Console()
    with console.status(f'importing {bag}'):
        result = import_bag(
            bag,
            robot=load_config(RobotConfig, robot) if robot else RobotConfig(),
            task=task or None,
            library=None if dry_run else library,
            pixel=pixel,
            point=np.array(point) if point else None,
            tags=tuple(tag or ()),
            simulated=simulated,
            force=force,
        )
    Image.fromarray(result.pictures['overlay']).save(picture)
    for what, rule in result.rules.items():
        console.print(f'  {what}: {rule}', highlight=False)
    for finding in result.findings:
        console.print(f'  [yellow]{finding}[/]', highlight=False)
    demo = result.demonstration
    words = f'"{demo.task}", {demo.interaction.duration_s:.1f} s of interaction; picture: {picture}'
    if result.stored:
        console.print(f'[green]stored[/] {demo.id[:8]} {words}', highlight=False)
    elif dry_run:
        console.print(f'not stored (dry run): {words}', highlight=False)
    else:
        raise MT3Error(f'not stored: {result.status.message}', result.status.code)
