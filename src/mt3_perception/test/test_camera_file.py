"""The calibrated pose in a camera file: put there, replaced, everything else untouched."""

from pathlib import Path

import numpy as np
import pytest
import yaml

from mt3_common import se3
from mt3_common.config import parse_config
from mt3_common.errors import InvalidInput, MT3Error
from mt3_perception.calibration.camera_file import set_pose, write_pose
from mt3_perception.config import PerceptionConfig

CAMERAS = sorted((Path(__file__).resolve().parents[3] / 'config' / 'cameras').glob('*.yaml'))
T = se3.exp(np.array([0.4, -0.1, 0.8, 2.0, 0.3, 0.1]))


@pytest.mark.parametrize('path', CAMERAS, ids=lambda p: p.stem)
def test_a_pose_goes_into_every_camera_file_and_is_replaced(path):
    text = path.read_text()
    once = set_pose(text, 'panda_link0', 'camera_link', np.eye(4), 'first')
    twice = set_pose(once, 'panda_link0', 'camera_link', T, 'second')
    assert 'first' not in twice
    before, after = yaml.safe_load(text), yaml.safe_load(twice)
    pose = after['perception']['ros__parameters'].pop('pose')
    assert after == before
    assert set(_comments(text)) <= set(_comments(twice))
    config = parse_config(PerceptionConfig, {'pose': pose}, 'test').pose
    again = se3.from_position_quaternion(np.array(config.position), np.array(config.quaternion))
    assert again == pytest.approx(T, abs=1e-6)
    assert set_pose(twice, 'panda_link0', 'camera_link', T, 'second') == twice


def _comments(text):
    return [line for line in text.splitlines() if line.startswith('#')]


def test_a_new_file_is_made_of_another(tmp_path):
    write_pose(tmp_path / 'lab.yaml', 'base', 'camera_link', T, 'note', template=CAMERAS[0])
    assert yaml.safe_load((tmp_path / 'lab.yaml').read_text())['perception']['ros__parameters']['pose']
    with pytest.raises(MT3Error, match='none to make it of'):
        write_pose(tmp_path / 'other.yaml', 'base', 'camera_link', T, 'note')


def test_a_file_without_perception_is_refused():
    with pytest.raises(InvalidInput, match='no section'):
        set_pose('executor:\n  ros__parameters:\n    x: 1\n', 'a', 'b', T, 'note')
