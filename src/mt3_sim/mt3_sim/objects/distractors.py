"""Things that stand around: a can, a cylinder, a bar, a pan, a hammer, a bowl."""

from dataclasses import dataclass

import numpy as np
import trimesh

from mt3_sim.objects.instances import Instance, vary
from mt3_sim.objects.model import ParametricObject, Symmetry
from mt3_sim.objects.parts import Color, box, capsule, cylinder, mesh_part, ring, with_masses

__all__ = ['sample_bar', 'sample_can', 'sample_cylinder', 'sample_hammer', 'sample_pan']


@dataclass(frozen=True)
class RoundSize:
    """Dimensions of a can or a cylinder [m]."""

    radius: float
    height: float
    color: Color


@dataclass(frozen=True)
class LongSize:
    """Dimensions of things with a length: the shaft and what sits on its end [m]."""

    length: float
    thickness: float
    head_length: float
    head_height: float
    color: Color


def _round(size: RoundSize, category: str) -> ParametricObject:
    part = cylinder(size.radius, (0, 0, 0), (0, 0, size.height), size.color)
    mass = 400.0 * part.volume
    return ParametricObject(category, size, with_masses([part], mass), symmetry=Symmetry('continuous', 0))


def sample_can(rng: np.random.Generator, instance: Instance = 'taught') -> ParametricObject:
    """Return a drinks can."""
    return _round(vary(RoundSize(0.033, 0.115, (0.80, 0.15, 0.13)), rng, instance), 'can')


def sample_cylinder(rng: np.random.Generator, instance: Instance = 'taught') -> ParametricObject:
    """Return a low wide cylinder, like a tin of tuna."""
    return _round(vary(RoundSize(0.045, 0.04, (0.20, 0.60, 0.30)), rng, instance), 'cylinder')


def sample_bar(rng: np.random.Generator, instance: Instance = 'taught') -> ParametricObject:
    """Return a long square bar."""
    size = vary(LongSize(0.18, 0.03, 0.03, 0.03, (0.88, 0.86, 0.82)), rng, instance)
    part = box((size.length, size.thickness, size.thickness), (0, 0, 0.5 * size.thickness), size.color)
    return ParametricObject('bar', size, with_masses([part], 500.0 * part.volume), symmetry=Symmetry('n_fold', 2))


def sample_hammer(rng: np.random.Generator, instance: Instance = 'taught') -> ParametricObject:
    """Return a mallet lying on its side; the shaft points along -x."""
    size = vary(LongSize(0.17, 0.022, 0.08, 0.038, (0.50, 0.25, 0.60)), rng, instance)
    z = 0.5 * size.thickness  # the shaft lies on the table too, or the head would tip over
    parts = [
        box((size.head_height, size.head_length, size.head_height), (0.06, 0, 0.5 * size.head_height), size.color),
        capsule(0.5 * size.thickness, (0.06, 0, z), (0.06 - size.length, 0, z), (0.85, 0.62, 0.32)),
    ]
    return ParametricObject('hammer', size, with_masses(parts, 0.25))


def sample_pan(rng: np.random.Generator, instance: Instance = 'taught') -> ParametricObject:
    """Return a small frying pan; the handle points along +x."""
    size = vary(LongSize(0.11, 0.016, 0.07, 0.035, (0.16, 0.38, 0.75)), rng, instance)
    r, t, h = size.head_length, 0.005, size.head_height
    dish = trimesh.creation.revolve([(0, 0), (r, 0), (r, h), (r - t, h), (r - t, t), (0, t)], sections=40)
    handle = capsule(0.5 * size.thickness, (r + 0.004, 0, 0.7 * h), (r + size.length, 0, 0.7 * h), (0.85, 0.62, 0.32))
    collision = [
        cylinder(r, (0, 0, 0), (0, 0, t), size.color, visible=False),
        *ring(r - t, r - t, t, (t, h), 20, size.color),
        handle,
    ]
    return ParametricObject('pan', size, (mesh_part(dish, size.color), *with_masses(collision, 0.3)))
