"""Tells uv where the user's packages come from: it reads neither pip's files nor pip's variables."""

import ast
import os
import subprocess
from collections.abc import Mapping
from pathlib import Path

_UV_NAMES = {  # pip's setting: uv's variable
    'index-url': 'UV_DEFAULT_INDEX',
    'extra-index-url': 'UV_INDEX',
    'find-links': 'UV_FIND_LINKS',
    'no-index': 'UV_NO_INDEX',
    'trusted-host': 'UV_INSECURE_HOST',
    'cert': 'SSL_CERT_FILE',
    'default-timeout': 'UV_HTTP_TIMEOUT',
    'timeout': 'UV_HTTP_TIMEOUT',
}
_SEPARATORS = {'UV_FIND_LINKS': ','}  # the others take spaces, as pip does
_SECTIONS = ('global', 'install', ':env:')  # later ones win, as in pip


def for_uv(python: Path) -> dict[str, str]:
    """Return this process's environment with pip's settings in uv's words; uv's own variables win."""
    listed = subprocess.run([python, '-m', 'pip', 'config', 'list'], capture_output=True, text=True)
    return {**translate(listed.stdout), **os.environ}


def translate(listed: str) -> Mapping[str, str]:
    """Translate the output of `pip config list`: lines such as `global.index-url='...'`."""
    found: dict[str, dict[str, str]] = {section: {} for section in _SECTIONS}
    for line in listed.splitlines():
        name, _, value = line.partition('=')
        section, _, setting = name.partition('.')
        if section in found and setting in _UV_NAMES:
            found[section][setting] = ast.literal_eval(value)
    result = {}
    for section in _SECTIONS:
        for setting, value in found[section].items():
            name = _UV_NAMES[setting]
            result[name] = _SEPARATORS.get(name, ' ').join(value.split())
    if result.get('UV_NO_INDEX', '').lower() in ('0', 'no', 'false', 'off', ''):
        result.pop('UV_NO_INDEX', None)
    if 'UV_INDEX' in result:  # pip takes the best file of all indexes; the hashes of the lock say which it must be
        result['UV_INDEX_STRATEGY'] = 'unsafe-best-match'
    return result
