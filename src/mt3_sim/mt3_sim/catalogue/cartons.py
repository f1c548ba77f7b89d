"""Boxes of all kinds: cartons, books, bricks, blocks."""

from types import SimpleNamespace

import numpy as np

from mt3_sim.catalogue.kit import NO_SYMMETRY, SQUARE, TWO_FOLD, Shape, bar_grip, category, top_grip
from mt3_sim.objects.instances import PALETTE
from mt3_sim.objects.parts import Part, box, capsule, cylinder, mesh_part, prism
from mt3_sim.objects.uses import Rest, Uses

__all__: list[str] = []

_GRIPPABLE = (0.024, 0.062)


def _body(d: SimpleNamespace) -> Part:
    return box((d.length, d.width, d.height), (0, 0, 0.5 * d.height), d.color)


def _box_uses(d: SimpleNamespace, pushable: bool = False, top: bool = False) -> Uses:
    rests = (Rest('on', 0.0, 0.0, d.height, 0.5 * min(d.length, d.width)),) if top else ()
    return Uses((top_grip(d.height, d.width),), rests, -0.5 * d.length if pushable else None)


def _plain(d: SimpleNamespace, **uses) -> Shape:
    square = abs(d.length - d.width) < 1e-6
    return Shape([_body(d)], _box_uses(d, **uses), SQUARE if square else TWO_FOLD)


@category('brick', length=0.12, width=0.055, height=0.04, color=PALETTE[0], limits={'width': _GRIPPABLE})
def _brick(d: SimpleNamespace) -> Shape:
    return _plain(d, pushable=True, top=True)


@category('sponge', length=0.095, width=0.055, height=0.032, color=PALETTE[2], limits={'width': _GRIPPABLE})
def _sponge(d: SimpleNamespace) -> Shape:
    top = box((d.length, d.width, 0.3 * d.height), (0, 0, 0.85 * d.height), PALETTE[3])
    low = box((d.length, d.width, 0.7 * d.height), (0, 0, 0.35 * d.height), d.color)
    return Shape([low, top], _box_uses(d), TWO_FOLD)


@category('matchbox', length=0.075, width=0.045, height=0.026, color=PALETTE[1], limits={'width': _GRIPPABLE})
def _matchbox(d: SimpleNamespace) -> Shape:
    return _plain(d)


@category('tea box', length=0.085, width=0.05, height=0.09, color=PALETTE[3], limits={'width': _GRIPPABLE})
def _tea_box(d: SimpleNamespace) -> Shape:
    return _plain(d, pushable=True)


@category('cereal box', length=0.11, width=0.036, height=0.13, color=PALETTE[2], limits={'height': (0.11, 0.15)})
def _cereal_box(d: SimpleNamespace) -> Shape:
    return _plain(d)


@category('eraser', length=0.065, width=0.03, height=0.022, color=PALETTE[8], limits={'height': (0.019, 0.03)})
def _eraser(d: SimpleNamespace) -> Shape:
    half = 0.5 * d.length
    left = box((half, d.width, d.height), (-0.5 * half, 0, 0.5 * d.height), d.color)
    right = box((half, d.width, d.height), (0.5 * half, 0, 0.5 * d.height), PALETTE[1])
    return Shape([left, right], _box_uses(d), TWO_FOLD)


@category('butter', length=0.085, width=0.052, height=0.035, color=PALETTE[7], limits={'width': _GRIPPABLE})
def _butter(d: SimpleNamespace) -> Shape:
    return _plain(d)


@category('domino', length=0.06, width=0.022, height=0.09, color=PALETTE[7], limits={'width': (0.02, 0.03)})
def _domino(d: SimpleNamespace) -> Shape:
    return _plain(d)


@category('cube', length=0.045, width=0.045, height=0.045, color=PALETTE[4], fixed=('length', 'width', 'height'))
def _cube(d: SimpleNamespace) -> Shape:
    return _plain(d, top=True)


@category('book', length=0.15, width=0.105, height=0.03, color=PALETTE[5], limits={'width': (0.09, 0.12)})
def _book(d: SimpleNamespace) -> Shape:
    spine = capsule(
        0.45 * d.height,
        (-0.5 * d.length + 0.45 * d.height, -0.5 * d.width, 0.5 * d.height),
        (0.5 * d.length - 0.45 * d.height, -0.5 * d.width, 0.5 * d.height),
        d.color,
    )
    uses = Uses((), (Rest('on', 0.0, 0.0, d.height, 0.5 * d.width),), -0.5 * d.length)
    return Shape([_body(d), spine], uses, NO_SYMMETRY)


@category('milk carton', length=0.062, width=0.058, height=0.1, color=PALETTE[7], limits={'width': _GRIPPABLE})
def _milk_carton(d: SimpleNamespace) -> Shape:
    half, gable = 0.5 * d.length, 0.03
    roof = mesh_part(prism([(-half, d.height), (half, d.height), (0.002, d.height + gable)], d.width), PALETTE[1])
    fin = box((0.006, d.width, 0.022), (0, 0, d.height + gable + 0.008), PALETTE[1])
    inner = box((0.5 * d.length, d.width, 0.5 * gable), (0, 0, d.height + 0.25 * gable), PALETTE[1], visible=False)
    grip = top_grip(d.height + gable + 0.019, 0.006, 0.0)
    return Shape([_body(d), roof, fin, inner], Uses((grip,)), TWO_FOLD)


@category('juice box', length=0.062, width=0.042, height=0.095, color=PALETTE[4], limits={'width': _GRIPPABLE})
def _juice_box(d: SimpleNamespace) -> Shape:
    straw = capsule(0.004, (0.3 * d.length, 0, d.height), (0.42 * d.length, 0, d.height + 0.03), PALETTE[7])
    grip = top_grip(d.height, d.width, x=-0.012)
    return Shape([_body(d), straw], Uses((grip,)), NO_SYMMETRY)


@category('bread loaf', length=0.14, width=0.058, height=0.06, color=PALETTE[2], limits={'width': _GRIPPABLE})
def _bread_loaf(d: SimpleNamespace) -> Shape:
    z = 0.5 * d.height
    r = min(0.5 * d.width, z)
    low = box((d.length, d.width, 0.9 * z), (0, 0, 0.45 * z), d.color)
    top = cylinder(r, (-0.5 * d.length, 0, z), (0.5 * d.length, 0, z), d.color)
    return Shape([low, top], Uses((top_grip(z + 0.7 * r, 2.0 * r),)), TWO_FOLD)


@category('cheese', length=0.09, width=0.05, height=0.05, color=PALETTE[2], limits={'width': _GRIPPABLE})
def _cheese(d: SimpleNamespace) -> Shape:
    half = 0.5 * d.length
    wedge = prism([(-half, 0), (half, 0), (-half, d.height)], d.width)
    slope = float(np.hypot(d.length, d.height))
    down = np.array([d.length, 0.0, -d.height]) / slope
    up = np.array([d.height, 0.0, d.length]) / slope
    R = np.stack([down, np.cross(up, down), up], axis=1)
    board = box(
        (0.6 * slope, d.width, 0.01), tuple(np.array([0, 0, 0.5 * d.height]) - 0.005 * up), d.color, R, visible=False
    )
    foot = box((0.9 * d.length, d.width, 0.01), (-0.05 * d.length, 0, 0.005), d.color, visible=False)
    back = box((0.012, d.width, 0.85 * d.height), (-half + 0.006, 0, 0.425 * d.height), d.color, visible=False)
    fill = box(
        (0.4 * d.length, d.width, 0.5 * d.height), (-0.28 * d.length, 0, 0.25 * d.height), d.color, visible=False
    )
    grip = top_grip(0.8 * d.height, d.width, x=-0.28 * d.length)
    return Shape([mesh_part(wedge, d.color), board, foot, back, fill], Uses((grip,)), NO_SYMMETRY)


@category('toolbox', length=0.14, width=0.085, height=0.06, color=PALETTE[0], limits={'height': (0.05, 0.07)})
def _toolbox(d: SimpleNamespace) -> Shape:
    reach, top = 0.3 * d.length, d.height + 0.042
    metal = (0.86, 0.87, 0.88)
    bars = [
        capsule(0.006, (-reach, 0, top), (reach, 0, top), metal),
        capsule(0.005, (-reach, 0, d.height), (-reach, 0, top), metal),
        capsule(0.005, (reach, 0, d.height), (reach, 0, top), metal),
    ]
    return Shape([_body(d), *bars], Uses((bar_grip(top, 0.006, 'handle'),), (), -0.5 * d.length), TWO_FOLD, mass=0.35)


@category('suitcase', length=0.12, width=0.045, height=0.085, color=PALETTE[6], limits={'width': _GRIPPABLE})
def _suitcase(d: SimpleNamespace) -> Shape:
    reach, top = 0.2 * d.length, d.height + 0.028
    bars = [
        capsule(0.005, (-reach, 0, top), (reach, 0, top), PALETTE[7]),
        capsule(0.005, (-reach, 0, d.height), (-reach, 0, top), PALETTE[7]),
        capsule(0.005, (reach, 0, d.height), (reach, 0, top), PALETTE[7]),
    ]
    return Shape([_body(d), *bars], Uses((bar_grip(top, 0.005, 'handle'),)), TWO_FOLD)
