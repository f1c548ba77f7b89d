"""Things that other things are put on, into, or over: trays, crates, stands, posts, holes, rails."""

import itertools
from types import SimpleNamespace

import numpy as np

from mt3_sim.catalogue.kit import NO_SYMMETRY, ROUND, SQUARE, TWO_FOLD, Shape, category
from mt3_sim.objects.instances import PALETTE
from mt3_sim.objects.parts import Color, Part, box, capsule, cylinder
from mt3_sim.objects.uses import Grip, Rest, Uses

__all__: list[str] = []

_WOOD, _METAL = (0.62, 0.42, 0.24), (0.72, 0.74, 0.78)
_WALL, _FLOOR = 0.007, 0.008


def _open_box(length: float, width: float, height: float, color: Color) -> list[Part]:
    t = _WALL
    return [
        box((length, width, _FLOOR), (0, 0, 0.5 * _FLOOR), color),
        *(box((t, width, height), (s * 0.5 * (length - t), 0, 0.5 * height), color) for s in (-1, 1)),
        *(box((length - 2 * t, t, height), (0, s * 0.5 * (width - t), 0.5 * height), color) for s in (-1, 1)),
    ]


def _inside(length: float, width: float, height: float) -> Rest:
    return Rest('in', 0.0, 0.0, _FLOOR, 0.5 * min(length, width) - _WALL, height - _FLOOR)


def _wall_grip(length: float, height: float) -> Grip:
    return Grip('rim', -0.5 * (length - _WALL), 0.0, max(height - 0.014, 0.0125), 0.0, _WALL)


@category('crate', length=0.17, width=0.13, height=0.065, color=_WOOD, limits={'width': (0.115, 0.15)})
def _crate(d: SimpleNamespace) -> Shape:
    uses = Uses((_wall_grip(d.length, d.height),), (_inside(d.length, d.width, d.height),), -0.5 * d.length)
    return Shape(_open_box(d.length, d.width, d.height, d.color), uses, TWO_FOLD, mass=0.25)


@category('shoe box', length=0.2, width=0.12, height=0.09, color=PALETTE[4], limits={'width': (0.11, 0.14)})
def _shoe_box(d: SimpleNamespace) -> Shape:
    uses = Uses((_wall_grip(d.length, d.height),), (_inside(d.length, d.width, d.height),), -0.5 * d.length)
    return Shape(_open_box(d.length, d.width, d.height, d.color), uses, TWO_FOLD, mass=0.25)


@category('tray', length=0.19, width=0.14, height=0.026, color=PALETTE[1], limits={'height': (0.022, 0.032)})
def _tray(d: SimpleNamespace) -> Shape:
    rest = Rest('on', 0.0, 0.0, _FLOOR, 0.5 * d.width - _WALL)
    uses = Uses((_wall_grip(d.length, d.height),), (rest,), -0.5 * d.length)
    return Shape(_open_box(d.length, d.width, d.height, d.color), uses, TWO_FOLD, mass=0.25)


@category('basket', length=0.15, width=0.12, height=0.06, arch=0.075, color=PALETTE[2])
def _basket(d: SimpleNamespace) -> Shape:
    turn = np.linspace(0.0, np.pi, 9)
    path = np.c_[np.zeros(9), 0.5 * (d.width - _WALL) * np.cos(turn), d.height - 0.01 + d.arch * np.sin(turn)]
    # the arch stands at the rear end, so that things can be put in before it
    path[:, 0] = -0.5 * (d.length - _WALL)
    arch = [capsule(0.006, tuple(a), tuple(b), d.color) for a, b in itertools.pairwise(path)]
    handle = Grip('handle', path[0, 0], 0.0, float(path[:, 2].max()) - 0.01, 0.0, 0.012)
    rest = Rest('in', 0.02, 0.0, _FLOOR, 0.5 * d.width - _WALL, d.height - _FLOOR)
    return Shape(
        [*_open_box(d.length, d.width, d.height, d.color), *arch], Uses((handle,), (rest,)), NO_SYMMETRY, mass=0.25
    )


@category('dog bowl', length=0.14, width=0.14, height=0.045, color=PALETTE[5], limits={'width': (0.12, 0.16)})
def _dog_bowl(d: SimpleNamespace) -> Shape:
    uses = Uses((), (_inside(d.length, d.width, d.height),))
    return Shape(_open_box(d.length, d.width, d.height, d.color), uses, TWO_FOLD, mass=0.3)


def _stand(radius: float, height: float, d: SimpleNamespace, mark: bool = False) -> Shape:
    parts = [cylinder(radius, (0, 0, 0), (0, 0, height), d.color)]
    if mark:
        parts.append(box((0.03, 0.02, height), (radius + 0.01, 0, 0.5 * height), d.color))
    return Shape(parts, Uses((), (Rest('on', 0, 0, height, radius),)), NO_SYMMETRY if mark else ROUND, mass=0.4)


@category('coaster', radius=0.06, height=0.016, color=PALETTE[0], limits={'radius': (0.052, 0.07)})
def _coaster(d: SimpleNamespace) -> Shape:
    return _stand(d.radius, d.height, d)


@category('pedestal', radius=0.06, height=0.07, color=PALETTE[7], limits={'radius': (0.052, 0.07)})
def _pedestal(d: SimpleNamespace) -> Shape:
    return _stand(d.radius, d.height, d)


@category(
    'cutting board', length=0.2, width=0.13, height=0.018, color=(0.85, 0.62, 0.32), limits={'width': (0.11, 0.15)}
)
def _cutting_board(d: SimpleNamespace) -> Shape:
    grip = box((0.06, 0.04, d.height), (0.5 * d.length + 0.03, 0, 0.5 * d.height), d.color)
    board = box((d.length, d.width, d.height), (0, 0, 0.5 * d.height), d.color)
    return Shape([board, grip], Uses((), (Rest('on', 0, 0, d.height, 0.5 * d.width),)), NO_SYMMETRY, mass=0.5)


@category('kitchen scale', length=0.16, width=0.13, height=0.035, color=PALETTE[6], limits={'width': (0.115, 0.15)})
def _kitchen_scale(d: SimpleNamespace) -> Shape:
    h = d.height
    parts = [
        box((d.length, d.width, h), (0, 0, 0.5 * h), d.color),
        cylinder(0.45 * d.width, (-0.015, 0, h), (-0.015, 0, h + 0.012), PALETTE[7]),
        box((0.024, 0.8 * d.width, 0.008), (0.5 * d.length - 0.014, 0, h + 0.004), PALETTE[0]),
    ]
    return Shape(parts, Uses((), (Rest('on', -0.015, 0, h + 0.012, 0.45 * d.width),)), NO_SYMMETRY, mass=0.5)


@category('step', length=0.18, width=0.14, height=0.08, low=0.04, color=_WOOD, limits={'width': (0.12, 0.16)})
def _step(d: SimpleNamespace) -> Shape:
    half = 0.5 * d.length
    parts = [
        box((half, d.width, d.height), (-0.5 * half, 0, 0.5 * d.height), d.color),
        box((half, d.width, d.low), (0.5 * half, 0, 0.5 * d.low), d.color),
    ]
    return Shape(
        parts, Uses((), (Rest('on', 0.5 * half + 0.008, 0, d.low, 0.5 * half - 0.008),)), NO_SYMMETRY, mass=0.5
    )


@category('laptop', length=0.19, width=0.14, height=0.02, screen=0.1, color=_METAL, limits={'width': (0.12, 0.16)})
def _laptop(d: SimpleNamespace) -> Shape:
    R = np.array([[0.94, 0.0, -0.34], [0.0, 1.0, 0.0], [0.34, 0.0, 0.94]])
    parts = [
        box((d.width, d.length, d.height), (0, 0, 0.5 * d.height), d.color),
        box((0.012, d.length, d.screen), (-0.5 * d.width - 0.014, 0, d.height + 0.5 * d.screen), PALETTE[1], R),
    ]
    return Shape(
        parts, Uses((), (Rest('on', 0.012, 0, d.height, 0.5 * d.width - 0.012),)), NO_SYMMETRY, mass=0.5, fixed=True
    )


@category('post', base=0.11, radius=0.011, height=0.1, color=_WOOD, limits={'radius': (0.009, 0.013)})
def _post(d: SimpleNamespace) -> Shape:
    parts = [
        box((d.base, d.base, 0.014), (0, 0, 0.007), d.color),
        cylinder(d.radius, (0, 0, 0.014), (0, 0, d.height), PALETTE[0]),
        # a cone at the tip leads a ring over it
        cylinder(0.5 * d.radius, (0, 0, d.height), (0, 0, d.height + 0.012), PALETTE[0]),
    ]
    return Shape(parts, Uses(), SQUARE, mass=0.6)


@category('bottle rack', base=0.12, radius=0.0095, height=0.09, gap=0.0, color=PALETTE[3])
def _bottle_rack(d: SimpleNamespace) -> Shape:
    parts = [
        cylinder(0.5 * d.base, (0, 0, 0), (0, 0, 0.016), d.color),
        cylinder(d.radius, (0, 0, 0.016), (0, 0, d.height), _METAL),
        box((0.03, 0.014, 0.03), (-0.5 * d.base - 0.004, 0, 0.015), d.color),
    ]
    return Shape(parts, Uses(), NO_SYMMETRY, mass=0.6)


@category('rail', length=0.16, height=0.13, radius=0.007, color=_METAL, limits={'height': (0.12, 0.15)})
def _rail(d: SimpleNamespace) -> Shape:
    """Return a horizontal bar along y between two feet, open at the top."""
    half = 0.5 * d.length
    parts = [
        capsule(d.radius, (0, -half, d.height), (0, half, d.height), d.color),
        *(box((0.03, 0.012, d.height), (0, s * half, 0.5 * d.height), PALETTE[1]) for s in (-1, 1)),
        *(box((0.1, 0.024, 0.01), (0.02, s * half, 0.005), PALETTE[1]) for s in (-1, 1)),
    ]
    return Shape(parts, Uses(), NO_SYMMETRY, mass=0.8, fixed=True)


def _block_with_hole(d: SimpleNamespace, hole_length: float, hole_width: float) -> Shape:
    """Return a block with a rectangular hole towards +x and a step behind it that tells its ends apart."""
    length, width, h = d.length, d.width, d.height
    x = 0.16 * length
    a, b = 0.5 * hole_length, 0.5 * hole_width
    left, right = x + 0.5 * length, 0.5 * length - x
    smooth = {'friction': 0.25}
    parts = [
        box((left - a, width, h), (x - a - 0.5 * (left - a), 0, 0.5 * h), d.color, **smooth),
        box((right - a, width, h), (x + a + 0.5 * (right - a), 0, 0.5 * h), d.color, **smooth),
        *(
            box((2 * a, 0.5 * width - b, h), (x, s * (b + 0.5 * (0.5 * width - b)), 0.5 * h), d.color, **smooth)
            for s in (-1, 1)
        ),
        box((0.05, width, 0.022), (-0.5 * length + 0.025, 0, h + 0.011), PALETTE[7]),
        box((hole_length, hole_width, 0.004), (x, 0, 0.002), (0.25, 0.25, 0.28)),
    ]
    rest = Rest('in', x, 0.0, 0.004, min(a, b), h - 0.004)
    return Shape(parts, Uses((), (rest,)), NO_SYMMETRY, mass=1.2)


@category('battery charger', length=0.15, width=0.09, height=0.045, color=PALETTE[5], limits={'width': (0.08, 0.1)})
def _battery_charger(d: SimpleNamespace) -> Shape:
    return _block_with_hole(d, 0.036, 0.036)


@category(
    'toaster',
    length=0.16,
    width=0.1,
    height=0.06,
    color=_METAL,
    limits={'length': (0.15, 0.18), 'width': (0.085, 0.12)},
)
def _toaster(d: SimpleNamespace) -> Shape:
    return _block_with_hole(d, 0.075, 0.03)


@category('socket', length=0.14, width=0.085, height=0.045, color=PALETTE[7], limits={'width': (0.075, 0.1)})
def _socket(d: SimpleNamespace) -> Shape:
    return _block_with_hole(d, 0.04, 0.032)


@category('battery', size=0.027, height=0.075, color=PALETTE[3], fixed=('size', 'height'))
def _battery(d: SimpleNamespace) -> Shape:
    """Return a square cell that stands on its end; it fits the charger with 4.5 mm to each side."""
    body = box((d.size, d.size, d.height), (0, 0, 0.5 * d.height), d.color, friction=0.6)
    knob = cylinder(0.007, (0, 0, d.height), (0, 0, d.height + 0.004), _METAL)
    return Shape([body, knob], Uses((Grip('', 0, 0, d.height - 0.018, 0.5 * np.pi, d.size),)), SQUARE)


@category(
    'toast', length=0.066, width=0.021, height=0.085, color=(0.85, 0.62, 0.32), fixed=('length', 'width', 'height')
)
def _toast(d: SimpleNamespace) -> Shape:
    body = box((d.length, d.width, d.height), (0, 0, 0.5 * d.height), d.color, friction=0.6)
    return Shape([body], Uses((Grip('', 0, 0, d.height - 0.018, 0.5 * np.pi, d.width),)), TWO_FOLD)


@category(
    'plug',
    length=0.03,
    width=0.023,
    height=0.04,
    head=0.036,
    color=PALETTE[1],
    fixed=('length', 'width', 'height', 'head'),
)
def _plug(d: SimpleNamespace) -> Shape:
    shaft = box((d.length, d.width, d.height), (0, 0, 0.5 * d.height), d.color, friction=0.3)
    head = box((d.head, d.head, 0.034), (0, 0, d.height + 0.017), PALETTE[7])
    return Shape([shaft, head], Uses((Grip('', 0, 0, d.height + 0.02, 0.5 * np.pi, d.head),)), TWO_FOLD)


def _hanger(d: SimpleNamespace, spread: float) -> Shape:
    """Return a bow that is open below: lowered over a bar it hangs there. It is gripped by the fin on its top."""
    inner, h = 0.5 * d.mouth, d.height
    parts = [
        box((2 * inner + 0.024, 0.03, 0.012), (0, 0, h), d.color),
        *(box((0.012, spread, h), (s * (inner + 0.006), 0, 0.5 * h), d.color) for s in (-1, 1)),
        box((0.012, 0.03, 0.034), (0, 0, h + 0.02), d.color),
    ]
    return Shape(parts, Uses((Grip('', 0, 0, h + 0.024, 0.0, 0.012),)), TWO_FOLD, mass=0.08)


@category('coat hanger', mouth=0.036, height=0.07, color=PALETTE[8], fixed=('mouth', 'height'))
def _coat_hanger(d: SimpleNamespace) -> Shape:
    return _hanger(d, 0.07)


@category('clip', mouth=0.034, height=0.055, color=PALETTE[4], fixed=('mouth', 'height'))
def _clip(d: SimpleNamespace) -> Shape:
    return _hanger(d, 0.03)
