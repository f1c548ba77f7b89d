"""The variables, and that a sourced env.sh says the same as ./mt3 shell."""

import os
import subprocess

import pytest

from mt3_env import environment
from mt3_env.paths import ROOT, VENV


@pytest.fixture
def wheels(monkeypatch, tmp_path):
    """An environment of wheels, on paper."""
    monkeypatch.setattr(environment, 'site_packages', lambda: VENV / 'lib/python3.11/site-packages')
    monkeypatch.setattr(environment, 'ENV_FILE', tmp_path / 'env.sh')
    return tmp_path / 'env.sh'


def _sourced(file, **variables):
    command = ['env', '-i', *(f'{name}={value}' for name, value in variables.items())]
    script = f'set -u; . {file}; env -0'
    output = subprocess.run([*command, 'bash', '-c', script], capture_output=True, text=True, check=True).stdout
    return dict(item.split('=', 1) for item in output.split('\0') if item)


def test_sourcing_extends_the_shell(wheels):
    environment.write_env_file(False)
    found = _sourced(wheels, PATH='/usr/bin:/bin:/mine', PYTHONPATH='/a')
    assert found['PATH'] == f'{VENV}/bin:/usr/bin:/bin:/mine'
    assert found['PYTHONPATH'].endswith(':/a')
    assert found['CMAKE_PREFIX_PATH'] == f'{ROOT}/install:{VENV}'


def test_the_caller_may_choose_otherwise(wheels):
    environment.write_env_file(False)
    found = _sourced(wheels, PATH='/usr/bin:/bin', MUJOCO_GL='glfw')
    assert found['MUJOCO_GL'] == 'glfw' and found['ROS_AUTOMATIC_DISCOVERY_RANGE'] == 'LOCALHOST'


def test_file_and_process_agree(wheels, monkeypatch):
    environment.write_env_file(False)
    for name in (*environment.paths(False), *environment.settings(False), *environment.defaults(False)):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv('PATH', '/usr/bin:/bin')
    ours = environment.for_process(False)
    found = _sourced(wheels, PATH='/usr/bin:/bin')
    different = {name for name in ours if name not in os.environ or name == 'PATH' if found.get(name) != ours[name]}
    assert not different


def test_nothing_is_named_twice(wheels, monkeypatch):
    monkeypatch.setenv('PATH', f'{VENV}/bin:/usr/bin')
    assert environment.for_process(False)['PATH'] == f'{VENV}/bin:/usr/bin'


@pytest.mark.parametrize(
    ('variables', 'expected'),
    [
        ({}, False),
        ({'MT3_SYSTEM_ROS': '1'}, True),
        ({'ROS_DISTRO': 'jazzy', 'AMENT_PREFIX_PATH': '/opt/ros/jazzy'}, True),
        ({'ROS_DISTRO': 'jazzy', 'AMENT_PREFIX_PATH': '/opt/ros/jazzy', 'MT3_SYSTEM_ROS': '0'}, False),
        ({'AMENT_PREFIX_PATH': f'{ROOT}/install:{VENV}', 'ROS_DISTRO': 'kilted'}, False),
    ],
)
def test_installed_ros_is_noticed(monkeypatch, variables, expected):
    for name in ('MT3_SYSTEM_ROS', 'ROS_DISTRO', 'AMENT_PREFIX_PATH'):
        monkeypatch.delenv(name, raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert environment.uses_system_ros() == expected
