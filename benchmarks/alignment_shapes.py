"""Building blocks of the benchmark's objects: one instance, and meshes to put it together from. Lengths in metres."""

from dataclasses import dataclass

import numpy as np
import trimesh
from trimesh import creation

__all__ = ['Instance', 'box', 'cup', 'lathe', 'loop', 'rod', 'slab', 'tube']


@dataclass(frozen=True, eq=False)
class Instance:
    """One object: triangles (F, 3, 3) in the object frame [m], its rotational symmetry, and its height [m].

    `symmetry` is the order about z: 1 none, n for n-fold, 0 for continuous. `colours` (F, 3) are reflectances.
    """

    category: str
    triangles: np.ndarray
    symmetry: int
    colours: np.ndarray

    @property
    def height(self) -> float:
        """Highest z [m]."""
        return float(self.triangles[..., 2].max())

    @property
    def radius(self) -> float:
        """Largest distance from the object's axis [m]."""
        return float(np.linalg.norm(self.triangles[..., :2], axis=-1).max())


def box(x, y, z, at=(0.0, 0.0, 0.0), tilt=None):
    """Box whose bottom centre is at `at`, tilted about its own y axis [rad]."""
    mesh = creation.box((x, y, z))
    mesh.apply_translation((0, 0, z / 2))
    if tilt:
        mesh.apply_transform(trimesh.transformations.rotation_matrix(tilt, (0, 1, 0)))
    mesh.apply_translation(at)
    return mesh


def tube(path, radius):
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


def rod(a, b, radius, end=None):
    return tube(np.linspace(a, b, 6), np.linspace(radius, radius if end is None else end, 6))


def lathe(*profile):
    """Surface of revolution of (radius, height) pairs."""
    return creation.revolve(np.array(profile, dtype=float), sections=40)


def loop(x, bottom, top, out, radius):
    """Bend a handle in the xz plane from (x, bottom) to (x, top), `out` wide."""
    a = np.linspace(-np.pi / 2, np.pi / 2, 14)
    middle, half = (bottom + top) / 2, (top - bottom) / 2
    return tube(np.stack([x + out * np.cos(a), 0 * a, middle + half * np.sin(a)], axis=1), radius)


def slab(outline, thickness, at=0.0):
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


def cup(r, h, wall, flare=1.0):
    return lathe((0, 0), (r, 0), (r * flare, h), (r * flare - wall, h), (r - wall, wall * 2), (0, wall * 2))
