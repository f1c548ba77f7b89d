"""`mt3 teach`: record a demonstration and import it."""

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from mt3_cli.verbs.library import DEFAULT_LIBRARY
from mt3_cli.verbs.teach_check import check
from mt3_cli.verbs.teach_record import teach
from mt3_common.errors import InvalidInput, MT3Error, StatusCode

__all__ = ['app']

app = typer.Typer(invoke_without_command=True)
app.callback()(teach)
app.command('record')(teach)
app.command('check')(check)


@app.command('import')
def import_(
    sources: Annotated[
        list[Path],
        typer.Argument(
            metavar='BAG|FOLDER...',
            help='Bags, exported demonstrations, folders of the paper, LeRobot datasets, or folders of such.',
        ),
    ],
    task: Annotated[str, typer.Option(help='What is taught; default: as the bag says.')] = '',
    library: Annotated[
        str, typer.Option('--library', '-l', help='Folder or s3:// address.', envvar='MT3_LIBRARY')
    ] = DEFAULT_LIBRARY,
    robot: Annotated[Path | None, typer.Option(help='Robot file (config/robots/<name>.yaml); default: Panda.')] = None,
    config: Annotated[
        Path | None, typer.Option(help='YAML with topics and limits (mt3_teach.config.ImportConfig).')
    ] = None,
    pixel: Annotated[tuple[int, int] | None, typer.Option(metavar='U V', help='Pixel on the object.')] = None,
    point: Annotated[
        tuple[float, float, float] | None,
        typer.Option(metavar='X Y Z', help='Point on the object, base frame, in metres.'),
    ] = None,
    which: Annotated[str, typer.Option('--object', help='Words for the object, such as "the red one".')] = '',
    smooth: Annotated[
        float, typer.Option(help='Window over which the path is smoothed, in seconds.', min=0.0, max=2.0)
    ] = 0.0,
    tag: Annotated[list[str] | None, typer.Option(help='Store this tag with it (repeat it).')] = None,
    operator: Annotated[str, typer.Option(help='Who taught it.')] = '',
    simulated: Annotated[bool | None, typer.Option('--simulated/--real', help='Default: as the bag says.')] = None,
    dry_run: Annotated[bool, typer.Option('--dry-run', help='Show the result, store nothing.')] = False,
    force: Annotated[bool, typer.Option('--force', help='Store although the linter finds errors.')] = False,
    jobs: Annotated[int, typer.Option('--jobs', '-j', help='Bags read at the same time.', min=1, max=64)] = 2,
    picture: Annotated[
        Path, typer.Option(help='Where to write the picture of the result; of several, one beside another.')
    ] = Path('import.png'),
) -> None:
    """Turn bags, or demonstrations in other formats, into demonstrations of the library.

    A bag of several demonstrations gives them all. Many bags are read side by side; interrupted, the same command
    goes on with those that are left.
    """
    import numpy as np

    from mt3_cli.import_report import show_result, summary
    from mt3_common.config import load_config
    from mt3_common.robot import RobotConfig
    from mt3_retrieval.library import DemoLibrary
    from mt3_teach.batch import Job, import_many, read_source
    from mt3_teach.config import ImportConfig
    from mt3_teach.import_part import Wanted
    from mt3_teach.sources import find_sources

    console = Console()
    wanted = Wanted(
        task=task or None,
        pixel=pixel,
        point=np.array(point) if point else None,
        text=which,
        tags=tuple(tag or ()),
        simulated=simulated,
        operator=operator,
    )
    settings = load_config(ImportConfig, config) if config else ImportConfig()
    if smooth > 0.0:
        settings = settings.model_copy(update={'smooth_s': smooth})
    arm = load_config(RobotConfig, robot) if robot else RobotConfig()
    found = [Job(path, kind, wanted, arm, settings, force) for path, kind in find_sources(sources)]
    if (pixel or point) and len(found) > 1:
        raise InvalidInput(f'--pixel and --point choose the object of one bag, not of {len(found)}')
    with Progress(
        TextColumn('{task.description}'),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        console=console,
        transient=True,
    ) as progress:
        bar = progress.add_task('importing', total=len(found))
        outcomes = []
        run = map(read_source, found) if dry_run else import_many(found, DemoLibrary.open(library), jobs)
        for outcome in run:
            outcomes.append(outcome)
            show_result(console, outcome, stored=not dry_run, brief=len(found) > 1, picture=picture)
            progress.advance(bar)
    refused = summary(console, outcomes, stored=not dry_run)
    if refused:
        raise MT3Error(refused, StatusCode.INVALID_INPUT)
