"""The variables of the environment: one place makes them, `env.sh` carries them to shells."""

import os
import shlex
from pathlib import Path

from mt3_env.paths import BUILD, INSTALL, ROOT, VENV

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


def paths(system_ros: bool) -> dict[str, list[str]]:
    """Return what goes before the caller's own entries, per search path."""
    packages = site_packages()
    # With --symlink-install colcon leaves Python packages as links under build/, so edits are live.
    linked = [BUILD / path.parent.name for path in sorted(ROOT.glob('src/*/setup.py'))]
    installed = [INSTALL / packages.relative_to(VENV)]
    if system_ros:  # the nodes run under the system's Python; Debian's has a second place for packages
        installed += [*sorted(INSTALL.glob('local/lib/python3*/dist-packages')), packages]
    values = {
        'PATH': [VENV / 'bin'],
        'PYTHONPATH': [*installed, *linked],
        'AMENT_PREFIX_PATH': [INSTALL],
        'LD_LIBRARY_PATH': [INSTALL / 'lib'],
    }
    if not system_ros:
        values['AMENT_PREFIX_PATH'].append(VENV)
        values['CMAKE_PREFIX_PATH'] = [INSTALL, VENV]
        values['LD_LIBRARY_PATH'] += [VENV / 'lib', *sorted(packages.glob('ros_*.libs'))]
    return {name: [str(path) for path in entries] for name, entries in values.items()}


def settings(system_ros: bool) -> dict[str, str]:
    """Return the variables that are no search paths and are always set."""
    result = {'PYTHONUNBUFFERED': '1', 'MT3_ROOT': str(ROOT), 'VIRTUAL_ENV': str(VENV)}
    if not system_ros:
        result['_ROS_WHEELS_BOOTSTRAP_COMPLETE'] = '1'  # else each interpreter starts itself a second time
    return result


def defaults(system_ros: bool) -> dict[str, str]:
    """Return the variables that the caller may set otherwise."""
    result = {'MUJOCO_GL': 'egl'}
    if not system_ros:
        result['ROS_AUTOMATIC_DISCOVERY_RANGE'] = 'LOCALHOST'
        # pictures do not fit into the default shared memory; see the file
        result['FASTDDS_DEFAULT_PROFILES_FILE'] = str(ROOT / 'config' / 'fastdds.xml')
    return result


def write_env_file(system_ros: bool) -> None:
    """Write the file that a shell sources; what that shell has in its search paths is kept behind ours."""
    lines = ['# Made by ./mt3 setup. Source it: it puts the MT3 environment into this shell.']
    for name, entries in paths(system_ros).items():
        lines.append(f'export {name}={shlex.quote(os.pathsep.join(entries))}"${{{name}:+:${name}}}"')
    lines += [f'export {name}={shlex.quote(value)}' for name, value in settings(system_ros).items()]
    for name, value in defaults(system_ros).items():
        lines.append(f'[ -n "${{{name}:-}}" ] || export {name}={shlex.quote(value)}')
    text = '\n'.join(lines) + '\n'
    if not ENV_FILE.exists() or ENV_FILE.read_text() != text:
        ENV_FILE.write_text(text)


def for_process(system_ros: bool) -> dict[str, str]:
    """Return the whole environment for a child process."""
    merged = {}
    for name, entries in paths(system_ros).items():
        before = [part for part in os.environ.get(name, '').split(os.pathsep) if part]
        merged[name] = os.pathsep.join(dict.fromkeys(entries + before))
    return {**defaults(system_ros), **os.environ, **settings(system_ros), **merged}
