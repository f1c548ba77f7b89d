"""The calibrated pose in `config/cameras/<name>.yaml`: comments and everything else stay as they are."""

import re
from pathlib import Path

import numpy as np
import yaml

from mt3_common import se3
from mt3_common.errors import InvalidInput, MT3Error, StatusCode

__all__ = ['set_pose', 'write_pose']

_BLOCK = re.compile(r'^    pose:[^\n]*\n(?:(?:      [^\n]*)?\n)*', re.M)
_SECTION = re.compile(r'^perception:[^\n]*\n  ros__parameters:[^\n]*\n', re.M)


def set_pose(text: str, parent: str, child: str, T_parent_child: np.ndarray, note: str) -> str:
    """Return the text of a camera file with this pose.

    Args:
        text: Of the file as it is.
        parent: Frame that the camera is fixed to.
        child: Root of the camera's own frames.
        T_parent_child: (4, 4) [m].
        note: One line for the reader: when, how, how well.

    Raises:
        InvalidInput: The text has no parameters of the perception node.
    """
    x, y, z = (f'{v:.6f}' for v in T_parent_child[:3, 3])
    q = ', '.join(f'{v:.8f}' for v in se3.quaternion(T_parent_child))
    block = (
        f'    pose:                     # {note}\n'
        f'      parent_frame: {parent}\n'
        f'      child_frame: {child}\n'
        f'      position: [{x}, {y}, {z}]         # of the child in the parent frame [m]\n'
        f'      quaternion: [{q}]     # x, y, z, w\n'
    )
    section = _SECTION.search(text)
    if section is None:
        raise InvalidInput('the camera file has no section "perception: ros__parameters:"')
    end = re.compile(r'^\S', re.M).search(text, section.end())
    stop = end.start() if end else len(text)
    body = text[section.end() : stop]
    old = _BLOCK.search(body)
    tail = '\n' if old and old.group().endswith('\n\n') else ''
    body = body[: old.start()] + block + tail + body[old.end() :] if old else block + body
    return text[: section.end()] + body + text[stop:]


def write_pose(
    path: Path, parent: str, child: str, T_parent_child: np.ndarray, note: str, template: Path | None = None
) -> None:
    """Write the pose into a camera file, made of a template if there is none yet.

    Raises:
        MT3Error: STORAGE; neither exists, or it cannot be written.
    """
    source = path if path.is_file() else template
    if source is None or not source.is_file():
        raise MT3Error(f'there is no camera file {path}, and none to make it of', StatusCode.STORAGE)
    text = set_pose(source.read_text(encoding='utf-8'), parent, child, T_parent_child, note)
    yaml.safe_load(text)
    try:
        path.write_text(text, encoding='utf-8')
    except OSError as error:
        raise MT3Error(f'cannot write {path}: {error}; choose another with --out', StatusCode.STORAGE) from error
