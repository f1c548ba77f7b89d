"""One place that says how the numeric kernels are compiled."""

from collections.abc import Callable
from functools import lru_cache
from pathlib import Path

import numba

__all__ = ['folder_stamp', 'kernel']


@lru_cache
def folder_stamp(folder: Path) -> tuple[float, int]:
    """Return what changes with any Python file of a folder: the latest time of writing, and the size of all."""
    found = [file.stat() for file in folder.glob('*.py')]
    return max((s.st_mtime for s in found), default=0.0), sum(s.st_size for s in found)


def kernel(function: Callable) -> Callable:
    """Compile `function` at its first call: one thread, no interpreter lock, kept on disk where that is possible.

    No fast-math: two runs on one machine agree to the bit. An installation that may not write
    beside its sources nor into the user's cache compiles again in each process.
    What is kept holds the code of the kernels that it calls, and numba only looks at the function's own file when it
    asks whether that still holds: here a change in any file of the folder makes all its kernels compile again.
    """
    options = {'nogil': True, 'error_model': 'numpy'}
    try:
        compiled = numba.njit(cache=True, **options)(function)
    except RuntimeError:  # numba found no folder for its cache
        return numba.njit(**options)(function)
    kept = getattr(getattr(compiled, '_cache', None), '_cache_file', None)
    if kept is not None:
        kept._source_stamp = folder_stamp(Path(function.__code__.co_filename).parent)
    return compiled
