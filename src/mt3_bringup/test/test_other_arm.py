"""The same nodes with another arm: a UR5 is taught two tasks once each, does one elsewhere, and both in a row."""

import subprocess
import sys

import pytest

from mt3_cli.client import StackClient
from mt3_cli.demo.cell import Cell
from mt3_cli.demo.plan import make_plan
from mt3_cli.demo.runner import run_demo
from mt3_cli.demo.terminal import DemoTerminal
from mt3_cli.testing import running_stack
from mt3_retrieval.library import DemoLibrary

pytestmark = [pytest.mark.slow, pytest.mark.timeout(1800)]  # the first start compiles kernels

FAMILIES = ('pick_block', 'place_on_target')


@pytest.fixture(scope='module')
def folder(tmp_path_factory):
    """The run's folder of this module."""
    path = tmp_path_factory.mktemp('run')
    (path / 'pictures').mkdir()
    return path


@pytest.fixture(scope='module')
def stack(folder):
    """All nodes, with the UR5 in the cell."""
    with running_stack(folder, robot='ur5', base_frame='base_link') as stack:
        yield stack


@pytest.fixture(scope='module')
def record(stack, folder):
    """Two families taught from one recorded bag each, and executed with the object elsewhere."""
    plan = make_plan(FAMILIES, seed=3, same=1, novel=0)
    with DemoTerminal(plan.steps) as terminal:
        return run_demo(plan, folder, stack, terminal)


def run(*tasks):
    """Do tasks in a row as a user does."""
    command = [sys.executable, '-m', 'mt3_cli.main', 'run', *tasks]
    return subprocess.run(command, capture_output=True, text=True, timeout=600)


def test_a_ur5_is_taught_tasks_and_does_them_elsewhere(record, folder):
    assert [(x.task, x.message) for x in record.lessons if not x.ok] == []
    library = DemoLibrary.open(str(folder / 'library'))
    assert {library.get(x.demonstration_id).robot for x in record.lessons} == {'ur5'}
    assert [(x.task, x.status, x.reason) for x in record.executions if not (x.ok and x.claimed)] == []


def test_two_tasks_in_a_row_know_what_is_held(record, folder):
    with StackClient('sequence_test') as client:
        cell = Cell(client, folder)
        cell.reset('pick_block', 1207)
        done = run('pick up the block', 'place it on the plate')
        verdict = cell.judge()
    assert done.returncode == 0, done.stdout + done.stderr
    assert 'all 2 tasks done' in done.stdout
    assert verdict.success and 'stands on the plate' in verdict.reason, verdict.reason


def test_a_row_stops_at_the_first_failure_and_says_what_was_not_begun(record, folder):
    with StackClient('sequence_test') as client:
        Cell(client, folder).reset('pick_block', 1207)
    done = run('open the drawer', 'place it on the plate')
    assert done.returncode == 1
    said = ' '.join(done.stdout.split())
    assert '0 of 2 tasks done' in said and 'Not begun: place it on the plate' in said
