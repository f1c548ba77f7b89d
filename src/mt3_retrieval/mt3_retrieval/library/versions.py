"""What demonstrations were before they were edited.

Each edit keeps what it replaces, without the pictures, which no edit changes. Versions count from 1; going back makes a
new one too, so that nothing is lost: version 4 may be what version 2 was.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pyarrow as pa

from mt3_common.errors import InvalidInput
from mt3_retrieval.library import filters
from mt3_retrieval.library.schema import VERSION_COLUMNS, VERSIONS_SCHEMA
from mt3_retrieval.library.storage import guarded, open_versions

__all__ = ['Version', 'Versions']

_FIXED = ('id', 'version', 'previous', 'edited', 'changed_at')


@dataclass(frozen=True)
class Version:
    """One version of a demonstration, in short.

    Attributes:
        number: From 1.
        previous: Number of the version that `undo` goes back to; 0: none.
        edited: What made it of the one before; empty: it came so.
        changed_at: Since when (UTC).
        task, dof, duration_s: As they were, or are.
    """

    number: int
    previous: int
    edited: str
    changed_at: datetime
    task: str
    dof: int
    duration_s: float


class Versions:
    """The earlier versions of a library's demonstrations, in a table that is made with the first edit."""

    def __init__(self, uri: str, storage_options: dict[str, str] | None) -> None:
        self._uri, self._options = uri, storage_options
        self._opened: Any = None

    def keep(self, row: dict[str, Any]) -> None:
        """Store what is going to be replaced. One that an interrupted edit has stored already is not stored twice."""
        data = pa.Table.from_pylist([{name: row[name] for name in VERSION_COLUMNS}], schema=VERSIONS_SCHEMA)
        table = self._table(create=True)

        def write() -> None:
            table.merge_insert(['id', 'version']).when_not_matched_insert_all().execute(data)

        self._guard('written', write)

    def rows(self, demonstration_id: str, number: int | None = None) -> list[dict[str, Any]]:
        """Return the kept versions of a demonstration, the newest first; only one with a number."""
        table = self._table(create=False)
        if table is None:
            return []
        condition = filters.equals('id', demonstration_id)
        if number is not None:
            condition = filters.all_of(condition, filters.equals('version', int(number)))
        found = self._guard('read', lambda: table.search().where(condition).limit(None).to_arrow()).to_pylist()
        single = {row['version']: row for row in found}  # two that edit at once may both have kept it
        return [single[number] for number in sorted(single, reverse=True)]

    def one(self, demonstration_id: str, number: int) -> dict[str, Any]:
        """Return a kept version.

        Raises:
            InvalidInput: There is none of this number.
        """
        found = self.rows(demonstration_id, number)
        if not found:
            numbers = ', '.join(str(row['version']) for row in reversed(self.rows(demonstration_id))) or 'none'
            raise InvalidInput(
                f'demonstration {demonstration_id} has no earlier version {number}; earlier ones: {numbers}'
            )
        return found[0]

    def optimise(self, tidy: Callable[[Any], None]) -> None:
        """Join small files."""
        table = self._table(create=False)
        if table is not None:
            self._guard('compacted', lambda: tidy(table))

    @staticmethod
    def contents(row: dict[str, Any]) -> dict[str, Any]:
        """Return what of a version is its content: the columns to write to go back to it."""
        return {name: row[name] for name in VERSION_COLUMNS if name not in _FIXED}

    @staticmethod
    def brief(row: dict[str, Any]) -> Version:
        """Return the short form of a row with `VERSION_COLUMNS`."""
        return Version(
            row['version'] or 1,
            row['previous'] or 0,
            row['edited'] or '',
            row['changed_at'],
            row['task'],
            row['dof'],
            float(row['duration_s'] or 0.0),
        )

    def _table(self, create: bool) -> Any:
        if self._opened is None:
            self._opened = open_versions(self._uri, self._options, create)
        return self._opened

    def _guard(self, doing: str, action: Callable[[], Any]) -> Any:
        return guarded(self._uri, doing, action)
