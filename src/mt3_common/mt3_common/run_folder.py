"""One folder per run: `runs/<time>`, with `runs/latest` pointing at the newest."""

import os
from datetime import datetime
from pathlib import Path

from mt3_common.errors import MT3Error, StatusCode

__all__ = ['new_run_folder']


def new_run_folder(root: str | Path = 'runs', name: str | None = None) -> Path:
    """Make a fresh folder under `root` and let `latest` point at it, atomically.

    Args:
        name: Default: the local time, to the second; a number is appended when it exists already.

    Returns:
        Its absolute path.

    Raises:
        MT3Error: STORAGE; the folder cannot be made.
    """
    root = Path(root).expanduser().absolute()
    stem = name or datetime.now().strftime('%Y-%m-%d_%H-%M-%S')
    try:
        root.mkdir(parents=True, exist_ok=True)
        for number in range(1, 10_000):
            folder = root / (stem if number == 1 else f'{stem}_{number}')
            try:
                folder.mkdir(parents=True)
                break
            except FileExistsError:
                continue
        _point_latest(root, folder)
    except OSError as error:
        raise MT3Error(f'cannot make a run folder under {root}: {error}', StatusCode.STORAGE) from error
    return folder


def _point_latest(root: Path, folder: Path) -> None:
    """Replace the link by renaming another over it: readers see the old one or the new one, never none."""
    fresh = root / f'.latest-{os.getpid()}-{folder.name.replace(os.sep, "_")}'
    fresh.symlink_to(folder.relative_to(root))
    os.replace(fresh, root / 'latest')
