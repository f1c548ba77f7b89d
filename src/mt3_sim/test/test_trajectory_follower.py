"""The semantics of ros2_control's joint_trajectory_controller, each error code included."""

import numpy as np
import pytest

from mt3_sim.trajectory_follower import (
    ErrorCode,
    FollowerConfig,
    JointTrajectory,
    State,
    TrajectoryFollower,
    sample_polynomial,
    segment_polynomial,
)

NAMES = ('a', 'b')
DT = 0.002


def make(**config) -> TrajectoryFollower:
    return TrajectoryFollower(NAMES, np.array([-3.0, -3.0]), np.array([3.0, 3.0]), FollowerConfig(**config))


def goal(**changes) -> JointTrajectory:
    given = {
        'joint_names': NAMES,
        'time_s': np.array([0.5, 1.0]),
        'position': np.array([[0.2, -0.1], [0.4, -0.3]]),
        **changes,
    }
    return JointTrajectory(**given)


def run(follower, seconds, start=0.0, lag=0.0, stuck=False):
    """Perfect arm, except for a constant lag or being stuck at 0; returns (how it ended, when)."""
    for k in range(round(seconds / DT)):
        now = start + k * DT
        desired = follower.desired
        q = np.zeros(2) if stuck else desired.position - lag
        ended = follower.update(now, q, np.zeros(2) if stuck else desired.velocity)
        if ended is not None:
            return ended, now
    return None, start + seconds


@pytest.mark.parametrize('order', [1, 3, 5])
def test_segments_meet_what_their_order_promises(order):
    rng = np.random.default_rng(order)
    a, b = (State(*rng.normal(size=(3, 2))) for _ in range(2))
    polynomial = segment_polynomial(a, b, 0.7, order)
    start, end = sample_polynomial(polynomial, 0.0), sample_polynomial(polynomial, 0.7)
    fields = {1: ('position',), 3: ('position', 'velocity'), 5: ('position', 'velocity', 'acceleration')}[order]
    for field in fields:
        assert np.allclose(getattr(start, field), getattr(a, field))
        assert np.allclose(getattr(end, field), getattr(b, field))
    h = 1e-6
    early, late = (sample_polynomial(polynomial, 0.3 + s * h) for s in (-1, 1))
    middle = sample_polynomial(polynomial, 0.3)
    assert np.allclose((late.position - early.position) / (2 * h), middle.velocity, atol=1e-5)
    assert np.allclose((late.velocity - early.velocity) / (2 * h), middle.acceleration, atol=1e-4)


def test_a_goal_is_followed_to_its_end():
    follower = make()
    assert follower.validate(goal(), 0.0) is None
    follower.start(goal(), 0.0)
    ended, at = run(follower, 2.0)
    assert ended.code == ErrorCode.SUCCESSFUL
    assert 1.0 <= at < 1.01
    assert np.allclose(follower.desired.position, [0.4, -0.3])
    assert not follower.active


def test_joints_may_come_in_another_order():
    follower = make()
    swapped = goal(joint_names=('b', 'a'), position=np.array([[-0.1, 0.2], [-0.3, 0.4]]))
    assert follower.validate(swapped, 0.0) is None
    follower.start(swapped, 0.0)
    run(follower, 2.0)
    assert np.allclose(follower.desired.position, [0.4, -0.3])


@pytest.mark.parametrize(
    ('changes', 'code'),
    [
        ({'joint_names': ('a', 'c')}, ErrorCode.INVALID_JOINTS),
        ({'joint_names': ('a',), 'position': np.zeros((2, 1))}, ErrorCode.INVALID_JOINTS),
        ({'time_s': np.zeros(0), 'position': np.zeros((0, 2))}, ErrorCode.INVALID_GOAL),
        ({'time_s': np.array([1.0, 0.5])}, ErrorCode.INVALID_GOAL),
        ({'position': np.array([[0.0, np.nan], [0.0, 0.0]])}, ErrorCode.INVALID_GOAL),
        ({'position': np.array([[0.0, 0.0], [0.0, 3.5]])}, ErrorCode.INVALID_GOAL),
        ({'velocity': np.zeros((1, 2))}, ErrorCode.INVALID_GOAL),
        ({'start_time': 3.0}, ErrorCode.OLD_HEADER_TIMESTAMP),
    ],
)
def test_what_cannot_be_followed_is_refused_with_its_code(changes, code):
    problem = make().validate(goal(**changes), now=10.0)
    assert problem.code == code
    assert problem.message


def test_a_path_tolerance_aborts_and_the_arm_stops():
    follower = make()
    follower.start(goal(path_tolerance={'a': (0.05, 0.0)}), 0.0)
    ended, at = run(follower, 2.0, stuck=True)
    assert ended.code == ErrorCode.PATH_TOLERANCE_VIOLATED
    assert 'a ' in ended.message
    assert at < 0.5
    run(follower, 1.0, start=at)
    assert np.allclose(follower.desired.velocity, 0.0)


def test_a_goal_tolerance_fails_after_the_goal_time():
    follower = make()
    follower.start(goal(goal_tolerance={'b': (0.01, 0.0)}, goal_time_tolerance=0.3), 0.0)
    ended, at = run(follower, 3.0, lag=0.05)
    assert ended.code == ErrorCode.GOAL_TOLERANCE_VIOLATED
    assert at == pytest.approx(1.3, abs=0.01)


def test_negative_tolerances_do_not_check():
    follower = make()
    follower.start(goal(goal_tolerance={n: (-1.0, -1.0) for n in NAMES}), 0.0)
    assert run(follower, 2.0, lag=0.5)[0].code == ErrorCode.SUCCESSFUL


def test_stopping_decelerates_within_the_limit_and_holds():
    follower = make(stop_acceleration=5.0)
    fast = goal(time_s=np.array([1.0]), position=np.array([[2.0, -1.0]]))
    follower.start(fast, 0.0)
    run(follower, 0.4)
    follower.stop(0.4)
    speeds, places = [], []
    for k in range(400):
        follower.update(0.4 + k * DT, follower.desired.position, follower.desired.velocity)
        speeds.append(follower.desired.velocity.copy())
        places.append(follower.desired.position.copy())
    change = np.abs(np.diff(np.array(speeds), axis=0)) / DT
    assert change.max() < 5.0 + 1e-6
    assert np.allclose(speeds[-1], 0.0)
    assert places[-1][0] > places[0][0]  # it goes on a little, it does not jump back
    assert np.abs(np.diff(np.array(places), axis=0)).max() < 2.1 * DT


def test_a_new_goal_starts_from_what_is_commanded_now():
    follower = make()
    follower.start(goal(), 0.0)
    run(follower, 0.3)
    before = follower.desired.position.copy()
    follower.start(goal(position=np.array([[0.0, 0.0], [0.0, 0.0]])), 0.3)
    follower.update(0.3 + DT, before, np.zeros(2))
    assert np.abs(follower.desired.position - before).max() < 0.005
    ended, _ = run(follower, 2.0, start=0.3)
    assert ended.code == ErrorCode.SUCCESSFUL
    assert np.allclose(follower.desired.position, 0.0)


def test_a_goal_stamped_in_the_future_takes_its_time_to_the_first_point():
    follower = make()
    follower.start(goal(start_time=1.0), 0.0)
    follower.update(0.75, np.zeros(2), np.zeros(2))
    assert np.allclose(follower.desired.position, [0.1, -0.05])  # halfway, as joint_trajectory_controller does it
    ended, at = run(follower, 3.0)
    assert ended.code == ErrorCode.SUCCESSFUL
    assert at == pytest.approx(2.0, abs=0.01)
