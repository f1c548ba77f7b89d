"""What a person needs to know to drive without seeing: where the objects are from the tool, in words."""

import numpy as np

from mt3_common.scene import Scene

__all__ = ['describe_object', 'describe_tool', 'nearest_object']


def describe_object(number: int, T_base_object: np.ndarray, size: np.ndarray, support: float) -> str:
    """Return one line about an object: where its middle is and how large it is, base frame."""
    x, y = 100.0 * T_base_object[:2, 3]
    top = 100.0 * (T_base_object[2, 3] + 0.5 * size[2])
    long, wide, high = 100.0 * np.array([max(size[:2]), min(size[:2]), T_base_object[2, 3] + 0.5 * size[2] - support])
    return (
        f'object {number}: middle at x {x:.1f} y {y:.1f} cm, top at z {top:.1f} cm; '
        f'{long:.1f} x {wide:.1f} cm, {high:.1f} cm high'
    )


def nearest_object(scene: Scene, position: np.ndarray) -> tuple[int, np.ndarray] | None:
    """Return number and offset (3,) from a position to the top centre of the object nearest in the plane [m]."""
    if not scene.objects:
        return None
    tops = np.array([o.T_base_object[:3, 3] + [0.0, 0.0, 0.5 * o.size[2]] for o in scene.objects])
    nearest = int(np.argmin(np.linalg.norm(tops[:, :2] - position[:2], axis=1)))
    return scene.objects[nearest].id, tops[nearest] - position


def describe_tool(T_base_tcp: np.ndarray, offset: tuple[int, np.ndarray] | None) -> str:
    """Return where the tool is, and from it, where the object nearest to it is."""
    x, y, z = 100.0 * T_base_tcp[:3, 3]
    text = f'tool x {x:.1f} y {y:.1f} z {z:.1f} cm'
    if offset is None:
        return text
    number, (dx, dy, dz) = offset[0], 100.0 * offset[1]
    words = (
        f'{abs(dx):.1f} {"forward" if dx >= 0.0 else "back"}',
        f'{abs(dy):.1f} {"left" if dy >= 0.0 else "right"}',
        f'top {abs(dz):.1f} {"above" if dz >= 0.0 else "below"}',
    )
    return f'{text} | object {number}: {", ".join(words)}'
