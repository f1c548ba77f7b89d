"""One place that says how the numeric kernels are compiled."""

from collections.abc import Callable

import numba

__all__ = ['kernel']


def kernel(function: Callable) -> Callable:
    """Compile `function` at its first call: one thread, no interpreter lock, kept on disk where that is possible.

    No fast-math: two runs on one machine agree to the bit. An installation that may not write
    beside its sources nor into the user's cache compiles again in each process.
    """
    options = {'nogil': True, 'error_model': 'numpy'}
    try:
        return numba.njit(cache=True, **options)(function)
    except RuntimeError:  # numba found no folder for its cache
        return numba.njit(**options)(function)
