"""Turned open vessels: a bowl and a plate."""

from dataclasses import dataclass

import numpy as np
import trimesh

from mt3_sim.objects.instances import Instance, vary
from mt3_sim.objects.model import ParametricObject, Symmetry
from mt3_sim.objects.parts import Color, cylinder, mesh_part, ring, with_masses

__all__ = ['VesselSize', 'make', 'sample', 'sample_plate']


@dataclass(frozen=True)
class VesselSize:
    """Dimensions [m]; the wall leans outwards from the foot to the rim."""

    foot_radius: float = 0.04
    rim_radius: float = 0.065
    height: float = 0.055
    wall: float = 0.005
    floor: float = 0.006
    color: Color = (0.50, 0.25, 0.60)


def make(size: VesselSize, category: str = 'bowl') -> ParametricObject:
    """Return the vessel of these dimensions."""
    a, b, h, t, floor = size.foot_radius, size.rim_radius, size.height, size.wall, size.floor
    profile = [(0, 0), (a, 0), (b, h), (b - t, h), (a - t + (b - a) * floor / h, floor), (0, floor)]
    seen = trimesh.creation.revolve(profile, sections=48)
    inner = (a - t + (b - a) * floor / h, b - t)
    collision = [
        cylinder(a, (0, 0, 0), (0, 0, floor), size.color, visible=False),
        *ring(*inner, t, (floor, h), 20, size.color),
    ]
    mass = 500.0 * float(seen.volume)
    return ParametricObject(
        category,
        size,
        (mesh_part(seen, size.color), *with_masses(collision, mass)),
        symmetry=Symmetry('continuous', 0),
    )


def sample(rng: np.random.Generator, instance: Instance = 'taught') -> ParametricObject:
    """Return the taught bowl or a novel one."""
    return make(vary(VesselSize(), rng, instance, {'wall': (0.004, 0.006), 'foot_radius': (0.034, 0.046)}))


def sample_plate(rng: np.random.Generator, instance: Instance = 'taught') -> ParametricObject:
    """Return the taught plate or a novel one: flat and wide, with a low rim."""
    nominal = VesselSize(0.068, 0.088, 0.026, 0.006, 0.012, (0.88, 0.86, 0.82))
    limits = {
        'foot_radius': (0.058, 0.075),
        'rim_radius': (0.08, 0.1),
        'height': (0.022, 0.03),
        'floor': (0.009, 0.014),
    }
    return make(vary(nominal, rng, instance, limits), 'plate')
