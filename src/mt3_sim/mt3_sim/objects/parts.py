"""Shapes that objects are made of: primitives and closed meshes, placed in the object's frame [m]."""

from dataclasses import dataclass, field
from typing import Literal

import numpy as np
import trimesh

from mt3_common import se3

__all__ = ['Part', 'box', 'capsule', 'cylinder', 'mesh_part', 'prism', 'ramp', 'ring', 'sphere', 'with_masses']

Color = tuple[float, float, float]


@dataclass(frozen=True, eq=False)
class Part:
    """One geom.

    Attributes:
        shape: Kind.
        size: box: half edges (3); cylinder, capsule: radius and half length of the straight part; sphere: radius [m].
        T_object_part: (4, 4); cylinders and capsules lie along z [m].
        color: Red, green, blue in [0, 1].
        visible, collides: What it is there for.
        mass: [kg], set for the whole object by `with_masses`.
        friction: Sliding friction coefficient.
        mesh: The closed mesh, part frame, when the shape is 'mesh'.
    """

    shape: Literal['box', 'cylinder', 'capsule', 'sphere', 'mesh']
    size: tuple[float, ...]
    T_object_part: np.ndarray
    color: Color
    visible: bool = True
    collides: bool = True
    mass: float = 0.0
    friction: float = 1.0
    mesh: trimesh.Trimesh | None = field(default=None, repr=False)

    def trimesh(self) -> trimesh.Trimesh:
        """Return it as a closed mesh in the object's frame [m]."""
        if self.shape == 'mesh':
            mesh = self.mesh.copy()
        elif self.shape == 'box':
            mesh = trimesh.creation.box(extents=2.0 * np.asarray(self.size))
        elif self.shape == 'cylinder':
            mesh = trimesh.creation.cylinder(radius=self.size[0], height=2.0 * self.size[1], sections=32)
        elif self.shape == 'capsule':
            mesh = trimesh.creation.capsule(radius=self.size[0], height=2.0 * self.size[1], count=[16, 16])
            mesh.apply_translation([0.0, 0.0, -mesh.bounds.mean(axis=0)[2]])
        else:
            mesh = trimesh.creation.icosphere(subdivisions=2, radius=self.size[0])
        mesh.apply_transform(self.T_object_part)
        return mesh

    @property
    def volume(self) -> float:
        """[m^3]."""
        if self.shape == 'box':
            return float(8.0 * np.prod(self.size))
        if self.shape == 'mesh':
            return float(self.mesh.volume)
        ball = 4.0 / 3.0 * np.pi * self.size[0] ** 3
        if self.shape == 'sphere':
            return ball
        tube = np.pi * self.size[0] ** 2 * 2.0 * self.size[1]
        return tube if self.shape == 'cylinder' else tube + ball


def box(
    size: tuple[float, float, float],
    centre: tuple[float, float, float],
    color: Color,
    R: np.ndarray | None = None,
    **kw,
) -> Part:
    """Return a box of full edge lengths `size` [m] around `centre`, turned by R (3, 3)."""
    return Part('box', tuple(0.5 * float(s) for s in size), se3.make(R, centre), color, **kw)


def cylinder(radius: float, start: tuple, end: tuple, color: Color, **kw) -> Part:
    """Return a cylinder with the axis from `start` to `end` (3,) [m]."""
    T, half = _along(start, end)
    return Part('cylinder', (float(radius), half), T, color, **kw)


def capsule(radius: float, start: tuple, end: tuple, color: Color, **kw) -> Part:
    """Return a capsule whose axis runs from `start` to `end` (3,) [m]; its caps reach beyond both."""
    T, half = _along(start, end)
    return Part('capsule', (float(radius), half), T, color, **kw)


def sphere(radius: float, centre: tuple, color: Color, **kw) -> Part:
    """Return a sphere [m]."""
    return Part('sphere', (float(radius),), se3.make(None, centre), color, **kw)


def mesh_part(mesh: trimesh.Trimesh, color: Color) -> Part:
    """Return a part that is only seen: a closed mesh in the object's frame [m]."""
    return Part('mesh', (), np.eye(4), color, collides=False, mesh=mesh)


def prism(outline: list[tuple[float, float]], width: float) -> trimesh.Trimesh:
    """Return the closed mesh of a convex outline of (x, z) that is drawn out along y, centred there [m]."""
    return trimesh.convex.convex_hull([(x, y, z) for x, z in outline for y in (-0.5 * width, 0.5 * width)])


def ramp(x_high: float, x_low: float, z: float, rise: float, width: float, color: Color, **kw) -> list[Part]:
    """Return what collides of a ramp on a surface at height z: from z + rise at x_high down to z at x_low [m].

    A slope tells two ends of a thing apart from every side. An upright wall would too, but it hides what is behind
    it, and a depth picture then shows two things.
    """
    board = 0.006
    length = float(np.hypot(x_low - x_high, rise))
    down = np.array([x_low - x_high, 0.0, -rise]) / length
    sign = np.sign(x_low - x_high)
    up = np.array([rise, 0.0, abs(x_low - x_high)]) / length * np.array([sign, 1.0, 1.0])
    R = np.stack([down, np.cross(up, down), up], axis=1)
    centre = np.array([0.5 * (x_high + x_low), 0.0, z + 0.5 * rise]) - 0.5 * board * up
    back = (x_high + sign * 0.5 * board, 0.0, z + 0.5 * rise - 0.002)
    return [
        box((length - 2.0 * board, width, board), tuple(centre), color, R, visible=False, **kw),
        box((board, width, rise - 0.004), back, color, visible=False, **kw),
    ]


def ring(
    inner_bottom: float, inner_top: float, thickness: float, z: tuple[float, float], count: int, color: Color, **kw
) -> list[Part]:
    """Return `count` boxes that only collide and stand around z like the wall of a cup.

    Args:
        inner_bottom, inner_top: Inner radius at the lower and upper end: different for a conical wall [m].
        thickness: Of the wall [m].
        z: Lower and upper end [m].
    """
    height = z[1] - z[0]
    lean = np.arctan2(inner_top - inner_bottom, height)
    middle = 0.5 * (inner_bottom + inner_top) + 0.5 * thickness
    width = 2.0 * (max(inner_bottom, inner_top) + thickness) * np.tan(np.pi / count)
    parts = []
    for index in range(count):
        T = se3.from_yaw(2.0 * np.pi * index / count)  # a flat side, not an edge, at yaw 0 and pi
        c, s = np.cos(lean), np.sin(lean)
        T = T @ se3.make(np.array([[c, 0.0, s], [0.0, 1.0, 0.0], [-s, 0.0, c]]), (middle, 0.0, 0.5 * (z[0] + z[1])))
        size = (0.5 * thickness, 0.5 * width, 0.5 * height / np.cos(lean))
        parts.append(Part('box', size, T, color, visible=False, **kw))
    return parts


def with_masses(parts: list[Part], mass: float) -> tuple[Part, ...]:
    """Return the parts with `mass` [kg] shared among the colliding ones by volume."""
    total = sum(part.volume for part in parts if part.collides)
    return tuple(_replace(part, mass=mass * part.volume / total if part.collides else 0.0) for part in parts)


def _replace(part: Part, **changes) -> Part:
    return Part(**{**part.__dict__, **changes})


def _along(start: tuple, end: tuple) -> tuple[np.ndarray, float]:
    """Return the frame (4, 4) midway with z along the line, and half of its length [m]."""
    start, end = np.asarray(start, dtype=float), np.asarray(end, dtype=float)
    length = np.linalg.norm(end - start)
    z = (end - start) / length
    x = np.cross([0.0, 1.0, 0.0] if abs(z[1]) < 0.9 else [1.0, 0.0, 0.0], z)
    x /= np.linalg.norm(x)
    return se3.make(np.stack([x, np.cross(z, x), z], axis=1), 0.5 * (start + end)), 0.5 * float(length)
