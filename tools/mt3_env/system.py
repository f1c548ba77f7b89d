"""What must come from the system: a compiler, Python's headers, the GL libraries. Probed, then installed or named."""

import ctypes
import os
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path

from mt3_env.steps import SetupError, run_step


def missing_packages() -> list[str]:
    """Return the Debian packages that would bring what this machine lacks."""
    packages = []
    if not shutil.which('g++') or not shutil.which('gcc'):
        packages.append('g++')
    if not shutil.which('make'):
        packages.append('make')
    if not (Path(sysconfig.get_paths()['include']) / 'Python.h').exists():
        packages.append(f'python{sys.version_info[0]}.{sys.version_info[1]}-dev')
    if not _has_ensurepip():
        packages.append(f'python{sys.version_info[0]}.{sys.version_info[1]}-venv')
    for library, package in (('libEGL.so.1', 'libegl1'), ('libGL.so.1', 'libgl1'), ('libgomp.so.1', 'libgomp1')):
        if not _loads(library):
            packages.append(package)
    return packages


def ensure_packages() -> None:
    """Install what is missing where root or sudo allows.

    Raises:
        SetupError: It is not allowed, or apt failed; the message holds the exact command.
    """
    packages = missing_packages()
    if not packages:
        return
    command = f'apt-get update && apt-get install -y --no-install-recommends {" ".join(packages)}'
    prefix = _privilege()
    if prefix is None or not shutil.which('apt-get'):
        what = ', '.join(packages)
        raise SetupError(f'missing on this machine: {what}. Install them and call again:\n    sudo sh -c "{command}"')
    environment = {**os.environ, 'DEBIAN_FRONTEND': 'noninteractive'}
    run_step(f'installing {" ".join(packages)}', [*prefix, 'sh', '-c', command], environment)


def _privilege() -> list[str] | None:
    """Return what to put before a command to run it as root, None when that is not allowed without a password."""
    if os.geteuid() == 0:
        return []
    if shutil.which('sudo') and subprocess.run(['sudo', '-n', 'true'], capture_output=True).returncode == 0:
        return ['sudo', '-n', 'env', 'DEBIAN_FRONTEND=noninteractive']
    return None


def _has_ensurepip() -> bool:
    try:
        import ensurepip  # noqa: F401  (Debian leaves it out of python3)
    except ImportError:
        return False
    return True


def _loads(library: str) -> bool:
    try:
        ctypes.CDLL(library)
    except OSError:
        return False
    return True
