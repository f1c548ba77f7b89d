"""The substitutions of launch XML: $(var x), $(env X [default]), $(find-pkg-share pkg), $(dirname)."""

import os
import re
from collections.abc import Mapping
from pathlib import Path

from mt3_cli.up.prefix import package_share
from mt3_common.errors import InvalidInput

__all__ = ['substitute']

_INNERMOST = re.compile(r'\$\(([^()$]*)\)')


def substitute(text: str, variables: Mapping[str, str], file: Path) -> str:
    """Replace every substitution, innermost first.

    Args:
        variables: What $(var) knows.
        file: The launch file, for $(dirname).

    Raises:
        InvalidInput: An unknown substitution or name.
    """
    while match := _INNERMOST.search(text):
        text = text[: match.start()] + _value(match.group(1).split(), variables, file) + text[match.end() :]
    if '$(' in text:
        raise InvalidInput(f'unbalanced substitution in {text!r}')
    return text


def _value(words: list[str], variables: Mapping[str, str], file: Path) -> str:
    match words:
        case ['var', name]:
            if name not in variables:
                raise InvalidInput(f'$(var {name}): no such argument; known: {", ".join(sorted(variables)) or "none"}')
            return variables[name]
        case ['env', name]:
            if name not in os.environ:
                raise InvalidInput(f'$(env {name}): the variable is not set and no default is given')
            return os.environ[name]
        case ['env', name, *default]:
            return os.environ.get(name, ' '.join(default).strip('\'"'))
        case ['find-pkg-share', package]:
            return str(package_share(package))
        case ['dirname']:
            return str(file.parent)
    raise InvalidInput(
        f'$({" ".join(words)}): unknown substitution; known: $(var NAME), $(env NAME [DEFAULT]), '
        '$(find-pkg-share PACKAGE), $(dirname)'
    )
