"""A bottle with shoulders, neck and cap: turned, so that every yaw is right."""

from dataclasses import dataclass

import numpy as np
import trimesh

from mt3_sim.objects.instances import Instance, vary
from mt3_sim.objects.model import ParametricObject, Symmetry
from mt3_sim.objects.parts import Color, Part, cylinder, mesh_part, with_masses

__all__ = ['BottleSize', 'make', 'sample']


@dataclass(frozen=True)
class BottleSize:
    """Dimensions [m]."""

    radius: float = 0.036
    body_height: float = 0.105
    shoulder_height: float = 0.025
    neck_radius: float = 0.015
    neck_height: float = 0.042
    color: Color = (0.20, 0.60, 0.30)


def make(size: BottleSize) -> ParametricObject:
    """Return the bottle of these dimensions, half full."""
    r, n = size.radius, size.neck_radius
    z1 = size.body_height
    z2 = z1 + size.shoulder_height
    z3 = z2 + size.neck_height
    glass = trimesh.creation.revolve([(0, 0), (r, 0), (r, z1), (n, z2), (n, z3 - 0.012), (0, z3 - 0.012)], sections=40)
    cap = cylinder(n, (0, 0, z3 - 0.012), (0, 0, z3), (0.93, 0.93, 0.95), collides=False)
    hidden = {'visible': False}
    collision: list[Part] = [cylinder(r, (0, 0, 0), (0, 0, z1), size.color, **hidden)]
    steps = 4
    for index in range(steps):
        middle = (index + 0.5) / steps
        ends = (
            (0, 0, z1 + size.shoulder_height * index / steps),
            (0, 0, z1 + size.shoulder_height * (index + 1) / steps),
        )
        collision.append(cylinder(r + (n - r) * middle, *ends, size.color, **hidden))
    collision.append(cylinder(n, (0, 0, z2), (0, 0, z3), size.color, **hidden))
    mass = 0.35 * (r / 0.036) ** 2 * (z1 / 0.105)
    return ParametricObject(
        'bottle',
        size,
        (mesh_part(glass, size.color), cap, *with_masses(collision, mass)),
        symmetry=Symmetry('continuous', 0),
    )


def sample(rng: np.random.Generator, instance: Instance = 'taught') -> ParametricObject:
    """Return the taught bottle or a novel one."""
    return make(vary(BottleSize(), rng, instance, {'neck_height': (0.036, 0.055), 'radius': (0.032, 0.045)}))
