"""Changing what a library holds: each change is one commit, and an edit keeps what it replaces.

The half of `DemoLibrary` that writes to rows that are there; `versions` says how the earlier versions are kept.
"""

from collections.abc import Callable, Sequence
from datetime import datetime, timezone
from typing import Any

import numpy as np

from mt3_common.demonstration import Demonstration
from mt3_common.errors import InvalidInput, MT3Error
from mt3_retrieval.language import parse
from mt3_retrieval.library import filters
from mt3_retrieval.library.encoding import encode_path
from mt3_retrieval.library.schema import VERSION_COLUMNS, Record
from mt3_retrieval.library.versions import Version, Versions

__all__ = ['Editing']


class Editing:
    """What `DemoLibrary` offers for editing; the attributes and the methods below it are the library's."""

    _table: Any
    _versions: Versions
    _embed: Callable[[str], np.ndarray] | None

    get: Callable[..., Demonstration]
    record: Callable[[str], Record]
    _rows: Callable[..., list[dict[str, Any]]]
    _living: Callable[..., dict[str, Any]]
    _guard: Callable[[str, Callable[[], Any]], Any]
    _committed: Callable[[], None]
    _unknown: Callable[[str], MT3Error]

    def update(
        self,
        demonstration_id: str,
        *,
        task: str | None = None,
        notes: str | None = None,
        tags: Sequence[str] | None = None,
        success: bool | None = None,
        dof: int | None = None,
    ) -> Demonstration:
        """Change the words of a demonstration; what is None stays. A new task is parsed again.

        Raises:
            MT3Error: Code NO_DEMONSTRATION, no such id; INVALID_INPUT, a value that cannot be; STORAGE.
        """
        if dof is not None and dof not in (4, 6):
            raise InvalidInput(f'degrees of freedom of the alignment must be 4 or 6: got {dof}')
        given = {'notes': notes, 'success': success, 'dof': dof, 'tags': None if tags is None else list(tags)}
        values: dict[str, Any] = {name: value for name, value in given.items() if value is not None}
        words = list(values)
        if task is not None:
            values.update(self._parsed(task))
            words.insert(0, 'task')
        self._revise(demonstration_id, values, ', '.join(words))
        return self.get(demonstration_id)

    def replace(self, demo: Demonstration, edited: str) -> Demonstration:
        """Make a new version of a demonstration: its words, its way of aligning and its path; the pictures stay.

        Args:
            demo: With the id of one that is there. A changed task is parsed again.
            edited: What was changed, for the history.

        Raises:
            MT3Error: Code NO_DEMONSTRATION, no such id; STORAGE.
        """
        values = {name: getattr(demo, name) for name in ('dof', 'stretch', 'refine', 'success', 'notes')}
        values.update(encode_path(demo), tags=list(demo.tags))
        if demo.task != self.record(demo.id).task:
            values.update(self._parsed(demo.task))
        self._revise(demo.id, values, edited)
        return self.get(demo.id)

    def history(self, demonstration_id: str) -> list[Version]:
        """Return the versions of a demonstration, the present one first.

        Raises:
            MT3Error: Code NO_DEMONSTRATION; STORAGE.
        """
        now = self._living(demonstration_id, VERSION_COLUMNS)
        kept = [row for row in self._versions.rows(demonstration_id) if row['version'] != now['version']]
        return [Versions.brief(row) for row in (now, *kept)]

    def restore(self, demonstration_id: str, version: int) -> Demonstration:
        """Go back to an earlier version, which makes a new one of the same content.

        Raises:
            MT3Error: Code NO_DEMONSTRATION; INVALID_INPUT, no such earlier version; STORAGE.
        """
        row = self._versions.one(demonstration_id, version)
        values = {**Versions.contents(row), **self._parsed(row['task'])}
        values.update({name: row[name] for name in ('skill', 'target', 'other')})
        self._revise(demonstration_id, values, f'back to version {version}', row['previous'] or 0)
        return self.get(demonstration_id)

    def remove(self, demonstration_id: str) -> None:
        """Hide a demonstration; `undo` brings it back.

        Raises:
            MT3Error: Code NO_DEMONSTRATION, no such id; STORAGE.
        """
        now = datetime.now(timezone.utc)
        where = filters.all_of(filters.equals('id', demonstration_id), filters.ALIVE)
        self._change(where, {'removed_at': now, 'changed_at': now}, demonstration_id)

    def undo(self, demonstration_id: str) -> None:
        """Take the last change back: a removed demonstration returns, an edited one is as before its last edit.

        Raises:
            MT3Error: Code NO_DEMONSTRATION, no such id; INVALID_INPUT, nothing to take back; STORAGE.
        """
        gone = filters.all_of(filters.equals('id', demonstration_id), 'removed_at IS NOT NULL')
        if self._rows(gone, ['id'], limit=1):
            self._change(gone, {'removed_at': None, 'changed_at': datetime.now(timezone.utc)}, demonstration_id)
            return
        previous = self._living(demonstration_id, ['previous'])['previous']
        if not previous:
            raise InvalidInput(f'demonstration {demonstration_id} is as it came: there is no edit to take back')
        self.restore(demonstration_id, previous)

    def _parsed(self, task: str) -> dict[str, Any]:
        """Return the columns that follow from a task text."""
        if not task.strip():
            raise InvalidInput('the new task text is empty')
        parsed = parse(task)
        vector = None if self._embed is None else np.asarray(self._embed(task), np.float16).tolist()
        words = {'task': task, 'skill': parsed.skill, 'target': parsed.target, 'other': parsed.other}
        return {**words, 'text_vector': vector}

    def _revise(self, demonstration_id: str, values: dict[str, Any], edited: str, previous: int | None = None) -> None:
        """Make a new version with some columns changed; what it replaces is kept first.

        Who edits at the same time comes second and edits the newer version: nobody's version is lost. An empty list
        is written as null, for which the query engine has a literal.
        """
        while True:
            row = self._living(demonstration_id, VERSION_COLUMNS)
            number = row['version']
            self._versions.keep({**row, 'version': number})
            new = {
                **{name: None if isinstance(value, list) and not value else value for name, value in values.items()},
                'version': self._versions.rows(demonstration_id)[0]['version'] + 1,
                'previous': number if previous is None else previous,
                'edited': edited,
                'changed_at': datetime.now(timezone.utc),
            }
            where = filters.all_of(
                filters.equals('id', demonstration_id), filters.ALIVE, filters.equals('version', number)
            )
            if self._guard('written', lambda: self._table.update(where=where, values=new)).rows_updated:  # noqa: B023
                self._committed()
                return

    def _change(self, where: str, values: dict[str, Any], demonstration_id: str) -> None:
        result = self._guard('written', lambda: self._table.update(where=where, values=values))
        if not result.rows_updated:
            raise self._unknown(demonstration_id)
        self._committed()
