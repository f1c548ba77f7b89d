"""Every launch file loads, describes its arguments, means the same to `ros2 launch`, names parameters that exist."""

import importlib
from pathlib import Path

import pytest
import yaml
from lxml import etree

from mt3_cli.up import load
from mt3_cli.up.prefix import package_share
from mt3_common.config import parse_config
from mt3_common.errors import InvalidInput
from mt3_common.robot import RobotConfig


def _share():
    try:
        return package_share('mt3_bringup')
    except InvalidInput:
        return None


SHARE = _share()
if SHARE is None:
    pytest.skip('mt3_bringup is not built', allow_module_level=True)

LAUNCH_FILES = sorted((SHARE / 'launch').rglob('*.launch.xml'))
NODES = {  # node: the model that declares its parameters
    'cell': ('mt3_sim.config', 'CellConfig'),
    'perception': ('mt3_perception.config', 'PerceptionConfig'),
    'retrieval': ('mt3_retrieval.node_config', 'RetrievalNodeConfig'),
    'executor': ('mt3_executor.config', 'ExecutorConfig'),
    'recorder': ('mt3_teach.config', 'RecorderConfig'),
    'teleop': ('mt3_teach.teleop.config', 'TeleopConfig'),
    'gamepad': ('mt3_teach.teleop.config', 'DeviceConfig'),
    'spacemouse': ('mt3_teach.teleop.config', 'DeviceConfig'),
}
_OF_RCLPY = {'use_sim_time'}


def _id(path):
    return str(path.relative_to(SHARE))


def _model(node):
    module, name = NODES[node]
    return getattr(importlib.import_module(module), name)


def _required(path):
    """Values for the arguments without a default."""
    return {a.name: '/tmp/x' for a in load(path, {}, Path(), arguments_only=True).arguments if a.default is None}


def _merge(into, values):
    for key, value in values.items():
        if isinstance(value, dict):
            _merge(into.setdefault(key, {}), value)
        else:
            into[key] = value


def _unfold(values):
    """{'a.b': 1} -> {'a': {'b': 1}}, as rcl understands both."""
    result = {}
    for name, value in values.items():
        *path, last = name.split('.')
        inner = result
        for part in path:
            inner = inner.setdefault(part, {})
        inner[last] = value
    return result


def _parameters(process):
    """What the node gets: its parameter files, later ones over earlier ones."""
    result = {}
    for word, file in zip(process.command, process.command[1:], strict=False):
        if word == '--params-file':
            content = yaml.safe_load(Path(file).read_text())
            for node, section in content.items():
                if node in ('/**', process.name):
                    _merge(result, _unfold(section['ros__parameters']))
    return result


@pytest.mark.parametrize('path', LAUNCH_FILES, ids=_id)
def test_file_loads_and_its_parameters_are_those_of_the_nodes(path, tmp_path):
    processes = load(path, _required(path), tmp_path).processes
    assert processes
    for process in processes:
        given = {name: value for name, value in _parameters(process).items() if name not in _OF_RCLPY}
        parse_config(_model(process.name), given, f'{path.name}, {process.name}')


@pytest.mark.parametrize('path', LAUNCH_FILES, ids=_id)
def test_every_argument_is_described(path):
    arguments = load(path, {}, Path(), arguments_only=True).arguments
    assert not [argument.name for argument in arguments if not argument.description]


@pytest.mark.parametrize('path', LAUNCH_FILES, ids=_id)
def test_no_argument_leaks_from_one_include_into_the_next(path):
    """`ros2 launch` has one space of names: an argument that one include was given stays for those after it.

    So whatever an included file declares is either given to it, or was not given another value before.
    """
    given = {element.get('name') for element in etree.parse(str(path)).getroot().findall('arg')}
    for include in etree.parse(str(path)).getroot().iter('include'):
        here = {child.get('name') for child in include.findall('arg')}
        file = path.parent / include.get('file').replace('$(dirname)/', '')
        declared = {element.get('name') for element in etree.parse(str(file)).getroot().findall('arg')}
        assert here <= declared, f'{file.name} does not declare {here - declared}'
        leaking = (declared - here) & given
        assert not leaking, f'{file.name} would take {leaking} from elsewhere'
        given |= here


def test_the_arm_and_the_simulation_start_the_same_nodes(tmp_path):
    real, simulated = (
        {p.name for p in load(SHARE / 'launch' / f'{name}.launch.xml', {}, tmp_path).processes}
        for name in ('mt3', 'sim')
    )
    assert simulated == real | {'cell'}


def test_simulated_time_where_there_is_a_simulation(tmp_path):
    for process in load(SHARE / 'launch' / 'sim.launch.xml', {}, tmp_path).processes:
        assert process.name == 'cell' or _parameters(process)['use_sim_time'] is True, process.name


@pytest.mark.parametrize('path', sorted((SHARE / 'config' / 'robots').glob('*.yaml')), ids=_id)
def test_robot_file_is_valid(path):
    robot = parse_config(RobotConfig, yaml.safe_load(path.read_text()), path.name)
    assert robot.name == path.stem
    assert len(robot.home_rad) == len(robot.arm_joints)


@pytest.mark.parametrize('path', sorted((SHARE / 'config').glob('*.yaml')), ids=_id)
def test_parameter_file_is_of_the_node_with_its_name(path):
    content = yaml.safe_load(path.read_text())
    assert set(content) == {path.stem}
    assert set(content[path.stem]) == {'ros__parameters'}
