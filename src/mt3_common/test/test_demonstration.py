import dataclasses
from datetime import datetime

import numpy as np
import pytest

from mt3_common import se3
from mt3_common.demonstration import Demonstration, Interaction, new_id
from mt3_common.errors import InvalidInput


def path(count=5, **changes):
    times = np.linspace(0.0, 1.0, count)
    poses = np.array([se3.from_yaw(0.3 * t, (0.0, 0.0, 0.1 * t)) for t in times])
    fields = {'time_s': times, 'T_bottleneck_tcp': poses}
    fields |= {'gripper_opening': np.ones(count), 'gripper_max_width_m': 0.08}
    return Interaction(**{**fields, **changes})


def demonstration(**changes):
    mask = np.zeros((12, 16), bool)
    mask[4:8, 4:8] = True
    fields = {
        'task': 'pick up the mug',
        'robot': 'panda',
        'T_base_bottleneck': se3.from_yaw(0.2, (0.5, 0.0, 0.2)),
        'interaction': path(),
        'rgb': np.zeros((12, 16, 3), np.uint8),
        'depth_m': np.ones((12, 16), np.float32),
        'mask': mask,
        'K': np.array([[20.0, 0, 8], [0, 20, 6], [0, 0, 1]]),
        'T_base_camera': np.eye(4),
    }
    return Demonstration(**{**fields, **changes})


@pytest.mark.parametrize(
    ('changes', 'word'),
    [
        ({'time_s': np.linspace(0.1, 1.0, 5)}, 'start at 0'),
        ({'time_s': np.array([0.0, 0.5, 0.5, 0.7, 1.0])}, 'increase strictly'),
        ({'time_s': np.array([0.0, 0.5, np.nan, 0.7, 1.0])}, 'finite'),
        ({'time_s': np.array([0.0])}, 'K >= 2'),
        ({'T_bottleneck_tcp': np.tile(np.eye(4), (4, 1, 1))}, r'\(4, 4, 4\)'),
        ({'T_bottleneck_tcp': np.tile(se3.make(None, (0.1, 0, 0)), (5, 1, 1))}, 'start at the identity'),
        ({'T_bottleneck_tcp': np.tile(np.diag([2.0, 2, 2, 1]), (5, 1, 1))}, 'not a rigid transform'),
        ({'gripper_opening': np.full(5, 1.2)}, r'in \[0, 1\]'),
        ({'gripper_opening': np.full(5, np.nan)}, r'in \[0, 1\]'),
        ({'gripper_max_width_m': 80.0}, 'gripper_max_width_m'),
    ],
)
def test_interaction_refuses(changes, word):
    with pytest.raises(InvalidInput, match=word):
        path(**changes)


@pytest.mark.parametrize(
    ('changes', 'word'),
    [
        ({'task': ' '}, 'task'),
        ({'robot': ''}, 'robot'),
        ({'dof': 5}, '4 or 6'),
        ({'T_base_bottleneck': np.zeros((4, 4))}, 'T_base_bottleneck'),
        ({'T_base_camera': np.zeros((4, 4))}, 'T_base_camera'),
        ({'K': np.eye(4)}, 'pinhole'),
        ({'depth_m': np.full((12, 16), 800.0, np.float32)}, 'millimetres'),
        ({'rgb': np.zeros((12, 15, 3), np.uint8)}, 'one image'),
        ({'rgb': np.zeros((12, 16, 3), np.float32)}, 'one image'),
        ({'mask': np.zeros((12, 16), bool)}, 'empty'),
        ({'mask': np.ones((12, 17), bool)}, 'one image'),
        ({'recorded_at': datetime(2026, 1, 1)}, 'time zone'),
    ],
)
def test_demonstration_refuses(changes, word):
    with pytest.raises(InvalidInput, match=word):
        demonstration(**changes)


def test_interaction_is_a_read_only_copy():
    times = np.linspace(0.0, 1.0, 5)
    interaction = path(time_s=times)
    times[1] = 9.0
    assert interaction.time_s[1] == 0.25
    with pytest.raises(ValueError, match='read-only'):
        interaction.time_s[1] = 9.0


def test_path_base_starts_at_the_bottleneck():
    demo = demonstration()
    np.testing.assert_allclose(demo.path_base()[0], demo.T_base_bottleneck)


def test_resampled_keeps_ends_and_holds_commands():
    opening = np.array([1.0, 1.0, 0.0, 0.0, 0.0])
    finer = path(gripper_opening=opening).resampled(0.1)
    assert finer.time_s[0] == 0.0 and finer.time_s[-1] == 1.0 and len(finer.time_s) == 11
    np.testing.assert_allclose(finer.T_bottleneck_tcp[-1], path().T_bottleneck_tcp[-1], atol=1e-12)
    assert set(finer.gripper_opening) == {0.0, 1.0}
    assert finer.gripper_opening[4] == 1.0 and finer.gripper_opening[5] == 0.0


@pytest.mark.parametrize('period', [0.03, 0.3, 5.0])
def test_resampled_at_any_period_is_valid(period):
    finer = path().resampled(period)
    assert finer.duration_s == path().duration_s


def test_ids_differ():
    assert new_id() != new_id() and dataclasses.replace(demonstration(), task='x').task == 'x'
