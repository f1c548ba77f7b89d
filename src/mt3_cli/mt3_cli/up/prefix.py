"""Finds installed packages by the ament index, as `ros2 run` and $(find-pkg-share) do."""

import os
from pathlib import Path

from mt3_common.errors import InvalidInput

__all__ = ['executable', 'package_prefix', 'package_share']


def package_prefix(package: str) -> Path:
    """Return the prefix a package is installed under.

    Raises:
        InvalidInput: It is in no prefix of AMENT_PREFIX_PATH.
    """
    prefixes = [Path(part) for part in os.environ.get('AMENT_PREFIX_PATH', '').split(os.pathsep) if part]
    for prefix in prefixes:
        if (prefix / 'share' / 'ament_index' / 'resource_index' / 'packages' / package).exists():
            return prefix
    raise InvalidInput(
        f'package {package} is not installed in any of {[str(p) for p in prefixes]}; '
        'build it (./mt3 build) or source its workspace'
    )


def package_share(package: str) -> Path:
    """Return the share folder of a package."""
    return package_prefix(package) / 'share' / package


def executable(package: str, name: str) -> str:
    """Return the path of a package's executable.

    Raises:
        InvalidInput: The package or the executable does not exist; names those that do.
    """
    folder = package_prefix(package) / 'lib' / package
    path = folder / name
    if not os.access(path, os.X_OK):
        there = sorted(p.name for p in folder.glob('*')) if folder.exists() else []
        raise InvalidInput(f'package {package} has no executable {name}; it has {there}')
    return str(path)
