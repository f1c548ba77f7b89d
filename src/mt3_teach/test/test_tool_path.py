"""The tool path from joint states where TF lacks it."""

import numpy as np
import pytest

from mt3_common.errors import MT3Error
from mt3_common.robot import GripperConfig, RobotConfig
from mt3_teach.bag_demo import BagDemo
from mt3_teach.tool_path import ToolPath, tool_path

URDF = """<robot name="two">
<link name="world"/><link name="base"/><link name="upper"/><link name="lower"/><link name="tcp"/>
<joint name="mount" type="fixed"><parent link="world"/><child link="base"/><origin xyz="5 0 0"/></joint>
<joint name="a" type="revolute"><parent link="base"/><child link="upper"/><axis xyz="0 0 1"/>
<limit lower="-3" upper="3" velocity="1" effort="1"/></joint>
<joint name="b" type="revolute"><parent link="upper"/><child link="lower"/><origin xyz="1 0 0"/><axis xyz="0 0 1"/>
<limit lower="-3" upper="3" velocity="1" effort="1"/></joint>
<joint name="tool" type="fixed"><parent link="lower"/><child link="tcp"/><origin xyz="1 0 0"/></joint></robot>"""
ROBOT = RobotConfig(
    name='two', base_frame='base', tcp_frame='tcp', arm_joints=('a', 'b'), home_rad=(0.0, 0.0), gripper=GripperConfig()
)


def demo(urdf=URDF):
    result = BagDemo(path=None, urdf=urdf)
    result.joint_times = np.array([0.0, 1.0, 2.0, 3.0])
    result.joints = {'a': np.array([0.0, 0.5, np.nan, 1.0]), 'b': np.array([0.0, np.pi / 2, 0.1, 0.2])}
    return result


def test_forward_kinematics_in_the_base_frame():
    pytest.importorskip('pinocchio')
    path = tool_path(demo(), ROBOT)
    assert path.source == 'joint states' and list(path.time_s) == [0.0, 1.0, 3.0]  # one lacks joint a
    np.testing.assert_allclose(path.T_base_tcp[0, :3, 3], [2.0, 0, 0], atol=1e-12)
    expected = [np.cos(0.5) - np.sin(0.5), np.sin(0.5) + np.cos(0.5), 0.0]
    np.testing.assert_allclose(path.T_base_tcp[1, :3, 3], expected, atol=1e-12)


@pytest.mark.parametrize(
    ('urdf', 'word'),
    [('', 'was not recorded'), ('<robot', 'cannot be read'), (URDF.replace('"tcp"', '"tip"'), 'no link tcp')],
)
def test_refusals(urdf, word):
    pytest.importorskip('pinocchio')
    with pytest.raises(MT3Error, match=word):
        tool_path(demo(urdf), ROBOT)


def test_speed_of_a_steady_motion():
    times = np.linspace(0.0, 2.0, 101)
    T = np.tile(np.eye(4), (101, 1, 1))
    T[:, 0, 3] = 0.25 * times
    np.testing.assert_allclose(ToolPath(times, T, 'tf').speed, 0.25, atol=1e-9)
