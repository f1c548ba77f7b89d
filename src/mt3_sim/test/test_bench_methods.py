"""What is compared with the method."""

from dataclasses import replace

import numpy as np
import pytest

from mt3_common import se3
from mt3_common.errors import Status, StatusCode
from mt3_common.scene import OBJECT
from mt3_retrieval.language import parse
from mt3_retrieval.result import Retrieval
from mt3_retrieval.testing import Placed, make_demo, make_scene
from mt3_sim.bench import answers, gicp, methods
from mt3_sim.bench.answers import Taught, Truth


def _truth(skill='pick up', seed=1):
    at = se3.from_yaw(0.3, (0.5, 0.1, 0.0))
    taught = {
        'a': Taught('pick up.tin', 'pick up', 0, np.eye(4)),
        'b': Taught('pick up.can', 'pick up', 0, np.eye(4)),
        'c': Taught('pick up.can', 'pick up', 1, np.eye(4)),
        'd': Taught('push.brick', 'push', 0, np.eye(4)),
    }
    return Truth('pick up.tin', skill, lambda: at, taught, seed)


def test_a_random_demonstration_has_the_skill_and_is_of_another_task():
    choose = methods.get('random demonstration').demonstration
    assert {choose(_truth(seed=seed)) for seed in range(8)} == {'b'}
    assert choose(_truth('hang')) == ''


def test_the_truth_is_the_motion_of_the_target():
    assert _truth().T_live_demo('a') == pytest.approx(se3.from_yaw(0.3, (0.5, 0.1, 0.0)))


TURN, SHIFT = 0.8, (0.08, -0.1)


@pytest.fixture(scope='module')
def moved():
    """A taught angle, its scene now beside another of its kind, the truth, and a retrieval that chose the other one."""
    taught = Placed('lblock', 0.5, 0.05, 0.2)
    at = se3.from_yaw(0.2, (0.5, 0.05, 0.0))
    now = se3.from_yaw(0.2 + TURN, (0.5 + SHIFT[0], 0.05 + SHIFT[1], 0.0))
    scene = make_scene([Placed('lblock', 0.45, 0.2, 2.0), Placed('lblock', *now[:2, 3], 0.2 + TURN)], seed=5)
    demo = make_demo('pick up the angle', taught, id='a')
    truth = Truth('pick up.angle', 'pick up', lambda: now, {'a': Taught('pick up.angle', 'pick up', 0, at)}, 1)
    wrong = Retrieval(Status(StatusCode.LOW_CONFIDENCE), demo.task, parse(demo.task), demo, scene.object(1))
    return scene, truth, wrong, now @ se3.inverse(at) @ demo.T_base_bottleneck


def test_the_bound_is_right_where_retrieval_is_wrong_and_may_touch_what_is_the_target(moved):
    scene, truth, retrieval, T_base_bottleneck = moved
    answer = answers.true_alignment(truth)(scene, retrieval)
    assert (answer.status.ok, answer.object_id) == (True, 2)
    assert answer.T_base_bottleneck == pytest.approx(T_base_bottleneck[None])
    target, segment = answer.target_mask == OBJECT, scene.labels == 2
    assert np.count_nonzero(target & segment) > 0.9 * np.count_nonzero(target | segment)


def test_the_bound_refuses_what_perception_does_not_see(moved):
    scene, truth, retrieval, _ = moved
    answer = answers.true_alignment(truth)(replace(scene, objects=scene.objects[:1]), retrieval)
    assert answer.status.code == StatusCode.OBJECT_NOT_FOUND


def test_the_bound_takes_the_demonstration_of_the_task_itself():
    assert methods.get('true alignment').demonstration(_truth()) == 'a'


def test_gicp_finds_a_turn_that_it_is_started_near():
    pytest.importorskip('small_gicp', reason='the optional package small_gicp is not installed')
    rng = np.random.default_rng(0)
    # three walls of an L: no turn leaves it as it is
    walls = [rng.uniform(0.0, 1.0, (1500, 3)) * size for size in ((0.1, 0, 0.05), (0, 0.05, 0.05), (0.1, 0.05, 0))]
    demo = np.concatenate(walls) + np.array([0.5, 0.0, 0.0])
    T = se3.from_yaw(0.6, (0.05, -0.1, 0.0))
    found = gicp.restarts(demo, se3.transform_points(T, demo), 0.5, rng, seconds=0.3)
    _away, angle = se3.pose_error(T, found)
    assert angle < 0.05
    assert np.linalg.norm(se3.transform_points(found, demo) - se3.transform_points(T, demo), axis=1).max() < 0.005
