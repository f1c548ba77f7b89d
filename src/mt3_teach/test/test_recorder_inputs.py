"""What a look at the inputs is told to lack."""

import dataclasses

import pytest

from mt3_common.robot import RobotConfig
from mt3_teach.config import TopicsConfig, WatchConfig
from mt3_teach.recorder_inputs import InputLook, TopicLook, find_problems

T, ROBOT, LIMITS = TopicsConfig(), RobotConfig(), WatchConfig()
JOINTS = frozenset((*ROBOT.arm_joints, ROBOT.gripper.joint))
GOOD = InputLook(
    topics={
        T.color: TopicLook(1, 5.0, 0.1),
        T.depth: TopicLook(1, float('nan'), 0.1),
        T.camera_info: TopicLook(1, 5.0, 0.1),
        T.joint_states: TopicLook(1, 50.0, 0.01),
        T.tf: TopicLook(1, 30.0),
        T.tf_static: TopicLook(1),
    },
    joints=JOINTS,
    frames={'panda_hand_tcp': '', 'camera': ''},
    depth_encoding='16UC1',
    depth_valid=0.9,
    sizes={T.color: (640, 480), T.depth: (640, 480), T.camera_info: (640, 480)},
    free_mb=5000.0,
)


def found(**changes):
    return find_problems(dataclasses.replace(GOOD, **changes), T, ROBOT, LIMITS)


def topic(name, **changes):
    return {'topics': {**GOOD.topics, name: dataclasses.replace(GOOD.topics[name], **changes)}}


def test_nothing_is_wrong_with_a_whole_cell():
    assert found() == []


@pytest.mark.parametrize(
    ('changes', 'what', 'words', 'fatal'),
    [
        (topic(T.depth, publishers=0), T.depth, 'nobody publishes', True),
        (topic(T.depth, rate_hz=0.0), T.depth, 'nothing comes', True),
        (topic(T.joint_states, age_s=3.0), T.joint_states, '3.0 s old', True),
        (topic(T.camera_info, age_s=-60.0), T.camera_info, '60.0 s in the future', True),
        (topic(T.joint_states, rate_hz=4.0), T.joint_states, '4.0 messages a second', False),
        (topic(T.tf_static, publishers=0), T.tf_static, 'where the camera stands', True),
        ({'joints': JOINTS - {ROBOT.gripper.joint}}, 'gripper', 'lacks panda_finger_joint1', True),
        ({'joints': JOINTS - {'panda_joint4'}}, T.joint_states, 'panda_joint4', False),
        ({'frames': {'camera': 'is 4.0 s old'}}, 'transform panda_link0 <- camera', '4.0 s', True),
        ({'depth_encoding': 'rgb8'}, T.depth, 'rgb8', True),
        ({'depth_valid': 0.0}, T.depth, 'only 0 %', True),
        ({'depth_valid': 0.1}, T.depth, 'only 10 %', False),
        ({'sizes': {**GOOD.sizes, T.color: (1280, 720)}}, T.color, '1280x720', True),
        ({'free_mb': 12.0}, 'disk', '12 MB', True),
    ],
)
def test_each_trouble_is_named(changes, what, words, fatal):
    (problem,) = found(**changes)
    assert problem.what == what and words in problem.text and problem.fatal == fatal


def test_an_empty_graph_names_every_input_and_the_fatal_come_first():
    problems = find_problems(InputLook(), T, ROBOT, LIMITS)
    assert {p.what for p in problems} == {T.color, T.depth, T.camera_info, T.joint_states, T.tf, T.tf_static}
    mixed = found(**topic(T.joint_states, rate_hz=4.0), free_mb=1.0)
    assert [p.fatal for p in mixed] == [True, False]
