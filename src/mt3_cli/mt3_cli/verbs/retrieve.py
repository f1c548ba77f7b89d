"""`mt3 retrieve`: which demonstration, on which object, aligned how. Moves nothing."""

import json
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import typer
from rich import box
from rich.console import Console
from rich.table import Table

from mt3_cli.verbs.library import DEFAULT_LIBRARY
from mt3_common.errors import InvalidInput

__all__ = ['retrieve']


def retrieve(
    task: Annotated[str, typer.Argument(help='What to do, in your own words.')],
    scene: Annotated[
        Path | None, typer.Option(help='A scene.npz of a run; default: look through the camera now.')
    ] = None,
    library: Annotated[
        str, typer.Option('--library', '-l', help='Folder or s3:// address.', envvar='MT3_LIBRARY')
    ] = DEFAULT_LIBRARY,
    simulated: Annotated[bool, typer.Option('--simulated', help='Use demonstrations recorded in simulation.')] = False,
    demo: Annotated[
        str, typer.Option('--demo', metavar='ID', help='Use this one; the beginning of its id is enough.')
    ] = '',
    overlay: Annotated[Path, typer.Option(help='Where to write the picture of the alignment.')] = Path('overlay.png'),
    as_json: Annotated[bool, typer.Option('--json', help='Print JSON.')] = False,
) -> None:
    """Rank the demonstrations for a task in a scene and draw the best alignment."""
    from mt3_retrieval.config import RetrievalConfig
    from mt3_retrieval.library import DemoLibrary
    from mt3_retrieval.overlay import overlay_png
    from mt3_retrieval.retrieval import Retriever

    if not overlay.parent.is_dir():
        raise InvalidInput(f'--overlay: there is no folder {overlay.parent}')
    seen = _read_scene(scene) if scene else _capture()
    retriever = Retriever(
        DemoLibrary.open(library, create=False), RetrievalConfig(origin='simulated' if simulated else 'real')
    )
    answer = retriever.retrieve(task, seen, demonstration_id=demo or None)
    overlay.write_bytes(overlay_png(answer, seen))
    if as_json:
        print(json.dumps(_plain(answer, overlay)))
    else:
        _print(answer, overlay)
    if not answer.status.ok:
        raise typer.Exit(1)


def _read_scene(path: Path) -> Any:
    """Segment the pictures of a stored scene again; its file holds what the camera gave."""
    from mt3_perception.config import SegmentationConfig
    from mt3_perception.scene_builder import build_scene
    from mt3_perception.segmentation import segment

    try:
        with np.load(path) as stored:
            depth = stored['depth_mm'].astype(np.float32) / 1000.0
            depth[depth == 0.0] = np.nan
            values = {name: stored[name] for name in ('rgb', 'K', 'T_base_camera')}
            stamp_s, base, camera = float(stored['stamp_s']), str(stored['base_frame']), str(stored['camera_frame'])
    except (OSError, ValueError, KeyError) as error:
        why = str(error) if isinstance(error, (OSError, KeyError)) else 'it holds no arrays'
        raise InvalidInput(f'{path} is not the scene.npz of a run: {why}') from error
    images = (depth, values['rgb'], values['K'], values['T_base_camera'])
    found = segment(depth, values['K'], values['T_base_camera'], values['rgb'], SegmentationConfig())
    return build_scene(*images, found, stamp_s=stamp_s, base_frame=base, camera_frame=camera)


def _capture() -> Any:
    """Ask the running perception node for a scene."""
    from mt3_cli.client import StackClient
    from mt3_common.conversions import msg_to_scene
    from mt3_common.errors import MT3Error, StatusCode
    from mt3_interfaces.srv import CaptureScene

    with StackClient('mt3_retrieve') as client:
        answer = client.call(CaptureScene, '/mt3/capture_scene', CaptureScene.Request())
    if answer.status.code != StatusCode.OK:
        raise MT3Error(answer.status.message, StatusCode(answer.status.code))
    return msg_to_scene(answer.scene)


def _print(answer: Any, overlay: Path) -> None:
    console = Console()
    if answer.candidates:
        table = Table(box=box.SIMPLE)
        for name in ('', 'demonstration', 'object', 'words', 'shape', 'fit', 'overlap', 'seen through', 'sure', 'why'):
            table.add_column(name)
        for rank, candidate in enumerate(answer.candidates, start=1):
            table.add_row(str(rank), *_row(candidate))
        console.print(table)
    colour = 'green' if answer.status.ok else 'red'
    took = f' in {1e3 * answer.timing_s["total"]:.0f} ms' if 'total' in answer.timing_s else ''
    what = f': "{answer.demo.task}" on object {answer.object.id}' if answer.status.ok else ''
    console.print(f'[{colour}]{answer.status}[/]{what}{took}; picture: {overlay}', highlight=False, soft_wrap=True)


def _row(candidate: Any) -> tuple[str, ...]:
    from mt3_retrieval.ranking import fit

    named = f'{candidate.task} ({candidate.demonstration_id[:8]})', str(candidate.object_id)
    words, alignment = (f'{candidate.language:.2f}', f'{candidate.geometry:.2f}'), candidate.alignment
    if alignment is None or not np.isfinite(alignment.score):
        return (*named, *words, '–', '–', '–', '–', candidate.reason)
    numbers = f'{fit(alignment):.2f}', f'{alignment.overlap:.0%}', f'{alignment.violation:.0%}'
    refused = candidate.reason.startswith('not ')  # the rest of the reason repeats the numbers
    return (*named, *words, *numbers, f'{alignment.confidence:.2f}', candidate.reason.split(':')[0] if refused else '')


def _plain(answer: Any, overlay: Path) -> dict[str, Any]:
    a = answer.alignment
    return {
        'status': answer.status.code.name,
        'message': answer.status.message,
        'demonstration_id': answer.demo.id if answer.demo else None,
        'object_id': answer.object.id if answer.object else None,
        'T_base_bottleneck': None if answer.T_base_bottleneck is None else answer.T_base_bottleneck.tolist(),
        'confidence': None if a is None else round(float(a.confidence), 4),
        'ambiguous': None if a is None else bool(a.ambiguous),
        'candidates': [
            {
                'demonstration_id': c.demonstration_id,
                'task': c.task,
                'object_id': c.object_id,
                'language': round(c.language, 4),
                'geometry': round(c.geometry, 4),
                'reason': c.reason,
            }
            for c in answer.candidates
        ],
        'timing_s': {name: round(seconds, 5) for name, seconds in answer.timing_s.items()},
        'overlay': str(overlay),
    }
