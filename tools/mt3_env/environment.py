"""The variables of the environment: one place makes them, `env.sh` carries them to shells."""

import os
import shlex
from pathlib import Path

from mt3_env.paths import BUILD, INSTALL, PYTHON, ROOT, VENV

ENV_FILE = VENV / 'env.sh'


def uses_system_ros() -> bool:
    """Whether an installed ROS 2 serves instead of the wheels: sourced, or asked for by MT3_SYSTEM_ROS=1."""
    wanted = os.environ.get('MT3_SYSTEM_ROS')
    if wanted is not None:
        return wanted not in ('', '0')
    prefixes = os.environ.get('AMENT_PREFIX_PATH', '').split(os.pathsep)
    return bool(os.environ.get('ROS_DISTRO')) and any(p and not p.startswith(str(ROOT)) for p in prefixes)


def site_packages() -> Path:
    """Return the environment's site-packages."""
    return next(VENV.glob('lib/python3*/site-packages'))


def variables(system_ros: bool) -> dict[str, str]:
    """Return what differs from the caller's environment."""
    packages = site_packages()
    installed = INSTALL / packages.relative_to(VENV)
    # With --symlink-install colcon leaves Python packages as links under build/, so edits are live.
    linked = [str(BUILD / path.parent.name) for path in sorted(ROOT.glob('src/*/setup.py'))]
    values = {
        'PATH': [str(VENV / 'bin'), *_split('PATH')],
        'PYTHONPATH': [str(installed), *linked, *_split('PYTHONPATH')],
        'AMENT_PREFIX_PATH': [str(INSTALL), *_split('AMENT_PREFIX_PATH')],
        'LD_LIBRARY_PATH': [str(INSTALL / 'lib'), *_split('LD_LIBRARY_PATH')],
    }
    if system_ros:
        values['PYTHONPATH'].insert(1, str(packages))
    else:
        values['AMENT_PREFIX_PATH'].insert(1, str(VENV))
        values['CMAKE_PREFIX_PATH'] = [str(INSTALL), str(VENV)]
        libraries = [str(VENV / 'lib'), *(str(path) for path in sorted(packages.glob('ros_*.libs')))]
        values['LD_LIBRARY_PATH'][1:1] = libraries
    result = {name: os.pathsep.join(dict.fromkeys(parts)) for name, parts in values.items()}
    if not system_ros:
        result['_ROS_WHEELS_BOOTSTRAP_COMPLETE'] = '1'  # else each interpreter starts itself a second time
        result['ROS_AUTOMATIC_DISCOVERY_RANGE'] = os.environ.get('ROS_AUTOMATIC_DISCOVERY_RANGE', 'LOCALHOST')
        # pictures do not fit into the default shared memory; see the file
        profiles = os.environ.get('FASTDDS_DEFAULT_PROFILES_FILE', str(ROOT / 'config' / 'fastdds.xml'))
        result['FASTDDS_DEFAULT_PROFILES_FILE'] = profiles
    result['MUJOCO_GL'] = os.environ.get('MUJOCO_GL', 'egl')
    result['PYTHONUNBUFFERED'] = '1'
    result['MT3_ROOT'] = str(ROOT)
    return result


def write_env_file(system_ros: bool) -> None:
    """Write the file that a shell sources; paths that were there before are kept behind ours."""
    lines = ['# Made by ./mt3 setup. Source it: it puts the MT3 environment into this shell.']
    for name, value in variables(system_ros).items():
        lines.append(f'export {name}={shlex.quote(value)}')
    text = '\n'.join(lines) + '\n'
    if not ENV_FILE.exists() or ENV_FILE.read_text() != text:
        ENV_FILE.write_text(text)


def for_process(system_ros: bool) -> dict[str, str]:
    """Return the whole environment for a child process."""
    return {**os.environ, **variables(system_ros), 'VIRTUAL_ENV': str(PYTHON.parent.parent)}


def _split(name: str) -> list[str]:
    return [part for part in os.environ.get(name, '').split(os.pathsep) if part]
