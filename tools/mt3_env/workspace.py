"""Builds the workspace with colcon: the underlay (only beside the wheels) and `src/`."""

from pathlib import Path

from mt3_env import stamps
from mt3_env.environment import for_process
from mt3_env.paths import BUILD, INSTALL, LOG, ROOT, SETUP_LOG, VENV
from mt3_env.steps import run_step

# Python sources are linked into the install folder; only these change what a build produces.
_BUILD_INPUTS = ('package.xml', 'setup.py', 'setup.cfg', 'CMakeLists.txt', '*.msg', '*.srv', '*.action')


def _inputs(folders: list[Path]) -> list[Path]:
    found = [path for folder in folders for pattern in _BUILD_INPUTS for path in folder.rglob(pattern)]
    return [*found, Path(__file__).resolve()]


def ensure_built(system_ros: bool, force: bool = False) -> None:
    """Build what is not built yet; nothing to do when no input changed."""
    underlay = [] if system_ros else sorted(path.parent for path in (ROOT / 'underlay').glob('*/package.xml'))
    folders = [ROOT / 'src', *underlay]
    # A new launch or configuration file must be linked; its content is live.
    installed = [path for folder in ('launch', 'config') for path in (ROOT / folder).rglob('*') if path.is_file()]
    names = sorted(str(path.relative_to(ROOT)) for path in installed)
    value = stamps.digest(_inputs(folders), (VENV / 'mt3.stamp').read_text(), str(system_ros), str(ROOT), *names)
    stamp = INSTALL / 'mt3.stamp'
    if not force and stamps.is_current(stamp, value):
        return
    colcon = [VENV / 'bin' / 'colcon'] if not system_ros else ['colcon']
    command = [*colcon, '--log-base', SETUP_LOG.parent / 'colcon', 'build']
    command += ['--base-paths', ROOT / 'src', '--paths', *underlay] if underlay else ['--base-paths', ROOT / 'src']
    command += ['--build-base', BUILD, '--install-base', INSTALL, '--merge-install', '--symlink-install']
    command += ['--event-handlers', 'console_direct+', '--cmake-args', '-DBUILD_TESTING=OFF', '-Wno-dev']
    if not system_ros:
        command += [f'-DPython3_EXECUTABLE={VENV / "bin" / "python"}']
    LOG.mkdir(exist_ok=True)
    run_step('building the workspace', command, for_process(system_ros))
    stamps.write(stamp, value)
