"""Aligning and blending noisy demonstrations of one path."""

import numpy as np
import pytest

from mt3_common import se3
from mt3_common.demonstration import Interaction
from mt3_common.errors import InvalidInput

pytest.importorskip('dtaidistance', reason='not in this environment yet; ./mt3 setup installs it')
pytest.importorskip('gmr', reason='not in this environment yet; ./mt3 setup installs it')

from mt3_teach.several import align_in_time, blend, outliers

GRASP = 0.6  # share of the path at which the hand closes


def path(share):
    """Position on the true path: a curve, all demonstrations of which meet in the middle."""
    return np.stack([0.1 * np.sin(3 * share), 0.05 * share, -0.12 * np.sin(np.pi * share)], axis=-1)


def demonstration(seed, spread=0.01):
    """Noisy in space away from the grasp, and with a pace of its own."""
    rng = np.random.default_rng(seed)
    at = np.linspace(0.0, 1.0, 80)
    pace = at + 0.12 * rng.uniform(-1, 1) * np.sin(np.pi * at)
    shape = np.abs(pace - GRASP) / GRASP * np.sin(np.pi * np.minimum(np.maximum(pace, 0.0), 0.9))
    off = rng.normal(0, spread, 3) * shape[:, None]
    T = np.array([se3.make(None, p) for p in path(pace) + off])
    return Interaction(5.0 * at * rng.uniform(0.8, 1.2), se3.inverse(T[0]) @ T, (pace < GRASP).astype(float), 0.08)


def at_grasp(interaction):
    k = int(np.argmax(interaction.gripper_opening < 0.5))
    return interaction.T_bottleneck_tcp[k, :3, 3]


def test_alignment_brings_the_grasps_together():
    aligned = align_in_time([demonstration(k) for k in range(5)])
    closes = np.argmax(aligned.openings < 0.5, axis=1)
    assert np.ptp(closes) <= 3 and aligned.features.shape == (5, 100, 6)


def test_the_mean_is_nearer_to_the_truth_than_a_single_one():
    singles = [demonstration(k) for k in range(8)]
    mean = blend(singles)
    truth = path(np.linspace(0, 1, 400)) - path(np.zeros(1))

    def error(d):
        gap = np.linalg.norm(d.T_bottleneck_tcp[:, None, :3, 3] - truth, axis=2).min(axis=1)
        return float(np.sqrt(np.mean(gap**2)))

    assert error(mean.interaction) < np.median([error(d) for d in singles])
    assert np.linalg.norm(at_grasp(mean.interaction) - (path(np.array([GRASP])) - path(np.zeros(1)))[0]) < 0.008
    assert set(mean.interaction.gripper_opening) == {0.0, 1.0}


def test_precision_is_where_they_agree_and_there_it_is_slow():
    mean = blend([demonstration(k) for k in range(8)])
    grasp = int(np.argmax(mean.interaction.gripper_opening < 0.5))
    assert mean.deviation_m[grasp] < 0.6 * mean.deviation_m.max()
    assert mean.speed[grasp] < mean.speed[int(np.argmax(mean.deviation_m))]
    assert mean.speed.min() >= 0.5 and mean.speed.max() <= 1.0
    slow = mean.retimed()
    assert mean.interaction.duration_s < slow.duration_s < 2.0 * mean.interaction.duration_s


def test_the_outlier_is_found_and_left_out():
    wrong = demonstration(9)
    T = wrong.T_bottleneck_tcp.copy()
    T[:, 1, 3] += 0.15 * np.linspace(0, 1, len(T))
    paths = [demonstration(k) for k in range(5)] + [Interaction(wrong.time_s, T, wrong.gripper_opening, 0.08)]
    assert [odd.index for odd in outliers(align_in_time(paths))] == [5]
    assert blend(paths).used == (0, 1, 2, 3, 4)


def test_a_small_error_counts_where_all_others_agree_and_not_where_they_differ():
    def off(seed, share):
        """Three centimetres beside the others around this share of the path."""
        right = demonstration(seed)
        T = right.T_bottleneck_tcp.copy()
        at = np.linspace(0.0, 1.0, len(T))
        T[:, 1, 3] += 0.03 * np.exp(-(((at - share) / 0.08) ** 2))
        return Interaction(right.time_s, T, right.gripper_opening, 0.08)

    others = [demonstration(k, 0.03) for k in range(6)]
    found = outliers(align_in_time([*others, off(6, GRASP)]))
    assert [odd.index for odd in found] == [6]
    assert found[0].share == pytest.approx(GRASP, abs=0.1) and found[0].distance_m > 2 * found[0].spread_m
    assert not outliers(align_in_time([*others, off(6, 0.2)]))


@pytest.mark.parametrize('count', [4, 6, 10])
def test_noise_alone_is_no_outlier(count):
    found = [outliers(align_in_time([demonstration(100 * s + k) for k in range(count)])) for s in range(10)]
    assert sum(map(bool, found)) <= 1


def test_the_same_seed_gives_the_same_mean():
    paths = [demonstration(k) for k in range(4)]
    a, b = blend(paths), blend(paths)
    np.testing.assert_array_equal(a.interaction.T_bottleneck_tcp, b.interaction.T_bottleneck_tcp)


def test_too_few_are_refused():
    with pytest.raises(InvalidInput, match='at least 3'):
        blend([demonstration(0), demonstration(1)])
