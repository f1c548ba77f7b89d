"""The paper's folders: there and back, both gripper polarities, and what is missing or damaged."""

import numpy as np
import pytest

from mt3_common import se3
from mt3_common.errors import MT3Error, StatusCode
from mt3_common.robot import RobotConfig
from mt3_teach.formats.paper import export_paper, import_paper
from mt3_teach.testing import synthetic_demonstration

ROBOT = RobotConfig()


def test_round_trip(tmp_path):
    demo = synthetic_demonstration()
    back = import_paper(export_paper(demo, tmp_path / 'demo'), ROBOT)
    assert (back.task, back.skill, back.target) == (demo.task, 'pick_up', 'box')
    np.testing.assert_array_equal(back.rgb, demo.rgb)
    np.testing.assert_array_equal(back.mask, demo.mask)
    np.testing.assert_allclose(back.depth_m, demo.depth_m, atol=5.1e-4, equal_nan=True)
    np.testing.assert_allclose(back.T_base_camera, demo.T_base_camera, atol=1e-12)
    np.testing.assert_allclose(back.T_base_bottleneck, demo.T_base_bottleneck, atol=1e-12)
    at = np.linspace(0.0, demo.interaction.duration_s, 40)
    a, b = (se3.interpolate(d.interaction.time_s, d.interaction.T_bottleneck_tcp, at) for d in (demo, back))
    errors = np.array([se3.pose_error(x, y) for x, y in zip(a, b, strict=True)])
    assert errors[:, 0].max() < 5e-4 and errors[:, 1].max() < 5e-3
    assert back.interaction.gripper_opening[0] == 1.0 and back.interaction.gripper_opening[-1] == 0.0


@pytest.mark.parametrize(('task', 'first'), [('pick_up_the_box', 1.0), ('place_the_block_on_the_box', 0.0)])
@pytest.mark.parametrize('flip', [False, True])
def test_both_polarities_give_the_same_opening(tmp_path, task, first, flip):
    folder = export_paper(synthetic_demonstration(), tmp_path / 'demo')
    column = np.concatenate([np.full(40, first), np.full(20, 1.0 - first)])
    twists = np.zeros((60, 7))
    twists[:, 2], twists[:, 6] = 0.01, 1.0 - column if flip else column
    np.save(folder / 'demo_eef_twists.npy', twists)
    (folder / 'task_name.txt').write_text(task)
    demo = import_paper(folder, ROBOT)
    assert demo.interaction.gripper_opening[0] == first and demo.interaction.gripper_opening[-1] == 1.0 - first
    assert ('1 is closed' in demo.provenance['gripper_polarity']) == flip


def test_one_camera_pose_for_all_and_depth_as_array(tmp_path):
    folder = export_paper(synthetic_demonstration(), tmp_path / 'all' / 'demo')
    (folder / 'T_WC.npy').rename(tmp_path / 'all' / 'T_WC_head.npy')
    (folder / 'head_camera_ws_depth_to_rgb.png').unlink()
    demo = synthetic_demonstration()
    np.save(folder / 'head_camera_ws_depth_to_rgb.npy', np.nan_to_num(demo.depth_m * 1000.0).round().astype(np.uint16))
    np.testing.assert_allclose(import_paper(folder, ROBOT).depth_m, demo.depth_m, atol=5.1e-4, equal_nan=True)
    (tmp_path / 'all' / 'T_WC_head.npy').unlink()
    with pytest.raises(MT3Error, match='no camera pose') as refusal:
        import_paper(folder, ROBOT)
    assert refusal.value.code == StatusCode.CALIBRATION


@pytest.mark.parametrize(
    'name',
    [
        'head_camera_ws_rgb.png',
        'head_camera_ws_depth_to_rgb.png',
        'head_camera_ws_segmap.npy',
        'T_WC.npy',
        'head_camera_rgb_intrinsic_matrix.npy',
        'bottleneck_pose.npy',
        'demo_eef_twists.npy',
    ],
)
def test_damage_is_named(tmp_path, name):
    folder = export_paper(synthetic_demonstration(), tmp_path / 'demo')
    (folder / name).write_bytes(b'\x93NUMPY garbage')
    with pytest.raises(MT3Error, match=name):
        import_paper(folder, ROBOT)
    if name.endswith('.npy'):
        np.save(folder / name, np.full((2, 2), np.nan))
        with pytest.raises(MT3Error, match=name):
            import_paper(folder, ROBOT)
