"""The whole loop over DDS, through `mt3 up launch/sim.launch.xml`: refuse, teach, execute, judge in physics, cancel."""

import time

import numpy as np
import pytest
from sensor_msgs.msg import JointState

from mt3_cli.client import StackClient
from mt3_cli.demo.cell import Cell
from mt3_cli.demo.plan import make_plan
from mt3_cli.demo.runner import run_demo
from mt3_cli.demo.terminal import DemoTerminal
from mt3_cli.testing import running_stack
from mt3_common.errors import MT3Error, StatusCode
from mt3_common.testing import wait_until
from mt3_interfaces.action import ExecuteTask
from mt3_interfaces.srv import CaptureScene, RetrieveDemo

pytestmark = pytest.mark.timeout(1200)  # the first start compiles kernels

FAMILIES = ('pick_box', 'press_button')


@pytest.fixture(scope='module')
def folder(tmp_path_factory):
    """The run's folder of this module."""
    path = tmp_path_factory.mktemp('run')
    (path / 'pictures').mkdir()
    return path


@pytest.fixture(scope='module')
def stack(folder):
    """All nodes and the simulated cell, from the launch file that users start, in a domain of their own."""
    with running_stack(folder) as stack:
        yield stack


@pytest.fixture(scope='module')
def client(stack):
    """A client that waited until every node answers."""
    with StackClient('loop_test') as client:
        for kind, name in ((CaptureScene, '/mt3/capture_scene'), (RetrieveDemo, '/mt3/retrieve')):
            client.wait_for_service(kind, name, 240.0)
        Cell(client, stack).wait(240.0)
        yield client


@pytest.fixture(scope='module')
def lesson(stack, client, folder):
    """Two families taught from one recorded bag each and executed with the object elsewhere."""
    plan = make_plan(FAMILIES, seed=3, same=1, novel=0)
    with DemoTerminal(plan.steps) as terminal:
        return run_demo(plan, folder, stack, terminal)


def _execute(client, task, **fields):
    return client.execute(ExecuteTask.Goal(task=task, **fields), wait_s=60.0).result


def test_empty_library_refuses(client):
    # the first request may come before the executor has heard the robot description and joint states
    result = wait_until(
        lambda: _unless_too_early(_execute(client, 'pick up the mug')), 60.0, 'an executor with its data'
    )
    assert result.status.code == StatusCode.NO_DEMONSTRATION
    assert result.status.message


def _unless_too_early(result):
    return None if result.status.code == StatusCode.NO_DATA else result


def test_tasks_are_taught_from_one_bag_and_done_elsewhere(lesson):
    assert [(x.task, x.ok, x.message) for x in lesson.lessons if not x.ok] == []
    assert [(x.task, x.status, x.reason) for x in lesson.executions if not x.ok] == []
    assert all(x.claimed and x.moved_mm > 10.0 for x in lesson.executions)


def test_run_leaves_its_record(lesson, folder):
    for execution in lesson.executions:
        names = {path.name for path in (folder / execution.folder).iterdir()}
        assert {'request.json', 'scene.npz', 'overlay.png', 'plan.json', 'result.json', 'bag'} <= names


def test_task_that_nobody_taught_is_refused_by_name(client, lesson):
    result = _execute(client, 'open the drawer')
    assert result.status.code == StatusCode.NO_DEMONSTRATION
    assert 'open the drawer' in result.status.message


def test_plan_only_moves_nothing(client, lesson, folder, stack):
    cell = Cell(client, folder)
    cell.reset('pick_box', 77)
    before = _joints(client)
    result = _execute(client, 'pick up the box', plan_only=True)
    after = _joints(client)
    assert result.status.code == StatusCode.OK, result.status.message
    assert np.abs(after - before).max() < 0.002
    assert not cell.judge().success


def test_cancel_in_mid_approach_stops_the_arm(client, lesson, folder):
    Cell(client, folder).reset('pick_box', 78)
    phases = []

    def on_feedback(feedback):
        phases.append((feedback.phase, feedback.progress))

    start = _joints(client)
    original = client._wait

    def waiting(ready, timeout_s, complaint, code):
        def ready_or_stop():
            if any(phase == ExecuteTask.Feedback.APPROACH and progress > 0.2 for phase, progress in phases):
                phases.clear()
                raise KeyboardInterrupt
            return ready()

        original(ready_or_stop, timeout_s, complaint, code)

    client._wait = waiting
    try:
        with pytest.raises(KeyboardInterrupt):
            client.execute(ExecuteTask.Goal(task='pick up the box'), on_feedback=on_feedback)
    finally:
        client._wait = original
    stopped = _joints(client)
    time.sleep(1.0)
    assert np.abs(_joints(client) - stopped).max() < 0.002, 'the arm still moves after the cancelled goal ended'
    assert np.abs(stopped - start).max() > 0.01, 'the arm had not started to move'
    assert not Cell(client, folder).judge().success


def test_a_forced_demonstration_that_does_not_exist_is_refused(client, lesson):
    result = _execute(client, '', demonstration_id='nothing')
    assert result.status.code == StatusCode.NO_DEMONSTRATION


def test_reset_of_an_unknown_family_names_the_known_ones(client, folder):
    with pytest.raises(MT3Error, match='pick_mug'):
        Cell(client, folder).reset('juggle', 0)


def _joints(client):
    """Return the arm's joint positions (7,) now [rad]."""
    messages = []
    subscription = client.node.create_subscription(JointState, '/joint_states', messages.append, 10)
    wait_until(lambda: len(messages) >= 2, 20.0, 'joint states')
    client.node.destroy_subscription(subscription)
    positions = dict(zip(messages[-1].name, messages[-1].position, strict=True))
    return np.array([positions[f'panda_joint{i}'] for i in range(1, 8)])
