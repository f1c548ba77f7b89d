"""Parametric tabletop categories for the alignment benchmark.

`build(category, rng)` draws one instance: a mesh standing on z = 0 around the category's own
origin, with the same meaning of x in every instance of a category, so that the true alignment of
two instances is the change of their object frames. Lengths in metres.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import trimesh
from trimesh import creation

__all__ = ['CATEGORIES', 'Instance', 'build']


@dataclass(frozen=True, eq=False)
class Instance:
    """One object: triangles (F, 3, 3) in the object frame [m], its rotational symmetry, and its height [m].

    `symmetry` is the order about z: 1 none, n for n-fold, 0 for continuous.
    """

    category: str
    triangles: np.ndarray
    symmetry: int

    @property
    def height(self) -> float:
        """Highest z [m]."""
        return float(self.triangles[..., 2].max())

    @property
    def radius(self) -> float:
        """Largest distance from the object's axis [m]."""
        return float(np.linalg.norm(self.triangles[..., :2], axis=-1).max())


def _box(x, y, z, at=(0.0, 0.0, 0.0), tilt=None):
    """Box whose bottom centre is at `at`, tilted about its own y axis [rad]."""
    mesh = creation.box((x, y, z))
    mesh.apply_translation((0, 0, z / 2))
    if tilt:
        mesh.apply_transform(trimesh.transformations.rotation_matrix(tilt, (0, 1, 0)))
    mesh.apply_translation(at)
    return mesh


def _tube(path, radius):
    """Round tube along `path` (N, 3); `radius` a number or (N,)."""
    path, sides = np.asarray(path, dtype=float), 12
    radius = np.broadcast_to(radius, len(path))
    forward = np.gradient(path, axis=0)
    forward /= np.linalg.norm(forward, axis=1, keepdims=True)
    helper = np.array([0.0, 0.0, 1.0]) if np.abs(forward[:, 2]).max() < 0.9 else np.array([0.31, 0.95, 0.02])
    u = np.cross(forward, helper)
    u /= np.linalg.norm(u, axis=1, keepdims=True)
    w = np.cross(forward, u)
    angle = np.linspace(0, 2 * np.pi, sides, endpoint=False)
    ring = np.cos(angle)[None, :, None] * u[:, None] + np.sin(angle)[None, :, None] * w[:, None]
    vertices = (path[:, None] + radius[:, None, None] * ring).reshape(-1, 3)
    faces = []
    for i in range(len(path) - 1):
        for j in range(sides):
            a, b = i * sides + j, i * sides + (j + 1) % sides
            faces += [(a, b, b + sides), (a, b + sides, a + sides)]
    for first in (0, (len(path) - 1) * sides):
        faces += [(first, first + j, first + j + 1) for j in range(1, sides - 1)]
    return trimesh.Trimesh(vertices, faces, process=False)


def _rod(a, b, radius, end=None):
    return _tube(np.linspace(a, b, 6), np.linspace(radius, radius if end is None else end, 6))


def _lathe(*profile):
    """Surface of revolution of (radius, height) pairs."""
    return creation.revolve(np.array(profile, dtype=float), sections=40)


def _loop(x, bottom, top, out, radius):
    """Bend a handle in the xz plane from (x, bottom) to (x, top), `out` wide."""
    a = np.linspace(-np.pi / 2, np.pi / 2, 14)
    middle, half = (bottom + top) / 2, (top - bottom) / 2
    return _tube(np.stack([x + out * np.cos(a), 0 * a, middle + half * np.sin(a)], axis=1), radius)


def _slab(outline, thickness, at=0.0):
    """Polygon (N, 2) in xy extruded upwards from z = `at`; convex or star-shaped about its mean."""
    outline = np.asarray(outline, dtype=float)
    n = len(outline)
    rings = np.concatenate([np.c_[outline, np.full(n, at)], np.c_[outline, np.full(n, at + thickness)]])
    centres = np.concatenate([outline.mean(axis=0), [at]]), np.concatenate([outline.mean(axis=0), [at + thickness]])
    vertices = np.concatenate([rings, centres])
    faces = []
    for i in range(n):
        j = (i + 1) % n
        faces += [(i, j, n + j), (i, n + j, n + i), (2 * n, j, i), (2 * n + 1, n + i, n + j)]
    return trimesh.Trimesh(vertices, faces, process=False)


def _cup(r, h, wall, flare=1.0):
    return _lathe((0, 0), (r, 0), (r * flare, h), (r * flare - wall, h), (r - wall, wall * 2), (0, wall * 2))


def mug(d):
    r, h = d(0.04), d(0.095)
    return [_cup(r, h, 0.004), _loop(r - 0.002, 0.2 * h, 0.82 * h, d(0.032), d(0.0055))], 1


def jug(d):
    r, h = d(0.055), d(0.17)
    body = _lathe(
        (0, 0),
        (r, 0),
        (1.1 * r, 0.3 * h),
        (0.75 * r, 0.8 * h),
        (0.9 * r, h),
        (0.84 * r, h),
        (0.7 * r, 0.8 * h),
        (0, 0.1 * h),
    )
    return [body, _loop(0.8 * r, 0.3 * h, 0.9 * h, d(0.05), d(0.008))], 1


def bottle(d):
    r, h, n = d(0.035), d(0.2), d(0.014)
    return [_lathe((0, 0), (r, 0), (r, 0.6 * h), (n, 0.78 * h), (n, h), (0, h))], 0


def bowl(d):
    r, h = d(0.075), d(0.06)
    outer = [(r * np.sin(a), h * (1 - np.cos(a))) for a in np.linspace(0.35, np.pi / 2, 8)]
    inner = [(0.94 * x, max(0.006, z)) for x, z in outer[::-1]]
    return [_lathe((0, 0), (outer[0][0], 0), *outer, *inner, (0, 0.012))], 0


def plate(d):
    r, h = d(0.1), d(0.022)
    return [_lathe((0, 0), (0.6 * r, 0), (r, h), (0.98 * r, h + 0.002), (0.6 * r, 0.005), (0, 0.005))], 0


def goblet(d):
    r, h = d(0.04), d(0.16)
    return [
        _lathe(
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
    return [_lathe((0, 0), *outer, *[(0.9 * x, z) for x, z in outer[:4:-1]], (0, 0.4 * h))], 0


def can(d):
    r, h = d(0.034), d(0.11)
    return [_lathe((0, 0), (r, 0), (r, h), (0.93 * r, h), (0.93 * r, h - 0.003), (0, h - 0.003))], 0


def carton(d):
    return [_box(d(0.16), d(0.06), d(0.2))], 2


def cube(d):
    a = d(0.07)
    return [_box(a, a, d(0.07))], 4


def book(d):
    return [_box(d(0.19), d(0.13), d(0.03))], 2


def bar(d):
    return [_box(d(0.22), d(0.04), d(0.035))], 2


def nut(d):
    r = d(0.05)
    return [_slab([(r * np.cos(a), r * np.sin(a)) for a in np.arange(6) * np.pi / 3], d(0.04))], 6


def wedge(d):
    r = d(0.065)
    return [_slab([(r * np.cos(a), r * np.sin(a)) for a in np.arange(3) * 2 * np.pi / 3], d(0.06))], 3


def cross(d):
    a, b, h = d(0.15), d(0.035), d(0.04)
    return [_box(a, b, h), _box(b, a, h)], 4


def l_shape(d):
    a, b, w, h = d(0.15), d(0.09), d(0.04), d(0.045)
    return [_box(a, w, h), _box(w, b, h, (-a / 2 + w / 2, b / 2, 0))], 1


def t_shape(d):
    a, b, w, h = d(0.14), d(0.11), d(0.035), d(0.045)
    return [_box(w, a, h), _box(b, w, h, (b / 2, 0, 0))], 1


def pan(d):
    r, h = d(0.09), d(0.045)
    return [_cup(r * 0.85, h, 0.004, 1.15), _rod((0.95 * r, 0, 0.85 * h), (0.95 * r + d(0.14), 0, 1.1 * h), d(0.01))], 1


def pot(d):
    r, h = d(0.075), d(0.09)
    ears = [
        _tube(
            [(s * (r + 0.03 * np.cos(a)), 0.035 * np.sin(a), 0.75 * h) for a in np.linspace(-np.pi / 2, np.pi / 2, 9)],
            0.006,
        )
        for s in (1, -1)
    ]
    return [_cup(r, h, 0.004), *ears], 2


def teapot(d):
    r, h = d(0.06), d(0.1)
    body = _lathe(
        (0, 0), (0.7 * r, 0), (r, 0.4 * h), (0.6 * r, 0.9 * h), (0.15 * r, h), (0.15 * r, 1.1 * h), (0, 1.12 * h)
    )
    handle = _loop(-0.75 * r, 0.25 * h, 0.85 * h, -d(0.045), 0.007)
    spout = _rod((0.8 * r, 0, 0.35 * h), (r + d(0.045), 0, 0.95 * h), d(0.014), 0.008)
    return [body, handle, spout], 1


def watering_can(d):
    r, h = d(0.06), d(0.12)
    spout = _rod((0.9 * r, 0, 0.15 * h), (r + d(0.1), 0, 1.2 * h), d(0.009), 0.008)
    rose = _rod((r + 0.095, 0, 1.15 * h), (r + 0.115, 0, 1.25 * h), 0.012, 0.024)
    return [_cup(r, h, 0.003), _loop(-r, 0.1 * h, 0.95 * h, -d(0.05), 0.007), spout, rose], 1


def spray(d):
    x, y, h = d(0.032), d(0.022), d(0.15)
    a = np.linspace(0, 2 * np.pi, 24, endpoint=False)
    head = _box(d(0.075), 0.022, 0.03, (0.012, 0, 1.2 * h))
    trigger = _rod((0.035, 0, 1.2 * h), (0.02, 0, 0.98 * h), 0.005)
    return [_slab(np.c_[x * np.cos(a), y * np.sin(a)], h), _rod((0, 0, h), (0, 0, 1.22 * h), 0.012), head, trigger], 1


def drill(d):
    h, b = d(0.13), d(0.15)
    body = _rod((-0.4 * b, 0, h + 0.025), (0.4 * b, 0, h + 0.025), d(0.026))
    chuck = _rod((0.4 * b, 0, h + 0.025), (0.4 * b + d(0.045), 0, h + 0.025), 0.016, 0.006)
    grip = _box(0.034, 0.03, h, (-0.015, 0, 0.02), 0.12)
    return [body, chuck, grip, _box(d(0.095), d(0.065), 0.035)], 1


def iron(d):
    length, w = d(0.2), d(0.1)
    sole = _slab(
        [(-length / 2, -w / 2), (0.1 * length, -w / 2), (length / 2, 0), (0.1 * length, w / 2), (-length / 2, w / 2)],
        0.03,
    )
    handle = _tube(
        [(-0.4 * length, 0, 0.03), (-0.38 * length, 0, 0.09), (0.1 * length, 0, d(0.1)), (0.22 * length, 0, 0.03)],
        0.014,
    )
    return [sole, handle, _box(0.35 * length, 0.6 * w, 0.03, (0.05 * length, 0, 0.028))], 1


def hammer(d):
    length, head = d(0.24), d(0.1)
    handle = _rod((-length / 2, 0, 0.016), (length / 2, 0, 0.016), d(0.012))
    return [
        handle,
        _box(d(0.028), head, 0.032, (length / 2, 0.12 * head, 0)),
        _box(0.018, 0.03, 0.02, (length / 2, -0.45 * head, 0.006)),
    ], 1


def wrench(d):
    length, w = d(0.2), d(0.022)
    jaw = [_box(0.05, 0.014, 0.014, (length / 2 + 0.015, s * d(0.02), 0)) for s in (1, -1)]
    ring = creation.annulus(d(0.012), d(0.024), 0.014)
    ring.apply_translation((-length / 2, 0, 0.007))
    return [_box(length, w, 0.012), _box(0.03, 0.055, 0.014, (length / 2 - 0.005, 0, 0)), *jaw, ring], 1


def ladle(d):
    length, r = d(0.2), d(0.035)
    handle = _tube([(0.02, 0, 0.02), (0.3 * length, 0, 0.03), (0.7 * length, 0, 0.03), (length, 0, 0.012)], d(0.007))
    cup = _lathe((0, 0), (0.6 * r, 0.002), (r, 0.025), (0.93 * r, 0.025), (0.5 * r, 0.007), (0, 0.006))
    return [handle, cup], 1


def knife(d):
    length = d(0.22)
    blade = _slab([(0, -0.014), (0.35 * length, -0.014), (0.55 * length, 0.012), (0, 0.014)], 0.008, 0.004)
    return [blade, _box(0.45 * length, d(0.026), d(0.02), (-0.22 * length, 0, 0))], 1


def screwdriver(d):
    length = d(0.1)
    return [_rod((-length, 0, 0.018), (0, 0, 0.018), d(0.017)), _rod((0, 0, 0.018), (d(0.11), 0, 0.018), d(0.006))], 1


def banana(d):
    r, t = d(0.11), np.linspace(-0.75, 0.75, 12)
    width = d(0.019) * np.array([0.35, 0.7, 0.9, 1, 1, 1, 1, 1, 0.95, 0.85, 0.6, 0.3])
    path = np.stack([r * np.cos(t) - 0.85 * r, r * np.sin(t), np.full(12, 0.019)], axis=1)
    return [_tube(path, width)], 1


def stapler(d):
    length, w, h = d(0.15), d(0.036), d(0.055)
    arm = _box(length * 0.95, w * 0.8, 0.018, (0.0, 0, h * 0.45), 0.12)
    return [_box(length, w, 0.012), arm, _box(0.04, w, 0.75 * h, (-length / 2 + 0.02, 0, 0))], 1


def shoe(d):
    length, w, h = d(0.22), d(0.08), d(0.08)
    sole = _slab(
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
        _box(0.45 * length, 0.7 * w, h, (-0.25 * length, 0, 0.0)),
        _box(0.5 * length, 0.68 * w, 0.03, (0.15 * length, 0, 0.035), 0.25),
    ], 1


def car(d):
    length, w, h = d(0.18), d(0.08), d(0.05)
    wheels = []
    for x in (-0.3, 0.3):
        wheels.append(_rod((x * length, -w / 2 - 0.006, 0.018), (x * length, w / 2 + 0.006, 0.018), 0.018))
    return [
        _box(length, w, 0.6 * h, (0, 0, 0.012)),
        _box(0.45 * length, 0.85 * w, h, (-0.15 * length, 0, 0.5 * h)),
        *wheels,
    ], 1


def chair(d):
    w, h, b = d(0.085), d(0.08), d(0.1)
    legs = [_box(0.012, 0.012, h, (x * (w / 2 - 0.006), y * (w / 2 - 0.006), 0)) for x in (1, -1) for y in (1, -1)]
    return [_box(w, w, 0.012, (0, 0, h)), _box(0.012, w, b, (-w / 2 + 0.006, 0, h)), *legs], 1


def faucet(d):
    h, reach = d(0.17), d(0.1)
    a = np.linspace(np.pi, 0.15, 10)
    spout = [(reach / 2 + reach / 2 * np.cos(t), 0, h + 0.4 * reach * np.sin(t)) for t in a]
    lever = _rod((0, 0.01, 0.35 * h), (0, d(0.06), 0.45 * h), 0.007)
    return [
        _rod((0, 0, 0), (0, 0, h), d(0.014)),
        _tube(spout, 0.011),
        lever,
        _lathe((0, 0), (0.03, 0), (0.03, 0.012), (0, 0.012)),
    ], 1


def cabinet(d):
    x, y, h = d(0.12), d(0.16), d(0.1)
    grip = d(0.08)
    front = x / 2 + 0.03
    return [
        _box(x, y, h),
        _box(0.006, 0.85 * y, 0.75 * h, (x / 2 + 0.003, 0, 0.12 * h)),
        _box(0.012, grip, 0.014, (front, 0, 0.5 * h)),
        *[_box(0.03, 0.01, 0.012, (x / 2 + 0.018, s * (grip / 2 - 0.006), 0.5 * h)) for s in (1, -1)],
    ], 1


def lever_box(d):
    x, y, h = d(0.11), d(0.08), d(0.05)
    return [
        _box(x, y, h),
        _rod((-0.2 * x, 0, h), (0.15 * x, 0, h + d(0.08)), 0.008),
        _lathe((0, 0), (0.001, 0), (0, 0.001)),
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
        _rod((0, 0, z * h), (np.cos(a) * d(0.06), np.sin(a) * 0.06, z * h + 0.03), 0.006)
        for z, a in ((0.9, 0.0), (0.65, 2.0), (0.4, 4.0))
    ]
    return [_lathe((0, 0), (0.06, 0), (0.06, 0.012), (0, 0.012)), _rod((0, 0, 0), (0, 0, h), 0.009), *pegs], 1


def dustpan(d):
    length, w = d(0.13), d(0.15)
    walls = [_box(length, 0.006, d(0.035), (0, s * w / 2, 0)) for s in (1, -1)]
    return [
        _box(length, w, 0.006),
        *walls,
        _box(0.006, w, 0.04, (-length / 2, 0, 0)),
        _rod((-length / 2, 0, 0.03), (-length / 2 - d(0.1), 0, 0.04), 0.011),
    ], 1


def tape_dispenser(d):
    length, w, h = d(0.14), d(0.05), d(0.06)
    roll = creation.cylinder(d(0.034), 0.024, sections=32)
    roll.apply_transform(trimesh.transformations.rotation_matrix(np.pi / 2, (1, 0, 0)))
    roll.apply_translation((-0.18 * length, 0, h * 0.85))
    return [
        _box(length, w, 0.5 * h),
        roll,
        _box(0.012, w, 0.8 * h, (0.45 * length, 0, 0)),
        _box(0.5 * length, w, 0.62 * h, (-0.2 * length, 0, 0)),
    ], 1


CATEGORIES: dict[str, Callable] = {
    f.__name__: f
    for f in (
        mug, jug, bottle, bowl, plate, goblet, vase, can, carton, cube, book, bar, nut, wedge, cross, l_shape,
        t_shape, pan, pot, teapot, watering_can, spray, drill, iron, hammer, wrench, ladle, knife, screwdriver,
        banana, stapler, shoe, car, chair, faucet, cabinet, lever_box, mouse, mug_tree, dustpan, tape_dispenser,
    )
}  # fmt: skip


def build(category: str, rng: np.random.Generator) -> Instance:
    """Draw one instance: every dimension independently within 16 % of its nominal value."""

    def draw(nominal: float) -> float:
        return float(nominal * rng.uniform(0.84, 1.16))

    parts, symmetry = CATEGORIES[category](draw)
    triangles = np.concatenate([part.triangles for part in parts])
    triangles[..., 2] -= triangles[..., 2].min()
    return Instance(category, np.ascontiguousarray(triangles), symmetry)
