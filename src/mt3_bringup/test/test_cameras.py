"""Every camera file is understood by every node that reads it, and names one camera."""

from pathlib import Path

import pytest
import yaml

from mt3_common.config import parse_config
from mt3_executor.config import ExecutorConfig
from mt3_perception.config import PerceptionConfig
from mt3_teach.config import RecorderConfig

REPOSITORY = Path(__file__).resolve().parents[3]
CAMERAS = sorted((REPOSITORY / 'config' / 'cameras').glob('*.yaml'))
MODELS = {'perception': PerceptionConfig, 'recorder': RecorderConfig, 'executor': ExecutorConfig}

pytestmark = pytest.mark.skipif(not CAMERAS, reason='the configuration is not beside this test')


def _load(path):
    sections = {node: s['ros__parameters'] for node, s in yaml.safe_load(path.read_text(encoding='utf-8')).items()}
    assert set(sections) == set(MODELS)
    return {node: parse_config(model, sections[node], f'{path.name}: {node}') for node, model in MODELS.items()}


@pytest.mark.parametrize('path', CAMERAS, ids=lambda path: path.stem)
def test_the_nodes_agree_on_the_camera(path):
    nodes = _load(path)
    perception, topics = nodes['perception'], nodes['recorder'].importer.topics
    execution = nodes['executor'].execution
    assert (perception.color_topic, perception.depth_topic, perception.info_topic) == (
        topics.color,
        topics.depth,
        topics.camera_info,
    )
    assert (execution.color_topic, execution.camera_info_topic) == (perception.color_topic, perception.info_topic)
    assert perception.rectified == topics.rectified
    assert len({perception.color_topic, perception.depth_topic, perception.info_topic}) == 3


@pytest.mark.parametrize('path', CAMERAS, ids=lambda path: path.stem)
def test_the_file_says_how_the_driver_is_started(path):
    head = [line for line in path.read_text(encoding='utf-8').splitlines() if line.startswith('#')]
    assert any('ros2 launch' in line for line in head)


def test_the_table_names_every_camera():
    table = (REPOSITORY / 'docs' / 'cameras.md').read_text(encoding='utf-8')
    assert not [path.stem for path in CAMERAS if f'`{path.stem}`' not in table]
