"""The benchmark, from teaching to the report, with a handful of tasks."""

import json
import sys

import pytest

from mt3_common.errors import InvalidInput
from mt3_sim.bench import report, runner, splits
from mt3_sim.bench.pictures import redo, worst
from mt3_sim.bench.school import School
from mt3_sim.bench.statistics import wilson

TASKS = ('pick up.tin', 'press.doorbell')


def _row(**values):
    row = dict.fromkeys(('perceive_s', 'retrieve_s', 'plan_s', 'physics_s', 'total_s'), 1.0)
    row |= {
        'task': 'a',
        'skill': 'pick up',
        'category': 'tin',
        'wording': 'pick up the tin',
        'split': 'seen',
        'seed': 1,
    }
    row |= {
        'demonstrations': 1,
        'method': 'ours',
        'success': True,
        'stage': '',
        'reason': 'up',
        'refused': False,
        'confidence': 0.97,
    }
    return {**row, 'attempts': 1, **values}


@pytest.fixture(scope='module')
def run(tmp_path_factory):
    folder = tmp_path_factory.mktemp('bench')
    school = School(folder)
    taught = []
    school.teach(TASKS, 1, 1, lambda name, row: taught.append(name))
    wanted = runner.jobs(TASKS, ['seen'], 1, ['ours', 'true alignment', 'nothing'], 100)
    rows = []
    runner.run_jobs(folder, school, wanted, 1, rows.append)
    return folder, school, taught, wanted, rows


def test_taught_tasks_are_done_elsewhere_and_a_robot_that_does_nothing_is_not_praised(run):
    _, school, taught, wanted, rows = run
    assert sorted(taught) == sorted(TASKS)
    assert len(rows) == len(wanted)
    assert {taught.task for taught in school.demonstrations().values()} == set(TASKS)
    for row in rows:
        assert row['success'] == (row['method'] != 'nothing'), row['reason']


def test_what_is_there_is_not_done_again(run):
    folder, school, _, wanted, rows = run
    again = []
    runner.run_jobs(folder, school, wanted, 1, again.append)
    school.teach(TASKS, 1, 1, lambda name, row: again.append(name))
    assert again == []
    assert runner.read_rows(folder) == json.loads(json.dumps(rows)) or len(runner.read_rows(folder)) == len(rows)


def test_a_line_that_was_cut_off_is_done_again(tmp_path):
    (tmp_path / 'rows.jsonl').write_text(json.dumps(_row()) + '\n{"task": "a", "sp')
    assert len(runner.read_rows(tmp_path)) == 1


def test_the_report_counts_and_the_table_opens(run, tmp_path):
    import pyarrow.parquet as parquet

    folder, *_ = run
    rows = runner.read_rows(folder)
    page = report.write_html(rows, tmp_path, 'lead').read_text()
    assert '2 of 2' in page
    assert parquet.read_table(runner.write_table(folder)).num_rows == len(rows)


def test_the_report_carries_pictures_of_rollouts_that_are_done_again(run, tmp_path):
    folder, _, _, _, rows = run
    again = [(row.values(), pictures) for row, pictures in redo(folder, [runner.job_of(rows[0])])]
    assert again[0][0]['success'] == rows[0]['success']
    page = report.write_html(rows, tmp_path, 'lead', again).read_text()
    assert page.count('data:image/jpeg') == 3
    assert 'how the taught object was found' in page


def test_the_worst_categories_are_those_that_fail_most_and_one_failure_stands_for_each():
    rows = [_row(category='tin', success=True) for _ in range(5)] + [_row(category='tin', success=False, seed=7)]
    rows += [_row(category='pot', success=False, seed=seed, split='unseen') for seed in (3, 4)]
    rows += [_row(category='cube'), _row(category='pot', success=False, seed=9, method='nothing')]
    assert [(job.split, job.seed) for job in worst(rows, 3)] == [('unseen', 3), ('seen', 7)]
    assert worst(rows, 1) == [runner.job_of(rows[6])]


def test_failures_are_told_by_stage_with_an_example():
    rows = [_row(), _row(seed=2, success=False, stage='plan', reason='UNREACHABLE: too far')]
    by_title = {title: body for title, _, body in report.tables(rows)}
    assert by_title['Failures by stage'] == [['plan', '1', '50.0 %', 'a, seen 2: UNREACHABLE: too far']]
    assert by_title['Success against the confidence of the alignment'][0][0] == '0.95 to 1.00'


def test_the_interval_of_wilson():
    assert wilson(0, 0) == (0.0, 1.0)
    low, high = wilson(20, 20)
    assert (round(low, 3), round(high, 3)) == (0.839, 1.0)


def test_unknown_names_are_refused_with_what_there_is():
    with pytest.raises(InvalidInput, match='unseen'):
        splits.get('sideways')
    with pytest.raises(InvalidInput, match='true alignment'):
        runner.jobs(TASKS, ['seen'], 1, ['magic'])
    with pytest.raises(InvalidInput, match='1, 3, 5, 10'):
        runner.jobs(TASKS, ['seen'], 1, ['ours'], demonstrations=[2])


def test_a_method_whose_package_is_missing_is_refused_before_anything_is_taught(monkeypatch):
    monkeypatch.setattr('mt3_sim.bench.gicp.installed', lambda: False)
    with pytest.raises(InvalidInput, match='small_gicp'):
        runner.jobs(TASKS, ['seen'], 1, ['gicp at yaw 0'])


def test_a_split_skips_the_tasks_that_it_does_not_concern():
    wanted = runner.jobs(('pick up.tin', 'place on.can.plate'), ['seen', 'held shift'], 1, ['ours'])
    assert [(job.task, job.split) for job in wanted] == [
        ('pick up.tin', 'seen'),
        ('place on.can.plate', 'seen'),
        ('place on.can.plate', 'held shift'),
    ]


def test_the_number_of_demonstrations_has_a_table_of_its_own():
    rows = [_row(), _row(seed=2, success=False), _row(demonstrations=3, success=False, stage='judged')]
    by_title = {title: body for title, _, body in report.tables(rows)}
    (line,) = by_title['Success by the number of demonstrations of each task, on the same scenes']
    assert line[1].endswith('1 of 1')
    assert line[2].endswith('0 of 1')
    assert by_title['Failures by stage'][0][1] == '1'


def test_a_method_is_put_beside_ours_on_its_own_scenes():
    rows = [_row(), _row(seed=2, success=False), _row(seed=2, method='nothing', success=False)]
    by_title = {title: body for title, _, body in report.tables(rows)}
    (line,) = by_title['Each method beside ours']
    assert line[:2] == ['nothing', 'seen']
    assert [cell.split(', ')[1] for cell in line[2:]] == ['0 of 1', '0 of 1']


def test_a_cluster_does_the_same_rollouts(run, tmp_path):
    pytest.importorskip('ray', reason='the optional package ray is not installed')
    _, school, _, wanted, rows = run
    again = []
    runner.run_jobs(tmp_path, school, wanted[:1], 1, again.append, ray='local')
    same = next(row for row in rows if runner.job_of(row) == wanted[0])
    assert (again[0]['success'], again[0]['reason']) == (same['success'], same['reason'])


def test_without_ray_a_cluster_is_refused_with_what_to_do(run, tmp_path, monkeypatch):
    _, school, _, wanted, _ = run
    monkeypatch.setitem(sys.modules, 'ray', None)
    with pytest.raises(InvalidInput, match='pip install ray'):
        runner.run_jobs(tmp_path, school, wanted, 1, lambda row: None, ray='local')
