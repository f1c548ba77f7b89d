import numpy as np
import pytest

from mt3_executor.timing import limit_violation, time_demonstrated, time_path


def test_path_is_timed_from_rest_to_rest_within_limits(panda):
    rng = np.random.default_rng(0)
    for _ in range(5):
        path = np.cumsum(np.concatenate([panda.home[None], rng.uniform(-0.25, 0.25, (4, panda.n))]), axis=0)
        trajectory, index = time_path(panda, path, 0.5, 0.5)
        assert limit_violation(panda, trajectory, 0.5) == ''
        assert np.abs(trajectory.acceleration).max() <= 0.5 * panda.acceleration_limit.max() * 1.001
        assert np.allclose(trajectory.position[[0, -1]], path[[0, -1]], atol=1e-6)
        assert np.all(trajectory.velocity[[0, -1]] == 0.0)
        assert index[0] == 0.0 and index[-1] == pytest.approx(len(path) - 1) and np.all(np.diff(index) >= -1e-9)


def test_demonstrated_speed_is_kept_where_joints_can_and_never_exceeded(panda):
    t = np.linspace(0.0, 4.0, 100)
    path = panda.home + 0.1 * np.sin(t)[:, None]
    trajectory, demo = time_demonstrated(panda, t, path, 1.0)
    assert 4.0 < trajectory.duration_s < 4.5
    assert np.gradient(demo, trajectory.time_s).max() < 1.01
    slow, _ = time_demonstrated(panda, t, path, 0.5)
    assert slow.duration_s > 7.9


def test_too_fast_a_demonstration_is_slowed_down_to_the_limits(panda):
    t = np.linspace(0.0, 0.4, 50)
    path = panda.home + 1.0 * (t / 0.4)[:, None] ** 2
    trajectory, _ = time_demonstrated(panda, t, path, 1.0)
    assert trajectory.duration_s > 0.8
    assert limit_violation(panda, trajectory, panda.config.max_velocity_scale) == ''


def test_pauses_stay(panda):
    t = np.linspace(0.0, 3.0, 76)
    path = panda.home + 0.1 * np.clip(t - 2.0, 0.0, None)[:, None]
    trajectory, _ = time_demonstrated(panda, t, path, 1.0)
    assert np.abs(trajectory.at(np.array([1.5])) - panda.home).max() < 2e-3


def test_limit_violation_names_joint_and_time(panda):
    trajectory, _ = time_path(panda, np.stack([panda.home, panda.home + 0.3]), 0.5, 0.5)
    assert 'velocity of panda_joint' in limit_violation(panda, trajectory, 0.05)


def test_interpolation_meets_samples(panda):
    trajectory, _ = time_path(panda, np.stack([panda.home, panda.home + 0.3]), 0.5, 0.5)
    assert np.allclose(trajectory.at(trajectory.time_s), trajectory.position)
    between = 0.5 * (trajectory.time_s[3] + trajectory.time_s[4])
    assert np.all(np.abs(trajectory.at(between) - 0.5 * (trajectory.position[3] + trajectory.position[4])) < 1e-3)
