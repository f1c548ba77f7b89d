"""`./mt3`: sees to the environment, then does what was asked in it."""

import os
import sys

from mt3_env import environment, lock, steps, system, wheels, workspace
from mt3_env.paths import PYTHON, ROOT
from mt3_env.steps import SetupError

_USAGE = """\
usage: ./mt3 VERB [ARGUMENT ...]

    setup [--bench]      make or renew the environment and build the workspace
    build                build the workspace again
    shell [COMMAND ...]  a shell, or one command, in the environment
    test [--slow] [ARG]  the test suite; further arguments go to pytest
    lock [--upgrade]     renew the pinned lock files from pyproject.toml, with the newest versions
    demo, up, run, ...   the commands of the stack: see ./mt3 --help
"""

_CLI = [str(PYTHON), '-m', 'mt3_cli.main']


def _ready(bench: bool = False, build: bool = False) -> bool:
    """Make everything current; return whether an installed ROS 2 is used."""
    system_ros = environment.uses_system_ros()
    with steps.alone():
        system.ensure_packages()
        wheels.ensure_environment(system_ros, bench)
        if bench:
            wheels.ensure_environment(system_ros)
        environment.write_env_file(system_ros)
        workspace.ensure_built(system_ros, force=build)
    return system_ros


def _enter(command: list[str], system_ros: bool) -> None:
    """Become the command, in the environment."""
    sys.stdout.flush()
    sys.stderr.flush()
    values = environment.for_process(system_ros)
    os.execvpe(command[0], command, values)


def _pytest(arguments: list[str]) -> list[str]:
    marker = [] if '-m' in arguments else ['-m', 'not slow']
    if '--slow' in arguments:
        marker, arguments = [], [argument for argument in arguments if argument != '--slow']
    workers = [] if '-n' in arguments or '-p' in arguments else ['-n', '2', '--dist', 'loadfile']
    return [str(PYTHON), '-m', 'pytest', *workers, *marker, *arguments]


def main(arguments: list[str]) -> int:
    """Dispatch one call."""
    verb, rest = (arguments[0], arguments[1:]) if arguments else ('--help', [])
    if verb == 'lock':
        lock.renew(upgrade='--upgrade' in rest)
        return 0
    if verb == 'setup' and rest not in ([], ['--bench']):
        print(f'mt3 setup takes --bench or nothing: got {" ".join(rest)}\n{_USAGE}', file=sys.stderr)
        return 2
    if verb == 'shell' and rest in (['--help'], ['-h']):
        print(_USAGE)
        return 0
    system_ros = _ready(bench=verb == 'setup' and bool(rest), build=verb == 'build')
    if verb in ('setup', 'build'):
        print('mt3: ready', file=sys.stderr)
        return 0
    if verb == 'shell':
        _enter(rest or [os.environ.get('SHELL', '/bin/bash')], system_ros)
    if verb == 'test':
        os.chdir(ROOT)
        _enter(_pytest(rest), system_ros)
    if verb in ('--help', '-h', 'help'):
        print(_USAGE)
        arguments = ['--help']
    _enter([*_CLI, *arguments], system_ros)
    return 0


if __name__ == '__main__':
    try:
        sys.exit(main(sys.argv[1:]))
    except SetupError as error:
        print(f'mt3: {error}', file=sys.stderr)
        sys.exit(1)
    except KeyboardInterrupt:
        sys.exit(130)
