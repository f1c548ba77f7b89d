"""A gripper that is told by a topic of its own."""

from types import SimpleNamespace as Message

import numpy as np
import pytest

from mt3_common.errors import InvalidInput
from mt3_common.robot import RobotConfig
from mt3_teach.bag_demo import BagDemo
from mt3_teach.config import ImportConfig, TopicsConfig
from mt3_teach.gripper import gripper_track
from mt3_teach.gripper_topic import gripper_reading, is_command
from mt3_teach.importer import import_bag
from mt3_teach.testing import Script, write_bag


@pytest.mark.parametrize(
    ('message', 'value'),
    [
        (Message(data=0.02), 0.02),
        (Message(data=True), np.inf),
        (Message(data=False), -np.inf),
        (Message(data=np.array([0.01, 5.0])), 0.01),
        (Message(command=Message(position=0.03, max_effort=1.0)), 0.03),
        (Message(feedback=Message(position=0.04, stalled=True)), 0.04),
        (Message(position=0.0), 0.0),
    ],
)
def test_readings(message, value):
    assert gripper_reading(message, 5.0, '/x') == (5.0, value)


@pytest.mark.parametrize(
    'message', [Message(data='open'), Message(data=np.zeros(0)), Message(data=np.nan), Message(x=1)]
)
def test_what_has_no_position_is_refused(message):
    with pytest.raises(InvalidInput, match='/x'):
        gripper_reading(message, 5.0, '/x')


def test_commands_and_measurements():
    assert is_command('std_msgs/msg/Bool') and is_command('control_msgs/msg/GripperCommand')
    assert not is_command('control_msgs/action/GripperCommand_FeedbackMessage')
    demo = BagDemo(None, gripper=(np.array([0.0, 3.0]), np.array([np.inf, -np.inf])), gripper_commanded=True)
    track = gripper_track(demo, RobotConfig(), ImportConfig())
    assert list(track.command_at(np.array([1.0, 3.5]))) == [1.0, 0.0]


def test_from_a_bag(tmp_path):
    script = Script(drop=('/joint_states',), gripper_commands=[(0.0, 1.0), (6.2, 0.0)])
    config = ImportConfig(topics=TopicsConfig(gripper='/gripper'))
    result = import_bag(write_bag(tmp_path / 'bag', script), robot=RobotConfig(), config=config)
    opening = result.demonstration.interaction.gripper_opening
    assert opening[0] == 1.0 and opening[-1] == 0.0 and 'commands' in result.rules['gripper']
    assert 'gripper_unknown' not in [f.name for f in result.findings]
