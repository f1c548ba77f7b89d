"""Things with a length: tools, brushes, desk things. They lie with their long side along x."""

from types import SimpleNamespace

import numpy as np

from mt3_sim.catalogue.kit import NO_SYMMETRY, TWO_FOLD, Shape, category, top_grip
from mt3_sim.objects.instances import PALETTE
from mt3_sim.objects.parts import Part, box, capsule, cylinder, mesh_part, prism
from mt3_sim.objects.uses import Grip, Uses

__all__: list[str] = []

_WOOD, _DARK, _METAL = (0.85, 0.62, 0.32), (0.25, 0.25, 0.28), (0.72, 0.74, 0.78)


def _shaft(radius: float, start: float, end: float, color, z: float | None = None) -> list[Part]:
    """Return a round bar along x that lies on the table and does not roll [m]."""
    z = radius if z is None else z
    foot = min(radius, 0.007)
    return [
        capsule(radius, (start, 0, z), (end, 0, z), color),
        box((0.8 * abs(end - start), 1.2 * radius, foot), (0.5 * (start + end), 0, 0.5 * foot), color),
    ]


@category('hammer', shaft=0.15, radius=0.011, head=0.075, thick=0.036, color=PALETTE[5])
def _hammer(d: SimpleNamespace) -> Shape:
    head = box((d.thick, d.head, d.thick), (0.06, 0, 0.5 * d.thick), d.color)
    parts = [head, *_shaft(d.radius, 0.06 - d.shaft, 0.06, _WOOD)]
    handle = top_grip(2.0 * d.radius, 2.0 * d.radius, x=0.0, part='handle')
    return Shape(parts, Uses((handle, top_grip(d.thick, d.thick, 0.0, 0.06, part='head'))), NO_SYMMETRY, mass=0.25)


@category('screwdriver', length=0.16, radius=0.015, color=PALETTE[0])
def _screwdriver(d: SimpleNamespace) -> Shape:
    parts = [
        *_shaft(d.radius, -0.5 * d.length, 0.0, d.color),
        capsule(0.005, (0, 0, d.radius), (0.08, 0, d.radius), _METAL),
    ]
    return Shape(parts, Uses((top_grip(2.0 * d.radius, 2.0 * d.radius, x=-0.25 * d.length),)), NO_SYMMETRY)


@category('wrench', length=0.15, width=0.02, thick=0.02, jaw=0.045, color=_METAL)
def _wrench(d: SimpleNamespace) -> Shape:
    half = 0.5 * d.length
    parts = [
        box((d.length, d.width, d.thick), (0, 0, 0.5 * d.thick), d.color),
        box((0.02, d.jaw, d.thick), (half, 0, 0.5 * d.thick), d.color),
        *(
            box((0.028, 0.012, d.thick), (half + 0.02, s * 0.5 * (d.jaw - 0.012), 0.5 * d.thick), d.color)
            for s in (-1, 1)
        ),
    ]
    return Shape(parts, Uses((top_grip(d.thick, d.width, x=-0.2 * d.length),)), NO_SYMMETRY)


@category('marker', length=0.13, radius=0.011, color=PALETTE[1], limits={'radius': (0.0095, 0.014)})
def _marker(d: SimpleNamespace) -> Shape:
    half = 0.5 * d.length
    parts = [
        *_shaft(d.radius, -half, 0.35 * half, d.color),
        capsule(0.009, (0.35 * half, 0, d.radius), (half, 0, d.radius), _DARK),
    ]
    return Shape(parts, Uses((top_grip(2.0 * d.radius, 2.0 * d.radius, x=-0.3 * half),)), NO_SYMMETRY)


@category('torch', length=0.13, radius=0.015, head=0.024, color=PALETTE[2])
def _torch(d: SimpleNamespace) -> Shape:
    half = 0.5 * d.length
    parts = [
        *_shaft(d.radius, -half, 0.4 * half, d.color),
        cylinder(d.head, (0.35 * half, 0, d.head), (half, 0, d.head), _DARK),
        box((0.06, 0.024, 0.01), (0.68 * half, 0, 0.005), _DARK),
    ]
    return Shape(parts, Uses((top_grip(2.0 * d.radius, 2.0 * d.radius, x=-0.4 * half),)), NO_SYMMETRY)


@category('paint brush', length=0.15, radius=0.01, head=0.05, color=PALETTE[3])
def _paint_brush(d: SimpleNamespace) -> Shape:
    half = 0.5 * d.length
    parts = [
        *_shaft(d.radius, -half, 0.3 * half, _WOOD),
        box((0.02, d.head, 0.022), (0.35 * half, 0, 0.011), _METAL),
        box((0.045, d.head, 0.02), (0.35 * half + 0.03, 0, 0.010), d.color),
    ]
    return Shape(parts, Uses((top_grip(2.0 * d.radius, 2.0 * d.radius, x=-0.3 * half),)), NO_SYMMETRY)


@category('scrubbing brush', length=0.13, width=0.05, height=0.045, color=PALETTE[4], limits={'width': (0.04, 0.06)})
def _scrubbing_brush(d: SimpleNamespace) -> Shape:
    bristles = box((0.9 * d.length, 0.85 * d.width, 0.5 * d.height), (0, 0, 0.25 * d.height), PALETTE[7])
    back = box((d.length, d.width, 0.35 * d.height), (0, 0, 0.675 * d.height), d.color)
    knob = box((0.35 * d.length, 0.6 * d.width, 0.02), (-0.25 * d.length, 0, 0.85 * d.height + 0.01), d.color)
    grip = top_grip(0.85 * d.height + 0.02, 0.6 * d.width, x=-0.25 * d.length)
    return Shape([bristles, back, knob], Uses((grip,)), NO_SYMMETRY)


@category('scraper', length=0.1, blade=0.08, thick=0.024, color=PALETTE[6])
def _scraper(d: SimpleNamespace) -> Shape:
    parts = [
        box((d.length, 0.026, d.thick), (-0.5 * d.length, 0, 0.5 * d.thick), d.color),
        box((0.035, d.blade, 0.012), (0.0175, 0, 0.006), _METAL),
    ]
    return Shape(parts, Uses((top_grip(d.thick, 0.026, x=-0.4 * d.length),)), NO_SYMMETRY)


@category('stapler', length=0.13, width=0.032, height=0.05, color=PALETTE[0], limits={'width': (0.026, 0.042)})
def _stapler(d: SimpleNamespace) -> Shape:
    half = 0.5 * d.length
    base = box((d.length, d.width, 0.012), (0, 0, 0.006), _DARK)
    arm = prism(
        [(-half, 0.4 * d.height), (half, 0.55 * d.height), (half, 0.8 * d.height), (-half, d.height)], 0.85 * d.width
    )
    hinge = box((0.03, 0.85 * d.width, 0.8 * d.height), (-half + 0.015, 0, 0.4 * d.height), d.color, visible=False)
    beam = box((d.length, 0.85 * d.width, 0.3 * d.height), (0, 0, 0.62 * d.height), d.color, visible=False)
    post = box((0.03, 0.85 * d.width, 0.45 * d.height), (-half + 0.015, 0, 0.25 * d.height), d.color)
    grip = top_grip(0.78 * d.height, 0.85 * d.width, x=0.1 * d.length)
    return Shape([base, mesh_part(arm, d.color), hinge, beam, post], Uses((grip,)), NO_SYMMETRY)


@category('tape dispenser', length=0.12, width=0.04, height=0.055, color=PALETTE[1], limits={'width': (0.03, 0.05)})
def _tape_dispenser(d: SimpleNamespace) -> Shape:
    half, r = 0.5 * d.length, 0.48 * d.height
    parts = [
        box((d.length, d.width, 0.35 * d.height), (0, 0, 0.175 * d.height), d.color),
        cylinder(
            r, (-0.2 * half, -0.35 * d.width, d.height - r), (-0.2 * half, 0.35 * d.width, d.height - r), PALETTE[7]
        ),
        box((0.012, d.width, 0.7 * d.height), (half - 0.006, 0, 0.35 * d.height), d.color),
    ]
    return Shape(parts, Uses((top_grip(d.height, 0.7 * d.width, x=-0.2 * half),)), NO_SYMMETRY)


@category('remote control', length=0.14, width=0.045, height=0.024, color=PALETTE[5], limits={'height': (0.02, 0.03)})
def _remote_control(d: SimpleNamespace) -> Shape:
    body = box((d.length, d.width, d.height), (0, 0, 0.5 * d.height), d.color)
    keys = [
        cylinder(0.006, (x * d.length, 0, d.height), (x * d.length, 0, d.height + 0.004), PALETTE[7])
        for x in (0.1, 0.25, 0.4)
    ]
    dial = cylinder(0.014, (-0.33 * d.length, 0, d.height), (-0.33 * d.length, 0, d.height + 0.005), PALETTE[0])
    return Shape([body, *keys, dial], Uses((top_grip(d.height, d.width, x=-0.08 * d.length),)), NO_SYMMETRY)


@category('computer mouse', length=0.1, width=0.055, height=0.036, color=PALETTE[7], limits={'width': (0.046, 0.062)})
def _computer_mouse(d: SimpleNamespace) -> Shape:
    half, h = 0.5 * d.length, d.height
    hump = prism(
        [(-half, 0), (half, 0), (half, 0.4 * h), (0.3 * half, 0.75 * h), (-0.5 * half, h), (-half, 0.5 * h)], d.width
    )
    low = box((d.length, d.width, 0.4 * h), (0, 0, 0.2 * h), d.color, visible=False)
    high = box((0.6 * d.length, d.width, 0.5 * h), (-0.15 * d.length, 0, 0.6 * h), d.color, visible=False)
    return Shape(
        [mesh_part(hump, d.color), low, high], Uses((top_grip(0.85 * h, d.width, x=-0.15 * d.length),)), NO_SYMMETRY
    )


@category('camera', length=0.1, width=0.036, height=0.06, lens=0.024, color=_DARK, limits={'width': (0.03, 0.045)})
def _camera(d: SimpleNamespace) -> Shape:
    body = box((d.length, d.width, d.height), (0, 0, 0.5 * d.height), d.color)
    lens = cylinder(
        d.lens, (0.012, 0.5 * d.width, 0.5 * d.height), (0.012, 0.5 * d.width + 0.026, 0.5 * d.height), _METAL
    )
    button = cylinder(0.008, (-0.35 * d.length, 0, d.height), (-0.35 * d.length, 0, d.height + 0.008), PALETTE[0])
    return Shape([body, lens, button], Uses((top_grip(d.height, d.width, x=-0.02),)), NO_SYMMETRY)


@category('stamp', length=0.06, width=0.035, height=0.026, knob=0.013, color=PALETTE[3])
def _stamp(d: SimpleNamespace) -> Shape:
    foot = box((d.length, d.width, d.height), (0, 0, 0.5 * d.height), d.color)
    knob = cylinder(d.knob, (0, 0, d.height), (0, 0, d.height + 0.045), _WOOD)
    return Shape([foot, knob], Uses((top_grip(d.height + 0.045, 2.0 * d.knob),)), TWO_FOLD)


@category('iron', length=0.13, width=0.07, height=0.035, color=PALETTE[1])
def _iron(d: SimpleNamespace) -> Shape:
    half, h = 0.5 * d.length, d.height
    nose = prism([(-half, 0), (0.3 * half, 0), (0.3 * half, h), (-half, h)], d.width)
    front = prism([(0.3 * half, 0), (half, 0), (half, 0.5 * h), (0.3 * half, h)], 0.5 * d.width)
    top = h + 0.04
    parts = [
        mesh_part(nose, d.color),
        mesh_part(front, d.color),
        box((0.65 * d.length, d.width, h), (-0.175 * d.length, 0, 0.5 * h), d.color, visible=False),
        box((0.35 * d.length, 0.5 * d.width, 0.6 * h), (0.325 * d.length, 0, 0.3 * h), d.color, visible=False),
        capsule(0.009, (-0.7 * half, 0, top), (0.2 * half, 0, top), _DARK),
        capsule(0.008, (-0.7 * half, 0, h - 0.004), (-0.7 * half, 0, top), _DARK),
        capsule(0.008, (0.2 * half, 0, h - 0.004), (0.2 * half, 0, top), _DARK),
    ]
    return Shape(parts, Uses((top_grip(top + 0.009, 0.018, x=-0.25 * half, part='handle'),)), NO_SYMMETRY, mass=0.35)


@category('watering can', radius=0.042, height=0.075, reach=0.075, color=PALETTE[3])
def _watering_can(d: SimpleNamespace) -> Shape:
    h, top = d.height, d.height + 0.04
    parts = [
        cylinder(d.radius, (0, 0, 0), (0, 0, h), d.color),
        capsule(0.008, (d.radius - 0.004, 0, 0.25 * h), (d.radius + d.reach * 0.8, 0, 1.05 * h), d.color),
        capsule(0.007, (-0.03, 0, top), (0.03, 0, top), _METAL),
        capsule(0.006, (-0.03, 0, h - 0.004), (-0.03, 0, top), _METAL),
        capsule(0.006, (0.03, 0, h - 0.004), (0.03, 0, top), _METAL),
    ]
    grip = Grip('handle', 0.0, 0.0, top + 0.007 - 0.018, 0.5 * np.pi, 0.014)
    return Shape(parts, Uses((grip,)), NO_SYMMETRY, mass=0.25)
