"""A round peg with a square head, and the block with the funnelled hole that it goes into."""

from dataclasses import dataclass

import numpy as np
import trimesh

from mt3_common import se3
from mt3_sim.objects.instances import Instance, vary
from mt3_sim.objects.model import ParametricObject, Symmetry
from mt3_sim.objects.parts import Color, box, cylinder, mesh_part, prism, ramp, sphere, with_masses

__all__ = ['HoleSize', 'PegSize', 'hole_centre', 'make_block', 'make_peg', 'sample_block', 'sample_peg']

SMOOTH = 0.25  # friction of shaft and hole


@dataclass(frozen=True)
class PegSize:
    """Dimensions [m]: a shaft with a round tip below a square head."""

    shaft_radius: float = 0.010
    shaft_length: float = 0.055
    head_width: float = 0.030
    head_height: float = 0.032
    color: Color = (0.93, 0.45, 0.10)


@dataclass(frozen=True)
class HoleSize:
    """Dimensions [m]: the block along x, y, z; the square hole towards +x, its funnel, a ramp at the other end."""

    length: float = 0.15
    width: float = 0.10
    height: float = 0.055
    hole_width: float = 0.027
    funnel: float = 0.013
    ramp_length: float = 0.05
    rise: float = 0.024
    color: Color = (0.50, 0.25, 0.60)


def make_peg(size: PegSize) -> ParametricObject:
    """Return the peg of these dimensions; its underside is the tip."""
    r, length = size.shaft_radius, size.shaft_length
    parts = [
        sphere(r, (0, 0, r), size.color, friction=SMOOTH),
        cylinder(r, (0, 0, r), (0, 0, length), size.color, friction=SMOOTH),
        box(
            (size.head_width, size.head_width, size.head_height),
            (0, 0, length + 0.5 * size.head_height),
            size.color,
        ),
    ]
    return ParametricObject('peg', size, with_masses(parts, 0.09), symmetry=Symmetry('n_fold', 4))


def hole_centre(size: HoleSize) -> np.ndarray:
    """Return the middle of the hole at the block's top (3,), object frame [m]."""
    return np.array([0.5 * size.length - 0.5 * size.width, 0.0, size.height])


def make_block(size: HoleSize) -> ParametricObject:
    """Return the block of these dimensions; the hole goes through to the table."""
    length, width, h = size.length, size.width, size.height
    x, _, _ = hole_centre(size)
    half, mouth = 0.5 * size.hole_width, 0.5 * size.hole_width + size.funnel
    hidden = {'visible': False, 'friction': SMOOTH}

    outside = trimesh.creation.box(extents=(length, width, h))
    outside.apply_translation((0, 0, 0.5 * h))
    funnel = _frustum(half, mouth + 0.001, h - size.funnel, h + 0.001)
    shaft = trimesh.creation.box(extents=(2 * half, 2 * half, 3 * h))
    holes = [funnel, shaft]
    for hole in holes:
        hole.apply_translation((x, 0, 0))
    seen = trimesh.boolean.difference([outside, *holes], engine='manifold')
    rear, foot = -0.5 * length, -0.5 * length + size.ramp_length
    slope = prism([(rear, h - 0.001), (foot, h - 0.001), (foot, h), (rear, h + size.rise)], width)
    seen = trimesh.boolean.union([seen, slope], engine='manifold')

    low = h - size.funnel
    left, right = x + 0.5 * length, 0.5 * length - x  # to the two ends, from the hole's middle
    collision = [
        # up to the funnel: four boxes around the hole
        box((left - half, width, low), (x - half - 0.5 * (left - half), 0, 0.5 * low), size.color, **hidden),
        box((right - half, width, low), (x + half + 0.5 * (right - half), 0, 0.5 * low), size.color, **hidden),
        *_sides(x, half, width, 0.0, low, half, size.color, hidden),
        # beside the funnel
        box(
            (left - mouth, width, size.funnel),
            (x - mouth - 0.5 * (left - mouth), 0, 0.5 * (low + h)),
            size.color,
            **hidden,
        ),
        box(
            (right - mouth, width, size.funnel),
            (x + mouth + 0.5 * (right - mouth), 0, 0.5 * (low + h)),
            size.color,
            **hidden,
        ),
        *_sides(x, mouth, width, low, h, mouth, size.color, hidden),
        # the funnel: four boards that lean at 45 degrees
        *(_lean(x, half, mouth, low, h, quarter, size.color, hidden) for quarter in range(4)),
        *ramp(rear, foot, h, size.rise, width, size.color, friction=SMOOTH),
    ]
    return ParametricObject('hole_block', size, (mesh_part(seen, size.color), *with_masses(collision, 1.2)))


def _sides(x: float, half: float, width: float, low: float, high: float, reach: float, color: Color, kw: dict) -> list:
    depth = 0.5 * width - half
    return [
        box((2 * reach, depth, high - low), (x, sign * (half + 0.5 * depth), 0.5 * (low + high)), color, **kw)
        for sign in (-1, 1)
    ]


def _lean(x: float, half: float, mouth: float, low: float, high: float, quarter: int, color: Color, kw: dict):
    """Return one slope of the funnel: a board whose upper face runs from the hole's edge up to the mouth's edge."""
    thickness = 0.008
    slope = np.hypot(mouth - half, high - low)
    along, normal = np.array([mouth - half, 0, high - low]) / slope, np.array([low - high, 0, mouth - half]) / slope
    R = np.stack([along, np.cross(normal, along), normal], axis=1)
    middle = np.array([0.5 * (half + mouth), 0, 0.5 * (low + high)]) - 0.5 * thickness * normal
    T = se3.make(None, (x, 0, 0)) @ se3.from_yaw(0.5 * np.pi * quarter) @ se3.make(R, middle)
    return box((slope, 2 * mouth, thickness), T[:3, 3], color, T[:3, :3], **kw)


def _frustum(half_low: float, half_high: float, low: float, high: float) -> trimesh.Trimesh:
    corners = np.array([(-1, -1), (1, -1), (1, 1), (-1, 1)], dtype=float)
    points = np.vstack([np.c_[corners * half_low, np.full(4, low)], np.c_[corners * half_high, np.full(4, high)]])
    return trimesh.convex.convex_hull(points)


def sample_peg(rng: np.random.Generator, instance: Instance = 'taught') -> ParametricObject:
    """Return the peg: the same in every scene, since it is held and must fit every block."""
    del rng, instance
    return make_peg(PegSize())


def sample_block(rng: np.random.Generator, instance: Instance = 'taught') -> ParametricObject:
    """Return the taught block or a novel one; the hole always fits the peg, 7 mm wider than its shaft."""
    limits = {'width': (0.085, 0.12), 'height': (0.045, 0.068), 'ramp_length': (0.04, 0.055)}
    return make_block(vary(HoleSize(), rng, instance, limits, fixed=('hole_width', 'funnel')))
