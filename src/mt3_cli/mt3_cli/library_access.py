"""What the verbs that look at a library share: its options, opening it, and ids that need not be written out."""

from pathlib import Path
from typing import Annotated, Any

import typer

from mt3_common.errors import InvalidInput

__all__ = ['DEFAULT_LIBRARY', 'Id', 'Json', 'Library', 'full_id', 'open_library']

DEFAULT_LIBRARY = str(Path('~/.mt3/library').expanduser())

Library = Annotated[str, typer.Option('--library', '-l', help='Folder or s3:// address.', envvar='MT3_LIBRARY')]
Id = Annotated[str, typer.Argument(metavar='ID', help='Demonstration id, or the beginning of one.')]
Json = Annotated[bool, typer.Option('--json', help='Print JSON.')]


def open_library(uri: str) -> Any:
    """Open a library that is there.

    Raises:
        MT3Error: STORAGE; there is none, or it cannot be read.
    """
    from mt3_retrieval.library import DemoLibrary

    return DemoLibrary.open(uri, create=False)


def full_id(library: Any, start: str, *, removed: bool | None = False) -> str:
    """Return the one id that begins with `start`.

    Args:
        removed: Among the removed ones instead of the living; None: among both.

    Raises:
        InvalidInput: None or several do.
    """
    kinds = (False, True) if removed is None else (removed,)
    found = [i for kind in kinds for i in library.ids_beginning_with(start, removed=kind)]
    if len(found) != 1:
        what = 'no' if not found else 'several'
        raise InvalidInput(f'{what} demonstrations begin with {start!r}; `mt3 library list` shows their ids')
    return found[0]
