"""Definitions of ROS message types for bags, without rclpy: those that rosbags knows, and installed packages."""

import os
from pathlib import Path

from rosbags.typesys import Stores, get_types_from_msg, get_typestore
from rosbags.typesys.store import Typestore

from mt3_common.errors import MT3Error, StatusCode

__all__ = ['know_type', 'new_typestore']


def new_typestore() -> Typestore:
    """Return a typestore with the standard ROS 2 messages."""
    return get_typestore(Stores.ROS2_KILTED)


def know_type(store: Typestore, name: str, text: str | None = None) -> None:
    """Make sure that a typestore knows a type and all it is made of.

    Args:
        store: Is extended.
        name: Such as `mt3_interfaces/msg/Event`.
        text: Its definition; default: from the package's installed `msg` folder (AMENT_PREFIX_PATH).

    Raises:
        MT3Error: STORAGE; no definition is installed.
    """
    if name in store.fielddefs:
        return
    types = get_types_from_msg(text if text is not None else _installed(name), name)
    store.register({key: value for key, value in types.items() if key not in store.fielddefs})
    for _, fields in types.values():
        for _, field in fields:
            for part in _names_in(field):
                know_type(store, part)


def _names_in(field: object) -> list[str]:
    """Message names in a field's type: rosbags nests (node kind, what) with names as 'package/msg/Name'."""
    if isinstance(field, str):
        return [field] if field.count('/') == 2 else []
    if isinstance(field, tuple):
        return [name for part in field for name in _names_in(part)]
    return []


def _installed(name: str) -> str:
    package, _, kind = name.split('/')
    prefixes = [p for p in os.environ.get('AMENT_PREFIX_PATH', '').split(os.pathsep) if p]
    for prefix in prefixes:
        path = Path(prefix) / 'share' / package / 'msg' / f'{kind}.msg'
        if path.is_file():
            return path.read_text(encoding='utf-8')
    raise MT3Error(
        f'no definition of {name} is installed (looked for share/{package}/msg/{kind}.msg under '
        f'{", ".join(prefixes) or "an empty AMENT_PREFIX_PATH"}); source the workspace that has it',
        StatusCode.STORAGE,
    )
