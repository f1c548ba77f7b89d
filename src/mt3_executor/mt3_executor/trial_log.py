"""The trial log: one row per attempt of every run, in Parquet files that any tool can read and a person can filter.

One small file per run, written whole and renamed: several executors may share a folder, and nothing that ends in the
middle leaves half a file. `pyarrow.dataset.dataset('<runs>/trials')`, pandas, DuckDB and `mt3 trials` read them as one
table.
"""

import os
from datetime import datetime, timezone
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mt3_common.errors import MT3Error, StatusCode

if TYPE_CHECKING:
    import pyarrow

    from mt3_executor.task import TaskGoal, TaskResult

__all__ = ['TrialLog', 'rows_of']

_FOLDER = 'trials'


def rows_of(result: 'TaskResult', goal: 'TaskGoal', robot: str, folder: Path, begin_s: float) -> list[dict[str, Any]]:
    """Return the rows of one run; a run that was refused before its first attempt is one row with attempt 0."""
    common = {
        'time': datetime.fromtimestamp(begin_s, timezone.utc),
        'run': folder.name,
        'robot': robot,
        'task': goal.task,
        'plan_only': goal.plan_only,
        'attempts': result.attempts,
        'final_status': result.status.code.name,
    }
    margins = {} if result.plan is None else result.plan.margins
    rows = [
        {
            'attempt': report.number,
            'status': report.status.code.name,
            'reason': report.status.message or report.outcome,
            'phase': report.phase,
            'changed': report.changed,
            'recovered': report.recovered,
            'demonstration_id': report.demonstration_id,
            'object_id': report.object_id,
            'moved': report.moved,
            'alternative': report.alternative,
            'alignment_confidence': report.alignment_confidence,
            'outcome': report.outcome,
            'outcome_confidence': report.confidence,
            'seconds': report.seconds,
        }
        for report in result.history
    ]
    if not rows:
        rows = [{'attempt': 0, 'status': result.status.code.name, 'reason': result.status.message}]
    rows[-1]['joint_limit_margin_rad'] = margins.get('joint_limit_margin_rad')
    rows[-1]['least_singular_value'] = margins.get('least_singular_value')
    return [{**common, **row} for row in rows]


class TrialLog:
    """The log of one run folder.

    Args:
        runs: Folder in which every run leaves its folder; the log is `trials` in it.
    """

    def __init__(self, runs: str | Path) -> None:
        self.folder = Path(runs).expanduser().absolute() / _FOLDER

    def append(self, rows: list[dict[str, Any]], name: str) -> None:
        """Add the rows of one run as `<name>.parquet`.

        Raises:
            MT3Error: STORAGE.
        """
        import pyarrow as pa
        import pyarrow.parquet as parquet

        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            hidden = self.folder / f'.{name}-{os.getpid()}.part'
            parquet.write_table(pa.Table.from_pylist(rows, schema=_schema()), hidden)
            os.replace(hidden, self.folder / f'{name}.parquet')
        except OSError as error:
            raise MT3Error(f'cannot write the trial log in {self.folder}: {error}', StatusCode.STORAGE) from error

    def read(
        self, *, status: str = '', task: str = '', since: datetime | None = None, last: int = 0
    ) -> list[dict[str, Any]]:
        """Return rows, oldest first.

        Args:
            status: Only attempts that ended so, such as 'OUTCOME_FAILED'; '!OK' for all that did not end OK.
            task: Only tasks whose words contain this.
            since: Only from this time on.
            last: Only so many, the newest; 0: all.

        Raises:
            MT3Error: NO_DATA, there is no log; STORAGE, it cannot be read.
        """
        import pyarrow as pa
        import pyarrow.dataset as dataset

        files = sorted(self.folder.glob('*.parquet'))
        if not files:
            raise MT3Error(f'there is no trial log in {self.folder}; name the folder of the runs', StatusCode.NO_DATA)
        try:
            rows = dataset.dataset(files, schema=_schema()).to_table().to_pylist()
        except (OSError, pa.ArrowInvalid) as error:
            raise MT3Error(f'cannot read the trial log in {self.folder}: {error}', StatusCode.STORAGE) from error
        wanted, negated = status.removeprefix('!').upper(), status.startswith('!')
        rows = [
            row
            for row in rows
            if (not wanted or (row['status'] == wanted) != negated)
            and task.lower() in (row['task'] or '').lower()
            and (since is None or row['time'] >= since)
        ]
        rows.sort(key=lambda row: (row['time'], row['run'], row['attempt']))
        return rows[-last:] if last else rows


def _schema() -> 'pyarrow.Schema':
    import pyarrow as pa

    text, number, whole, yes = pa.string(), pa.float64(), pa.int32(), pa.bool_()
    return pa.schema(
        [
            ('time', pa.timestamp('us', tz='UTC')),
            ('run', text),
            ('robot', text),
            ('task', text),
            ('plan_only', yes),
            ('attempts', whole),
            ('final_status', text),
            ('attempt', whole),
            ('status', text),
            ('reason', text),
            ('phase', text),
            ('changed', text),
            ('recovered', text),
            ('demonstration_id', text),
            ('object_id', whole),
            ('moved', yes),
            ('alternative', whole),
            ('alignment_confidence', number),
            ('outcome', text),
            ('outcome_confidence', number),
            ('seconds', number),
            ('joint_limit_margin_rad', number),
            ('least_singular_value', number),
        ]
    )
