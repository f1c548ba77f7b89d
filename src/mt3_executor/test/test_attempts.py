"""Second attempts, pauses, and what a task leaves to the next."""

import threading
from dataclasses import replace

import numpy as np
import pytest

from mt3_common import se3
from mt3_common.demonstration import Interaction
from mt3_common.errors import Status, StatusCode
from mt3_executor.config import ExecutionConfig, ExecutorConfig
from mt3_executor.execution import TaskGoal
from mt3_executor.outcome import Outcome
from mt3_executor.ports import PauseSignal
from mt3_executor.safety_config import RecoveryConfig
from mt3_executor.testing.scenes import above, box_points
from mt3_executor.testing.task_cell import TaskCell, TwiceCell


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


def test_the_approach_is_slow_with_something_in_the_hand(cell):
    t = np.linspace(0.0, 2.0, 41)
    path = np.array([se3.make(None, [0.0, 0.0, 0.06 * np.sin(np.pi * x / 2.0)]) for x in t])
    seconds = {}
    for opening in (1.0, 0.3, 0.0):  # open, around something, closed upon nothing
        cell.gripper.now = opening
        cell.sense.interaction = Interaction(t, path, np.full(len(t), opening), 0.08)
        result = cell.run(TaskGoal('pour', plan_only=True))
        assert result.status.ok
        seconds[opening] = result.plan.approach.duration_s
    assert seconds[0.3] > 1.6 * seconds[1.0] and seconds[0.0] < 1.2 * seconds[1.0]


@pytest.mark.parametrize('refusal', [StatusCode.LOW_CONFIDENCE, StatusCode.CANCELLED])
def test_the_answer_tells_of_the_best_pair_when_the_next_one_cannot_be_done_either(cell, refusal):
    cell.sense.others, cell.sense.T_base_bottleneck = (('demo', 7),), above(1.5, 0.0, 0.2)
    retrieve = cell.sense.retrieve

    def answer(task, demonstration_id, capture, stop, object_id=0):
        cell.sense.retrieve_status = Status(refusal, 'not that one') if object_id == 7 else Status()
        return retrieve(task, demonstration_id, capture, stop, object_id)

    cell.sense.retrieve = answer
    result = cell.run()
    assert result.attempts == 2 and result.history[1].status.code == refusal
    told = result.history[0 if refusal == StatusCode.LOW_CONFIDENCE else 1]  # a stop is a stop
    assert result.status is told.status
    if told is result.history[0]:
        assert result.object_id == told.object_id != 7 and not result.plan.status.ok


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
    cell = TaskCell(panda, ExecutorConfig(execution=execution, recovery=recovery))
    assert cell.run().status.ok
    assert cell.runner.held.opening == pytest.approx(0.5)
    held = box_points((0.0, 0.0, 0.03), (0.03, 0.03, 0.05))
    given, obstacles = [], cell.runner.backend.obstacles
    cell.runner.backend.obstacles = lambda *a: given.append(a[3]) or obstacles(*a)
    cell.runner.held = replace(cell.runner.held, points_tcp=held)
    cell.runner.held = replace(cell.runner.held, shift_tcp=np.array([0.0, 0.006, 0.0]))
    t = np.linspace(0.0, 3.0, 61)
    poses = np.array([se3.make(None, [0.0, 0.0, 0.08 * np.sin(np.pi * x / 3.0)]) for x in t])
    cell.sense.interaction = Interaction(t, poses, np.where(t < 1.5, 0.3, 0.9), 0.08)
    result = cell.run()
    assert result.status.ok and '6 mm' in result.history[0].changed
    away = result.plan.T_base_bottleneck[:3, 3] - cell.sense.T_base_bottleneck[:3, 3]
    assert np.linalg.norm(away) == pytest.approx(0.006, abs=1e-6)
    assert cell.runner.held is None and given[0] is held


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
