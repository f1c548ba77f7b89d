"""Talking to LanceDB: opening, its errors as ours, and trying again when two processes commit at once."""

import os
import random
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any, TypeVar

import lancedb
import pyarrow as pa

from mt3_common.errors import InvalidInput, MT3Error, StatusCode
from mt3_retrieval.library import migrations
from mt3_retrieval.library.schema import SCHEMA, TABLE, VERSIONS, VERSIONS_SCHEMA

__all__ = ['guarded', 'is_remote', 'open_table', 'open_versions']

Result = TypeVar('Result')

_CONFLICT_WORDS = ('conflict', 'concurrent', 'too many', 'preempted', 'retry')
_PATIENCE_S = 20.0


def is_remote(uri: str) -> bool:
    """Whether a URI names an object store ("s3://...") rather than a folder."""
    return '://' in uri and not uri.startswith('file://')


def open_table(uri: str, storage_options: dict[str, str] | None, create: bool) -> Any:
    """Open the table of a library, making it when the folder is empty or absent.

    Raises:
        MT3Error: Code STORAGE; a foreign or damaged folder, no permission, or `create` is false and nothing is there.
    """
    if not is_remote(uri):
        _check_folder(uri, create)

    def attempt() -> Any:
        db = _connect(uri, storage_options)
        names = set(db.list_tables().tables)
        if TABLE not in names:
            if not create:
                raise MT3Error(f'there is no demonstration library at {uri}', StatusCode.STORAGE)
            if names:
                raise MT3Error(
                    f'{uri} is a LanceDB database of something else (tables {sorted(names)}); choose another folder',
                    StatusCode.STORAGE,
                )
            return db.create_table(TABLE, schema=SCHEMA, exist_ok=True)
        return db.open_table(TABLE)

    table = guarded(uri, 'opened', attempt)
    guarded(uri, 'checked', lambda: migrations.migrate(table, uri))
    migrations.check_types(table, uri)
    return table


def open_versions(uri: str, storage_options: dict[str, str] | None, create: bool) -> Any:
    """Open the table of earlier versions beside a library's own; None when there is none and none is made.

    Raises:
        MT3Error: Code STORAGE.
    """

    def attempt() -> Any:
        db = _connect(uri, storage_options)
        if create:
            return db.create_table(VERSIONS, schema=VERSIONS_SCHEMA, exist_ok=True)
        return db.open_table(VERSIONS) if VERSIONS in db.list_tables().tables else None

    return guarded(uri, 'opened', attempt)


def _connect(uri: str, storage_options: dict[str, str] | None) -> Any:
    # looking for newer versions costs a directory listing: nothing on a disk, a request on an object store
    interval = timedelta(seconds=0.5 if is_remote(uri) else 0.0)
    return lancedb.connect(uri, read_consistency_interval=interval, storage_options=storage_options)


def _check_folder(uri: str, create: bool) -> None:
    path = Path(uri.removeprefix('file://')).expanduser()
    if path.exists() and not path.is_dir():
        raise MT3Error(f'{path} is a file, not a library folder', StatusCode.STORAGE)
    if path.is_dir() and any(path.iterdir()) and not (path / f'{TABLE}.lance').exists():
        raise MT3Error(
            f'{path} is not empty and not a demonstration library; choose an empty or a new folder',
            StatusCode.STORAGE,
        )
    if not path.exists():
        if not create:
            raise MT3Error(f'there is no demonstration library at {path}', StatusCode.STORAGE)
        try:
            os.makedirs(path, exist_ok=True)
        except OSError as error:
            raise MT3Error(f'{path} cannot be made: {error.strerror}', StatusCode.STORAGE) from error


def guarded(uri: str, doing: str, action: Callable[[], Result]) -> Result:
    """Run an action on the table; try again, for a while, when another process committed first.

    Raises:
        MT3Error: Code STORAGE, or INVALID_INPUT for a condition that the query engine does not take.
    """
    deadline, wait = time.monotonic() + _PATIENCE_S, 0.01
    while True:
        try:
            return action()
        except MT3Error:
            raise
        except (RuntimeError, ValueError, OSError, pa.ArrowException) as error:
            text = ' '.join(str(error).split())
            if any(word in text.lower() for word in _CONFLICT_WORDS) and time.monotonic() < deadline:
                time.sleep(wait * random.uniform(0.5, 1.5))
                wait = min(2.0 * wait, 0.5)
                continue
            if 'Error parsing statement' in text or 'Schema error' in text or 'Error during planning' in text:
                raise InvalidInput(f'the filter is not understood: {text[:300]}') from error
            raise MT3Error(
                f'the library {uri} could not be {doing}: {text[:300]}; is it damaged, or is the disk full?',
                StatusCode.STORAGE,
            ) from error
