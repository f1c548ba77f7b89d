from typing import Literal

import pytest

from mt3_common.config import Config, load_config, parse_config, save_config, setting
from mt3_common.errors import InvalidInput
from mt3_common.robot import RobotConfig


class Inner(Config):
    width_m: float = setting(0.1, 'width', 'm', ge=0.0, le=1.0)


class Outer(Config):
    count: int = setting(3, 'how many')
    kind: Literal['a', 'b'] = setting('a', 'which')
    inner: Inner = Inner()


def test_defaults_work():
    assert parse_config(Outer, None, 'nothing').inner.width_m == 0.1


@pytest.mark.parametrize(
    ('values', 'words'),
    [
        ({'counts': 3}, ['counts', 'count, inner, kind']),
        ({'inner': {'depth_m': 3}}, ['inner.depth_m']),
        ({'inner': {'width_m': 3.0}}, ['inner.width_m = 3.0', 'less than or equal to 1']),
        ({'kind': 'c'}, ["kind = 'c'"]),
        ({'count': 'many'}, ['count']),
    ],
)
def test_refuses_unknown_keys_and_bad_values_by_name(values, words):
    with pytest.raises(InvalidInput) as refusal:
        parse_config(Outer, values, 'here.yaml')
    for word in ['here.yaml', *words]:
        assert word in str(refusal.value)


def test_saved_config_reads_back(tmp_path):
    config = Outer(count=7, inner=Inner(width_m=0.5))
    save_config(config, tmp_path / 'c.yaml')
    assert load_config(Outer, tmp_path / 'c.yaml') == config


@pytest.mark.parametrize('text', [None, 'a: [', '- 1\n- 2\n'])
def test_refuses_files_that_are_missing_or_no_mapping(tmp_path, text):
    path = tmp_path / 'c.yaml'
    if text is not None:
        path.write_text(text)
    with pytest.raises(InvalidInput, match=r'c\.yaml'):
        load_config(Outer, path)


def test_empty_file_means_defaults(tmp_path):
    (tmp_path / 'c.yaml').write_text('')
    assert load_config(Outer, tmp_path / 'c.yaml') == Outer()


def test_config_is_frozen():
    with pytest.raises(Exception, match='frozen'):
        Outer().count = 4


def test_gripper_polarity_both_ways():
    straight = RobotConfig().gripper
    turned = straight.model_copy(update={'position_closed': 0.8, 'position_open': 0.0})  # a Robotiq counts like this
    for gripper in (straight, turned):
        for opening in (0.0, 0.25, 1.0):
            assert gripper.to_opening(gripper.to_driver(opening)) == pytest.approx(opening)
        assert gripper.to_driver(2.0) == gripper.to_driver(1.0)
