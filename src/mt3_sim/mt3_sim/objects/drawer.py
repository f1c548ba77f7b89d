"""A low cabinet with one drawer and a bar handle: fixed to the table, opens along +x.

Its top slopes down to the front: that tells front from back even when the cabinet hides its handle from the camera.
"""

from dataclasses import dataclass

import numpy as np

from mt3_sim.objects.instances import Instance, vary
from mt3_sim.objects.model import Link, ParametricObject
from mt3_sim.objects.parts import Color, box, capsule, mesh_part, prism, ramp, with_masses

__all__ = ['JOINT', 'DrawerSize', 'handle_centre', 'make', 'sample']

JOINT = 'drawer'
PANEL = 0.008  # thickness of the boards [m]
WOOD = (0.55, 0.36, 0.20)


@dataclass(frozen=True)
class DrawerSize:
    """Dimensions [m]: the carcass along x, y, z, the handle before its front, the rise of its top to the rear."""

    depth: float = 0.15
    width: float = 0.19
    height: float = 0.095
    handle_length: float = 0.09
    handle_gap: float = 0.046
    handle_radius: float = 0.006
    travel: float = 0.12
    rise: float = 0.036
    color: Color = (0.93, 0.45, 0.10)


def handle_centre(size: DrawerSize) -> np.ndarray:
    """Return the middle of the handle's bar (3,), object frame, closed [m]."""
    return np.array([0.5 * size.depth + size.handle_gap, 0.0, 0.72 * size.height])


def make(size: DrawerSize) -> ParametricObject:
    """Return the cabinet of these dimensions."""
    d, w, h, t = size.depth, size.width, size.height, PANEL
    carcass = [
        box((d, w, t), (0, 0, 0.5 * t), WOOD),
        box((d, w, t), (0, 0, h - 0.5 * t), WOOD),
        box((t, w, h - 2 * t), (-0.5 * (d - t), 0, 0.5 * h), WOOD),
        box((d - t, t, h - 2 * t), (0.5 * t, 0.5 * (w - t), 0.5 * h), WOOD),
        box((d - t, t, h - 2 * t), (0.5 * t, -0.5 * (w - t), 0.5 * h), WOOD),
    ]
    carcass.append(mesh_part(prism([(-0.5 * d, h), (0.5 * d, h), (-0.5 * d, h + size.rise)], w), WOOD))
    carcass += ramp(-0.5 * d, 0.5 * d, h, size.rise, w, WOOD)
    gap = 0.002
    width, low, high = w - 2 * t - 2 * gap, t + gap, h - t - gap
    inner = d - 2 * t
    x, _, z = handle_centre(size)
    front = 0.5 * d
    drawer = [
        box((t, width, high - low), (front - 0.5 * t, 0, 0.5 * (low + high)), size.color),
        box((inner, width, 0.5 * t), (front - t - 0.5 * inner, 0, low + 0.25 * t), WOOD),
        box((inner, 0.5 * t, 0.7 * (high - low)), (front - t - 0.5 * inner, 0.5 * width - 0.25 * t, 0.4 * h), WOOD),
        box((inner, 0.5 * t, 0.7 * (high - low)), (front - t - 0.5 * inner, -0.5 * width + 0.25 * t, 0.4 * h), WOOD),
        capsule(size.handle_radius, (x, -0.5 * size.handle_length, z), (x, 0.5 * size.handle_length, z), METAL),
        *(
            capsule(
                0.8 * size.handle_radius,
                (front, s * 0.5 * size.handle_length, z),
                (x, s * 0.5 * size.handle_length, z),
                METAL,
            )
            for s in (-1, 1)
        ),
    ]
    link = Link(JOINT, (1.0, 0.0, 0.0), size.travel, 8.0, 2.0, 0.0, with_masses(drawer, 0.35))
    return ParametricObject('drawer', size, with_masses(carcass, 1.5), (link,), movable=False)


METAL = (0.86, 0.87, 0.88)


def sample(rng: np.random.Generator, instance: Instance = 'taught') -> ParametricObject:
    """Return the taught cabinet or a novel one."""
    limits = {
        'height': (0.078, 0.11),
        'handle_gap': (0.042, 0.055),
        'handle_length': (0.07, 0.11),
        'travel': (0.105, 0.15),
        'depth': (0.13, 0.18),
    }
    return make(vary(DrawerSize(), rng, instance, limits))
