"""Solid round things and food: cans, jars, candles, fruit."""

import itertools
from types import SimpleNamespace

import numpy as np

from mt3_sim.catalogue.kit import NO_SYMMETRY, ROUND, TWO_FOLD, Shape, category, hollow, top_grip
from mt3_sim.objects.instances import PALETTE
from mt3_sim.objects.parts import Part, box, capsule, cylinder, mesh_part
from mt3_sim.objects.uses import Rest, Uses

__all__: list[str] = []

_GRIPPABLE = (0.018, 0.032)  # radius that fits between the fingers [m]
_DARK, _METAL = (0.25, 0.25, 0.28), (0.86, 0.87, 0.88)


def _stack(*pieces: tuple[float, float, tuple]) -> tuple[list[Part], float]:
    """Return cylinders of (radius, height, colour) one on another, and their height together [m]."""
    parts, z = [], 0.0
    for radius, height, color in pieces:
        parts.append(cylinder(radius, (0, 0, z), (0, 0, z + height), color))
        z += height
    return parts, z


def _round(top_radius: float, *pieces: tuple[float, float, tuple], part: str = '', carries: bool = False) -> Shape:
    parts, height = _stack(*pieces)
    rests = (Rest('on', 0.0, 0.0, height, pieces[-1][0]),) if carries else ()
    return Shape(parts, Uses((top_grip(height, 2.0 * top_radius, 0.0, part=part),), rests), ROUND)


@category('can', radius=0.031, height=0.11, color=PALETTE[0], limits={'radius': _GRIPPABLE})
def _can(d: SimpleNamespace) -> Shape:
    return _round(d.radius, (d.radius, d.height, d.color), carries=True)


@category('tin', radius=0.032, height=0.045, color=PALETTE[3], limits={'radius': _GRIPPABLE})
def _tin(d: SimpleNamespace) -> Shape:
    return _round(d.radius, (d.radius, d.height, d.color), carries=True)


@category('jar', radius=0.034, height=0.075, lid=0.029, color=PALETTE[4], limits={'lid': (0.022, 0.031)})
def _jar(d: SimpleNamespace) -> Shape:
    return _round(d.lid, (d.radius, d.height, d.color), (d.lid, 0.026, _METAL), part='lid')


@category('candle', radius=0.024, height=0.095, color=PALETTE[7], limits={'radius': _GRIPPABLE})
def _candle(d: SimpleNamespace) -> Shape:
    return _round(d.radius, (d.radius, d.height, d.color), (0.003, 0.008, _DARK))


@category('thermos', radius=0.033, height=0.12, cap=0.024, color=PALETTE[1], limits={'height': (0.1, 0.14)})
def _thermos(d: SimpleNamespace) -> Shape:
    return _round(d.cap, (d.radius, d.height, d.color), (d.cap, 0.04, _METAL), part='cap')


@category('salt shaker', radius=0.02, height=0.05, color=PALETTE[7], limits={'radius': (0.016, 0.026)})
def _salt_shaker(d: SimpleNamespace) -> Shape:
    return _round(0.8 * d.radius, (d.radius, d.height, d.color), (0.8 * d.radius, 0.024, _METAL))


@category('spool', radius=0.03, height=0.05, core=0.016, color=PALETTE[8], limits={'radius': _GRIPPABLE})
def _spool(d: SimpleNamespace) -> Shape:
    return _round(d.radius, (d.radius, 0.01, _METAL), (d.core, d.height - 0.02, d.color), (d.radius, 0.01, _METAL))


@category('glue bottle', radius=0.026, height=0.075, neck=0.011, color=PALETTE[6], limits={'radius': _GRIPPABLE})
def _glue_bottle(d: SimpleNamespace) -> Shape:
    return _round(d.neck, (d.radius, d.height, d.color), (d.neck, 0.036, PALETTE[4]), part='neck')


@category('chess piece', radius=0.021, height=0.05, color=PALETTE[5], limits={'radius': (0.018, 0.026)})
def _chess_piece(d: SimpleNamespace) -> Shape:
    r, h = d.radius, d.height
    pieces = ((r, 0.25 * h, d.color), (0.6 * r, 0.75 * h, d.color), (0.85 * r, 0.03, d.color))
    return _round(0.85 * r, *pieces)


@category('bell', radius=0.032, height=0.04, color=PALETTE[2], limits={'radius': (0.026, 0.036)})
def _bell(d: SimpleNamespace) -> Shape:
    r, h = d.radius, d.height
    knob = 0.009
    seen = hollow(
        [(0, 0), (r, 0), (0.85 * r, 0.5 * h), (0.4 * r, 0.95 * h), (knob, h), (knob, h + 0.024), (0, h + 0.024)]
    )
    collision = [
        cylinder(r, (0, 0, 0), (0, 0, 0.4 * h), d.color, visible=False),
        cylinder(0.6 * r, (0, 0, 0.4 * h), (0, 0, 0.9 * h), d.color, visible=False),
        cylinder(knob, (0, 0, 0.9 * h), (0, 0, h + 0.024), d.color, visible=False),
    ]
    return Shape([mesh_part(seen, d.color), *collision], Uses((top_grip(h + 0.024, 2.0 * knob, 0.0),)), ROUND)


@category('shampoo bottle', length=0.066, width=0.042, height=0.11, color=PALETTE[8], limits={'width': (0.034, 0.05)})
def _shampoo_bottle(d: SimpleNamespace) -> Shape:
    body = box((d.length, d.width, d.height), (0, 0, 0.5 * d.height), d.color)
    cap = cylinder(0.013, (0.012, 0, d.height), (0.012, 0, d.height + 0.036), PALETTE[7])
    grip = top_grip(d.height + 0.036, 0.026, x=0.012, part='cap')
    return Shape([body, cap], Uses((grip,)), NO_SYMMETRY)


@category('spray bottle', radius=0.034, height=0.1, reach=0.045, color=PALETTE[6], limits={'height': (0.085, 0.12)})
def _spray_bottle(d: SimpleNamespace) -> Shape:
    h, neck = d.height, 0.03
    parts = [
        cylinder(d.radius, (0, 0, 0), (0, 0, h), d.color),
        cylinder(0.013, (0, 0, h), (0, 0, h + neck), PALETTE[7]),
        box((d.reach + 0.016, 0.022, 0.026), (0.5 * d.reach - 0.012, 0, h + neck + 0.013), PALETTE[7]),
        capsule(0.005, (0.6 * d.reach, 0, h + neck), (0.45 * d.reach, 0, h + 0.4 * neck), PALETTE[0]),
    ]
    return Shape(parts, Uses((top_grip(h + neck + 0.026, 0.022, part='head'),)), NO_SYMMETRY)


@category('banana', length=0.15, radius=0.016, bend=0.022, color=PALETTE[2])
def _banana(d: SimpleNamespace) -> Shape:
    turn = np.linspace(-1.0, 1.0, 7)
    path = np.c_[0.5 * d.length * turn, d.bend * (turn**2 - 0.5), np.full(7, d.radius)]
    parts = [capsule(d.radius, tuple(a), tuple(b), d.color) for a, b in itertools.pairwise(path)]
    # flattened underneath, or it would roll
    foot = box((0.5 * d.length, 0.024, 0.006), (0, -0.4 * d.bend, 0.003), d.color)
    grip = top_grip(2.0 * d.radius, 2.0 * d.radius, y=-0.5 * d.bend)
    return Shape([*parts, foot], Uses((grip,)), NO_SYMMETRY)


@category('carrot', length=0.15, radius=0.019, color=PALETTE[4], limits={'radius': (0.016, 0.024)})
def _carrot(d: SimpleNamespace) -> Shape:
    x = np.linspace(-0.5 * d.length, 0.5 * d.length, 5)
    r = d.radius * np.linspace(1.0, 0.45, 5)
    parts = [capsule(0.5 * (r[i] + r[i + 1]), (x[i], 0, d.radius), (x[i + 1], 0, d.radius), d.color) for i in range(4)]
    leaves = capsule(0.008, (x[0] - 0.012, 0, d.radius), (x[0] - 0.035, 0, d.radius), PALETTE[3])
    foot = box((0.6 * d.length, 0.02, 0.008), (-0.1 * d.length, 0, 0.004), d.color)
    return Shape([*parts, leaves, foot], Uses((top_grip(2.0 * d.radius, 1.8 * d.radius, x=x[1]),)), NO_SYMMETRY)


@category('aubergine', length=0.13, radius=0.027, color=PALETTE[5], limits={'radius': (0.022, 0.031)})
def _aubergine(d: SimpleNamespace) -> Shape:
    half = 0.5 * d.length
    parts = [
        capsule(d.radius, (-half + d.radius, 0, d.radius), (-0.1 * half, 0, d.radius), d.color),
        capsule(0.7 * d.radius, (-0.1 * half, 0, d.radius), (0.6 * half, 0, d.radius), d.color),
        capsule(0.008, (0.6 * half, 0, d.radius), (half + 0.02, 0, d.radius + 0.012), PALETTE[3]),
        box((d.length * 0.5, 0.026, 0.008), (-0.2 * half, 0, 0.004), d.color),
    ]
    return Shape(parts, Uses((top_grip(2.0 * d.radius, 2.0 * d.radius, x=-0.45 * half),)), NO_SYMMETRY)


@category('rolling pin', length=0.15, radius=0.022, color=(0.85, 0.62, 0.32), limits={'radius': (0.018, 0.028)})
def _rolling_pin(d: SimpleNamespace) -> Shape:
    half = 0.5 * d.length
    parts = [
        cylinder(d.radius, (-half, 0, d.radius), (half, 0, d.radius), d.color),
        *(capsule(0.008, (s * half, 0, d.radius), (s * (half + 0.03), 0, d.radius), PALETTE[0]) for s in (-1, 1)),
        box((0.8 * d.length, 0.02, 0.004), (0, 0, 0.002), d.color),
    ]
    return Shape(parts, Uses((top_grip(2.0 * d.radius, 2.0 * d.radius),)), TWO_FOLD)
