"""The executor node over real middleware, with fake drivers that obey, refuse, fail, hang and die."""

import functools
import json
import signal
import sys
import time
from pathlib import Path

import pytest

rclpy = pytest.importorskip('rclpy')
pytest.importorskip('mt3_interfaces', reason='the workspace is not built')

from std_msgs.msg import Bool  # noqa: E402

from mt3_common.action_client import ActionClient  # noqa: E402
from mt3_common.errors import Status, StatusCode  # noqa: E402
from mt3_common.testing import NodeProcess, wait_until  # noqa: E402
from mt3_executor.testing.fake_drivers import FakeCell  # noqa: E402
from mt3_executor.testing.graph_node import call  # noqa: E402
from mt3_executor.testing.scenes import above, grasp  # noqa: E402
from mt3_executor.trial_log import TrialLog  # noqa: E402
from mt3_interfaces.action import ExecuteTask  # noqa: E402


def with_parameters(**given):
    """Give the node of a test other parameters; two underscores stand for a dot."""
    return pytest.mark.parametrize('graph', [given], indirect=True)


def test_whole_task_and_its_folder(graph):
    result = graph.run()
    assert result.status.code == StatusCode.OK, result.status.message
    assert result.demonstration_id == 'demo' and result.attempts == 1
    assert result.outcome_checked and result.outcome_ok and 'held' in result.outcome
    assert len(graph.cell.goals) == 3 and graph.cell.gripper_goals == [pytest.approx(0.3 * 0.04, abs=1e-4)]
    assert [p.name for p in result.phases] == ['perceive', 'retrieve', 'plan', 'approach', 'interact', 'verify']
    phases = [f.phase for f in graph.feedback]
    assert phases == sorted(phases) and {f.phase for f in graph.feedback} >= {0, 1, 2, 3, 4, 5}
    names = {p.name for p in Path(result.run_directory).iterdir()}
    assert names >= {
        'request.json',
        'config.yaml',
        'scene.npz',
        'overlay.png',
        'plan.json',
        'joints.csv',
        'result.json',
    }
    assert json.loads((Path(result.run_directory) / 'result.json').read_text())['status'] == 'OK'
    assert sum(1 for _ in (Path(result.run_directory) / 'joints.csv').open()) > 10


def test_plan_only_moves_nothing(graph):
    result = graph.run(plan_only=True)
    assert result.status.code == StatusCode.OK
    assert graph.cell.goals == [] and graph.cell.gripper_goals == []


def spoil(**values):
    def apply(graph):
        for name, value in values.items():
            setattr(graph.cell, name, value)

    return apply


def without_arm(graph):
    graph.cell.kill(graph.cell.arm)
    graph.wait(lambda: not graph.node._arm._goals._client.server_is_ready())


def without_gripper(graph):
    graph.cell.kill(graph.cell.gripper)
    graph.wait(lambda: not graph.node._gripper._goals._client.server_is_ready())


def silence_joint_states(graph):
    graph.cell.publishing = False
    time.sleep(0.7)


@pytest.mark.parametrize(
    ('prepare', 'code', 'words', 'moved'),
    [
        (spoil(capture_status=Status(StatusCode.NO_DATA, 'no camera')), StatusCode.NO_DATA, 'no camera', 0),
        (spoil(scene_age_s=5.0), StatusCode.STALE_SCENE, 'before it was asked for (limit', 0),
        (spoil(scene_calibration=Status(StatusCode.CALIBRATION, 'was moved')), StatusCode.CALIBRATION, 'was moved', 0),
        (spoil(scene_frame='camera_level'), StatusCode.CALIBRATION, "'camera_level'", 0),
        (
            spoil(retrieve_status=Status(StatusCode.NO_DEMONSTRATION, 'nobody')),
            StatusCode.NO_DEMONSTRATION,
            'nobody',
            0,
        ),
        (spoil(T_base_bottleneck=above(1.5, 0.0, 0.2)), StatusCode.UNREACHABLE, '1.5', 0),
        (spoil(T_base_bottleneck=above(0.5, 0.0, 0.05)), StatusCode.COLLISION, 'table', 0),
        (silence_joint_states, StatusCode.NO_DATA, 'old', 0),
        (without_arm, StatusCode.HARDWARE, 'nobody offers', 0),
        (without_gripper, StatusCode.HARDWARE, 'moves the gripper', 0),
        (spoil(arm_mode='reject'), StatusCode.HARDWARE, 'rejected', 0),
        (spoil(arm_mode='abort'), StatusCode.HARDWARE, 'path tolerance violated', 1),
        (spoil(gripper_mode='reject'), StatusCode.HARDWARE, 'rejected', 2),
        (spoil(gripper_mode='abort'), StatusCode.HARDWARE, 'gripper gave up', 2),
        (spoil(gripper_mode='hang'), StatusCode.TIMEOUT, 'did not finish', 2),
        (spoil(blocked_at=0.0, interaction=grasp(closed=0.0)), StatusCode.OUTCOME_FAILED, 'nothing is held', 2),
    ],
)
def test_each_refusal_and_failure(graph, prepare, code, words, moved):
    prepare(graph)
    result = graph.run()
    assert result.status.code == code, result.status
    assert words in result.status.message
    assert len(graph.cell.goals) == moved
    assert (Path(result.run_directory) / 'result.json').exists()


def test_one_task_at_a_time(graph):
    graph.cell.speed = 1.0
    first = graph.send()
    graph.wait(lambda: graph.cell.goals)
    second = graph.run()
    assert second.status.code == StatusCode.BUSY
    first.cancel_goal_async()
    assert graph.result(first).status.code == StatusCode.CANCELLED


def test_cancel_in_mid_approach_stops_the_arm(graph):
    graph.cell.speed = 1.0
    handle = graph.send()
    graph.wait(lambda: graph.cell.goals and abs(graph.cell.qd).max() > 0.1)
    begin = time.monotonic()
    handle.cancel_goal_async()
    result = graph.result(handle)
    took = time.monotonic() - begin
    assert result.status.code == StatusCode.CANCELLED and abs(graph.cell.qd).max() == 0.0
    stood = graph.cell.q.copy()
    time.sleep(0.2)
    assert (graph.cell.q == stood).all() and len(graph.cell.goals) == 1
    assert took < 2.0


def test_cancel_while_perceiving(graph):
    graph.cell.capture_delay_s = 1.0
    handle = graph.send()
    time.sleep(0.1)
    handle.cancel_goal_async()
    assert graph.result(handle).status.code == StatusCode.CANCELLED
    assert graph.cell.goals == []


def test_emergency_stop_latches_until_reset(graph):
    graph.cell.speed = 1.0
    handle = graph.send()
    graph.wait(lambda: graph.cell.goals and abs(graph.cell.qd).max() > 0.1)
    graph.button.publish(Bool(data=True))
    assert graph.result(handle).status.code == StatusCode.EMERGENCY_STOP
    assert abs(graph.cell.qd).max() == 0.0
    assert graph.run().status.code == StatusCode.EMERGENCY_STOP
    assert not call(graph, graph.reset).success  # still pressed
    graph.button.publish(Bool(data=False))
    graph.wait(lambda: not graph.node._emergency._topic_is_true)
    assert graph.run().status.code == StatusCode.EMERGENCY_STOP  # a release alone does not reset
    assert call(graph, graph.reset).success
    graph.cell.speed, graph.cell.q = 20.0, graph.cell.q
    assert graph.run(plan_only=True).status.code == StatusCode.OK


def test_controller_that_ignores_a_cancel_is_reported(graph):
    graph.cell.speed, graph.cell.arm_mode = 0.5, 'deaf'
    handle = graph.send()
    graph.wait(lambda: graph.cell.goals and abs(graph.cell.qd).max() > 0.05)
    handle.cancel_goal_async()
    result = graph.result(handle)
    assert result.status.code == StatusCode.HARDWARE and 'emergency stop of the hardware' in result.status.message
    graph.cell.speed = 1000.0


def test_controller_that_dies_in_the_middle(graph):
    graph.cell.speed = 1.0
    handle = graph.send()
    graph.wait(lambda: graph.cell.goals and abs(graph.cell.qd).max() > 0.1)
    graph.cell.kill(graph.cell.arm)
    result = graph.result(handle)
    assert result.status.code == StatusCode.HARDWARE and 'disappeared' in result.status.message


def test_joint_states_that_stop_in_the_middle_stop_the_arm(graph):
    graph.cell.speed = 1.0
    handle = graph.send()
    graph.wait(lambda: graph.cell.goals and abs(graph.cell.qd).max() > 0.1)
    graph.cell.publishing = False
    result = graph.result(handle)
    assert result.status.code == StatusCode.HARDWARE and 'joint states' in result.status.message
    assert abs(graph.cell.qd).max() == 0.0


def test_ending_the_node_stops_the_arm(graph):
    graph.cell.speed = 1.0
    graph.send()
    graph.wait(lambda: graph.cell.goals and abs(graph.cell.qd).max() > 0.1)
    _, thread, node, ended = graph.executors[1]
    ended.set()  # as the node runner does: it stops spinning, then closes the node
    thread.join()
    node.close()
    assert abs(graph.cell.qd).max() == 0.0
    assert node._running is None


def test_the_second_attempt_over_the_wire(graph):
    graph.cell.interaction, graph.cell.blocked_at = grasp(closed=0.0), 0.0
    looks = []

    def before_look():
        looks.append(1)
        graph.cell.blocked_at = 0.02 if len(looks) > 1 else 0.0

    graph.cell.before_capture = before_look
    result = graph.run(max_attempts=2)
    assert result.status.code == StatusCode.OK, result.status
    assert result.attempts == 2 and len(result.history) == 2
    assert 'nothing is held' in result.history[0] and 'looks again' in result.history[0]
    folder = Path(result.run_directory)
    assert (folder / 'plan_2.json').exists() and (folder / 'joints.csv').exists()
    rows = TrialLog(folder.parent).read()
    assert [(row['attempt'], row['status']) for row in rows] == [(1, 'OUTCOME_FAILED'), (2, 'OK')]


def _task_that_moves(client, cell):
    """Ask until the arm gets a goal: the first requests may come before the node has heard robot and joint states."""
    for _ in range(20):
        sent = client.send_goal_async(ExecuteTask.Goal(task='pick up the box'))
        wait_until(sent.done, 20.0, 'an answer to the goal')
        answer = sent.result().get_result_async()
        wait_until(functools.partial(lambda answer: answer.done() or cell.goals, answer), 60.0, 'a goal or a refusal')
        if cell.goals:
            return sent
        status = answer.result().result.status
        assert status.code == StatusCode.NO_DATA, status.message
        time.sleep(0.5)
    pytest.fail('the executor never had its data')


@pytest.mark.parametrize('number', [signal.SIGINT, signal.SIGTERM])
def test_a_signal_to_the_process_stops_the_arm(ros, tmp_path, number):
    cell = FakeCell(above(0.5, 0.1, 0.2), grasp(), context=ros.context)
    cell.speed = 0.3
    ros.add(cell)
    user = ros.node('user')
    client = ActionClient(user, ExecuteTask, '/mt3/execute')
    command = [sys.executable, '-c', 'import sys; from mt3_executor.node import main; sys.exit(main())', '--ros-args']
    parameters = {
        'execution.run_directory': tmp_path,
        'execution.record_bag': 'false',
        'execution.server_timeout_s': 5.0,
    }
    for name, value in parameters.items():
        command += ['-p', f'{name}:={value}']
    with NodeProcess(command) as process:
        wait_until(client.server_is_ready, 60.0, 'the executor')
        sent = _task_that_moves(client, cell)
        wait_until(lambda: abs(cell.qd).max() > 0.02, 20.0, 'a moving arm')
        begin = time.monotonic()
        process.stop(number)
        stood = cell.q.copy()
        assert abs(cell.qd).max() == 0.0 and time.monotonic() - begin < 10.0
    time.sleep(0.2)
    assert (cell.q == stood).all() and len(cell.goals) == 1 and sent.done()
    client.destroy()
