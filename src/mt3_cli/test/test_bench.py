"""`mt3 bench` as a user calls it."""

from typer.testing import CliRunner

from mt3_cli.main import app
from mt3_sim.suite.tasks import names


def test_the_list_names_every_task_of_a_skill():
    result = CliRunner().invoke(app, ['bench', 'list', 'turn left'])
    assert result.exit_code == 0
    lines = result.stdout.splitlines()
    assert len(lines) == sum(name.startswith('turn left.') for name in names())
    assert 'turn the stove knob left' in result.stdout


def test_a_rollout_of_what_was_not_taught_is_refused(tmp_path):
    result = CliRunner().invoke(app, ['bench', 'show', 'pick up.tin', '--folder', str(tmp_path)])
    assert result.exit_code != 0
    assert 'mt3 bench tasks' in str(result.exception)


def test_an_unknown_split_is_refused_before_anything_is_taught(tmp_path):
    result = CliRunner().invoke(app, ['bench', 'tasks', '-n', '1', '-s', 'sideways', '--folder', str(tmp_path)])
    assert 'sideways' in str(result.exception)
    assert not (tmp_path / 'lessons.jsonl').exists()
