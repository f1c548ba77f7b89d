"""Dead time is cut, grips are not; smoothing says how far it moved the path."""

import numpy as np
import pytest

from mt3_common import se3
from mt3_common.robot import RobotConfig
from mt3_teach.config import ImportConfig
from mt3_teach.gripper import commanded_track
from mt3_teach.importer import import_bag
from mt3_teach.shaping import dead_time, smooth, without
from mt3_teach.testing import Script, write_bag
from mt3_teach.tool_path import ToolPath


def resting(begin, end, last=10.0):
    """A tool that moves at 10 cm/s but rests from begin to end."""
    times = np.arange(0.0, last, 0.02)
    x = 0.1 * (np.minimum(times, begin) + np.maximum(times - end, 0.0))
    return ToolPath(times, np.array([se3.make(None, (v, 0.0, 0.0)) for v in x]), 'test')


def test_a_long_rest_is_cut_to_the_limit():
    spans = dead_time(resting(3.0, 7.0), None, 1.0, 9.0, ImportConfig(max_pause_s=1.0))
    assert sum(b - a for a, b in spans) == pytest.approx(3.0, abs=0.1)
    played = without(np.array([1.0, 4.0, 5.9]), spans)
    assert played[0] == 1.0 and played[-1] == pytest.approx(8.9, abs=0.1)


def test_a_grip_within_a_rest_is_kept():
    track = commanded_track(np.array([0.0, 5.0]), np.array([1.0, 0.0]))
    spans = dead_time(resting(4.5, 6.0), track, 1.0, 9.0, ImportConfig(max_pause_s=0.3))
    assert all(b <= 4.9 or a >= 5.8 for a, b in spans)


def test_dead_time_in_a_bag_is_said_and_gone(tmp_path):
    script = Script()
    script.way = [(t if t < 7.5 else t + 4.0, p) for t, p in script.way]
    script.way.insert(6, (11.0, script.way[5][1]))
    script.events['end'] = 12.7
    result = import_bag(write_bag(tmp_path / 'bag', script), robot=RobotConfig())
    assert 's of rest cut out' in result.rules['dead time']
    assert result.demonstration.interaction.duration_s < 6.0
    assert set(result.demonstration.interaction.gripper_opening) == {0.0, 1.0}


def test_smoothing_takes_noise_out_and_keeps_the_ends():
    rng = np.random.default_rng(1)
    k = np.arange(60)
    truth = np.array([se3.exp(t / 60 * np.array([0.2, 0.1, -0.1, 0.5, 2.5, 0.3])) for t in k])
    noisy = np.array([T @ se3.exp(rng.normal(0, [1e-3] * 3 + [5e-3] * 3)) for T in truth])
    result = smooth(noisy, 9)
    np.testing.assert_array_equal(result.T[[0, -1]], noisy[[0, -1]])

    def error(T):
        return np.sqrt(np.mean([se3.pose_error(a, b)[0] ** 2 for a, b in zip(T[2:-2], truth[2:-2], strict=True)]))

    assert error(result.T) < 0.7 * error(noisy)
    assert 0.5e-3 < result.deviation_m < 5e-3 and 0.0 < result.deviation_rad < 0.05
    assert all(se3.is_transform(T) for T in result.T)


def test_a_straight_path_is_not_moved():
    T = np.array([se3.exp(t / 30 * np.array([0.2, 0, 0, 0, 0, 1.0])) for t in range(31)])
    moved = smooth(T, 5)
    assert moved.deviation_rad < 1e-6


def test_smoothing_reports_its_deviation(tmp_path):
    result = import_bag(write_bag(tmp_path / 'bag'), robot=RobotConfig(), config=ImportConfig(smooth_s=0.3))
    assert 'moves the path by at most' in result.rules['smoothing']
