"""Synthetic table-top scenes for tests and benchmarks: a few shapes, one camera, realistic enough depth noise.

Objects are dense point sets on their surfaces, splatted into a depth image; no renderer is needed.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from mt3_common import se3
from mt3_common.cameras import project
from mt3_common.demonstration import Demonstration, Interaction
from mt3_common.scene import Scene, SceneObject

__all__ = ['SHAPES', 'Placed', 'camera_pose', 'intrinsics', 'make_demo', 'make_scene']

_WIDTH, _HEIGHT = 640, 480
_STEP_M = 0.0012


@dataclass(frozen=True)
class Placed:
    """A shape on the table (z = 0 of the base frame).

    Attributes:
        shape: Name in SHAPES.
        x, y: Where it stands [m].
        yaw: Turn about the vertical [rad].
        scale: Size factors along its own axes.
        colour: rgb.
        z: Height of what it stands on [m].
    """

    shape: str
    x: float = 0.5
    y: float = 0.0
    yaw: float = 0.0
    scale: tuple[float, float, float] = (1.0, 1.0, 1.0)
    colour: tuple[int, int, int] = (200, 60, 50)
    z: float = 0.0


def _grid(*ends: tuple[float, float]) -> list[np.ndarray]:
    axes = [np.linspace(a, b, max(2, int(abs(b - a) / _STEP_M) + 1)) for a, b in ends]
    return [g.ravel() for g in np.meshgrid(*axes, indexing='ij')]


def _box(size: Sequence[float], centre: Sequence[float] = (0.0, 0.0)) -> np.ndarray:
    hx, hy, h = size[0] / 2, size[1] / 2, size[2]
    faces = []
    for axis, (a, b) in enumerate((((-hy, hy), (0, h)), ((-hx, hx), (0, h)), ((-hx, hx), (-hy, hy)))):
        u, w = _grid(a, b)
        for end in ((-hx, hx), (-hy, hy), (0.0, h))[axis]:
            face = np.insert(np.stack([u, w], axis=1), axis, end, axis=1)
            faces.append(face)
    return np.concatenate(faces) + np.array([*centre, 0.0])


def _tube(radius: float, low: float, high: float, top: float | None = None) -> np.ndarray:
    """Side of a cylinder or cone."""
    angle, z = _grid((0.0, 2 * np.pi * radius), (low, high))
    r = radius + ((top if top is not None else radius) - radius) * (z - low) / max(high - low, 1e-9)
    return np.stack([r * np.cos(angle / radius), r * np.sin(angle / radius), z], axis=1)


def _disc(radius: float, z: float) -> np.ndarray:
    x, y = _grid((-radius, radius), (-radius, radius))
    inside = x**2 + y**2 <= radius**2
    return np.stack([x[inside], y[inside], np.full(inside.sum(), z)], axis=1)


def _mug() -> np.ndarray:
    angle, around = _grid((-1.45, 1.45), (0.0, 0.04))
    around = around / 0.04 * 2 * np.pi
    arm = 0.03 + 0.006 * np.cos(around)
    handle = np.stack([0.036 + 0.85 * arm * np.cos(angle), 0.006 * np.sin(around), 0.048 + arm * np.sin(angle)], axis=1)
    fine = np.concatenate([handle + d for d in np.random.default_rng(0).normal(0, 0.0004, (40, 3))])
    return np.concatenate([_tube(0.04, 0.0, 0.095), _tube(0.036, 0.01, 0.095), _disc(0.036, 0.01), fine])


def _bottle() -> np.ndarray:
    return np.concatenate(
        [_tube(0.032, 0, 0.13), _tube(0.032, 0.13, 0.16, 0.013), _tube(0.013, 0.16, 0.2), _disc(0.013, 0.2)]
    )


def _drawer() -> np.ndarray:
    handle = _box((0.02, 0.07, 0.012), (0.1, 0.0)) + np.array([0.0, 0.0, 0.06])
    return np.concatenate([_box((0.18, 0.16, 0.12)), handle])


def _plate() -> np.ndarray:
    return np.concatenate([_disc(0.06, 0.006), _tube(0.06, 0.006, 0.022, 0.09)])


def _button() -> np.ndarray:
    return np.concatenate([_box((0.08, 0.06, 0.03)), _tube(0.015, 0.03, 0.042), _disc(0.015, 0.042)])


def _lblock() -> np.ndarray:
    return np.concatenate([_box((0.12, 0.035, 0.04)), _box((0.035, 0.08, 0.04), (0.0425, 0.05))])


SHAPES = {
    'mug': _mug,
    'bottle': _bottle,
    'box': lambda: _box((0.11, 0.06, 0.08)),
    'drawer': _drawer,
    'plate': _plate,
    'button': _button,
    'can': lambda: np.concatenate([_tube(0.033, 0, 0.11), _disc(0.033, 0.11)]),
    'lblock': _lblock,
}
_CLOUDS: dict[str, np.ndarray] = {}


def intrinsics() -> np.ndarray:
    """Return K (3, 3) [pixel] of the 640x480 camera."""
    return np.array([[600.0, 0.0, 319.5], [0.0, 600.0, 239.5], [0.0, 0.0, 1.0]])


def camera_pose(eye: Sequence[float] = (1.15, 0.0, 0.75), target: Sequence[float] = (0.5, 0.0, 0.02)) -> np.ndarray:
    """Return T_base_camera (4, 4) of a camera at `eye` that looks at `target` [m]."""
    forward = np.subtract(target, eye) / np.linalg.norm(np.subtract(target, eye))
    right = np.cross(forward, [0.0, 0.0, 1.0])
    right /= np.linalg.norm(right)
    return se3.make(np.stack([right, np.cross(forward, right), forward], axis=1), np.array(eye, float))


def _surface(placed: Placed) -> np.ndarray:
    if placed.shape not in _CLOUDS:
        _CLOUDS[placed.shape] = SHAPES[placed.shape]()
    points = _CLOUDS[placed.shape] * np.array(placed.scale)
    return se3.transform_points(se3.from_yaw(placed.yaw, np.array([placed.x, placed.y, placed.z])), points)


def _render(
    things: Sequence[Placed], T_base_camera: np.ndarray, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return depth (H, W) [m], labels (H, W) and rgb (H, W, 3)."""
    K, T_camera_base = intrinsics(), se3.inverse(T_base_camera)
    v, u = np.indices((_HEIGHT, _WIDTH), dtype=float)
    rays = np.stack([(u - K[0, 2]) / K[0, 0], (v - K[1, 2]) / K[1, 1], np.ones_like(u)], axis=-1)
    down = rays @ T_base_camera[:3, :3].T
    depth = np.where(down[..., 2] < -1e-3, -T_base_camera[2, 3] / down[..., 2], 5.0)
    labels = np.zeros((_HEIGHT, _WIDTH), np.int32)
    rgb = np.full((_HEIGHT, _WIDTH, 3), (182, 170, 150), np.uint8)
    for number, placed in enumerate(things, start=1):
        points = se3.transform_points(T_camera_base, _surface(placed))
        pixel = np.round(project(points, K))
        inside = (pixel >= 0).all(axis=1) & (pixel[:, 0] < _WIDTH) & (pixel[:, 1] < _HEIGHT)
        pixel, z = pixel[inside].astype(int), points[inside, 2]
        layer = np.full((_HEIGHT, _WIDTH), np.inf)
        np.minimum.at(layer, (pixel[:, 1], pixel[:, 0]), z)
        holes = cv2.erode(layer, np.ones((3, 3)))  # the nearest of the neighbours
        layer = np.where(np.isfinite(layer) & (layer < holes + 0.01), layer, holes)
        nearer = layer < depth - 1e-4
        depth[nearer], labels[nearer] = layer[nearer], number
        edge = cv2.Laplacian(np.where(np.isfinite(layer), layer, 0.0), cv2.CV_64F)[nearer]
        shade = np.clip(1.0 - 0.25 * (np.abs(edge) > 0.004), 0.0, 1.0)
        rgb[nearer] = (np.array(placed.colour) * shade[:, None]).astype(np.uint8)
    noise = rng.normal(0.0, 1.0, depth.shape) * 0.0008 * depth**2
    depth = np.round((depth + noise) * 1000.0) / 1000.0
    step = cv2.morphologyEx(depth, cv2.MORPH_GRADIENT, np.ones((3, 3)))
    depth[(step > 0.03) & (rng.random(depth.shape) < 0.5)] = np.nan  # no reading at edges
    return depth.astype(np.float32), labels, rgb


def make_scene(
    things: Sequence[Placed], seed: int = 0, T_base_camera: np.ndarray | None = None, stamp_s: float = 100.0
) -> Scene:
    """Return the scene that shows the things; object i + 1 is things[i], unless it is out of sight."""
    T_base_camera = camera_pose() if T_base_camera is None else T_base_camera
    depth, labels, rgb = _render(things, T_base_camera, np.random.default_rng(seed))
    objects = []
    for number in range(1, len(things) + 1):
        v, u = np.nonzero((labels == number) & np.isfinite(depth))
        if len(v) < 30:
            continue
        K, z = intrinsics(), depth[v, u].astype(float)
        points = np.stack([(u - K[0, 2]) * z / K[0, 0], (v - K[1, 2]) * z / K[1, 1], z], axis=1)
        points = se3.transform_points(T_base_camera, points)
        low, high = points.min(axis=0), points.max(axis=0)
        objects.append(
            SceneObject(
                number,
                points,
                rgb[v, u],
                se3.make(t_a_b=(low + high) / 2),
                high - low,
                0.0,
                (int(u.min()), int(v.min()), int(np.ptp(u)) + 1, int(np.ptp(v)) + 1),
            )
        )
    return Scene(
        stamp_s,
        'panda_link0',
        'camera_color_optical_frame',
        rgb,
        depth,
        labels,
        intrinsics(),
        T_base_camera,
        tuple(objects),
        0.0,
    )


def make_demo(
    task: str, placed: Placed, seed: int = 0, T_base_camera: np.ndarray | None = None, **changes
) -> Demonstration:
    """Return a demonstration on one thing: from 10 cm above it, straight down 8 cm, close, up again."""
    scene = make_scene([placed], seed, T_base_camera)
    top = float(scene.objects[0].points[:, 2].max())
    turn = se3.from_yaw(placed.yaw)
    down = np.diag([1.0, -1.0, -1.0, 1.0])
    T_base_bottleneck = se3.make(turn[:3, :3] @ down[:3, :3], np.array([placed.x, placed.y, top + 0.1]))
    time_s = np.linspace(0.0, 3.0, 31)
    path = np.tile(np.eye(4), (31, 1, 1))
    path[:, 2, 3] = np.interp(time_s, [0.0, 1.2, 1.8, 3.0], [0.0, 0.08, 0.08, 0.0])
    opening = np.where(time_s < 1.5, 1.0, 0.2)
    values = {
        'task': task,
        'robot': 'panda',
        'T_base_bottleneck': T_base_bottleneck,
        'interaction': Interaction(time_s, path, opening, 0.08),
        'rgb': scene.rgb,
        'depth_m': scene.depth_m,
        'mask': scene.mask(1),
        'K': scene.K,
        'T_base_camera': scene.T_base_camera,
        'support_height_m': 0.0,
    }
    return Demonstration(**{**values, **changes})
