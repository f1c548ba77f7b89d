"""Turned hollow things: cups, pots, vases, and the like."""

import itertools
from types import SimpleNamespace

import numpy as np
import trimesh

from mt3_sim.catalogue.kit import NO_SYMMETRY, ROUND, TWO_FOLD, Shape, category, hollow
from mt3_sim.objects.instances import PALETTE
from mt3_sim.objects.parts import Part, capsule, cylinder, mesh_part, ring
from mt3_sim.objects.uses import Grip, Rest, Uses

__all__: list[str] = []

_WALL = 0.005
_FLOOR = 0.006


def _wall(foot: float, rim: float, height: float, color) -> tuple[trimesh.Trimesh, list[Part]]:
    """Return what is seen and what collides of a cone-shaped cup with these outer radii [m]."""
    t, floor = _WALL, _FLOOR
    at_floor = foot + (rim - foot) * floor / height
    seen = hollow([(0, 0), (foot, 0), (rim, height), (rim - t, height), (at_floor - t, floor), (0, floor)])
    collision = [
        cylinder(foot, (0, 0, 0), (0, 0, floor), color, visible=False),
        *ring(at_floor - t, rim - t, t, (floor, height), 16, color),
    ]
    return seen, collision


def _rim_grip(rim: float, height: float, side: float = -1.0) -> Grip:
    return Grip('rim', side * (rim - 0.5 * _WALL), 0.0, max(height - 0.012, 0.013), 0.0, _WALL)


def _inside(foot: float, rim: float, height: float) -> Rest:
    return Rest('in', 0.0, 0.0, _FLOOR, min(foot, rim) - _WALL, height - _FLOOR)


def _handled(d: SimpleNamespace, low: float, high: float, thickness: float, extra: tuple = ()) -> Shape:
    """Return a vessel with one handle towards +x, its feet at these fractions of the height."""
    seen, collision = _wall(d.foot, d.rim, d.height, d.color)
    foot = min(d.foot, d.rim) - 0.5 * _WALL
    out, z0, z1 = max(d.foot, d.rim) + d.reach - thickness, low * d.height, high * d.height
    bend = 0.3 * d.reach
    path = [(foot, z0), (out - bend, z0), (out, z0 + bend), (out, z1 - bend), (out - bend, z1), (foot, z1)]
    bars = [
        capsule(thickness, (a, 0, b), (c, 0, e), d.color, visible=False) for (a, b), (c, e) in itertools.pairwise(path)
    ]
    seen = trimesh.boolean.union([seen, *(bar.trimesh() for bar in bars), *extra], engine='manifold')
    inside = hollow([(0, _FLOOR), (d.foot - _WALL, _FLOOR), (d.rim - _WALL, d.height + 0.001), (0, d.height + 0.001)])
    seen = trimesh.boolean.difference([seen, inside], engine='manifold')
    handle = Grip('handle', out - 0.002, 0.0, max(z1 - 0.016, d.height - 0.029), 0.5 * np.pi, 2.0 * thickness)
    return Shape(
        [mesh_part(seen, d.color), *collision, *bars],
        Uses((_rim_grip(d.rim, d.height), handle), (_inside(d.foot, d.rim, d.height),)),
        NO_SYMMETRY,
    )


@category('teacup', foot=0.03, rim=0.045, height=0.062, reach=0.032, color=PALETTE[7], limits={'reach': (0.028, 0.04)})
def _teacup(d: SimpleNamespace) -> Shape:
    return _handled(d, 0.3, 0.88, 0.006)


@category('measuring cup', foot=0.045, rim=0.05, height=0.085, reach=0.045, color=PALETTE[2])
def _measuring_cup(d: SimpleNamespace) -> Shape:
    spout = trimesh.creation.cone(radius=0.016, height=0.03, sections=24)
    spout.apply_transform(trimesh.transformations.rotation_matrix(np.pi, [1, 0, 0]))
    spout.apply_translation([-d.rim, 0.0, d.height - 0.0005])
    return _handled(d, 0.2, 0.85, 0.008, (spout,))


@category('jug', foot=0.05, rim=0.042, height=0.15, reach=0.05, color=PALETTE[3], limits={'height': (0.13, 0.17)})
def _jug(d: SimpleNamespace) -> Shape:
    return _handled(d, 0.25, 0.88, 0.0085)


@category('tumbler', foot=0.026, rim=0.031, height=0.095, color=PALETTE[6], limits={'rim': (0.026, 0.033)})
def _tumbler(d: SimpleNamespace) -> Shape:
    seen, collision = _wall(d.foot, d.rim, d.height, d.color)
    body = Grip('', 0.0, 0.0, d.height - 0.025, 0.0, 2.0 * d.rim)
    uses = Uses((body, _rim_grip(d.rim, d.height)), (_inside(d.foot, d.rim, d.height),))
    return Shape([mesh_part(seen, d.color), *collision], uses, ROUND)


@category('flower pot', foot=0.036, rim=0.056, height=0.085, color=PALETTE[4])
def _flower_pot(d: SimpleNamespace) -> Shape:
    seen, collision = _wall(d.foot, d.rim, d.height, d.color)
    uses = Uses((_rim_grip(d.rim, d.height),), (_inside(d.foot, d.rim, d.height),))
    return Shape([mesh_part(seen, d.color), *collision], uses, ROUND)


@category('pencil holder', foot=0.036, rim=0.036, height=0.095, color=PALETTE[5])
def _pencil_holder(d: SimpleNamespace) -> Shape:
    seen, collision = _wall(d.foot, d.rim, d.height, d.color)
    uses = Uses((_rim_grip(d.rim, d.height),), (_inside(d.foot, d.rim, d.height),))
    return Shape([mesh_part(seen, d.color), *collision], uses, ROUND)


@category('bin', foot=0.058, rim=0.072, height=0.13, color=PALETTE[1], limits={'height': (0.11, 0.15)})
def _bin(d: SimpleNamespace) -> Shape:
    seen, collision = _wall(d.foot, d.rim, d.height, d.color)
    uses = Uses((_rim_grip(d.rim, d.height),), (_inside(d.foot, d.rim, d.height),))
    return Shape([mesh_part(seen, d.color), *collision], uses, ROUND, mass=0.25)


@category('pot', foot=0.07, rim=0.072, height=0.075, reach=0.028, color=PALETTE[0])
def _pot(d: SimpleNamespace) -> Shape:
    seen, collision = _wall(d.foot, d.rim, d.height, d.color)
    z = d.height - 0.016
    lugs = [
        capsule(0.006, (s * (d.rim - 0.006), 0, z), (s * (d.rim + d.reach), 0, z), (0.2, 0.2, 0.2)) for s in (-1, 1)
    ]
    handle = Grip('handle', d.rim + 0.55 * d.reach, 0.0, d.height - 0.018, 0.5 * np.pi, 0.012)
    # the rim is gripped between the lugs
    rim = Grip('rim', 0.0, -(d.rim - 0.5 * _WALL), d.height - 0.012, 0.5 * np.pi, _WALL)
    uses = Uses((rim, handle), (_inside(d.foot, d.rim, d.height),))
    return Shape([mesh_part(seen, d.color), *collision, *lugs], uses, TWO_FOLD, mass=0.35)


@category('saucepan', foot=0.058, rim=0.06, height=0.07, reach=0.085, color=PALETTE[1])
def _saucepan(d: SimpleNamespace) -> Shape:
    seen, collision = _wall(d.foot, d.rim, d.height, d.color)
    z = d.height - 0.014
    bar = capsule(0.008, (d.rim - 0.006, 0, z), (d.rim + d.reach, 0, z), (0.85, 0.62, 0.32))
    handle = Grip('handle', d.rim + 0.4 * d.reach, 0.0, z - 0.002, 0.5 * np.pi, 0.016)
    uses = Uses((_rim_grip(d.rim, d.height), handle), (_inside(d.foot, d.rim, d.height),))
    return Shape([mesh_part(seen, d.color), *collision, bar], uses, NO_SYMMETRY, mass=0.3)


@category('egg cup', foot=0.024, rim=0.028, height=0.055, color=PALETTE[8])
def _egg_cup(d: SimpleNamespace) -> Shape:
    waist = 0.6 * d.foot
    t, middle = _WALL, 0.45 * d.height
    seen = hollow(
        [
            (0, 0),
            (d.foot, 0),
            (d.foot, 0.15 * d.height),
            (waist, middle),
            (d.rim, 0.62 * d.height),
            (d.rim, d.height),
            (d.rim - t, d.height),
            (d.rim - t, 0.66 * d.height),
            (0, 0.5 * d.height),
        ]
    )
    collision = [
        cylinder(d.foot, (0, 0, 0), (0, 0, 0.15 * d.height), d.color, visible=False),
        cylinder(waist, (0, 0, 0.1 * d.height), (0, 0, 0.55 * d.height), d.color, visible=False),
        *ring(d.rim - t, d.rim - t, t, (0.5 * d.height, d.height), 14, d.color),
    ]
    body = Grip('', 0.0, 0.0, max(d.height - 0.016, 0.02), 0.0, 2.0 * d.rim)
    return Shape([mesh_part(seen, d.color), *collision], Uses((body,)), ROUND)


@category('vase', foot=0.034, belly=0.046, neck=0.024, height=0.15, color=PALETTE[5], limits={'height': (0.12, 0.17)})
def _vase(d: SimpleNamespace) -> Shape:
    h = d.height
    seen = hollow([(0, 0), (d.foot, 0), (d.belly, 0.4 * h), (d.neck, 0.75 * h), (d.neck, h), (0, h)])
    collision = [
        cylinder(d.foot, (0, 0, 0), (0, 0, 0.15 * h), d.color, visible=False),
        cylinder(d.belly - 0.004, (0, 0, 0.15 * h), (0, 0, 0.55 * h), d.color, visible=False),
        cylinder(d.neck, (0, 0, 0.55 * h), (0, 0, h), d.color, visible=False),
    ]
    neck = Grip('neck', 0.0, 0.0, h - 0.024, 0.0, 2.0 * d.neck)
    return Shape([mesh_part(seen, d.color), *collision], Uses((neck,)), ROUND)
