"""Arrays from files that somebody else may have written, or a full disk cut short."""

from pathlib import Path
from tokenize import TokenError

import numpy as np

from mt3_common.errors import InvalidInput, MT3Error, StatusCode

__all__ = ['read_numbers']


def read_numbers(path: Path, shape: tuple[int | None, ...], finite: bool = True) -> np.ndarray:
    """Return the numbers of a .npy file as float64.

    Args:
        path: The file.
        shape: What it must have; None is any length.
        finite: Refuse NaN and infinity.

    Raises:
        MT3Error: With code STORAGE, it is missing or damaged.
        InvalidInput: It holds something else.
    """
    try:
        array = np.load(path, allow_pickle=False)
    except FileNotFoundError as error:
        raise MT3Error(f'{path} is missing', StatusCode.STORAGE) from error
    except (OSError, ValueError, EOFError, SyntaxError, TokenError) as error:
        raise MT3Error(f'{path} is damaged: {error}', StatusCode.STORAGE) from error
    fits = isinstance(array, np.ndarray) and array.ndim == len(shape) and array.dtype.kind in 'biuf'
    if not fits or any(n is not None and n != m for n, m in zip(shape, array.shape, strict=True)):
        raise InvalidInput(f'{path} must be numbers of shape {shape}: got {getattr(array, "shape", type(array))}')
    array = array.astype(np.float64)
    if finite and not np.isfinite(array).all():
        raise InvalidInput(f'{path} holds values that are not finite')
    return array
