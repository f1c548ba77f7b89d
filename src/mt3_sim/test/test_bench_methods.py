"""What is compared with the method."""

import numpy as np
import pytest

from mt3_common import se3
from mt3_sim.bench import gicp, methods
from mt3_sim.bench.methods import Taught, Truth


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
