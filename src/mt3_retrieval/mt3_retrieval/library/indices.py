"""Keeping a large table fast: joined files, and indices on what retrieval filters and searches by."""

from datetime import timedelta
from typing import Any

__all__ = ['build_indices', 'tidy']

_KEEP_VERSIONS = timedelta(days=7)
_INDEX_FROM_ROWS = 20_000
_ROWS_PER_PARTITION = 8192
_SCALAR = {
    'id': 'BTREE',
    'target': 'BTREE',
    'skill': 'BITMAP',
    'robot': 'BITMAP',
    'simulated': 'BITMAP',
    'removed_at': 'BTREE',
}


def tidy(table: Any) -> None:
    """Join small files, bring new rows into the indices, drop versions older than a week."""
    table.optimize(cleanup_older_than=_KEEP_VERSIONS)


def build_indices(table: Any) -> None:
    """Index a table of some ten thousand rows or more, where that is not done yet."""
    rows = table.count_rows()
    if rows < _INDEX_FROM_ROWS:
        return
    existing = {column for index in table.list_indices() for column in index.columns}
    for column, kind in _SCALAR.items():
        if column not in existing:
            table.create_scalar_index(column, index_type=kind)
    if 'text_vector' not in existing and table.count_rows('text_vector IS NOT NULL') >= _INDEX_FROM_ROWS:
        table.create_index(
            metric='cosine',
            vector_column_name='text_vector',
            index_type='IVF_SQ',  # product quantisation gains little here and trains for many minutes
            num_partitions=max(1, rows // _ROWS_PER_PARTITION),
            max_iterations=20,
        )
