"""Parametric vessels: each function draws its dimensions with `d(nominal)` and returns (parts, symmetry)."""

import numpy as np
from alignment_shapes import box, cup, lathe, loop, rod, slab, tube

__all__ = [
    'bottle',
    'bowl',
    'can',
    'goblet',
    'jug',
    'mug',
    'pan',
    'plate',
    'pot',
    'spray',
    'teapot',
    'vase',
    'watering_can',
]


def mug(d):
    r, h = d(0.04), d(0.095)
    return [cup(r, h, 0.004), loop(r - 0.002, 0.2 * h, 0.82 * h, d(0.032), d(0.0055))], 1


def jug(d):
    r, h = d(0.055), d(0.17)
    body = lathe(
        (0, 0),
        (r, 0),
        (1.1 * r, 0.3 * h),
        (0.75 * r, 0.8 * h),
        (0.9 * r, h),
        (0.84 * r, h),
        (0.7 * r, 0.8 * h),
        (0, 0.1 * h),
    )
    return [body, loop(0.8 * r, 0.3 * h, 0.9 * h, d(0.05), d(0.008))], 1


def bottle(d):
    r, h, n = d(0.035), d(0.2), d(0.014)
    return [lathe((0, 0), (r, 0), (r, 0.6 * h), (n, 0.78 * h), (n, h), (0, h))], 0


def bowl(d):
    r, h = d(0.075), d(0.06)
    outer = [(r * np.sin(a), h * (1 - np.cos(a))) for a in np.linspace(0.35, np.pi / 2, 8)]
    inner = [(0.94 * x, max(0.006, z)) for x, z in outer[::-1]]
    return [lathe((0, 0), (outer[0][0], 0), *outer, *inner, (0, 0.012))], 0


def plate(d):
    r, h = d(0.1), d(0.022)
    return [lathe((0, 0), (0.6 * r, 0), (r, h), (0.98 * r, h + 0.002), (0.6 * r, 0.005), (0, 0.005))], 0


def goblet(d):
    r, h = d(0.04), d(0.16)
    return [
        lathe(
            (0, 0),
            (0.8 * r, 0),
            (0.8 * r, 0.004),
            (0.006, 0.01),
            (0.006, 0.5 * h),
            (0.9 * r, 0.6 * h),
            (r, h),
            (0.94 * r, h),
            (0.8 * r, 0.62 * h),
            (0, 0.55 * h),
        )
    ], 0


def vase(d):
    r, h = d(0.05), d(0.19)
    a = np.linspace(0, 1, 10)
    outer = [(r * (0.6 + 0.45 * np.sin(np.pi * (t * 1.2 + 0.1))), h * t) for t in a]
    return [lathe((0, 0), *outer, *[(0.9 * x, z) for x, z in outer[:4:-1]], (0, 0.4 * h))], 0


def can(d):
    r, h = d(0.034), d(0.11)
    return [lathe((0, 0), (r, 0), (r, h), (0.93 * r, h), (0.93 * r, h - 0.003), (0, h - 0.003))], 0


def pan(d):
    r, h = d(0.09), d(0.045)
    return [cup(r * 0.85, h, 0.004, 1.15), rod((0.95 * r, 0, 0.85 * h), (0.95 * r + d(0.14), 0, 1.1 * h), d(0.01))], 1


def pot(d):
    r, h = d(0.075), d(0.09)
    ears = [
        tube(
            [(s * (r + 0.03 * np.cos(a)), 0.035 * np.sin(a), 0.75 * h) for a in np.linspace(-np.pi / 2, np.pi / 2, 9)],
            0.006,
        )
        for s in (1, -1)
    ]
    return [cup(r, h, 0.004), *ears], 2


def teapot(d):
    r, h = d(0.06), d(0.1)
    body = lathe(
        (0, 0), (0.7 * r, 0), (r, 0.4 * h), (0.6 * r, 0.9 * h), (0.15 * r, h), (0.15 * r, 1.1 * h), (0, 1.12 * h)
    )
    handle = loop(-0.75 * r, 0.25 * h, 0.85 * h, -d(0.045), 0.007)
    spout = rod((0.8 * r, 0, 0.35 * h), (r + d(0.045), 0, 0.95 * h), d(0.014), 0.008)
    return [body, handle, spout], 1


def watering_can(d):
    r, h = d(0.06), d(0.12)
    spout = rod((0.9 * r, 0, 0.15 * h), (r + d(0.1), 0, 1.2 * h), d(0.009), 0.008)
    rose = rod((r + 0.095, 0, 1.15 * h), (r + 0.115, 0, 1.25 * h), 0.012, 0.024)
    return [cup(r, h, 0.003), loop(-r, 0.1 * h, 0.95 * h, -d(0.05), 0.007), spout, rose], 1


def spray(d):
    x, y, h = d(0.032), d(0.022), d(0.15)
    a = np.linspace(0, 2 * np.pi, 24, endpoint=False)
    head = box(d(0.075), 0.022, 0.03, (0.012, 0, 1.2 * h))
    trigger = rod((0.035, 0, 1.2 * h), (0.02, 0, 0.98 * h), 0.005)
    return [slab(np.c_[x * np.cos(a), y * np.sin(a)], h), rod((0, 0, h), (0, 0, 1.22 * h), 0.012), head, trigger], 1
