"""A carton: longer than wide, so that its yaw shows up to half a turn."""

from dataclasses import dataclass

import numpy as np

from mt3_sim.objects.instances import Instance, vary
from mt3_sim.objects.model import ParametricObject, Symmetry
from mt3_sim.objects.parts import Color, box, with_masses

__all__ = ['BoxSize', 'make', 'sample', 'sample_block']


@dataclass(frozen=True)
class BoxSize:
    """Edge lengths along x, y, z [m]."""

    length: float = 0.115
    width: float = 0.048
    height: float = 0.065
    color: Color = (0.95, 0.72, 0.12)


def make(size: BoxSize, category: str = 'box') -> ParametricObject:
    """Return the box of these dimensions."""
    part = box((size.length, size.width, size.height), (0, 0, 0.5 * size.height), size.color)
    mass = 400.0 * size.length * size.width * size.height
    square = abs(size.length - size.width) < 1e-9
    return ParametricObject(category, size, with_masses([part], mass), symmetry=Symmetry('n_fold', 4 if square else 2))


def sample(rng: np.random.Generator, instance: Instance = 'taught') -> ParametricObject:
    """Return the taught box or a novel one; it always fits between the fingers by its width."""
    return make(vary(BoxSize(), rng, instance, {'width': (0.036, 0.058), 'length': (0.09, 0.15)}))


def sample_block(rng: np.random.Generator, instance: Instance = 'taught') -> ParametricObject:
    """Return a small upright block, to be held in the hand."""
    nominal = BoxSize(0.04, 0.04, 0.065, (0.80, 0.15, 0.13))
    return make(vary(nominal, rng, instance, {'width': (0.03, 0.05)}), 'block')
