"""Moving the tool by hand: what is asked for happens, and no limit is passed, whatever is pressed."""

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from mt3_common import se3
from mt3_common.errors import MT3Error
from mt3_common.kinematics import ArmKinematics
from mt3_common.meshes import example_robot_data_folder
from mt3_common.robot import RobotConfig
from mt3_teach.teleop.config import JogConfig
from mt3_teach.teleop.guard import Guard
from mt3_teach.teleop.jog import Jog

DT, CONFIG = 0.04, JogConfig()


@pytest.fixture(scope='module')
def arm():
    try:
        folder = example_robot_data_folder()
    except MT3Error as error:
        pytest.skip(str(error))
    return ArmKinematics((folder / 'robots/panda_description/urdf/panda.urdf').read_text(), RobotConfig())


def press(jog, twist, seconds):
    """Hold a key, then let go; returns the reasons told."""
    steps = [jog.step(np.array(twist, float), DT) for _ in range(round(seconds / DT))]
    while jog.step(np.zeros(6), DT).moving:
        pass
    return {step.reason for step in steps} - {''}


def test_the_tool_goes_where_it_is_pushed_and_keeps_its_attitude(arm):
    jog = Jog(arm, CONFIG)
    before = jog.T_base_tcp
    assert not press(jog, (0.1, 0.0, 0.0, 0, 0, 0), 1.0)
    after = jog.T_base_tcp
    way = after[:3, 3] - before[:3, 3]
    assert 0.085 < way[0] < 0.11 and np.abs(way[1:]).max() < 1e-3
    assert se3.angle_between(before[:3, :3], after[:3, :3]) < 2e-3


def test_letting_go_stops_within_a_centimetre(arm):
    jog = Jog(arm, CONFIG)
    for _ in range(25):
        fast = jog.step(np.array([0.12, 0, 0, 0, 0, 0]), DT)
    for _ in range(5):
        last = jog.step(np.zeros(6), DT)
    assert not last.moving and np.linalg.norm(last.T_base_tcp[:3, 3] - fast.T_base_tcp[:3, 3]) < 0.01


def test_upright_then_turning_about_the_vertical_keeps_the_place(arm):
    jog = Jog(arm, CONFIG)
    place = jog.T_base_tcp[:3, 3]
    for _ in range(60):
        jog.step_upright(DT)
    assert jog.T_base_tcp[2, 2] < -0.99999
    press(jog, (0, 0, 0, 0, 0, 0.5), 2.0)
    assert np.linalg.norm(jog.T_base_tcp[:3, 3] - place) < 1e-3 and jog.T_base_tcp[2, 2] < -0.9999


@pytest.mark.parametrize(
    ('twist', 'seconds', 'word'),
    [
        ((0, 0, -0.1, 0, 0, 0), 6.0, 'floor'),
        ((-0.12, 0, 0, 0, 0, 0), 3.0, 'workspace ends at x'),
        ((0, 0.12, 0, 0, 0, 0), 8.0, 'workspace ends at y'),
    ],
)
def test_limits_stop_the_tool_and_are_named(arm, twist, seconds, word):
    jog = Jog(arm, CONFIG)
    assert any(word in reason for reason in press(jog, twist, seconds))
    press(jog, -np.array(twist), 0.4)  # and it comes away again at once
    assert not press(jog, -np.array(twist), 0.2)


@settings(max_examples=25, deadline=None)
@example(
    [(0.0, 0.0, 1.0, 0.0, -1.0, 0.0, 30), (2.0, 0.0, 1.0, 0.0, -1.0, 0.0, 30), (0.0, 0.0, 1.0, 0.0, -1.0, 0.0, 33)]
)
@given(st.lists(st.tuples(*[st.floats(-2.0, 2.0)] * 6, st.integers(1, 60)), min_size=1, max_size=6))
def test_no_sequence_of_keys_passes_a_limit(arm, presses):
    jog, guard = Jog(arm, CONFIG), Guard(CONFIG)
    low, high = np.array(CONFIG.workspace_min_m), np.array(CONFIG.workspace_max_m)
    outside = max(0.0, (low - jog.T_base_tcp[:3, 3]).max())
    for *twist, count in presses:
        for _ in range(count):
            before = jog.q
            step = jog.step(np.array(twist), DT)
            p = step.T_base_tcp[:3, 3]
            assert np.all(p > low - outside - 0.01) and np.all(p < high + 0.01)
            assert guard.lowest(step.T_base_tcp) > CONFIG.floor_m - 0.001
            assert np.all(step.q >= arm.lower) and np.all(step.q <= arm.upper)
            assert np.abs(step.q - before).max() <= CONFIG.joint_speed * DT + 1e-9


def test_home_is_reached_and_the_floor_stops_the_way(arm):
    jog = Jog(arm, CONFIG)
    press(jog, (0.1, 0.1, 0, 0, 0, 0), 1.5)
    for _ in range(300):
        step = jog.step_home(DT)
    assert not step.moving
    np.testing.assert_allclose(jog.q, RobotConfig().home_rad, atol=1e-3)
    high = Jog(arm, CONFIG.model_copy(update={'floor_m': 0.6}))
    high.reset(np.array([0.0, -0.3, 0.0, -1.2, 0.0, 2.0, 0.785]))
    reasons = {high.step_home(DT).reason for _ in range(300)}
    assert any('floor' in reason for reason in reasons) and high.guard.lowest(high.T_base_tcp) >= 0.6 - 1e-3
