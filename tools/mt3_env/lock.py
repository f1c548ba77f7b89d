"""Renews the lock files from pyproject.toml: pinned, hashed, without registry addresses."""

import re
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
}


def renew() -> None:
    """Resolve every lock anew (needs an environment that was set up before)."""
    if not PYTHON.exists():
        raise SetupError('renewing the locks needs the environment: ./mt3 setup first')
    for name, (groups, python, agrees_with) in LOCK_INPUTS.items():
        command = [VENV / 'bin' / 'uv', 'pip', 'compile', '--universal', '--python-version', python]
        command += ['--generate-hashes', '--no-emit-index-url', '--no-annotate', '--no-header', '--quiet']
        for group in groups:
            command += ['--group', f'{ROOT / "pyproject.toml"}:{group}']
        for other in agrees_with:
            command += ['--constraint', LOCKS / other]
        with tempfile.TemporaryDirectory() as folder:
            result = Path(folder) / name
            run_step(f'locking {name}', [*command, '--output-file', result])
            text = result.read_text()
        if re.search(r'https?://', text):
            raise SetupError(f'{name} would name an address; look for a direct reference in pyproject.toml')
        (LOCKS / name).write_text(text)
        print(f'mt3: {name}: {len(re.findall("^[a-z]", text, re.M))} packages', file=sys.stderr)
