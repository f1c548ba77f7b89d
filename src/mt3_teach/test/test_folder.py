"""The plain folder: there and back, edited by a person, and damaged."""

import dataclasses

import cv2
import numpy as np
import pytest
import yaml

from mt3_common import se3
from mt3_common.demonstration import Demonstration, Interaction
from mt3_common.errors import InvalidInput, MT3Error, StatusCode
from mt3_teach.folder import export_folder, import_folder, is_folder


def demonstration(**changes):
    rng = np.random.default_rng(3)
    mask = np.zeros((24, 32), bool)
    mask[8:16, 8:20] = True
    times = np.sort(np.concatenate([[0.0], rng.uniform(0.01, 3.0, 20)]))
    poses = np.array([se3.exp(t * np.array([0.1, 0.02, -0.2, 0.3, 0.5, -0.1])) for t in times])
    depth = (rng.integers(300, 2000, (24, 32)) * np.float32(0.001)).astype(np.float32)
    depth[0, :4] = np.nan
    fields = {
        'task': 'Gieße "Wasser" in den Becher: 1',
        'robot': 'panda',
        'T_base_bottleneck': poses[3],
        'interaction': Interaction(times, poses, rng.uniform(0, 1, 21), 0.08),
        'rgb': rng.integers(0, 255, (24, 32, 3)).astype(np.uint8),
        'depth_m': depth,
        'mask': mask,
        'K': np.array([[30.123456789, 0, 16], [0, 31, 12], [0, 0, 1]]),
        'T_base_camera': poses[5],
        'support_height_m': 0.0123,
        'skill': 'pour',
        'target': 'cup',
        'other': 'bottle',
        'dof': 6,
        'simulated': True,
        'success': True,
        'tags': ('a', 'no', '1'),
        'notes': 'two\nlines',
        'provenance': {'operator': 'me', 'on': 'off'},
    }
    return Demonstration(**{**fields, **changes})


def assert_same(a, b):
    for field in dataclasses.fields(a):
        x, y = getattr(a, field.name), getattr(b, field.name)
        if field.name == 'interaction':
            np.testing.assert_array_equal(x.time_s, y.time_s)
            np.testing.assert_allclose(x.T_bottleneck_tcp, y.T_bottleneck_tcp, atol=1e-12)
            np.testing.assert_array_equal(x.gripper_opening, y.gripper_opening)
            assert x.gripper_max_width_m == y.gripper_max_width_m
        elif isinstance(x, np.ndarray):
            np.testing.assert_array_equal(x, y)
            assert x.dtype == y.dtype
        elif isinstance(x, float) and np.isnan(x):
            assert np.isnan(y)
        else:
            assert x == y, field.name


@pytest.mark.parametrize('success', [True, None])
@pytest.mark.parametrize('height', [0.0123, float('nan')])
def test_round_trip_loses_nothing(tmp_path, success, height):
    demo = demonstration(success=success, support_height_m=height)
    assert_same(import_folder(export_folder(demo, tmp_path / 'demo')), demo)
    assert is_folder(tmp_path / 'demo') and not is_folder(tmp_path)
    assert not (tmp_path / 'demo' / 'depth.npy').exists()


@pytest.mark.parametrize('scale', [1.00037, 60.0])
def test_depth_that_millimetres_cannot_hold_is_kept_exactly(tmp_path, scale):
    demo = demonstration(depth_m=(demonstration().depth_m * np.float32(scale)).astype(np.float32))
    assert_same(import_folder(export_folder(demo, tmp_path / 'demo')), demo)


def test_edits_by_a_person_count(tmp_path):
    folder = export_folder(demonstration(depth_m=demonstration().depth_m * np.float32(1.0004)), tmp_path / 'demo')
    words = yaml.safe_load((folder / 'demo.yaml').read_text())
    words['task'] = 'pour the water'
    (folder / 'demo.yaml').write_text(yaml.safe_dump(words))
    mask = np.zeros((24, 32), np.uint8)
    mask[1:4, 1:4] = 255
    cv2.imwrite(str(folder / 'mask.png'), mask)
    depth = cv2.imread(str(folder / 'depth.png'), cv2.IMREAD_UNCHANGED)
    depth[10, 10] = 777
    cv2.imwrite(str(folder / 'depth.png'), depth)
    demo = import_folder(folder)
    assert demo.task == 'pour the water' and demo.mask.sum() == 9
    assert demo.depth_m[10, 10] == pytest.approx(0.777)


def test_never_overwrites(tmp_path):
    export_folder(demonstration(), tmp_path / 'demo')
    with pytest.raises(MT3Error, match='not an empty folder') as refusal:
        export_folder(demonstration(), tmp_path / 'demo')
    assert refusal.value.code == StatusCode.STORAGE


@pytest.mark.parametrize('name', ['demo.yaml', 'rgb.png', 'depth.png', 'mask.png', 'interaction.csv'])
def test_a_missing_or_damaged_file_is_named(tmp_path, name):
    folder = export_folder(demonstration(), tmp_path / 'demo')
    (folder / name).write_bytes(b'\x00\x01garbage\xff')
    with pytest.raises(MT3Error, match=r'demo'):
        import_folder(folder)
    (folder / name).unlink()
    with pytest.raises(MT3Error, match=name.replace('.', r'\.')) as refusal:
        import_folder(folder)
    assert refusal.value.code == StatusCode.STORAGE


@pytest.mark.parametrize(
    ('key', 'value', 'word'),
    [
        ('schema', 99, 'schema 99'),
        ('colour', 'red', 'unknown keys colour'),
        ('dof', 5, '4 or 6'),
        ('task', '', 'task'),
        ('recorded_at', 'yesterday', 'cannot be used'),
        ('T_base_camera', [[1, 2], [3, 4]], 'T_base_camera'),
        ('K', None, 'lacks'),
    ],
)
def test_values_that_cannot_be_used(tmp_path, key, value, word):
    folder = export_folder(demonstration(), tmp_path / 'demo')
    words = yaml.safe_load((folder / 'demo.yaml').read_text())
    if value is None:
        del words[key]
    else:
        words[key] = value
    (folder / 'demo.yaml').write_text(yaml.safe_dump(words))
    with pytest.raises(InvalidInput, match=word):
        import_folder(folder)
