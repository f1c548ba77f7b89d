"""Joint positions at the time of an image: between samples, and refused where there are none near."""

import pytest

from mt3_common.errors import MT3Error, StatusCode
from mt3_perception.robot.joint_history import JointHistory


@pytest.fixture
def history():
    history = JointHistory(0.1, keep_s=2.0)
    for i in range(11):
        history.add(10.0 + 0.05 * i, {'a': 0.1 * i, 'b': -0.2 * i})
    return history


def test_between_samples(history):
    assert history.at(('a', 'b'), 10.125) == pytest.approx({'a': 0.25, 'b': -0.5})


def test_held_within_the_tolerance(history):
    assert history.at(('a',), 10.58) == {'a': pytest.approx(1.0)}
    assert history.at(('a',), 9.95) == {'a': 0.0}
    assert history.newest(('a', 'b')) == pytest.approx(10.5)


@pytest.mark.parametrize(('stamp_s', 'where'), [(10.65, 'before'), (9.8, 'after')])
def test_stale_joint_states_are_refused_with_the_gap_and_the_limit(history, stamp_s, where):
    with pytest.raises(MT3Error, match=rf'0\.[12].* s {where} the image, the limit is 0.1 s') as refused:
        history.at(('a', 'b'), stamp_s)
    assert refused.value.code == StatusCode.NO_DATA


def test_a_gap_between_samples_is_refused(history):
    history.add(11.5, {'a': 5.0})
    with pytest.raises(MT3Error, match='joint_tolerance_s'):
        history.at(('a',), 11.0)


def test_a_joint_nobody_publishes_is_named(history):
    with pytest.raises(MT3Error, match='no joint state names gripper'):
        history.at(('a', 'gripper'), 10.2)
    assert history.newest(('a', 'gripper')) == float('-inf')


def test_joints_of_different_publishers(history):
    for i in range(6):
        history.add(10.0 + 0.1 * i, {'gripper': 0.01 * i})
    assert history.at(('a', 'gripper'), 10.25) == pytest.approx({'a': 0.5, 'gripper': 0.025})


def test_time_that_goes_backwards_starts_over(history):
    history.add(1.0, {'a': 7.0})
    assert history.at(('a',), 1.0) == {'a': 7.0}
    with pytest.raises(MT3Error):
        history.at(('a',), 10.2)


def test_values_that_are_not_finite_are_left_out(history):
    history.add(10.55, {'a': float('nan')})
    assert history.newest(('a',)) == pytest.approx(10.5)
