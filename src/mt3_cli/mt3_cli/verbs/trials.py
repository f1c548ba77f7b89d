"""`mt3 trials`: what was tried, how it ended and why, from the trial log of the executor."""

import json
import os
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

__all__ = ['trials']

_RUNS = '~/.mt3/runs'


def trials(
    runs: Annotated[
        Path | None,
        typer.Argument(help='Folder of the runs, as given to the launch file; default: $MT3_RUNS or ~/.mt3/runs.'),
    ] = None,
    status: Annotated[str, typer.Option(help='Only attempts that ended so; "!OK": all that did not end OK.')] = '',
    task: Annotated[str, typer.Option(help='Only tasks whose words contain this.')] = '',
    days: Annotated[float, typer.Option(min=0.0, help='Only the last days; 0: all.')] = 0.0,
    last: Annotated[int, typer.Option('--last', '-n', min=0, help='Only so many attempts, the newest; 0: all.')] = 20,
    as_json: Annotated[bool, typer.Option('--json', help='One JSON object per attempt.')] = False,
) -> None:
    """List attempts, newest last: how each ended, why, and what was done otherwise the next time."""
    from mt3_executor.trial_log import TrialLog

    folder = runs or Path(os.environ.get('MT3_RUNS', _RUNS))
    since = datetime.now(timezone.utc) - timedelta(days=days) if days else None
    rows = TrialLog(folder).read(status=status, task=task, since=since, last=last)
    if as_json:
        for row in rows:
            print(json.dumps(row, default=str))
        return
    Console().print(_table(rows))


def _table(rows: list[dict[str, Any]]) -> Table:
    done = sum(row['status'] == 'OK' for row in rows)
    table = Table(title=f'{len(rows)} attempts, {done} ended OK', title_justify='left')
    table.add_column('time', no_wrap=True)
    for name in ('task', 'try', 'ended', 'in'):
        table.add_column(name)
    table.add_column('why', ratio=1)
    for row in rows:
        when = row['time'].astimezone().strftime('%m-%d %H:%M:%S')
        colour = 'green' if row['status'] == 'OK' else 'red'
        why = '; '.join(part for part in (row['changed'], row['reason'], row['recovered']) if part)
        tries = f'{row["attempt"]}/{row["attempts"]}'
        ended = f'[{colour}]{row["status"]}[/]'
        table.add_row(when, row['task'] or row['demonstration_id'] or '', tries, ended, row['phase'] or '', why)
    return table
