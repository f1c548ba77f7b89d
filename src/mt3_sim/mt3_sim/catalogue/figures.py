"""Toys: car, train, boat, house, duck, robot, plane, and things made of rings and steps."""

from types import SimpleNamespace

from mt3_sim.catalogue.kit import NO_SYMMETRY, ROUND, SQUARE, TWO_FOLD, Shape, category, hollow, top_grip
from mt3_sim.objects.instances import PALETTE
from mt3_sim.objects.parts import box, capsule, cylinder, mesh_part, prism, ring, sphere
from mt3_sim.objects.uses import Grip, Uses

__all__: list[str] = []

_DARK = (0.25, 0.25, 0.28)


@category(
    'toy car', length=0.11, width=0.05, height=0.03, cabin=0.026, color=PALETTE[0], limits={'width': (0.04, 0.06)}
)
def _toy_car(d: SimpleNamespace) -> Shape:
    half, h, c = 0.5 * d.length, d.height, d.cabin
    cabin = prism([(-0.75 * half, h), (0.35 * half, h), (0.1 * half, h + c), (-0.6 * half, h + c)], 0.8 * d.width)
    parts = [
        box((d.length, d.width, h), (0, 0, 0.5 * h), d.color),
        mesh_part(cabin, PALETTE[7]),
        box((0.7 * half, 0.8 * d.width, c), (-0.25 * half, 0, h + 0.5 * c), PALETTE[7], visible=False),
    ]
    return Shape(parts, Uses((top_grip(h + c, 0.8 * d.width, x=-0.25 * half),), (), -half), NO_SYMMETRY)


@category('toy train', length=0.12, width=0.045, height=0.035, color=PALETTE[3], limits={'width': (0.036, 0.055)})
def _toy_train(d: SimpleNamespace) -> Shape:
    half, h = 0.5 * d.length, d.height
    parts = [
        box((d.length, d.width, h), (0, 0, 0.5 * h), d.color),
        box((0.4 * d.length, 0.9 * d.width, 0.035), (-half + 0.2 * d.length, 0, h + 0.0175), PALETTE[0]),
        cylinder(0.009, (0.6 * half, 0, h), (0.6 * half, 0, h + 0.03), _DARK),
    ]
    grip = top_grip(h + 0.035, 0.9 * d.width, x=-half + 0.2 * d.length)
    return Shape(parts, Uses((grip,), (), -half), NO_SYMMETRY)


@category('toy boat', length=0.13, width=0.055, height=0.03, color=PALETTE[1], limits={'width': (0.045, 0.062)})
def _toy_boat(d: SimpleNamespace) -> Shape:
    half, h = 0.5 * d.length, d.height
    bow = prism([(0.4 * half, 0), (half, 0.6 * h), (half, h), (0.4 * half, h)], 0.6 * d.width)
    parts = [
        box((0.7 * d.length, d.width, h), (-0.15 * d.length, 0, 0.5 * h), d.color),
        mesh_part(bow, d.color),
        box((0.25 * d.length, 0.6 * d.width, 0.5 * h), (0.3 * d.length, 0, 0.7 * h), d.color, visible=False),
        box((0.3 * d.length, 0.6 * d.width, 0.03), (-0.2 * d.length, 0, h + 0.015), PALETTE[7]),
        cylinder(0.01, (-0.25 * d.length, 0, h + 0.03), (-0.25 * d.length, 0, h + 0.052), PALETTE[0]),
    ]
    grip = top_grip(h + 0.03, 0.6 * d.width, x=-0.1 * d.length)
    return Shape(parts, Uses((grip,), (), -half), NO_SYMMETRY)


@category('toy house', length=0.085, width=0.06, height=0.055, color=PALETTE[7], limits={'width': (0.045, 0.062)})
def _toy_house(d: SimpleNamespace) -> Shape:
    half, h, rise = 0.5 * d.length, d.height, 0.035
    roof = prism([(-half, h), (half, h), (0.2 * half, h + rise), (-0.2 * half, h + rise)], d.width)
    parts = [
        box((d.length, d.width, h), (0, 0, 0.5 * h), d.color),
        mesh_part(roof, PALETTE[0]),
        box((0.7 * half, d.width, rise), (0, 0, h + 0.5 * rise), PALETTE[0], visible=False),
        box((0.016, 0.016, 0.04), (0.55 * half, 0.25 * d.width, h + 0.02), PALETTE[4]),
    ]
    return Shape(parts, Uses((top_grip(h + rise, d.width, x=-0.006),), (), -half), NO_SYMMETRY)


@category('toy duck', length=0.085, width=0.05, height=0.045, color=PALETTE[2], limits={'width': (0.042, 0.06)})
def _toy_duck(d: SimpleNamespace) -> Shape:
    r = 0.5 * d.width
    head = 0.75 * r
    parts = [
        capsule(r, (-0.5 * d.length + r, 0, r), (0.5 * d.length - r, 0, r), d.color),
        box((0.6 * d.length, 1.2 * r, 0.01), (0, 0, 0.005), d.color),
        sphere(head, (0.3 * d.length, 0, d.height + 0.6 * head), d.color),
        capsule(
            0.007,
            (0.3 * d.length + head, 0, d.height + 0.5 * head),
            (0.3 * d.length + head + 0.012, 0, d.height + 0.5 * head),
            PALETTE[4],
        ),
    ]
    grip = Grip('', 0.3 * d.length, 0.0, d.height + 0.6 * head, 1.5707963, 2.0 * head)
    body = top_grip(2.0 * r, 2.0 * r, x=-0.25 * d.length, part='body')
    return Shape(parts, Uses((grip, body)), NO_SYMMETRY)


@category(
    'toy robot', length=0.04, width=0.055, height=0.06, head=0.03, color=PALETTE[6], limits={'length': (0.03, 0.05)}
)
def _toy_robot(d: SimpleNamespace) -> Shape:
    h = d.height
    parts = [
        box((d.length, d.width, h), (0, 0, 0.5 * h), d.color),
        box((0.028, d.head, d.head), (0, 0, h + 0.5 * d.head), PALETTE[7]),
        box((0.012, 0.012, 0.012), (0.5 * d.length + 0.006, 0, 0.7 * h), PALETTE[0]),
        *(
            capsule(
                0.007, (0, s * (0.5 * d.width + 0.006), 0.4 * h), (0.014, s * (0.5 * d.width + 0.006), 0.75 * h), _DARK
            )
            for s in (-1, 1)
        ),
    ]
    return Shape(parts, Uses((top_grip(h + d.head, d.head),)), NO_SYMMETRY)


@category('toy plane', length=0.14, radius=0.016, span=0.13, color=PALETTE[4])
def _toy_plane(d: SimpleNamespace) -> Shape:
    half, r = 0.5 * d.length, d.radius
    parts = [
        capsule(r, (-half, 0, r), (half, 0, r), d.color),
        box((0.7 * d.length, 1.2 * r, 0.006), (0, 0, 0.003), d.color),
        box((0.035, d.span, 0.008), (0.2 * half, 0, r), PALETTE[1]),
        box((0.024, 0.4 * d.span, 0.007), (-0.9 * half, 0, r), PALETTE[1]),
        box((0.024, 0.006, 0.03), (-0.9 * half, 0, 2.0 * r + 0.012), PALETTE[1]),
    ]
    return Shape(parts, Uses((top_grip(2.0 * r, 2.0 * r, x=-0.4 * half),)), NO_SYMMETRY)


@category('toy pyramid', base=0.09, height=0.09, color=PALETTE[8])
def _toy_pyramid(d: SimpleNamespace) -> Shape:
    colors = (d.color, PALETTE[2], PALETTE[3])
    parts, z = [], 0.0
    for share, color in zip((1.0, 0.68, 0.4), colors, strict=True):
        h = d.height / 3.0
        parts.append(box((share * d.base, share * d.base, h), (0, 0, z + 0.5 * h), color))
        z += h
    return Shape(parts, Uses((top_grip(d.height, 0.4 * d.base),)), SQUARE)


@category('traffic cone', base=0.08, radius=0.03, height=0.11, color=PALETTE[4], limits={'height': (0.09, 0.13)})
def _traffic_cone(d: SimpleNamespace) -> Shape:
    r, h = d.radius, d.height
    seen = hollow([(0, 0.008), (r, 0.008), (0.35 * r, h), (0, h)])
    steps = [
        cylinder(r * (1.0 - 0.65 * k / 4.0), (0, 0, h * k / 4.0), (0, 0, h * (k + 1) / 4.0), d.color, visible=False)
        for k in range(4)
    ]
    foot = box((d.base, d.base, 0.01), (0, 0, 0.005), d.color)
    return Shape([mesh_part(seen, d.color), *steps, foot], Uses((top_grip(h, 1.0 * r, 0.0),)), SQUARE)


@category(
    'bracelet',
    radius=0.042,
    thick=0.009,
    height=0.022,
    color=PALETTE[8],
    limits={'radius': (0.04, 0.05), 'thick': (0.008, 0.011)},
)
@category(
    'tape roll',
    radius=0.052,
    thick=0.015,
    height=0.034,
    color=PALETTE[7],
    limits={'radius': (0.046, 0.06), 'thick': (0.012, 0.017)},
)
@category(
    'ring',
    radius=0.05,
    thick=0.012,
    height=0.024,
    color=PALETTE[2],
    limits={'radius': (0.044, 0.06), 'thick': (0.01, 0.014)},
)
def _ring(d: SimpleNamespace) -> Shape:
    inner, outer, h = d.radius - d.thick, d.radius, d.height
    seen = hollow([(inner, 0), (outer, 0), (outer, h), (inner, h), (inner, 0)])
    middle = outer - 0.5 * d.thick
    grip = Grip('', -middle, 0.0, max(h - 0.018, 0.0125), 0.0, d.thick)
    return Shape([mesh_part(seen, d.color), *ring(inner, inner, d.thick, (0, h), 16, d.color)], Uses((grip,)), ROUND)


@category('dumbbell', length=0.13, radius=0.026, bar=0.012, color=_DARK)
def _dumbbell(d: SimpleNamespace) -> Shape:
    half, r = 0.5 * d.length, d.radius
    parts = [
        capsule(d.bar, (-half, 0, r), (half, 0, r), PALETTE[7]),
        *(cylinder(r, (s * 0.55 * half, 0, r), (s * half, 0, r), d.color) for s in (-1, 1)),
        *(box((0.35 * half, 0.024, 0.006), (s * 0.78 * half, 0, 0.003), d.color) for s in (-1, 1)),
    ]
    grip = Grip('', 0.0, 0.0, r + d.bar - 0.018 if r + d.bar > 0.034 else 0.0165, 1.5707963, 2.0 * d.bar)
    return Shape(parts, Uses((grip,)), TWO_FOLD, mass=0.3)
