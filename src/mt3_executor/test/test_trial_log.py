from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest

pytest.importorskip('pyarrow', reason='the trial log is Parquet')

from mt3_common.errors import MT3Error, Status, StatusCode
from mt3_executor.recovery import AttemptReport
from mt3_executor.task import TaskGoal, TaskResult
from mt3_executor.trial_log import TrialLog, rows_of

FAILED = Status(StatusCode.OUTCOME_FAILED, 'nothing is held: the fingers met (0 mm apart)')


def log_two_runs(folder):
    log = TrialLog(folder)
    reports = [AttemptReport(1, FAILED, 'abc', 2, 'interact', moved=True), AttemptReport(2, outcome='held', moved=True)]
    result = TaskResult(attempts=2, history=reports)
    log.append(rows_of(result, TaskGoal(task='pick up the mug'), 'panda', Path('run_1'), 1000.0), 'run_1')
    refused = TaskResult(Status(StatusCode.HARDWARE, 'nobody offers the action'))
    log.append(rows_of(refused, TaskGoal(task='open the drawer'), 'panda', Path('run_2'), 2000.0), 'run_2')
    return log


def test_one_row_per_attempt_with_its_reason(tmp_path):
    rows = log_two_runs(tmp_path).read()
    assert [(r['run'], r['attempt'], r['status']) for r in rows] == [
        ('run_1', 1, 'OUTCOME_FAILED'),
        ('run_1', 2, 'OK'),
        ('run_2', 0, 'HARDWARE'),
    ]
    assert rows[0]['reason'] == FAILED.message and rows[0]['phase'] == 'interact' and rows[0]['final_status'] == 'OK'


@pytest.mark.parametrize(
    ('given', 'count'),
    [
        ({'status': 'OUTCOME_FAILED'}, 1),
        ({'status': '!OK'}, 2),
        ({'task': 'DRAWER'}, 1),
        ({'since': datetime.fromtimestamp(1500.0, timezone.utc)}, 1),
        ({'since': datetime.fromtimestamp(2000.0, timezone.utc) + timedelta(days=1)}, 0),
        ({'last': 1}, 1),
    ],
)
def test_filters(tmp_path, given, count):
    assert len(log_two_runs(tmp_path).read(**given)) == count


def test_other_tools_read_it_as_one_table(tmp_path):
    import pyarrow.dataset as dataset

    table = dataset.dataset(log_two_runs(tmp_path).folder, format='parquet').to_table()
    assert table.num_rows == 3 and 'reason' in table.column_names


def test_no_log_is_said_so(tmp_path):
    with pytest.raises(MT3Error, match='no trial log'):
        TrialLog(tmp_path).read()
