"""LeRobot datasets: there and back, datasets of others, and what is missing or damaged."""

import dataclasses
import json

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from mt3_common import se3
from mt3_common.demonstration import Interaction
from mt3_common.errors import MT3Error
from mt3_common.robot import RobotConfig
from mt3_teach.formats.lerobot import EPISODES, FRAMES, export_lerobot, import_lerobot
from mt3_teach.testing import Script, synthetic_demonstration

ROBOT = RobotConfig()


def test_round_trip_of_several_episodes(tmp_path):
    first = synthetic_demonstration()
    second = dataclasses.replace(synthetic_demonstration(), task='push the box', dof=6, success=True, tags=('a',))
    back = import_lerobot(export_lerobot([first, second], tmp_path / 'set', fps=30), ROBOT)
    assert [d.task for d in back] == [first.task, 'push the box']
    assert (back[1].dof, back[1].success, back[1].tags, back[1].simulated) == (6, True, ('a',), second.simulated)
    for demo, other in zip((first, second), back, strict=True):
        np.testing.assert_array_equal(other.rgb, demo.rgb)
        np.testing.assert_array_equal(other.mask, demo.mask)
        np.testing.assert_allclose(other.depth_m, demo.depth_m, atol=5.1e-4, equal_nan=True)
        np.testing.assert_allclose(other.K, demo.K)
        np.testing.assert_allclose(other.T_base_camera, demo.T_base_camera)
        assert other.recorded_at == demo.recorded_at
        at = np.linspace(0.0, demo.interaction.duration_s, 40)
        a, b = (
            d.T_base_bottleneck @ se3.interpolate(d.interaction.time_s, d.interaction.T_bottleneck_tcp, at)
            for d in (demo, other)
        )
        assert np.abs(a - b).max() < 1e-3
        assert other.interaction.gripper_opening[-1] == demo.interaction.gripper_opening[-1]


def test_the_layout_is_that_of_version_3(tmp_path):
    root = export_lerobot([synthetic_demonstration()] * 2, tmp_path / 'set')
    info = json.loads((root / 'meta/info.json').read_text())
    assert info['codebase_version'] == 'v3.0' and info['total_episodes'] == 2 and info['splits'] == {'train': '0:2'}
    frames = pq.read_table(root / info['data_path'].format(chunk_index=0, file_index=1))
    assert set(frames.column_names) == set(info['features'])
    episodes = pq.read_table(root / EPISODES.format(chunk_index=0, file_index=0)).to_pylist()
    assert episodes[1]['dataset_from_index'] == episodes[0]['dataset_to_index'] == episodes[0]['length']
    assert frames['index'][0].as_py() == episodes[1]['dataset_from_index']
    size = sum(f.stat().st_size for f in (root / 'data').rglob('*.parquet'))
    assert size < 2 * 2**20  # each picture once, not once per frame


def test_an_episode_of_others_holds_the_approach(tmp_path):
    script = Script.plain()
    demo = synthetic_demonstration()
    times = np.arange(0.0, script.way[-1][0], 1 / 30)
    T = np.array([se3.make(np.diag([1.0, -1.0, -1.0]), script.position(t)) for t in times])
    opening = np.array([round(script.opening_at(t)) for t in times], float)
    whole = dataclasses.replace(
        demo, T_base_bottleneck=T[0], interaction=Interaction(times, se3.inverse(T[0]) @ T, opening, 0.08)
    )
    root = export_lerobot([whole], tmp_path / 'set')
    (root / 'meta/mt3.json').unlink()
    found = import_lerobot(root, ROBOT)[0]
    np.testing.assert_allclose(found.T_base_bottleneck[:3, 3], demo.T_base_bottleneck[:3, 3], atol=0.006)
    both = (found.mask & demo.mask).sum() / (found.mask | demo.mask).sum()
    assert both > 0.85 and found.provenance['bottleneck'] == 'the last pause before contact'


def test_features_of_others_are_mapped(tmp_path):
    root = export_lerobot([synthetic_demonstration()], tmp_path / 'set')
    info = json.loads((root / 'meta/info.json').read_text())
    info['features']['observation.images.front'] = info['features'].pop('observation.images.scene')
    (root / 'meta/info.json').write_text(json.dumps(info))
    with pytest.raises(MT3Error, match=r'observation\.images\.front'):
        import_lerobot(root, ROBOT)
    file = root / FRAMES.format(chunk_index=0, file_index=0)
    table = pq.read_table(file)
    names = [
        n.replace('observation.images.scene', 'observation.images.front') if n.endswith('.scene') else n
        for n in table.column_names
    ]
    pq.write_table(table.rename_columns(names), file)
    (root / 'meta/mt3_mapping.json').write_text(json.dumps({'color': 'observation.images.front'}))
    assert len(import_lerobot(root, ROBOT)) == 1


def _drop_column(root, name):
    file = root / FRAMES.format(chunk_index=0, file_index=0)
    pq.write_table(pq.read_table(file).drop_columns([name]), file)


def _flat_depth(root):
    import cv2

    file = root / FRAMES.format(chunk_index=0, file_index=0)
    table = pq.read_table(file)
    data = cv2.imencode('.png', np.zeros((240, 320), np.uint8))[1].tobytes()
    at = table.column_names.index('observation.images.scene_depth')
    cells = pa.array([{'bytes': data, 'path': 'x.png'}] * len(table), table.schema.field(at).type)
    pq.write_table(table.set_column(at, 'observation.images.scene_depth', cells), file)


@pytest.mark.parametrize(
    ('damage', 'word'),
    [
        (lambda root: (root / 'meta/info.json').write_text('{'), 'info.json'),
        (lambda root: (root / 'meta/info.json').write_text('{"codebase_version": "v2.1"}'), 'v2.1'),
        (lambda root: (root / 'meta/tasks.parquet').unlink(), 'tasks.parquet'),
        (lambda root: (root / FRAMES.format(chunk_index=0, file_index=0)).write_bytes(b'PAR1'), 'file-000.parquet'),
        (lambda root: (root / EPISODES.format(chunk_index=0, file_index=0)).unlink(), 'meta/episodes'),
        (lambda root: _drop_column(root, 'observation.camera.intrinsics'), 'no calibration'),
        (lambda root: _drop_column(root, 'observation.state'), 'observation.state'),
        (_flat_depth, '16 bit'),
    ],
)
def test_damage_is_named(tmp_path, damage, word):
    root = export_lerobot([synthetic_demonstration()], tmp_path / 'set')
    damage(root)
    with pytest.raises(MT3Error, match=word):
        import_lerobot(root, ROBOT)
