"""The command as a script sees it: exit codes, one line on failure, JSON."""

import json
import subprocess
import sys

import pytest


def _mt3(*words, cwd=None, ok=True):
    done = subprocess.run(
        [sys.executable, '-m', 'mt3_cli.main', *words], capture_output=True, text=True, cwd=cwd, timeout=120
    )
    assert (done.returncode == 0) == ok, done.stderr
    return done


@pytest.mark.parametrize('verb', ['demo', 'up', 'run', 'retrieve', 'teach', 'library', 'trials', 'doctor'])
def test_every_verb_has_help(verb):
    assert 'Usage' in _mt3(verb, '--help').stdout


def test_unknown_task_of_the_demo_is_one_line():
    done = _mt3('demo', '--task', 'fold the laundry', ok=False)
    assert done.stderr.startswith('mt3: NO_DEMONSTRATION') and done.stderr.count('\n') == 1


def test_unknown_family_of_the_demo_names_the_known_ones():
    assert 'pick_mug' in _mt3('demo', '--family', 'juggle', ok=False).stderr


def test_window_without_a_display_is_refused_before_anything_starts(tmp_path, monkeypatch):
    monkeypatch.delenv('DISPLAY', raising=False)
    monkeypatch.delenv('WAYLAND_DISPLAY', raising=False)
    assert 'a window needs a display' in _mt3('demo', '--window', cwd=tmp_path, ok=False).stderr
    assert not list(tmp_path.iterdir())


def test_show_args_lists_what_a_launch_file_takes(pytestconfig):
    text = _mt3('up', str(pytestconfig.rootpath / 'launch' / 'sim.launch.xml'), '--show-args').stdout
    assert 'real_time_factor' in text and 'library' in text


def test_malformed_launch_argument_is_named(pytestconfig):
    done = _mt3('up', str(pytestconfig.rootpath / 'launch' / 'sim.launch.xml'), 'speed=3', ok=False)
    assert "NAME:=VALUE: got 'speed=3'" in done.stderr


def test_missing_launch_file_is_named(tmp_path):
    assert 'nowhere.launch.xml' in _mt3('up', str(tmp_path / 'nowhere.launch.xml'), ok=False).stderr


def test_library_that_does_not_exist(tmp_path):
    done = _mt3('library', 'list', '-l', str(tmp_path / 'none'), ok=False)
    assert str(tmp_path / 'none') in done.stderr and 'Traceback' not in done.stderr
    assert not (tmp_path / 'none').exists()


def test_file_that_is_no_scene(tmp_path):
    (tmp_path / 'scene.npz').write_text('not one')
    done = _mt3('retrieve', 'pick up the mug', '--scene', str(tmp_path / 'scene.npz'), cwd=tmp_path, ok=False)
    assert 'is not the scene.npz of a run' in done.stderr and 'Traceback' not in done.stderr


def test_a_picture_for_a_folder_that_is_not_there(tmp_path):
    done = _mt3('retrieve', 'pick up the mug', '--overlay', str(tmp_path / 'none' / 'x.png'), ok=False)
    assert f'no folder {tmp_path / "none"}' in done.stderr and 'Traceback' not in done.stderr


def test_run_without_a_stack_says_so(ros_domain):
    done = _mt3('run', 'pick up the mug', ok=False)
    assert 'nobody offers the action /mt3/execute' in done.stderr and 'mt3 doctor' in done.stderr


def test_doctor_without_a_stack_tells_what_is_missing(ros_domain):
    done = _mt3('doctor', '--seconds', '0.5', ok=False)
    assert 'missing /mt3/execute' in done.stdout and 'ok      numpy' in done.stdout


def test_doctor_as_json(ros_domain):
    found = json.loads(_mt3('doctor', '--seconds', '0.5', '--json', ok=False).stdout)
    assert set(found['actions'].values()) == {False} and found['packages']['numpy']
    assert set(found['rates_hz'].values()) == {0.0}


def test_trials_are_listed_and_filtered(tmp_path):
    pytest.importorskip('pyarrow', reason='the trial log is Parquet')
    from pathlib import Path

    from mt3_common.errors import Status, StatusCode
    from mt3_executor.recovery import AttemptReport
    from mt3_executor.task import TaskGoal, TaskResult
    from mt3_executor.trial_log import TrialLog, rows_of

    missed = Status(StatusCode.OUTCOME_FAILED, 'nothing is held')
    result = TaskResult(attempts=2, history=[AttemptReport(1, missed), AttemptReport(2, outcome='held')])
    TrialLog(tmp_path).append(rows_of(result, TaskGoal(task='pick up the mug'), 'panda', Path('r'), 1e9), 'r')
    text = _mt3('trials', str(tmp_path)).stdout
    assert '2 attempts, 1 ended OK' in text and 'nothing' in text and '1/2' in text
    rows = [json.loads(line) for line in _mt3('trials', str(tmp_path), '--status', '!OK', '--json').stdout.splitlines()]
    assert [row['reason'] for row in rows] == ['nothing is held']
    assert 'no trial log' in _mt3('trials', str(tmp_path / 'none'), ok=False).stderr
