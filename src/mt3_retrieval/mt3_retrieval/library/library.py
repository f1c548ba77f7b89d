"""The demonstration library: a LanceDB table that several processes share.

Every change is one atomic commit: a reader sees the whole row or none of it, and a writer that dies leaves
the last commit. Each call looks at the newest version, so nobody has to reload. An object may be used from
several threads; a process that uses it must not be forked afterwards (LanceDB keeps threads).
"""

import dataclasses
import threading
from collections.abc import Callable, Hashable, Sequence
from datetime import datetime, timezone
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import pyarrow as pa

from mt3_common.demonstration import Demonstration
from mt3_common.errors import InvalidInput, MT3Error, StatusCode
from mt3_retrieval.descriptor import describe, object_points
from mt3_retrieval.language import parse
from mt3_retrieval.language.embedding import default_embedder
from mt3_retrieval.library import filters
from mt3_retrieval.library.editing import Editing
from mt3_retrieval.library.encoding import decode, decode_briefs, decode_record, encode
from mt3_retrieval.library.finding import Finding, lint_records
from mt3_retrieval.library.indices import build_indices, tidy
from mt3_retrieval.library.schema import BRIEF_COLUMNS, PATH_COLUMNS, SCHEMA, SUMMARY_COLUMNS, Brief, Record
from mt3_retrieval.library.storage import guarded, is_remote, open_table
from mt3_retrieval.library.versions import Versions

__all__ = ['DemoLibrary']

Embed = Callable[[str], np.ndarray]
Answer = TypeVar('Answer')

_COMPACT_EVERY = 64  # commits of this process
_KEPT = 16  # answers; the largest hold 5000 demonstrations of 1 kB


class DemoLibrary(Editing):
    """Demonstrations on disk or in an object store. Make one with `DemoLibrary.open`."""

    def __init__(self, uri: str, table: Any, embed: Embed | None, versions: Versions) -> None:
        self.uri = uri
        self._table, self._versions = table, versions
        self._embed = embed
        self._commits = 0
        self._kept: dict[Hashable, tuple[int, Any]] = {}  # question: version, answer
        self._lock = threading.Lock()

    @classmethod
    def open(
        cls,
        uri: str | Path,
        *,
        create: bool = True,
        embed: Embed | str | None = 'default',
        storage_options: dict[str, str] | None = None,
    ) -> 'DemoLibrary':
        """Open a library, making an empty one where there is none.

        Args:
            uri: A folder, or "s3://bucket/path".
            create: False: refuse when there is none.
            embed: Sentence embedding of task texts, (384,) per text; None for none, 'default' for the installed one.
            storage_options: Passed to the object store (credentials, endpoint).

        Raises:
            MT3Error: Code STORAGE; not a library, damaged, or not writable.
        """
        uri = str(uri)
        if not uri.strip():
            raise InvalidInput('the library needs a folder or an s3:// address')
        if not is_remote(uri):
            uri = str(Path(uri.removeprefix('file://')).expanduser())
        chosen = default_embedder() if isinstance(embed, str) else embed
        return cls(uri, open_table(uri, storage_options, create), chosen, Versions(uri, storage_options))

    @property
    def version(self) -> int:
        """Number of the newest commit, by whichever process; it changes when anything did."""
        return self._guard('read', lambda: self._table.version)

    def count(self, where: str = '', *, removed: bool = False) -> int:
        """Return how many demonstrations meet an SQL condition."""
        condition = self._condition(where, removed)
        return self._guard('read', lambda: self._table.count_rows(condition))

    def add(self, demo: Demonstration) -> Demonstration:
        """Store a demonstration; return it as stored, with skill, target and other filled in from its task.

        Raises:
            InvalidInput: Its id is taken.
            MT3Error: Code STORAGE.
        """
        return self.add_many([demo])[0]

    def add_many(self, demos: Sequence[Demonstration]) -> list[Demonstration]:
        """Store several demonstrations in one commit: all of them or none."""
        stored = [_with_parse(demo) for demo in demos]
        taken = {d.id for d in stored}
        if len(taken) != len(stored):
            raise InvalidInput('two of the demonstrations to add have the same id')
        found = self._rows(filters.any_of('id', sorted(taken)), ['id'], limit=1)
        if found:
            raise InvalidInput(f'demonstration {found[0]["id"]} is already in the library {self.uri}')
        now = datetime.now(timezone.utc)
        rows = [
            encode(
                d,
                describe(object_points(d.depth_m, d.mask, d.K, d.T_base_camera), d.support_height_m),
                self._embed(d.task) if self._embed else None,
                now,
            )
            for d in stored
        ]
        data = pa.Table.from_pylist(rows, schema=SCHEMA)
        self._guard('written', lambda: self._table.add(data))
        self._committed()
        return stored

    def get(self, demonstration_id: str, version: int | None = None) -> Demonstration:
        """Return a demonstration with its pictures, as it is or as an earlier version was.

        Raises:
            MT3Error: Code NO_DEMONSTRATION, no such id or it was removed; INVALID_INPUT, no such version; STORAGE.
        """
        row = self._living(demonstration_id, None)
        if version is not None and version != row['version']:
            row = {**row, **self._versions.one(demonstration_id, version)}
        return decode(row)

    def record(self, demonstration_id: str) -> Record:
        """Return a demonstration without its pictures.

        Raises:
            MT3Error: Code NO_DEMONSTRATION; STORAGE.
        """
        found = self.search(filters.equals('id', demonstration_id), limit=1)
        if not found:
            raise self._unknown(demonstration_id)
        return found[0]

    def ids_beginning_with(self, start: str, *, removed: bool = False) -> 'list[str]':
        """Return the ids of which this is the beginning; several are enough to know that it is not the whole."""
        where = f'id >= {filters.literal(start)} AND id < {filters.literal(start + chr(0x10FFFF))}'
        rows = self._rows(self._condition(where, removed), ['id'], limit=10)
        return sorted(row['id'] for row in rows)

    def briefs(self, where: str = '', *, limit: int = 0) -> 'list[Brief]':
        """Return what retrieval ranks by, of the demonstrations that meet a condition, in no order."""
        condition = self._condition(where, False)
        return decode_briefs(self._guard('read', lambda: self._query(condition, BRIEF_COLUMNS, limit)))

    def distinct(self, column: str) -> 'list[str]':
        """Return the values that a text column holds, sorted; read anew only when anybody changed the library."""

        def read() -> 'list[str]':
            values = self._guard('read', lambda: self._query('', [column], 0))[column]
            return sorted(v for v in values.unique().to_pylist() if v)

        return self.while_unchanged(('distinct', column), read)

    def while_unchanged(self, question: Hashable, find: Callable[[], Answer]) -> Answer:
        """Return the answer to a question about the library; it is found anew only when anybody changed the library."""
        version = self.version  # before finding: what changes meanwhile is seen the next time
        with self._lock:
            known = self._kept.get(question)
        if known is not None and known[0] == version:
            return known[1]
        answer = find()
        with self._lock:
            self._kept.pop(question, None)
            self._kept[question] = (version, answer)
            while len(self._kept) > _KEPT:
                self._kept.pop(next(iter(self._kept)))
        return answer

    def list(
        self, where: str = '', *, limit: int = 0, removed: bool = False, with_path: bool = False
    ) -> 'list[Record]':
        """Return demonstrations without pictures, the one added last first.

        Args:
            where: SQL condition on the columns.
            limit: At most this many; 0: all.
            removed: Only the removed ones instead of the living.
            with_path: Fill in the bottleneck and the interaction.
        """
        columns = SUMMARY_COLUMNS + (PATH_COLUMNS if with_path else [])
        condition = self._condition(where, removed)
        if limit > 0:  # sort keys first: the rest of the columns is read for those returned only
            keys = self._rows(condition, ['id', 'added_at'])
            keys.sort(key=lambda r: (r['added_at'], r['id']), reverse=True)
            condition = filters.any_of('id', [r['id'] for r in keys[:limit]])
        rows = self._rows(condition, columns)
        rows.sort(key=lambda r: (r['added_at'], r['id']), reverse=True)
        return [decode_record(row) for row in rows]

    def search(
        self,
        where: str = '',
        *,
        vector: np.ndarray | None = None,
        column: str = 'text_vector',
        limit: int = 100,
    ) -> 'list[Record]':
        """Return demonstrations that meet a condition; with a vector the nearest ones first.

        Args:
            where: SQL condition on the columns.
            vector: Query for `column`.
            column: 'text_vector' (cosine distance) or 'descriptor' (L2).
            limit: At most this many.
        """
        condition = self._condition(where, False)
        if vector is None:
            return [decode_record(row) for row in self._rows(condition, SUMMARY_COLUMNS, limit=limit)]
        metric = 'cosine' if column == 'text_vector' else 'l2'

        def query() -> 'list[dict[str, Any]]':
            search = self._table.search(np.asarray(vector, np.float32), vector_column_name=column)
            search = search.distance_type(metric).where(condition, prefilter=True)
            return search.select([*SUMMARY_COLUMNS, '_distance']).limit(limit).refine_factor(4).to_arrow().to_pylist()

        rows = self._guard('searched', query)
        return [decode_record(row) for row in rows if row['_distance'] is not None]  # null: it has no such vector

    def lint(self) -> 'list[Finding]':
        """Return what is odd about the demonstrations in view of each other, worst first."""
        return lint_records(self.list())

    def optimise(self) -> None:
        """Join small files, drop versions older than a week, and index large tables. Safe beside other processes."""
        self._guard('compacted', lambda: tidy(self._table))
        self._guard('indexed', lambda: build_indices(self._table))
        self._versions.optimise(tidy)

    def _rows(self, condition: str, columns: 'list[str] | None', limit: int = 0) -> 'list[dict[str, Any]]':
        return self._guard('read', lambda: self._query(condition, columns, limit)).to_pylist()

    def _query(self, condition: str, columns: 'list[str] | None', limit: int) -> pa.Table:
        search = self._table.search()
        search = search.where(condition) if condition else search
        search = search.select(columns) if columns else search
        return search.limit(limit if limit > 0 else None).to_arrow()

    def _condition(self, where: str, removed: bool) -> str:
        return filters.all_of(filters.user_filter(where), 'removed_at IS NOT NULL' if removed else filters.ALIVE)

    def _living(self, demonstration_id: str, columns: 'list[str] | None') -> dict[str, Any]:
        """Return the row of a demonstration that was not removed; all of it with no columns named.

        Raises:
            MT3Error: Code NO_DEMONSTRATION; STORAGE.
        """
        rows = self._rows(self._condition(filters.equals('id', demonstration_id), False), columns, limit=1)
        if not rows:
            raise self._unknown(demonstration_id)
        return rows[0]

    def _committed(self) -> None:
        """Tidy up now and then; nobody who adds one demonstration waits for an index to be built."""
        with self._lock:
            self._commits += 1
            due = self._commits % _COMPACT_EVERY == 0
        if due:
            self._guard('compacted', lambda: tidy(self._table))

    def _guard(self, doing: str, action: Callable[[], Any]) -> Any:
        return guarded(self.uri, doing, action)

    def _unknown(self, demonstration_id: str) -> MT3Error:
        gone = self._rows(
            self._condition(filters.equals('id', demonstration_id), True), ['id'], limit=1
        )  # it may just be removed
        what = 'was removed (undo brings it back) from' if gone else 'is not in'
        return MT3Error(
            f'demonstration {demonstration_id!r} {what} the library {self.uri} of {self.count()} demonstrations; '
            '`mt3 library list` shows their ids',
            StatusCode.NO_DEMONSTRATION,
        )


def _with_parse(demo: Demonstration) -> Demonstration:
    """Fill in what its task text says, where it is empty."""
    parsed = parse(demo.task)
    if demo.skill and demo.target:
        return demo
    return dataclasses.replace(
        demo,
        skill=demo.skill or parsed.skill,
        target=demo.target or parsed.target,
        other=demo.other or parsed.other,
    )
