"""Renews the lock files from pyproject.toml: pinned, hashed, without registry addresses."""

import re
import shutil
import sys
import tempfile
from pathlib import Path

from mt3_env.paths import LOCKS, PYTHON, ROOT, VENV
from mt3_env.steps import SetupError, run_step

LOCK_INPUTS = {  # lock file: (dependency groups, the oldest Python it must serve, locks it must agree with)
    'requirements.txt': (('ros', 'build', 'core', 'sim', 'test'), '3.10', ()),
    'system-ros.txt': (('core', 'sim', 'test'), '3.12', ('requirements.txt',)),
    'bench.txt': (('bench',), '3.10', ('requirements.txt',)),
    'bootstrap.txt': (('bootstrap',), '3.10', ()),
    'language.txt': (('language',), '3.10', ('requirements.txt',)),
}
ALONE = {'language.txt'}  # its dependencies are a deep learning framework that nothing here uses


def renew(upgrade: bool = False) -> None:
    """Write every lock anew (needs an environment that was set up before).

    Args:
        upgrade: Take the newest versions; else what is pinned stays as long as it fits.
    """
    if not PYTHON.exists():
        raise SetupError('renewing the locks needs the environment: ./mt3 setup first')
    for name, (groups, python, agrees_with) in LOCK_INPUTS.items():
        command = [VENV / 'bin' / 'uv', 'pip', 'compile', '--universal', '--python-version', python]
        command += ['--generate-hashes', '--no-emit-index-url', '--no-annotate', '--no-header', '--quiet']
        for group in groups:
            command += ['--group', f'{ROOT / "pyproject.toml"}:{group}']
        for other in agrees_with:
            command += ['--constraint', LOCKS / other]
        command += ['--no-deps'] if name in ALONE else []
        with tempfile.TemporaryDirectory() as folder:
            result = Path(folder) / name
            if not upgrade and (LOCKS / name).exists():
                shutil.copy(LOCKS / name, result)  # uv keeps the versions of a file that it writes over
            run_step(f'locking {name}', [*command, '--output-file', result])
            text = result.read_text()
        if re.search(r'https?://', text):
            raise SetupError(f'{name} would name an address; look for a direct reference in pyproject.toml')
        (LOCKS / name).write_text(text)
        print(f'mt3: {name}: {len(re.findall("^[a-z]", text, re.M))} packages', file=sys.stderr)
