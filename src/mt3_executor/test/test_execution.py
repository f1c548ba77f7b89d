"""One attempt: phases, refusals, failures and stops."""

import json

import numpy as np
import pytest

from mt3_common.errors import Status, StatusCode
from mt3_executor.config import ExecutionConfig, ExecutorConfig
from mt3_executor.execution import Phase, TaskGoal
from mt3_executor.gripper_events import first_gripper_command
from mt3_executor.ports import JointReading
from mt3_executor.testing.scenes import above, grasp
from mt3_executor.testing.task_cell import TaskCell


def test_whole_task(cell, tmp_path):
    result = cell.run(folder=tmp_path)
    assert result.status.ok, result.status
    assert len(cell.arm.moves) == 3  # approach, down to the grasp, up from it
    assert cell.gripper.commands == [pytest.approx(0.3)]  # open already: no first command
    assert result.outcome.checked and result.outcome.ok and 'held' in result.outcome.text
    phases = [f[0] for f in cell.feedback]
    assert phases == sorted(phases) and set(phases) == set(Phase) - {Phase.RECOVER}
    assert all(0.0 <= f[1] <= 1.0 for f in cell.feedback)
    assert set(result.phases_s) == {'perceive', 'retrieve', 'plan', 'approach', 'interact', 'verify'}
    assert {'scene.npz', 'scene.png', 'overlay.png', 'plan.json', 'plan.npz'} <= {p.name for p in tmp_path.iterdir()}
    assert json.loads((tmp_path / 'plan.json').read_text())['status'] == 'OK'


@pytest.mark.parametrize(('off', 'ok'), [(0.02, True), (0.045, True), (0.06, False)])
def test_a_stretch_begins_as_far_off_as_the_one_before_may_end(cell, off, ok):
    """The arm presses the object against the table: it stands beside its plan when the hand closes."""
    command, moved = cell.gripper.command, np.zeros(7)
    moved[5] = off

    def pressed(opening, stop):
        cell.arm.q = cell.arm.q + moved
        return command(opening, stop)

    cell.gripper.command = pressed
    result = cell.run()
    assert result.status.ok == ok, result.status
    if not ok:
        assert result.status.code == StatusCode.HARDWARE and '0.060 rad away' in result.status.message
        return
    up = cell.arm.moves[2]
    began_here = off > ExecutionConfig().start_tolerance_rad
    start = cell.arm.moves[1].position[-1] + (moved if began_here else 0.0)
    assert up.position[0] == pytest.approx(start, abs=1e-9)
    assert up.position[-1] == pytest.approx(result.plan.segments[1].trajectory.position[-1])
    assert np.abs(up.velocity[0]).max() == 0.0


def test_the_first_stretch_begins_where_it_was_planned(cell):
    def nudged(index, stop):
        if index == 0:
            cell.arm.joints = lambda: JointReading(cell.arm.q + 0.045, np.zeros(7), 0.0)

    cell.arm.while_moving = nudged
    result = cell.run()
    assert result.status.code == StatusCode.HARDWARE and 'away from where the plan starts' in result.status.message


def test_plan_only_moves_nothing(cell):
    result = cell.run(TaskGoal(task='x', plan_only=True))
    assert result.status.ok and result.plan.status.ok
    assert cell.arm.moves == [] and cell.gripper.commands == []


@pytest.mark.parametrize(
    ('spoil', 'code', 'words'),
    [
        (lambda c: setattr(c.arm, 'q', None), StatusCode.NO_DATA, 'joint states'),
        (lambda c: setattr(c.arm, 'age_s', 2.0), StatusCode.NO_DATA, '2.0 s old'),
        (lambda c: setattr(c, 'model', None), StatusCode.NO_DATA, 'robot description'),
        (lambda c: setattr(c.arm, 'server', Status(StatusCode.HARDWARE, 'no arm')), StatusCode.HARDWARE, 'no arm'),
        (lambda c: setattr(c.gripper, 'server', Status(StatusCode.HARDWARE, 'none')), StatusCode.HARDWARE, 'none'),
        (
            lambda c: setattr(c.sense, 'capture_status', Status(StatusCode.STALE_SCENE, 'old')),
            StatusCode.STALE_SCENE,
            'old',
        ),
        (
            lambda c: setattr(c.sense, 'retrieve_status', Status(StatusCode.AMBIGUOUS, 'two')),
            StatusCode.AMBIGUOUS,
            'two',
        ),
        (lambda c: setattr(c.sense, 'T_base_bottleneck', above(1.5, 0, 0.2)), StatusCode.UNREACHABLE, '1.5'),
        (lambda c: setattr(c.sense, 'T_base_bottleneck', above(0.5, 0, 0.05)), StatusCode.COLLISION, 'table'),
    ],
)
def test_refusals_before_anything_moves(cell, spoil, code, words):
    spoil(cell)
    result = cell.run()
    assert result.status.code == code and words in result.status.message
    assert cell.arm.moves == [] and cell.gripper.commands == []


@pytest.mark.parametrize('goal', [TaskGoal(), TaskGoal(task='x', speed_scale=1.5), TaskGoal(task='x', speed_scale=-1)])
def test_bad_goals_are_refused(cell, goal):
    assert cell.run(goal).status.code == StatusCode.INVALID_INPUT


def test_arm_failure_ends_the_task(cell):
    cell.arm.answer = Status(StatusCode.HARDWARE, 'path tolerance violated')
    result = cell.run()
    assert result.status.code == StatusCode.HARDWARE and len(cell.arm.moves) == 1
    assert cell.gripper.commands == []


def test_gripper_failure_ends_the_task(cell):
    cell.gripper.answer = Status(StatusCode.HARDWARE, 'jammed')
    result = cell.run()
    assert result.status.code == StatusCode.HARDWARE and len(cell.arm.moves) == 2


@pytest.mark.parametrize('index', range(3))
def test_cancel_in_every_motion(cell, index):
    cell.arm.while_moving = lambda k, stop: stop.request(StatusCode.CANCELLED, 'enough') if k == index else None
    result = cell.run()
    assert result.status == Status(StatusCode.CANCELLED, 'enough')
    assert len(cell.arm.moves) == index + 1


def test_cancel_before_and_while_looking(cell):
    cell.stop.request(StatusCode.CANCELLED, 'never mind')
    assert cell.run().status.code == StatusCode.CANCELLED
    assert cell.arm.moves == []


def test_emergency_stop_outranks_a_cancel(cell):
    def both(index, stop):
        stop.request(StatusCode.CANCELLED, 'cancel')
        stop.request(StatusCode.EMERGENCY_STOP, 'button')

    cell.arm.while_moving = both
    assert cell.run().status.code == StatusCode.EMERGENCY_STOP


def test_arm_moved_by_somebody_else_is_refused(cell):
    real = cell.runner.backend.plan

    def plan_then_push(*args):
        plan = real(*args)
        cell.arm.q = cell.arm.q + 0.2
        return plan

    cell.runner.backend.plan = plan_then_push
    result = cell.run()
    assert result.status.code == StatusCode.HARDWARE and '0.200 rad' in result.status.message
    assert cell.arm.moves == []


def test_nothing_grasped_is_an_outcome_failure(cell):
    cell.gripper.blocked_at = 0.0
    cell.sense.interaction = grasp(closed=0.0)
    result = cell.run(TaskGoal(task='x', max_attempts=1))
    assert result.status.code == StatusCode.OUTCOME_FAILED and 'nothing is held' in result.status.message
    assert result.outcome.checked and not result.outcome.ok
    assert len(cell.arm.moves) == 2  # it does not lift nothing


def test_first_gripper_command_never_drops_what_is_held():
    assert first_gripper_command(1.0, 1.0, False, 0.03) is None
    assert first_gripper_command(1.0, 0.2, False, 0.03) == 1.0
    assert first_gripper_command(0.5, 0.3, False, 0.03) == 0.5  # opened less than taught, and empty
    assert first_gripper_command(0.5, 0.3, True, 0.03) is None  # would open: something may be held
    assert first_gripper_command(0.0, 0.3, True, 0.03) == 0.0  # tighter is safe
    assert first_gripper_command(0.5, None, True, 0.03) is None
    assert first_gripper_command(1.0, None, False, 0.03) == 1.0


def test_going_home_first(panda):
    cell = TaskCell(panda, ExecutorConfig(execution=ExecutionConfig(gripper_settle_s=0.0, return_home=True)))
    cell.arm.q = panda.home + np.array([0.5, 0.1, 0.0, 0.1, 0.0, 0.0, 0.0])
    result = cell.run()
    assert result.status.ok and len(cell.arm.moves) == 4
    assert np.allclose(cell.arm.moves[0].position[-1], panda.home, atol=1e-6)


def test_plan_that_comes_too_late_is_refused(panda):
    cell = TaskCell(panda, ExecutorConfig(execution=ExecutionConfig(plan_max_age_s=0.5)))
    cell.sense.delay_s = 0.6
    result = cell.run()
    assert result.status.code == StatusCode.STALE_SCENE and cell.arm.moves == []
