"""Commands from finger positions."""

import numpy as np
import pytest

from mt3_common.robot import RobotConfig
from mt3_teach.bag_demo import BagDemo
from mt3_teach.config import ImportConfig
from mt3_teach.gripper import gripper_track, uses_held_object

ROBOT, CONFIG = RobotConfig(), ImportConfig()


def demo(opening, effort=None, rate=50.0, noise=0.0):
    """A joint state series; `opening` and `effort` are functions of time over ten seconds."""
    times = np.arange(0.0, 10.0, 1.0 / rate)
    o = np.array([opening(t) for t in times]) + np.random.default_rng(0).normal(0.0, noise, len(times))
    result = BagDemo(path=None)
    result.joint_times = times
    result.joints = {ROBOT.gripper.joint: np.array([ROBOT.gripper.to_driver(v) for v in o])}
    result.efforts = {ROBOT.gripper.joint: np.array([effort(t) if effort else 0.0 for t in times])}
    return result


def ramp(*knots):
    times, values = zip(*knots, strict=True)
    return lambda t: float(np.interp(t, times, values))


GRASP = ramp((0, 1.0), (4.0, 1.0), (4.3, 0.4))


@pytest.mark.parametrize('noise', [0.0, 0.003])
@pytest.mark.parametrize('rate', [20.0, 50.0, 500.0])
def test_a_stalled_finger_was_told_to_close(rate, noise):
    track = gripper_track(demo(GRASP, rate=rate, noise=noise), ROBOT, CONFIG)
    assert len(track.motions) == 1 and track.motions[0].command == 0.0
    assert track.motions[0].start_s == pytest.approx(4.0, abs=0.08)
    assert track.motions[0].opening_after == pytest.approx(0.4, abs=0.02)
    assert list(track.command_at(np.array([0.0, 3.8, 4.2, 9.0]))) == [1.0, 1.0, 0.0, 0.0]


def test_with_efforts_a_free_finger_was_told_where_it_stopped():
    pressed = gripper_track(demo(GRASP, lambda t: -20.0 if t > 4.3 else 0.5), ROBOT, CONFIG)
    assert pressed.effort_known and pressed.motions[0].command == 0.0
    free = gripper_track(demo(GRASP, lambda t: 0.1), ROBOT, CONFIG)
    assert free.motions[0].command == pytest.approx(0.4, abs=0.01)


def test_opening_is_a_command_to_where_it_rests():
    track = gripper_track(demo(ramp((0, 0.0), (2, 0.0), (2.3, 0.6), (6, 0.6), (6.3, 1.0))), ROBOT, CONFIG)
    assert [m.command for m in track.motions] == [pytest.approx(0.6, abs=0.01), 1.0]
    assert track.first_command == 0.0 and not track.held_at_start


def test_grasp_and_release_are_two_motions():
    track = gripper_track(demo(ramp((0, 1.0), (2, 1.0), (2.3, 0.3), (6, 0.3), (6.3, 1.0))), ROBOT, CONFIG)
    assert [(m.closing, m.command) for m in track.motions] == [(True, 0.0), (False, 1.0)]


def test_a_slow_closing_is_one_motion():
    track = gripper_track(demo(ramp((0, 1.0), (2, 1.0), (6, 0.2))), ROBOT, CONFIG)
    assert len(track.motions) == 1


def test_creep_and_noise_are_no_command():
    assert gripper_track(demo(ramp((0, 0.5), (10, 0.48)), noise=0.003), ROBOT, CONFIG).motions == ()


RELEASE = ramp((0, 0.4), (5.0, 0.4), (5.3, 1.0))


def test_held_from_the_start():
    by_release = gripper_track(demo(RELEASE), ROBOT, CONFIG)
    assert by_release.held_at_start and by_release.first_command == 0.0
    by_effort = gripper_track(demo(RELEASE, lambda t: -20.0 if t < 5.0 else 0.1), ROBOT, CONFIG)
    assert by_effort.held_at_start and 'press' in by_effort.reason
    by_words = gripper_track(demo(lambda t: 0.4), ROBOT, CONFIG, in_hand=True)
    assert by_words.held_at_start


def test_not_held():
    assert not gripper_track(demo(RELEASE, lambda t: 0.1), ROBOT, CONFIG).held_at_start
    half = gripper_track(demo(lambda t: 0.4), ROBOT, CONFIG)
    assert not half.held_at_start and half.first_command == pytest.approx(0.4)
    assert not gripper_track(demo(lambda t: 0.0), ROBOT, CONFIG, in_hand=True).held_at_start


def test_the_other_polarity():
    turned = ROBOT.model_copy(
        update={'gripper': ROBOT.gripper.model_copy(update={'position_closed': 0.8, 'position_open': 0.0})}
    )
    series = demo(GRASP)
    series.joints[ROBOT.gripper.joint] = 0.8 - series.joints[ROBOT.gripper.joint] / 0.04 * 0.8
    track = gripper_track(series, turned, CONFIG)
    assert track.first_command == 1.0 and track.motions[0].closing and track.motions[0].command == 0.0
    series.efforts[ROBOT.gripper.joint] = np.where(series.joint_times > 4.3, 20.0, 0.1)
    assert gripper_track(series, turned, CONFIG).motions[0].command == 0.0


def test_no_joint_no_track():
    assert gripper_track(BagDemo(path=None), ROBOT, CONFIG) is None


def test_the_other_object_is_in_the_hand_only_for_some_skills():
    assert uses_held_object('insert', 'peg') and uses_held_object('place_on', 'block')
    assert not uses_held_object('push', 'spot') and not uses_held_object('place_on', '')
