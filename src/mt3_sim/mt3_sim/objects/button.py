"""A push button on a housing that rises behind it: fixed to the table; a pressed button stays down.

The dry friction of the button is larger than its spring at full depth: it latches by depth, without code.
"""

from dataclasses import dataclass

import numpy as np

from mt3_sim.objects.instances import Instance, vary
from mt3_sim.objects.model import Link, ParametricObject
from mt3_sim.objects.parts import Color, box, cylinder, mesh_part, prism, ramp, with_masses

__all__ = ['JOINT', 'ButtonSize', 'make', 'sample', 'top_centre']

JOINT = 'button'


@dataclass(frozen=True)
class ButtonSize:
    """Dimensions [m]: the housing along x, y, z; the button towards +x; the other end rises."""

    length: float = 0.135
    width: float = 0.085
    height: float = 0.045
    radius: float = 0.021
    travel: float = 0.010
    rise: float = 0.032
    color: Color = (0.80, 0.15, 0.13)


PROTRUSION = 0.006  # of the pressed button over the housing [m]
YELLOW = (0.86, 0.80, 0.30)


def top_centre(size: ButtonSize) -> np.ndarray:
    """Return the middle of the button's top (3,), object frame, not pressed [m]."""
    return np.array([0.22 * size.length, 0.0, size.height + PROTRUSION + size.travel])


def make(size: ButtonSize) -> ParametricObject:
    """Return the button box of these dimensions."""
    rear, foot = -0.5 * size.length, -0.02 * size.length
    slope = prism([(rear, size.height), (foot, size.height), (rear, size.height + size.rise)], size.width)
    housing = [
        box((size.length, size.width, size.height), (0, 0, 0.5 * size.height), YELLOW),
        mesh_part(slope, YELLOW),
        *ramp(rear, foot, size.height, size.rise, size.width, YELLOW),
    ]
    x, y, z = top_centre(size)
    knob = [cylinder(size.radius, (x, y, size.height - 0.004), (x, y, z), size.color)]
    link = Link(JOINT, (0.0, 0.0, -1.0), size.travel, 20.0, 2.5, 60.0, with_masses(knob, 0.02))
    return ParametricObject('button', size, with_masses(housing, 0.8), (link,), movable=False)


def sample(rng: np.random.Generator, instance: Instance = 'taught') -> ParametricObject:
    """Return the taught button box or a novel one."""
    limits = {'radius': (0.017, 0.026), 'travel': (0.008, 0.012), 'rise': (0.026, 0.036)}
    return make(vary(ButtonSize(), rng, instance, limits))
