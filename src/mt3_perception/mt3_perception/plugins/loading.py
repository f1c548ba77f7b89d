"""From the name of a segmenter to the segmenter."""

import importlib
import importlib.metadata
from collections.abc import Callable

import numpy as np

from mt3_common.errors import InvalidInput, MT3Error, StatusCode
from mt3_perception.plugins.interface import Instances, Segmenter
from mt3_perception.plugins.text import TextConfig

__all__ = ['ENTRY_POINTS', 'load_segmenter']

#: Group under which a package offers its segmenters: name = "module:callable".
ENTRY_POINTS = 'mt3_perception.segmenters'


def load_segmenter(name: str, text: TextConfig | None = None) -> Segmenter | None:
    """Return a segmenter by its name, None for 'builtin'.

    Args:
        name: 'builtin', 'text' (finds what a prompt names), the name of an entry point, or 'module:callable'.
        text: Settings of 'text'.

    Raises:
        InvalidInput: Nobody offers it, or it is not callable.
        MT3Error: NO_DATA, its package or its weights are missing.
    """
    if name in ('', 'builtin'):
        return None
    if name == 'text':
        from mt3_perception.plugins.transformers_adapter import TextSegmenter

        return _Checked('text', TextSegmenter(text or TextConfig()))
    return _Checked(name, _entry_point(name) if ':' not in name else _attribute(name))


def _entry_point(name: str) -> Callable:
    offered = {point.name: point for point in importlib.metadata.entry_points(group=ENTRY_POINTS)}
    if name not in offered:
        raise InvalidInput(
            f'no segmenter {name!r}: choose builtin, text, module:callable, or an entry point of the group '
            f'{ENTRY_POINTS} (installed: {", ".join(sorted(offered)) or "none"})'
        )
    return _attribute(offered[name].value)


def _attribute(address: str) -> Callable:
    module, _, attribute = address.partition(':')
    try:
        found = getattr(importlib.import_module(module), attribute)
    except (ImportError, AttributeError) as error:
        raise InvalidInput(f'the segmenter {address!r} cannot be imported: {error}') from error
    if isinstance(found, type):
        found = found()
    if not callable(found):
        raise InvalidInput(f'the segmenter {address!r} is not callable')
    return found


class _Checked:
    """A segmenter whose answers are looked at; what it raises becomes a status, so that it cannot end the node."""

    def __init__(self, name: str, segmenter: Callable) -> None:
        self._name, self._segmenter = name, segmenter

    def __call__(self, rgb: np.ndarray, depth_m: np.ndarray, K: np.ndarray, T_base_camera: np.ndarray) -> Instances:
        try:
            found = self._segmenter(rgb, depth_m, K, T_base_camera)
        except MT3Error:
            raise
        except Exception as error:  # code of others may raise whatever it likes
            raise MT3Error(
                f'the segmenter {self._name!r} failed: {type(error).__name__}: {error}', StatusCode.INTERNAL
            ) from error
        if isinstance(found, np.ndarray):
            found = Instances(found)
        if not isinstance(found, Instances):
            raise InvalidInput(
                f'the segmenter {self._name!r} returned a {type(found).__name__}; '
                'it must return Instances or an array (H, W) of ids'
            )
        if found.ids.shape != depth_m.shape or not np.issubdtype(found.ids.dtype, np.integer):
            raise InvalidInput(
                f'the segmenter {self._name!r} returned ids {found.ids.shape} {found.ids.dtype}; '
                f'they must be integers {depth_m.shape}'
            )
        return found
