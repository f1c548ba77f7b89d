import json
import threading
from dataclasses import replace

import numpy as np
import pytest

from mt3_common import se3
from mt3_common.demonstration import Interaction
from mt3_common.errors import Status, StatusCode
from mt3_executor.backends.embedded import EmbeddedBackend
from mt3_executor.config import ExecutionConfig, ExecutorConfig
from mt3_executor.execution import Phase, TaskGoal, TaskRunner, first_gripper_command
from mt3_executor.outcome import Outcome
from mt3_executor.ports import PauseSignal, StopSignal
from mt3_executor.record import RunRecord
from mt3_executor.safety_config import RecoveryConfig
from mt3_executor.testing.fake_ports import FakeArm, FakeGripper, FakeSense
from mt3_executor.testing.scenes import above, grasp

QUICK = ExecutorConfig(execution=ExecutionConfig(gripper_settle_s=0.0))


class Cell:
    """A runner among fakes."""

    def __init__(self, panda, config=QUICK):
        self.arm = FakeArm(panda.home.copy())
        self.gripper = FakeGripper(blocked_at=0.5)
        self.sense = FakeSense(above(0.5, 0.1, 0.2), grasp())
        self.stop = StopSignal()
        self.feedback = []
        self.model = panda
        backend = EmbeddedBackend(lambda: self.model, self.arm, config.planning)
        self.runner = TaskRunner(backend, self.gripper, self.sense, config)

    def run(self, goal=None, folder=None):
        goal = goal or TaskGoal(task='pick up the box')
        return self.runner.run(goal, self.stop, lambda *f: self.feedback.append(f), RunRecord(folder))


@pytest.fixture
def cell(panda):
    return Cell(panda)


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
    assert first_gripper_command(1.0, 1.0, 0.7, 0.03) is None
    assert first_gripper_command(1.0, 0.2, 0.7, 0.03) == 1.0
    assert first_gripper_command(0.5, 0.3, 0.7, 0.03) is None  # would open: something may be held
    assert first_gripper_command(0.0, 0.3, 0.7, 0.03) == 0.0  # tighter is safe
    assert first_gripper_command(0.5, None, 0.7, 0.03) is None
    assert first_gripper_command(1.0, None, 0.7, 0.03) == 1.0


def test_going_home_first(panda):
    cell = Cell(panda, ExecutorConfig(execution=ExecutionConfig(gripper_settle_s=0.0, return_home=True)))
    cell.arm.q = panda.home + np.array([0.5, 0.1, 0.0, 0.1, 0.0, 0.0, 0.0])
    result = cell.run()
    assert result.status.ok and len(cell.arm.moves) == 4
    assert np.allclose(cell.arm.moves[0].position[-1], panda.home, atol=1e-6)


def test_plan_that_comes_too_late_is_refused(panda):
    cell = Cell(panda, ExecutorConfig(execution=ExecutionConfig(plan_max_age_s=0.5)))
    cell.sense.delay_s = 0.6
    result = cell.run()
    assert result.status.code == StatusCode.STALE_SCENE and cell.arm.moves == []


class TwiceCell(Cell):
    """Misses at the first attempts: the fingers meet until `grasps_from`."""

    def __init__(self, panda, grasps_from=2, **recovery):
        super().__init__(
            panda,
            ExecutorConfig(execution=ExecutionConfig(gripper_settle_s=0.0), recovery=RecoveryConfig(**recovery)),
        )
        self.sense.interaction = grasp(closed=0.0)
        self.gripper.blocked_at = 0.0
        self.looks, capture = 0, self.sense.capture

        def look(stop):
            self.looks += 1
            retrieves = len(self.sense.asked) + 1
            self.gripper.blocked_at = 0.5 if retrieves >= grasps_from else 0.0
            return capture(stop)

        self.sense.capture = look


def test_a_missed_grasp_is_done_again(panda, tmp_path):
    cell = TwiceCell(panda)
    result = cell.run(folder=tmp_path)
    assert result.status.ok and result.attempts == 2
    assert [r.status.code for r in result.history] == [StatusCode.OUTCOME_FAILED, StatusCode.OK]
    assert 'nothing is held' in str(result.history[0]) and 'went back' in str(result.history[0])
    assert result.outcome.ok and 'recover' in result.phases_s
    # approach, down | back up, home | approach, down, up
    assert len(cell.arm.moves) == 7
    assert cell.gripper.commands == pytest.approx([0.0, 1.0, 0.0])
    assert np.allclose(cell.arm.moves[2].position[-1], cell.arm.moves[1].position[0])
    assert np.allclose(cell.arm.moves[3].position[-1], panda.home, atol=1e-6)
    assert any('attempt 2' in text for _, _, text in cell.feedback)
    assert {'scene_2.npz', 'plan_2.json', 'overlay_2.png'} <= {p.name for p in tmp_path.iterdir()}


def test_attempts_end_when_they_are_used_up(panda):
    cell = TwiceCell(panda, grasps_from=9)
    result = cell.run(TaskGoal(task='x', max_attempts=3))
    assert result.status.code == StatusCode.OUTCOME_FAILED and result.attempts == 3 and len(result.history) == 3
    assert 'beside' in result.history[2].changed


def test_one_attempt_is_one_attempt(panda):
    cell = TwiceCell(panda)
    result = cell.run(TaskGoal(task='x', max_attempts=1))
    assert result.status.code == StatusCode.OUTCOME_FAILED and result.attempts == 1
    assert len(cell.arm.moves) == 2  # it stays where it missed


def test_an_unreachable_object_makes_way_for_the_next_candidate(cell):
    cell.sense.others = (('demo', 7),)
    reachable, cell.sense.T_base_bottleneck = cell.sense.T_base_bottleneck, above(1.5, 0.0, 0.2)
    retrieve = cell.sense.retrieve

    def answer(task, demonstration_id, capture, stop, object_id=0):
        cell.sense.T_base_bottleneck = reachable if object_id == 7 else above(1.5, 0.0, 0.2)
        return retrieve(task, demonstration_id, capture, stop, object_id)

    cell.sense.retrieve = answer
    result = cell.run()
    assert result.status.ok and result.attempts == 2 and cell.sense.asked == [('', 0), ('demo', 7)]


def test_what_was_let_go_cannot_be_placed_again(cell, monkeypatch):
    t = np.linspace(0.0, 3.0, 61)
    poses = np.array([se3.make(None, [0.0, 0.0, 0.08 * np.sin(np.pi * x / 3.0)]) for x in t])
    cell.sense.interaction = Interaction(t, poses, np.where(t < 1.5, 0.0, 0.9), 0.08)
    cell.gripper.now, cell.gripper.blocked_at = 0.4, 0.0
    bad = Outcome(True, False, 0.7, 'nothing new is where the hand let go')
    monkeypatch.setattr('mt3_executor.attempt.check_outcome', lambda *a: bad)
    result = cell.run()
    assert result.status.code == StatusCode.OUTCOME_FAILED and result.attempts == 1
    assert 'has been let go' in result.history[0].recovered


def test_a_cancel_while_going_back_ends_the_task(panda):
    cell = TwiceCell(panda)
    cell.arm.while_moving = lambda k, stop: stop.request(StatusCode.CANCELLED, 'enough') if k == 2 else None
    result = cell.run()
    assert result.status.code == StatusCode.CANCELLED and len(cell.arm.moves) == 3


def test_a_pause_holds_and_goes_on_from_where_the_arm_stands(cell):
    cell.runner.player._pause = pause = PauseSignal()
    held = []

    def pause_once(index, stop):
        if index == 1:
            pause.pause()
            held.append(cell.arm.q.copy())
            threading.Timer(0.1, pause.resume).start()

    cell.arm.while_moving = pause_once
    result = cell.run()
    assert result.status.ok, result.status
    assert len(cell.arm.moves) == 4  # approach, down, the rest of down, up
    assert np.allclose(cell.arm.moves[2].position[0], held[0])
    assert np.allclose(cell.arm.moves[2].position[-1], cell.arm.moves[1].position[-1])
    assert any('paused' in text for _, _, text in cell.feedback)


def test_a_stop_ends_a_pause(cell):
    cell.runner.player._pause = pause = PauseSignal()

    def stop_while_paused(index, stop):
        pause.pause()
        threading.Timer(0.05, lambda: stop.request(StatusCode.CANCELLED, 'enough')).start()

    cell.arm.while_moving = stop_while_paused
    assert cell.run().status.code == StatusCode.CANCELLED
    assert len(cell.arm.moves) == 1


def test_an_arm_that_is_moved_while_it_is_paused_is_refused(cell):
    cell.runner.player._pause = pause = PauseSignal()

    def push(index, stop):
        pause.pause()

        def moved():
            cell.arm.q = cell.arm.q + 0.3
            pause.resume()

        threading.Timer(0.05, moved).start()

    cell.arm.while_moving = push
    result = cell.run()
    assert result.status.code == StatusCode.HARDWARE and 'while it was paused' in result.status.message


def test_nothing_moves_without_permission_and_a_motion_ends_with_it(cell):
    answer = [Status(StatusCode.CANCELLED, 'dead-man')]
    cell.runner.guard.may_move = lambda: answer[0]
    assert cell.run().status.message == 'dead-man' and cell.arm.moves == []
    assert cell.run(TaskGoal(task='x', plan_only=True)).status.ok
    answer[0] = Status()

    def let_go(index, stop):
        answer[0] = Status(StatusCode.CANCELLED, 'dead-man')

    cell.arm.while_moving = let_go
    assert cell.run().status.message == 'dead-man' and len(cell.arm.moves) == 1


def test_a_grasp_that_is_lost_on_the_way_up_stops_the_arm_and_is_done_again(cell):
    def slip(index, stop):
        if index == 2:
            cell.gripper.now = 0.0

    cell.arm.while_moving = slip
    result = cell.run()
    assert result.status.ok and result.attempts == 2, result.status
    assert 'grasp lost' in str(result.history[0])


def test_what_is_held_is_known_to_the_next_task(panda):
    execution, recovery = ExecutionConfig(gripper_settle_s=0.0), RecoveryConfig(look_after='never')
    cell = Cell(panda, ExecutorConfig(execution=execution, recovery=recovery))
    assert cell.run().status.ok
    assert cell.runner.held.opening == pytest.approx(0.5)
    cell.runner.held = replace(cell.runner.held, shift_tcp=np.array([0.0, 0.006, 0.0]))
    t = np.linspace(0.0, 3.0, 61)
    poses = np.array([se3.make(None, [0.0, 0.0, 0.08 * np.sin(np.pi * x / 3.0)]) for x in t])
    cell.sense.interaction = Interaction(t, poses, np.where(t < 1.5, 0.3, 0.9), 0.08)
    result = cell.run()
    assert result.status.ok and '6 mm' in result.history[0].changed
    away = result.plan.T_base_bottleneck[:3, 3] - cell.sense.T_base_bottleneck[:3, 3]
    assert np.linalg.norm(away) == pytest.approx(0.006, abs=1e-6)
    assert cell.runner.held is None


def test_a_pause_before_the_object_is_reached_must_not_outlast_the_scene(cell):
    cell.runner.player._pause = pause = PauseSignal()
    now = [100.0]
    cell.runner.now_s = lambda: now[0]

    def hold(index, stop):
        pause.pause()

        def much_later():
            now[0] += 1000.0
            pause.resume()

        threading.Timer(0.05, much_later).start()

    cell.arm.while_moving = hold
    result = cell.run(TaskGoal(task='x', max_attempts=1))
    assert result.status.code == StatusCode.STALE_SCENE and '1000 s' in result.status.message
    assert len(cell.arm.moves) == 1
