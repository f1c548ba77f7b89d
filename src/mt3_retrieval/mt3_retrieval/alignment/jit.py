"""How the kernels of the alignment are compiled: as those of every other package."""

from mt3_common.jit import kernel

__all__ = ['kernel']
