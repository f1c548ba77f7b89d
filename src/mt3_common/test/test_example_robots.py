from pathlib import Path
from xml.etree import ElementTree

import pytest
import yaml

from mt3_common.errors import InvalidInput
from mt3_common.example_robots import EXAMPLE_ROBOTS, example_robot
from mt3_common.robot import RobotConfig

CONFIG = Path(__file__).parents[3] / 'config/robots'


@pytest.mark.parametrize('name', sorted(EXAMPLE_ROBOTS))
def test_the_file_of_the_robot_says_the_same(name):
    written = RobotConfig.model_validate(yaml.safe_load((CONFIG / f'{name}.yaml').read_text()))
    assert written == example_robot(name).config


@pytest.mark.parametrize('name', sorted(EXAMPLE_ROBOTS))
def test_joints_and_links_of_the_configuration_are_in_the_description(name):
    config, (urdf, srdf) = example_robot(name).config, example_robot(name).texts()
    root = ElementTree.fromstring(urdf)
    joints, links = ({e.get('name') for e in root.findall(kind)} for kind in ('joint', 'link'))
    assert {*config.arm_joints, config.gripper.joint} <= joints
    assert {*config.gripper.links, config.base_frame, config.tcp_frame} <= links
    assert ElementTree.fromstring(srdf).findall('group')


def test_the_generated_gripper_replaces_the_dummy_and_opens_as_far_as_it_says():
    config, (urdf, srdf) = example_robot('ur5').config, example_robot('ur5').texts()
    root = ElementTree.fromstring(urdf)
    assert not root.findall("link[@name='tool0']/collision")
    joints = {joint.get('name'): joint for joint in root.findall('joint')}
    fingers = [joints[config.gripper.joint], joints['gripper_right_finger_joint']]
    travel = sum(float(finger.find('limit').get('upper')) for finger in fingers)
    assert travel == pytest.approx(config.gripper.max_width_m)
    assert fingers[1].find('mimic').get('joint') == config.gripper.joint
    free = {
        frozenset((p.get('link1'), p.get('link2'))) for p in ElementTree.fromstring(srdf).iter('disable_collisions')
    }
    assert frozenset(('gripper_base', 'wrist_3_link')) in free
    assert frozenset(('gripper_base', 'forearm_link')) not in free


def test_an_unknown_robot_is_refused_by_name():
    with pytest.raises(InvalidInput, match='ur5'):
        example_robot('unicorn')
