"""A mug: hollow, with one handle that shows its yaw."""

import itertools
from dataclasses import dataclass

import numpy as np
import trimesh

from mt3_sim.objects.instances import Instance, vary
from mt3_sim.objects.model import ParametricObject
from mt3_sim.objects.parts import Color, capsule, cylinder, mesh_part, ring, with_masses

__all__ = ['MugSize', 'make', 'sample']

DENSITY_MASS = 0.25  # [kg] of the nominal mug


@dataclass(frozen=True)
class MugSize:
    """Dimensions [m]; the handle stands out along +x."""

    height: float = 0.095
    radius: float = 0.042
    wall: float = 0.005
    handle_reach: float = 0.042
    handle_radius: float = 0.0080
    color: Color = (0.16, 0.38, 0.75)


def handle_path(size: MugSize) -> np.ndarray:
    """Return the centre line (6, 3) of the handle from its lower to its upper foot, object frame [m]."""
    low, high = 0.22 * size.height, 0.84 * size.height
    foot, out = size.radius - 0.5 * size.wall, size.radius + size.handle_reach - size.handle_radius
    bend = min(0.014, 0.3 * size.handle_reach)
    xz = [(foot, low), (out - bend, low), (out, low + bend), (out, high - bend), (out - bend, high), (foot, high)]
    return np.array([(x, 0.0, z) for x, z in xz])


def make(size: MugSize) -> ParametricObject:
    """Return the mug of these dimensions."""
    r, t, h = size.radius, size.wall, size.height
    profile = [(0, 0), (r, 0), (r, h), (r - t, h), (r - t, t), (0, t)]
    cup = trimesh.creation.revolve(profile, sections=48)
    path = handle_path(size)
    bars = [capsule(size.handle_radius, a, b, size.color, visible=False) for a, b in itertools.pairwise(path)]
    seen = trimesh.boolean.union([cup, *(bar.trimesh() for bar in bars)], engine='manifold')
    # the feet of the handle must not be seen inside of the cup
    inside = trimesh.creation.cylinder(radius=r - t, height=h, sections=48)
    inside.apply_translation([0.0, 0.0, t + 0.5 * h])
    seen = trimesh.boolean.difference([seen, inside], engine='manifold')
    collision = [
        cylinder(r, (0, 0, 0), (0, 0, t), size.color, visible=False),
        *ring(r - t, r - t, t, (t, h), 20, size.color),
        *bars,
    ]
    scale = (size.height / 0.095) * (size.radius / 0.042)
    return ParametricObject('mug', size, (mesh_part(seen, size.color), *with_masses(collision, DENSITY_MASS * scale)))


def sample(rng: np.random.Generator, instance: Instance = 'taught') -> ParametricObject:
    """Return the taught mug or a novel one."""
    limits = {
        'radius': (0.036, 0.055),
        'wall': (0.004, 0.006),
        'handle_reach': (0.036, 0.05),
        'handle_radius': (0.0065, 0.0095),
    }
    return make(vary(MugSize(), rng, instance, limits))
