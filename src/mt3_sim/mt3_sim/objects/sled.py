"""A sled to be pushed: a wedge whose high end is the rear, it slides along +x; and the spot that it is pushed to."""

from dataclasses import dataclass

import numpy as np

from mt3_sim.objects.instances import Instance, vary
from mt3_sim.objects.model import ParametricObject, Symmetry
from mt3_sim.objects.parts import Color, box, cylinder, mesh_part, prism, ramp, with_masses

__all__ = ['SledSize', 'make', 'make_spot', 'sample']


@dataclass(frozen=True)
class SledSize:
    """Dimensions along x, y, z; the top is level over the rear and slopes down to the front [m]."""

    length: float = 0.095
    width: float = 0.11
    base_height: float = 0.03
    rear_length: float = 0.03
    height: float = 0.062
    color: Color = (0.10, 0.60, 0.62)


def make(size: SledSize) -> ParametricObject:
    """Return the sled of these dimensions."""
    rear, front, knee = -0.5 * size.length, 0.5 * size.length, -0.5 * size.length + size.rear_length
    low, high = size.base_height, size.height
    seen = prism([(rear, 0), (front, 0), (front, low), (knee, high), (rear, high)], size.width)
    kw = {'visible': False, 'friction': 0.35}
    parts = [
        box((size.length, size.width, low), (0, 0, 0.5 * low), size.color, **kw),
        box((size.rear_length, size.width, high - low), (0.5 * (rear + knee), 0, 0.5 * (high + low)), size.color, **kw),
        *ramp(knee, front, low, high - low, size.width, size.color, friction=0.35),
    ]
    mass = 600.0 * float(seen.volume)
    return ParametricObject('sled', size, (mesh_part(seen, size.color), *with_masses(parts, mass)), slippery=True)


def make_spot(radius: float = 0.045) -> ParametricObject:
    """Return a round mark painted on the table: seen, 0.6 mm high, and nothing collides with it."""
    mark = cylinder(radius, (0, 0, 0), (0, 0, 0.0006), (0.75, 0.10, 0.45), collides=False)
    return ParametricObject('spot', None, (mark,), movable=False, symmetry=Symmetry('continuous', 0))


def sample(rng: np.random.Generator, instance: Instance = 'taught') -> ParametricObject:
    """Return the taught sled or a novel one."""
    limits = {'height': (0.055, 0.07), 'width': (0.095, 0.135), 'rear_length': (0.025, 0.036)}
    return make(vary(SledSize(), rng, instance, limits))
