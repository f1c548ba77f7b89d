"""Bringing a table written by an older version up to date.

Each step names the columns that its version brought and the SQL value they get in old rows. A step is one
commit; a reader of the older version keeps reading what it knows.
"""

from typing import Any

import pyarrow as pa

from mt3_common.errors import MT3Error, StatusCode
from mt3_retrieval.library.schema import SCHEMA, SCHEMA_VERSION

__all__ = ['STEPS', 'migrate']

# version: {new column: SQL value in old rows}
STEPS: dict[int, dict[str, str]] = {
    2: {
        'stretch': 'true',
        'refine': 'true',
        'version': 'cast(1 as int)',
        'previous': 'cast(0 as int)',
        'edited': "''",
    }
}


def migrate(table: Any, uri: str, steps: dict[int, dict[str, str]] | None = None, version: int = SCHEMA_VERSION) -> int:
    """Apply every step that a table lacks; return how many were applied.

    Raises:
        MT3Error: Code STORAGE; written by a newer version, or not a table of ours.
    """
    steps = STEPS if steps is None else steps
    names = set(table.schema.names)
    if not {'id', 'schema_version', 'task'} <= names:
        raise MT3Error(
            f'{uri} holds a table that is not a demonstration library (columns {sorted(names)[:6]} ...); '
            'choose another folder',
            StatusCode.STORAGE,
        )
    newest = table.search().where(f'schema_version > {version}').select(['schema_version']).limit(1).to_arrow()
    if newest.num_rows:
        raise MT3Error(
            f'{uri} was written by a newer version of this software (schema '
            f'{newest["schema_version"][0].as_py()}, this one reads up to {version}); update it',
            StatusCode.STORAGE,
        )
    applied = 0
    for step in sorted(steps):
        missing = {name: sql for name, sql in steps[step].items() if name not in names}
        if missing:
            table.add_columns(missing)
            applied += 1
        if table.count_rows(f'schema_version < {step}'):
            table.update(where=f'schema_version < {step}', values={'schema_version': step})
    lacking = [f.name for f in SCHEMA if f.name not in table.schema.names]
    if lacking:
        raise MT3Error(
            f'{uri} lacks the columns {lacking}: it is damaged or not a demonstration library', StatusCode.STORAGE
        )
    return applied


def check_types(table: Any, uri: str) -> None:
    """Refuse a table whose columns have other types.

    Raises:
        MT3Error: Code STORAGE.
    """
    for field in SCHEMA:
        found: pa.DataType = table.schema.field(field.name).type
        if found != field.type:
            raise MT3Error(
                f'column {field.name} of {uri} is {found}, not {field.type}: another version wrote it; '
                'export it with that version and import it again',
                StatusCode.STORAGE,
            )
