"""Parametric blocks and tools: each function draws its dimensions with `d(nominal)` and returns (parts, symmetry)."""

import numpy as np
import trimesh
from alignment_shapes import box, lathe, rod, slab, tube
from trimesh import creation

__all__ = [
    'banana',
    'bar',
    'book',
    'cabinet',
    'car',
    'carton',
    'chair',
    'cross',
    'cube',
    'drill',
    'dustpan',
    'faucet',
    'hammer',
    'iron',
    'knife',
    'l_shape',
    'ladle',
    'lever_box',
    'mouse',
    'mug_tree',
    'nut',
    'screwdriver',
    'shoe',
    'stapler',
    't_shape',
    'tape_dispenser',
    'wedge',
    'wrench',
]


def carton(d):
    return [box(d(0.16), d(0.06), d(0.2))], 2


def cube(d):
    a = d(0.07)
    return [box(a, a, d(0.07))], 4


def book(d):
    return [box(d(0.19), d(0.13), d(0.03))], 2


def bar(d):
    return [box(d(0.22), d(0.04), d(0.035))], 2


def nut(d):
    r = d(0.05)
    return [slab([(r * np.cos(a), r * np.sin(a)) for a in np.arange(6) * np.pi / 3], d(0.04))], 6


def wedge(d):
    r = d(0.065)
    return [slab([(r * np.cos(a), r * np.sin(a)) for a in np.arange(3) * 2 * np.pi / 3], d(0.06))], 3


def cross(d):
    a, b, h = d(0.15), d(0.035), d(0.04)
    return [box(a, b, h), box(b, a, h)], 4


def l_shape(d):
    a, b, w, h = d(0.15), d(0.09), d(0.04), d(0.045)
    return [box(a, w, h), box(w, b, h, (-a / 2 + w / 2, b / 2, 0))], 1


def t_shape(d):
    a, b, w, h = d(0.14), d(0.11), d(0.035), d(0.045)
    return [box(w, a, h), box(b, w, h, (b / 2, 0, 0))], 1


def drill(d):
    h, b = d(0.13), d(0.15)
    body = rod((-0.4 * b, 0, h + 0.025), (0.4 * b, 0, h + 0.025), d(0.026))
    chuck = rod((0.4 * b, 0, h + 0.025), (0.4 * b + d(0.045), 0, h + 0.025), 0.016, 0.006)
    grip = box(0.034, 0.03, h, (-0.015, 0, 0.02), 0.12)
    return [body, chuck, grip, box(d(0.095), d(0.065), 0.035)], 1


def iron(d):
    length, w = d(0.2), d(0.1)
    sole = slab(
        [(-length / 2, -w / 2), (0.1 * length, -w / 2), (length / 2, 0), (0.1 * length, w / 2), (-length / 2, w / 2)],
        0.03,
    )
    handle = tube(
        [(-0.4 * length, 0, 0.03), (-0.38 * length, 0, 0.09), (0.1 * length, 0, d(0.1)), (0.22 * length, 0, 0.03)],
        0.014,
    )
    return [sole, handle, box(0.35 * length, 0.6 * w, 0.03, (0.05 * length, 0, 0.028))], 1


def hammer(d):
    length, head = d(0.24), d(0.1)
    handle = rod((-length / 2, 0, 0.016), (length / 2, 0, 0.016), d(0.012))
    return [
        handle,
        box(d(0.028), head, 0.032, (length / 2, 0.12 * head, 0)),
        box(0.018, 0.03, 0.02, (length / 2, -0.45 * head, 0.006)),
    ], 1


def wrench(d):
    length, w = d(0.2), d(0.022)
    jaw = [box(0.05, 0.014, 0.014, (length / 2 + 0.015, s * d(0.02), 0)) for s in (1, -1)]
    ring = creation.annulus(d(0.012), d(0.024), 0.014)
    ring.apply_translation((-length / 2, 0, 0.007))
    return [box(length, w, 0.012), box(0.03, 0.055, 0.014, (length / 2 - 0.005, 0, 0)), *jaw, ring], 1


def ladle(d):
    length, r = d(0.2), d(0.035)
    handle = tube([(0.02, 0, 0.02), (0.3 * length, 0, 0.03), (0.7 * length, 0, 0.03), (length, 0, 0.012)], d(0.007))
    cup = lathe((0, 0), (0.6 * r, 0.002), (r, 0.025), (0.93 * r, 0.025), (0.5 * r, 0.007), (0, 0.006))
    return [handle, cup], 1


def knife(d):
    length = d(0.22)
    blade = slab([(0, -0.014), (0.35 * length, -0.014), (0.55 * length, 0.012), (0, 0.014)], 0.008, 0.004)
    return [blade, box(0.45 * length, d(0.026), d(0.02), (-0.22 * length, 0, 0))], 1


def screwdriver(d):
    length = d(0.1)
    return [rod((-length, 0, 0.018), (0, 0, 0.018), d(0.017)), rod((0, 0, 0.018), (d(0.11), 0, 0.018), d(0.006))], 1


def banana(d):
    r, t = d(0.11), np.linspace(-0.75, 0.75, 12)
    width = d(0.019) * np.array([0.35, 0.7, 0.9, 1, 1, 1, 1, 1, 0.95, 0.85, 0.6, 0.3])
    path = np.stack([r * np.cos(t) - 0.85 * r, r * np.sin(t), np.full(12, 0.019)], axis=1)
    return [tube(path, width)], 1


def stapler(d):
    length, w, h = d(0.15), d(0.036), d(0.055)
    arm = box(length * 0.95, w * 0.8, 0.018, (0.0, 0, h * 0.45), 0.12)
    return [box(length, w, 0.012), arm, box(0.04, w, 0.75 * h, (-length / 2 + 0.02, 0, 0))], 1


def shoe(d):
    length, w, h = d(0.22), d(0.08), d(0.08)
    sole = slab(
        [
            (-length / 2, -0.35 * w),
            (0.1 * length, -0.5 * w),
            (0.4 * length, -0.45 * w),
            (length / 2, 0),
            (0.4 * length, 0.45 * w),
            (0.1 * length, 0.4 * w),
            (-length / 2, 0.35 * w),
        ],
        0.025,
    )
    return [
        sole,
        box(0.45 * length, 0.7 * w, h, (-0.25 * length, 0, 0.0)),
        box(0.5 * length, 0.68 * w, 0.03, (0.15 * length, 0, 0.035), 0.25),
    ], 1


def car(d):
    length, w, h = d(0.18), d(0.08), d(0.05)
    wheels = []
    for x in (-0.3, 0.3):
        wheels.append(rod((x * length, -w / 2 - 0.006, 0.018), (x * length, w / 2 + 0.006, 0.018), 0.018))
    return [
        box(length, w, 0.6 * h, (0, 0, 0.012)),
        box(0.45 * length, 0.85 * w, h, (-0.15 * length, 0, 0.5 * h)),
        *wheels,
    ], 1


def chair(d):
    w, h, b = d(0.085), d(0.08), d(0.1)
    legs = [box(0.012, 0.012, h, (x * (w / 2 - 0.006), y * (w / 2 - 0.006), 0)) for x in (1, -1) for y in (1, -1)]
    return [box(w, w, 0.012, (0, 0, h)), box(0.012, w, b, (-w / 2 + 0.006, 0, h)), *legs], 1


def faucet(d):
    h, reach = d(0.17), d(0.1)
    a = np.linspace(np.pi, 0.15, 10)
    spout = [(reach / 2 + reach / 2 * np.cos(t), 0, h + 0.4 * reach * np.sin(t)) for t in a]
    lever = rod((0, 0.01, 0.35 * h), (0, d(0.06), 0.45 * h), 0.007)
    return [
        rod((0, 0, 0), (0, 0, h), d(0.014)),
        tube(spout, 0.011),
        lever,
        lathe((0, 0), (0.03, 0), (0.03, 0.012), (0, 0.012)),
    ], 1


def cabinet(d):
    x, y, h = d(0.12), d(0.16), d(0.1)
    grip = d(0.08)
    front = x / 2 + 0.03
    return [
        box(x, y, h),
        box(0.006, 0.85 * y, 0.75 * h, (x / 2 + 0.003, 0, 0.12 * h)),
        box(0.012, grip, 0.014, (front, 0, 0.5 * h)),
        *[box(0.03, 0.01, 0.012, (x / 2 + 0.018, s * (grip / 2 - 0.006), 0.5 * h)) for s in (1, -1)],
    ], 1


def lever_box(d):
    x, y, h = d(0.11), d(0.08), d(0.05)
    return [
        box(x, y, h),
        rod((-0.2 * x, 0, h), (0.15 * x, 0, h + d(0.08)), 0.008),
        lathe((0, 0), (0.001, 0), (0, 0.001)),
    ], 1


def mouse(d):
    length, w, h = d(0.11), d(0.062), d(0.04)
    body = creation.icosphere(3)
    v = body.vertices
    lift = np.where(v[:, 2] > 0, 1 - 0.35 * v[:, 0] - 0.25 * v[:, 0] ** 2, 0.0)
    body.vertices = np.stack([v[:, 0] * length / 2, v[:, 1] * w / 2 * (1 - 0.12 * v[:, 0]), h * v[:, 2] * lift], axis=1)
    return [body], 1


def mug_tree(d):
    h = d(0.2)
    pegs = [
        rod((0, 0, z * h), (np.cos(a) * d(0.06), np.sin(a) * 0.06, z * h + 0.03), 0.006)
        for z, a in ((0.9, 0.0), (0.65, 2.0), (0.4, 4.0))
    ]
    return [lathe((0, 0), (0.06, 0), (0.06, 0.012), (0, 0.012)), rod((0, 0, 0), (0, 0, h), 0.009), *pegs], 1


def dustpan(d):
    length, w = d(0.13), d(0.15)
    walls = [box(length, 0.006, d(0.035), (0, s * w / 2, 0)) for s in (1, -1)]
    return [
        box(length, w, 0.006),
        *walls,
        box(0.006, w, 0.04, (-length / 2, 0, 0)),
        rod((-length / 2, 0, 0.03), (-length / 2 - d(0.1), 0, 0.04), 0.011),
    ], 1


def tape_dispenser(d):
    length, w, h = d(0.14), d(0.05), d(0.06)
    roll = creation.cylinder(d(0.034), 0.024, sections=32)
    roll.apply_transform(trimesh.transformations.rotation_matrix(np.pi / 2, (1, 0, 0)))
    roll.apply_translation((-0.18 * length, 0, h * 0.85))
    return [
        box(length, w, 0.5 * h),
        roll,
        box(0.012, w, 0.8 * h, (0.45 * length, 0, 0)),
        box(0.5 * length, w, 0.62 * h, (-0.2 * length, 0, 0)),
    ], 1
