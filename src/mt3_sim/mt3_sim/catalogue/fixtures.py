"""Furniture and switches, fixed to the table: doors, lids, knobs, levers, buttons."""

from types import SimpleNamespace

import numpy as np

from mt3_sim.catalogue.kit import Shape, category
from mt3_sim.objects.instances import PALETTE
from mt3_sim.objects.model import Link
from mt3_sim.objects.parts import Color, box, capsule, cylinder, mesh_part, prism, ramp, with_masses

__all__ = ['JOINT']

JOINT = 'joint'
"""Name of the joint of every fixture here."""

_WOOD, _METAL, _DARK = (0.55, 0.36, 0.20), (0.72, 0.74, 0.78), (0.25, 0.25, 0.28)


def _plunger(d: SimpleNamespace, housing: list, cap: list) -> Shape:
    link = Link(JOINT, (0.0, 0.0, -1.0), d.travel, 20.0, 2.5, 60.0, with_masses(cap, 0.02))
    return Shape(housing, links=(link,))


def _wedge_box(length: float, width: float, height: float, rise: float, color: Color) -> list:
    """Return a flat box with a rising end towards -x, which tells its ends apart from every side."""
    half = 0.5 * length
    return [
        box((length, width, height), (0, 0, 0.5 * height), color),
        mesh_part(prism([(-half, height), (-0.4 * half, height), (-half, height + rise)], width), color),
        *ramp(-half, -0.4 * half, height, rise, width, color),
    ]


@category(
    'doorbell', length=0.1, width=0.06, height=0.03, radius=0.014, travel=0.008, color=PALETTE[7], fixed=('travel',)
)
def _doorbell(d: SimpleNamespace) -> Shape:
    cap = [cylinder(d.radius, (0.02, 0, d.height - 0.004), (0.02, 0, d.height + d.travel + 0.004), PALETTE[0])]
    return _plunger(d, _wedge_box(d.length, d.width, d.height, 0.03, d.color), cap)


@category(
    'emergency stop',
    length=0.12,
    width=0.08,
    height=0.045,
    radius=0.024,
    travel=0.009,
    color=PALETTE[2],
    fixed=('travel',),
)
def _emergency_stop(d: SimpleNamespace) -> Shape:
    z = d.height + d.travel + 0.006
    cap = [
        cylinder(0.6 * d.radius, (0.02, 0, d.height - 0.004), (0.02, 0, z), PALETTE[0]),
        cylinder(d.radius, (0.02, 0, z), (0.02, 0, z + 0.012), PALETTE[0]),
    ]
    return _plunger(d, _wedge_box(d.length, d.width, d.height, 0.03, d.color), cap)


@category(
    'soap dispenser',
    length=0.09,
    width=0.07,
    height=0.09,
    radius=0.012,
    travel=0.01,
    color=PALETTE[6],
    fixed=('travel',),
)
def _soap_dispenser(d: SimpleNamespace) -> Shape:
    body = [
        box((d.length, d.width, d.height), (0, 0, 0.5 * d.height), d.color),
        box((0.04, 0.016, 0.014), (0.5 * d.length + 0.02, 0, d.height - 0.012), _METAL),
    ]
    z = d.height + d.travel + 0.012
    cap = [cylinder(d.radius, (0, 0, d.height - 0.002), (0, 0, z), PALETTE[7])]
    return _plunger(d, body, cap)


@category('keypad', length=0.11, width=0.085, height=0.028, key=0.03, travel=0.007, color=PALETTE[5], fixed=('travel',))
def _keypad(d: SimpleNamespace) -> Shape:
    top = d.height + d.travel + 0.003
    cap = [box((d.key, d.key, top - d.height + 0.003), (0.026, 0, 0.5 * (top + d.height - 0.003)), PALETTE[3])]
    dummies = [box((0.02, 0.02, 0.005), (-0.01, s * 0.025, d.height + 0.0025), PALETTE[7]) for s in (-1, 1)]
    return _plunger(d, [*_wedge_box(d.length, d.width, d.height, 0.026, d.color), *dummies], cap)


def _turning(d: SimpleNamespace, housing: list, handle: list, pivot: tuple, travel: float, start: float) -> Shape:
    link = Link(JOINT, (0.0, 0.0, 1.0), travel, 0.02, 0.03, 0.0, with_masses(handle, 0.05), pivot, start)
    return Shape(housing, links=(link,))


_KNOB_RANGE, _KNOB_START = 2.4, 1.2  # a knob starts in the middle of its range [rad]


def _knob(d: SimpleNamespace, housing: list, x: float) -> Shape:
    z = d.height
    # drawn at joint position 0: the fin then points 1.2 rad to the left of where it starts
    c, s = np.cos(-_KNOB_START), np.sin(-_KNOB_START)
    R = np.array([[c, -s, 0.0], [s, c, 0.0], [0.0, 0.0, 1.0]])
    fin = box((2.0 * d.radius, 0.014, 0.032), (x, 0, z + 0.016 + 0.012), d.color, R)
    disc = cylinder(d.radius, (x, 0, z), (x, 0, z + 0.012), PALETTE[7])
    return _turning(d, housing, [disc, fin], (x, 0.0, 0.0), _KNOB_RANGE, _KNOB_START)


@category(
    'stove knob',
    length=0.12,
    width=0.09,
    height=0.04,
    radius=0.027,
    color=PALETTE[0],
    limits={'radius': (0.022, 0.032)},
)
def _stove_knob(d: SimpleNamespace) -> Shape:
    return _knob(d, _wedge_box(d.length, d.width, d.height, 0.03, _METAL), 0.02)


@category(
    'radio dial', length=0.15, width=0.06, height=0.06, radius=0.024, color=PALETTE[1], limits={'radius': (0.02, 0.028)}
)
def _radio_dial(d: SimpleNamespace) -> Shape:
    body = [
        box((d.length, d.width, d.height), (0, 0, 0.5 * d.height), _WOOD),
        cylinder(0.004, (-0.4 * d.length, 0, d.height), (-0.4 * d.length, 0, d.height + 0.06), _METAL),
    ]
    return _knob(d, body, 0.03)


@category(
    'timer', length=0.085, width=0.085, height=0.045, radius=0.028, color=PALETTE[3], limits={'radius': (0.024, 0.032)}
)
def _timer(d: SimpleNamespace) -> Shape:
    body = [
        cylinder(0.5 * d.length, (0, 0, 0), (0, 0, d.height), d.color),
        box((0.03, 0.02, d.height + 0.012), (-0.5 * d.length - 0.005, 0, 0.5 * d.height + 0.006), PALETTE[7]),
    ]
    return _knob(d, body, 0.0)


def _lever(d: SimpleNamespace, housing: list, x: float) -> Shape:
    """Return a bar that stands out to +x over the housing and turns about z; its end carries an upright pin."""
    c, s = np.cos(-_KNOB_START), np.sin(-_KNOB_START)
    z = d.height + 0.014
    tip = (x + d.reach * c, d.reach * s)
    arm = [
        cylinder(0.014, (x, 0, d.height - 0.004), (x, 0, z + 0.008), _METAL),
        capsule(0.007, (x, 0, z), (*tip, z), d.color),
        capsule(0.008, (*tip, z), (*tip, z + 0.035), d.color),
    ]
    return _turning(d, housing, arm, (x, 0.0, 0.0), _KNOB_RANGE, _KNOB_START)


@category(
    'lever', length=0.11, width=0.09, height=0.045, reach=0.075, color=PALETTE[0], limits={'reach': (0.065, 0.085)}
)
def _lever_box(d: SimpleNamespace) -> Shape:
    return _lever(d, _wedge_box(d.length, d.width, d.height, 0.026, _DARK), -0.005)


@category('tap', radius=0.04, height=0.07, reach=0.07, color=_METAL, limits={'reach': (0.06, 0.085)})
def _tap(d: SimpleNamespace) -> Shape:
    body = [
        cylinder(d.radius, (0, 0, 0), (0, 0, d.height), PALETTE[7]),
        capsule(0.01, (-0.02, 0, 0.6 * d.height), (-d.radius - 0.05, 0, 0.6 * d.height), _METAL),
        capsule(0.009, (-d.radius - 0.05, 0, 0.6 * d.height), (-d.radius - 0.05, 0, 0.3 * d.height), _METAL),
    ]
    return _lever(d, body, 0.0)


DOOR_RANGE = 1.4  # [rad]


def _door(d: SimpleNamespace, start: float) -> Shape:
    """Return a cabinet whose door is hinged on its right; the bar on the door's left edge stands upright."""
    depth, w, h, t = d.depth, d.width, d.height, 0.008
    shell = [
        box((depth, w, t), (0, 0, 0.5 * t), _WOOD),
        box((depth, w, t), (0, 0, h - 0.5 * t), _WOOD),
        box((t, w, h - 2 * t), (-0.5 * (depth - t), 0, 0.5 * h), _WOOD),
        *(box((depth - t, t, h - 2 * t), (0.5 * t, s * 0.5 * (w - t), 0.5 * h), _WOOD) for s in (-1, 1)),
    ]
    hinge = (0.5 * depth + 0.006, -0.5 * w, 0.0)
    panel = [
        box((0.01, w - 0.004, h - 0.012), (hinge[0], 0, 0.5 * h), d.color),
        capsule(0.006, (hinge[0] + d.gap, bar_y(d), 0.45 * h), (hinge[0] + d.gap, bar_y(d), h + 0.012), _METAL),
        *(
            capsule(0.005, (hinge[0], bar_y(d), z), (hinge[0] + d.gap, bar_y(d), z), _METAL)
            for z in (0.45 * h, 0.8 * h)
        ),
    ]
    link = Link(JOINT, (0.0, 0.0, -1.0), DOOR_RANGE, 0.05, 0.03, 0.0, with_masses(panel, 0.15), hinge, start)
    return Shape(shell, links=(link,))


def bar_y(d: SimpleNamespace) -> float:
    """Return y of a door's bar, object frame, closed [m]."""
    return 0.5 * d.width - 0.028


_DOOR = {'depth': 0.1, 'width': 0.13, 'height': 0.11, 'gap': 0.04}
_DOOR_LIMITS = {'gap': (0.036, 0.05), 'width': (0.115, 0.15), 'height': (0.095, 0.125)}


@category('cupboard', **_DOOR, color=PALETTE[3], limits=_DOOR_LIMITS)
def _cupboard(d: SimpleNamespace) -> Shape:
    return _door(d, 0.0)


@category('open cupboard', **_DOOR, color=PALETTE[3], limits=_DOOR_LIMITS)
def _open_cupboard(d: SimpleNamespace) -> Shape:
    return _door(d, 0.9)


LID_RANGE = 1.5  # [rad]


def _lidded(d: SimpleNamespace, start: float) -> Shape:
    """Return a box whose lid is hinged along its rear edge (-x); a fin along x stands near the lid's front."""
    length, w, h, t = d.length, d.width, d.height, 0.008
    shell = [
        box((length, w, t), (0, 0, 0.5 * t), d.color),
        *(box((t, w, h - t), (s * 0.5 * (length - t), 0, 0.5 * (h + t)), d.color) for s in (-1, 1)),
        *(box((length - 2 * t, t, h - t), (0, s * 0.5 * (w - t), 0.5 * (h + t)), d.color) for s in (-1, 1)),
    ]
    lid = [
        box((length, w, 0.008), (0, 0, h + 0.005), PALETTE[7]),
        box((0.03, 0.014, 0.036), (fin_x(d), 0, h + 0.009 + 0.018), PALETTE[0]),
    ]
    hinge = (-0.5 * length, 0.0, h + 0.005)
    # friction holds the lid where it is let go
    link = Link(JOINT, (0.0, -1.0, 0.0), LID_RANGE, 0.02, 0.12, 0.0, with_masses(lid, 0.08), hinge, start)
    return Shape(shell, links=(link,))


def fin_x(d: SimpleNamespace) -> float:
    """Return x of the middle of a lid's fin, object frame, closed [m]."""
    return 0.5 * d.length - 0.03


_LIDDED = {'length': 0.13, 'width': 0.11, 'height': 0.06}


@category('chest', **_LIDDED, color=_WOOD)
def _chest(d: SimpleNamespace) -> Shape:
    return _lidded(d, 0.0)


@category('open chest', **_LIDDED, color=_WOOD)
def _open_chest(d: SimpleNamespace) -> Shape:
    return _lidded(d, 0.8)
