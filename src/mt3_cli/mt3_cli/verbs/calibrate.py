"""`mt3 calibrate`: where the camera is, measured with a board; and how wrong that is today."""

from pathlib import Path
from typing import Annotated, Literal

import typer
from rich.console import Console

from mt3_common.errors import InvalidInput

__all__ = ['calibrate']


def calibrate(
    bag: Annotated[Path | None, typer.Argument(help='Bag with colour, camera_info and TF; default: live.')] = None,
    mount: Annotated[
        Literal['base', 'hand'],
        typer.Option(help='The camera is fixed to the base (board in the hand), or to the hand.'),
    ] = 'base',
    camera: Annotated[str, typer.Option(help='A file of config/cameras, by its name or path.')] = 'realsense',
    robot: Annotated[Path | None, typer.Option(help='Robot file (config/robots/<name>.yaml); default: Panda.')] = None,
    hand_frame: Annotated[str, typer.Option(help="Frame of the hand; default: the robot's tool frame.")] = '',
    print_board: Annotated[
        Path | None, typer.Option('--board', help='Write the board to print (.png or .pdf), and end.')
    ] = None,
    columns: Annotated[int, typer.Option(help='Squares along the longer edge.')] = 7,
    rows: Annotated[int, typer.Option(help='Squares along the shorter edge.')] = 5,
    square: Annotated[float, typer.Option(help='Edge of a printed square in mm, measured.')] = 36.0,
    marker: Annotated[float, typer.Option(help='Edge of a printed marker in mm; 0: three quarters of a square.')] = 0.0,
    dictionary: Annotated[str, typer.Option(help='Of the markers.')] = '5X5_100',
    check: Annotated[bool, typer.Option('--check', help="Measure today's error, change nothing.")] = False,
    touch: Annotated[bool, typer.Option('--touch', help='With --check: touch corners of a lying board.')] = False,
    out: Annotated[Path | None, typer.Option(help='Camera file to write; default: that of --camera.')] = None,
    publish: Annotated[bool, typer.Option('--publish', help='Publish the result on /tf_static until Ctrl-C.')] = False,
    dry_run: Annotated[bool, typer.Option('--dry-run', help='Show the result, write nothing.')] = False,
    as_json: Annotated[bool, typer.Option('--json', help='Print the result as JSON.')] = False,
) -> None:
    """Measure where the camera is, or with --check how wrong its calibration is today."""
    # Imported here so that `mt3 --help` is quick.
    from mt3_cli.calibration import CalibrationJob
    from mt3_common.config import parse_config
    from mt3_perception.calibration.board import BoardConfig, CharucoBoard

    size = {'columns': columns, 'rows': rows, 'square_m': square / 1e3, 'dictionary': dictionary}
    board = CharucoBoard(parse_config(BoardConfig, {**size, 'marker_m': (marker or 0.75 * square) / 1e3}, 'board'))
    console = Console(stderr=as_json)
    if print_board is not None:
        board.print_to(print_board)
        console.print(f'{print_board}: print it in its size, and measure a square: it must be {square:g} mm')
        return
    job = CalibrationJob(console, board, mount, camera, robot, hand_frame)
    if touch:
        if not check or bag is not None:
            raise InvalidInput('--touch measures live: use it with --check and without a bag')
        job.check_touch(as_json)
        return
    collection = job.from_bag(bag) if bag is not None else job.live()
    for reason, count in collection.skipped.items():
        console.print(f'  [dim]{count} pictures left out: {reason}[/]', highlight=False, soft_wrap=True)
    if check:
        job.check_board(collection, as_json)
    else:
        job.solve(collection, out, publish, dry_run, as_json)
