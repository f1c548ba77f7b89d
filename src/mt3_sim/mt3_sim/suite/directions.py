"""Which way is forward for a thing that looks the same from several sides."""

import numpy as np

from mt3_sim.objects.model import Symmetry

__all__ = ['forward']


def forward(moved: np.ndarray, symmetry: Symmetry) -> tuple[float, float]:
    """Return how far something moved along +x of a thing and across it [m].

    A thing that looks the same after some turns has as many directions that nobody can tell from +x; the one nearest
    to the motion counts.

    Args:
        moved: (2,) in the frame of the thing [m].
        symmetry: Of the thing, about z.
    """
    length, off = float(np.hypot(*moved)), symmetry.yaw_error(float(np.arctan2(moved[1], moved[0])))
    return length * float(np.cos(off)), length * float(np.sin(off))
