"""What there is to import under a path: bags, our plain folders, the paper's folders, LeRobot datasets."""

from collections.abc import Iterator
from enum import Enum
from pathlib import Path

from mt3_common.errors import InvalidInput
from mt3_teach.folder import is_folder

__all__ = ['Kind', 'find_sources', 'kind_of']


class Kind(str, Enum):
    """What a path holds."""

    BAG = 'bag'
    FOLDER = 'folder'
    PAPER = 'paper'
    LEROBOT = 'lerobot'


def kind_of(path: Path) -> Kind | None:
    """Return what a path holds itself; None when it is at best a folder of such."""
    if path.is_file():
        return Kind.BAG if path.suffix in ('.mcap', '.db3') else None
    if not path.is_dir():
        return None
    if is_folder(path):
        return Kind.FOLDER
    if (path / 'meta' / 'info.json').is_file():
        return Kind.LEROBOT
    if (path / 'bottleneck_pose.npy').is_file() or (path / 'demo_eef_twists.npy').is_file():
        return Kind.PAPER
    if (path / 'metadata.yaml').is_file() or any(path.glob('*.mcap')) or any(path.glob('*.db3')):
        return Kind.BAG
    return None


def find_sources(paths: list[Path]) -> list[tuple[Path, Kind]]:
    """Return everything to import under some paths, in the order of their names.

    Raises:
        InvalidInput: A path that does not exist, or under which nothing is found.
    """
    found: list[tuple[Path, Kind]] = []
    for path in paths:
        path = path.expanduser()
        if not path.exists():
            raise InvalidInput(f'there is nothing at {path}')
        inside = list(_below(path))
        if not inside:
            raise InvalidInput(
                f'{path} holds no bag (metadata.yaml, *.mcap or *.db3), no exported demonstration (demo.yaml), no '
                'demonstration of the paper (bottleneck_pose.npy) and no LeRobot dataset (meta/info.json)'
            )
        found += inside
    return list(dict.fromkeys(found))


def _below(path: Path) -> Iterator[tuple[Path, Kind]]:
    kind = kind_of(path)
    if kind is not None:
        bags = sorted(path.glob('*.mcap')) + sorted(path.glob('*.db3')) if path.is_dir() else []
        if kind is Kind.BAG and len(bags) > 1 and not (path / 'metadata.yaml').is_file():
            yield from ((bag, Kind.BAG) for bag in bags)  # loose files: each is a bag of its own
        else:
            yield path, kind
    elif path.is_dir():
        for inner in sorted(path.iterdir()):
            if not inner.is_symlink() and not inner.name.startswith('.'):
                yield from _below(inner)
