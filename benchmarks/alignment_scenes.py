"""Pairs of depth images with known truth for the alignment benchmark: own rasteriser, camera and noise model."""

from dataclasses import dataclass, field

import numba
import numpy as np
from alignment_assets import ASSETS, build_asset
from alignment_colour import TABLE_COLOUR, Light, shade
from alignment_objects import CATEGORIES, Instance, build
from scipy import ndimage

from mt3_common import se3
from mt3_retrieval.alignment import View

__all__ = [
    'HIDDEN',
    'Pair',
    'Picture',
    'make_asset_pair',
    'make_hidden_pair',
    'make_pair',
    'make_tumbled_pair',
    'pose_errors',
    'render',
    'view_of',
]

WIDTH, HEIGHT, FOCAL = 640, 480, 600.0
K = np.array([[FOCAL, 0.0, 319.5], [0.0, FOCAL, 239.5], [0.0, 0.0, 1.0]])
WORKSPACE = np.array([0.5, 0.0, 0.0])


def _table() -> np.ndarray:
    """Return the table top as small triangles (F, 3, 3) [m]: those behind a camera are left out one by one."""
    x, y = np.meshgrid(np.arange(-0.4, 1.4, 0.1), np.arange(-1.2, 1.2, 0.1), indexing='ij')
    corner = np.stack([x, y, 0 * x], axis=-1).reshape(-1, 1, 1, 3)
    halves = np.array([[[0, 0, 0], [0.1, 0, 0], [0.1, 0.1, 0]], [[0, 0, 0], [0.1, 0.1, 0], [0, 0.1, 0]]])
    return (corner + halves).reshape(-1, 3, 3)


_TABLE = _table()


@dataclass(frozen=True, eq=False)
class Picture:
    """One observation: noisy depth (H, W) [m], NaN unknown, rgb (H, W, 3), mask (H, W), and where things were."""

    depth_m: np.ndarray
    rgb: np.ndarray
    mask: np.ndarray
    T_base_camera: np.ndarray
    T_base_object: np.ndarray
    instance: Instance
    K: np.ndarray = field(default_factory=lambda: K)


@dataclass(frozen=True, eq=False)
class Pair:
    """A demo and a live picture."""

    category: str
    demo: Picture
    live: Picture
    camera_moved: bool
    clutter: bool


@numba.njit(cache=True)
def _rasterise(triangles, label, first, fx, fy, cx, cy, depth, labels, faces):
    """Draw camera-frame triangles (F, 3, 3), numbered from `first`, into a z-buffer."""
    height, width = depth.shape
    for f in range(triangles.shape[0]):
        t = triangles[f]
        if min(t[0, 2], t[1, 2], t[2, 2]) < 0.05:
            continue
        u0, v0 = fx * t[0, 0] / t[0, 2] + cx, fy * t[0, 1] / t[0, 2] + cy
        u1, v1 = fx * t[1, 0] / t[1, 2] + cx, fy * t[1, 1] / t[1, 2] + cy
        u2, v2 = fx * t[2, 0] / t[2, 2] + cx, fy * t[2, 1] / t[2, 2] + cy
        area = (u1 - u0) * (v2 - v0) - (u2 - u0) * (v1 - v0)
        if abs(area) < 1e-12:
            continue
        for v in range(max(0, int(np.ceil(min(v0, v1, v2)))), min(height - 1, int(max(v0, v1, v2))) + 1):
            for u in range(max(0, int(np.ceil(min(u0, u1, u2)))), min(width - 1, int(max(u0, u1, u2))) + 1):
                a = ((u1 - u) * (v2 - v) - (u2 - u) * (v1 - v)) / area
                b = ((u2 - u) * (v0 - v) - (u0 - u) * (v2 - v)) / area
                c = 1.0 - a - b
                if a < 0.0 or b < 0.0 or c < 0.0:
                    continue
                z = 1.0 / (a / t[0, 2] + b / t[1, 2] + c / t[2, 2])
                if z < depth[v, u]:
                    depth[v, u] = z
                    labels[v, u] = label
                    faces[v, u] = first + f


def render(bodies: list[tuple[Instance, np.ndarray]], T_base_camera: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return exact depth (H, W) [m] and labels (H, W): 0 table, 1 first body, ..."""
    return _render(bodies, T_base_camera)[:2]


def _render(bodies, T_base_camera):
    """Return exact depth, labels, and for each pixel the number of the triangle it sees, the table's first."""
    depth = np.full((HEIGHT, WIDTH), np.inf)
    labels, faces = np.full((2, HEIGHT, WIDTH), -1, dtype=np.int32)
    T_camera_base, first = se3.inverse(T_base_camera), 0
    for label, (triangles, T) in enumerate([(_TABLE, np.eye(4))] + [(i.triangles, T) for i, T in bodies]):
        corners = se3.transform_points(T_camera_base @ T, triangles.reshape(-1, 3)).reshape(-1, 3, 3)
        _rasterise(corners, label, first, FOCAL, FOCAL, K[0, 2], K[1, 2], depth, labels, faces)
        first += len(triangles)
    depth[labels < 0] = np.nan
    return depth, labels, faces


def photograph(bodies, T_base_camera, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return exact depth (H, W) [m], labels (H, W) and the colour image (H, W, 3) uint8 under a light of its own."""
    depth, labels, faces = _render(bodies, T_base_camera)
    placed = [se3.transform_points(T, i.triangles.reshape(-1, 3)).reshape(-1, 3, 3) for i, T in bodies]
    colours = [np.broadcast_to(TABLE_COLOUR, (len(_TABLE), 3)), *(i.colours for i, _ in bodies)]
    light = Light(rng.spawn(1)[0])  # does not disturb what is drawn next
    return depth, labels, shade(faces, np.concatenate([_TABLE, *placed]), np.concatenate(colours), light)


def add_noise(depth: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Return the depth [m] as a stereo camera would give it.

    White noise of 1.2 mm at 0.9 m growing with the range squared, smooth error of 0.7 mm, edge dropout and
    flying pixels, dropout at grazing surfaces, holes, 1 mm quantisation.
    """
    smooth = ndimage.gaussian_filter(rng.normal(size=depth.shape), 12.0)
    noisy = depth + 0.0012 * (depth / 0.9) ** 2 * rng.normal(size=depth.shape) + 0.0007 * smooth / smooth.std()
    filled = np.where(np.isfinite(depth), depth, 5.0)
    low, high = ndimage.minimum_filter(filled, 3), ndimage.maximum_filter(filled, 3)
    edge = high - low > 0.02
    lottery = rng.random(depth.shape)
    mixed = low + (high - low) * rng.random(depth.shape)
    noisy = np.where(edge & (lottery < 0.08), mixed, noisy)
    noisy[edge & (lottery > 0.7)] = np.nan
    dz_dv, dz_du = np.gradient(ndimage.gaussian_filter(filled, 0.7))
    slope = np.hypot(dz_du, dz_dv) * FOCAL / filled
    noisy[~edge & (slope > 4.0) & (rng.random(depth.shape) < 0.5)] = np.nan
    for _ in range(rng.integers(0, 6)):
        v, u, r = rng.integers(HEIGHT), rng.integers(WIDTH), rng.uniform(2, 7)
        y, x = np.ogrid[:HEIGHT, :WIDTH]
        noisy[(x - u) ** 2 + (y - v) ** 2 < r * r] = np.nan
    return (np.round(noisy * 1000.0) / 1000.0).astype(np.float32)


def _camera(rng: np.random.Generator, azimuth: float) -> np.ndarray:
    """Return T_base_camera (4, 4) looking at the workspace from 0.8 to 1.0 m, 38 to 55 degrees down."""
    elevation, distance = np.radians(rng.uniform(38, 55)), rng.uniform(0.8, 1.0)
    target = WORKSPACE + np.array([*rng.uniform(-0.03, 0.03, 2), 0.03])
    away = np.array([np.cos(azimuth) * np.cos(elevation), np.sin(azimuth) * np.cos(elevation), np.sin(elevation)])
    forward = -away
    right = np.cross(forward, [0.0, 0.0, 1.0])
    right /= np.linalg.norm(right)
    roll = rng.normal(0.0, 0.02)
    down = np.cross(forward, right)
    R = np.stack([np.cos(roll) * right + np.sin(roll) * down, np.cos(roll) * down - np.sin(roll) * right, forward], 1)
    return se3.make(R, target + distance * away)


def _place(rng: np.random.Generator, around: np.ndarray, spread: float) -> np.ndarray:
    return se3.from_yaw(rng.uniform(-np.pi, np.pi), around + np.array([*rng.uniform(-spread, spread, 2), 0.0]))


def _neighbours(rng: np.random.Generator, target: Instance, T_base_target: np.ndarray) -> list:
    """Return two to four other objects close to the target, none inside it."""
    placed = [(target, T_base_target)]
    wanted = rng.integers(2, 5)
    for _ in range(60):
        if len(placed) > wanted:
            break
        other = build(str(rng.choice(list(CATEGORIES))), rng)
        angle = rng.uniform(-np.pi, np.pi)
        distance = target.radius + other.radius + rng.uniform(0.005, 0.06)
        at = T_base_target[:3, 3] + [distance * np.cos(angle), distance * np.sin(angle), 0.0]
        if all(np.hypot(*(T[:2, 3] - at[:2])) > i.radius + other.radius for i, T in placed[1:]):
            placed.append((other, se3.from_yaw(rng.uniform(-np.pi, np.pi), at)))
    return placed[1:]


def _shoot(rng, instance, azimuth, clutter) -> Picture:
    """Place and photograph; again while clutter hides more than 40 % of the object's pixels."""
    while True:
        T_base_camera = _camera(rng, azimuth)
        T = _place(rng, WORKSPACE, 0.1)
        alone = (render([(instance, T)], T_base_camera)[1] == 1).sum()
        bodies = [(instance, T)] + (_neighbours(rng, instance, T) if clutter else [])
        depth, labels, rgb = photograph(bodies, T_base_camera, rng)
        mask = labels == 1
        if mask.sum() >= 0.6 * alone:
            break
    if rng.random() < 0.5:  # no segmentation is exact
        mask = ndimage.binary_dilation(mask, iterations=1) if rng.random() < 0.5 else ndimage.binary_erosion(mask)
    return Picture(add_noise(depth, rng), rgb, mask, T_base_camera, T, instance)


def make_pair(category: str, kind: str, seed: int) -> Pair:
    """Make one pair: `kind` is 'same' (one instance) or 'cat' (two independent instances)."""
    rng = np.random.default_rng([seed, list(CATEGORIES).index(category), kind == 'cat'])
    demo_instance = build(category, rng)
    return _pair(rng, category, demo_instance, build(category, rng) if kind == 'cat' else demo_instance)


def make_asset_pair(name: str, novel: bool, seed: int) -> Pair:
    """Make one pair with a mesh of an installed package; novel: two instances, stretched independently."""
    rng = np.random.default_rng([seed, list(ASSETS).index(name), 10 + novel])
    demo_instance = build_asset(name, rng, novel)
    return _pair(rng, name, demo_instance, build_asset(name, rng, novel) if novel else demo_instance)


def _pair(rng: np.random.Generator, category: str, demo_instance: Instance, live_instance: Instance) -> Pair:
    moved, clutter = bool(rng.random() < 0.5), bool(rng.random() < 0.25)
    azimuth = rng.uniform(-0.5, 0.5)
    live_azimuth = azimuth + (rng.uniform(-0.9, 0.9) if moved else 0.0)
    demo = _shoot(rng, demo_instance, azimuth, clutter)
    return Pair(category, demo, _shoot(rng, live_instance, live_azimuth, clutter), moved, clutter)


HIDDEN = ('mug', 'jug')  # whose handle, along x, can vanish behind the body


def make_hidden_pair(category: str, seed: int) -> Pair:
    """Make a pair whose handle is seen in the demonstration and behind the object now; odd seeds: one instance."""
    rng = np.random.default_rng([seed, HIDDEN.index(category), 2])
    demo_instance = build(category, rng)
    live_instance = demo_instance if seed % 2 else build(category, rng)
    azimuth = rng.uniform(-0.5, 0.5)
    turns = azimuth + rng.uniform(-1.9, 1.9), azimuth + np.pi + rng.uniform(-0.35, 0.35)
    pictures = []
    for instance, yaw in zip((demo_instance, live_instance), turns, strict=True):
        T_base_camera = _camera(rng, azimuth)
        T = se3.from_yaw(yaw, WORKSPACE + np.array([*rng.uniform(-0.1, 0.1, 2), 0.0]))
        depth, labels, rgb = photograph([(instance, T)], T_base_camera, rng)
        pictures.append(Picture(add_noise(depth, rng), rgb, labels == 1, T_base_camera, T, instance))
    return Pair(category, *pictures, False, False)


def make_tumbled_pair(category: str, seed: int) -> Pair:
    """Make a pair of one instance, standing in the demonstration and fallen on its side (90 degrees) now."""
    rng = np.random.default_rng([seed, list(CATEGORIES).index(category), 6])
    instance, azimuth = build(category, rng), rng.uniform(-0.5, 0.5)
    demo = _shoot(rng, instance, azimuth, False)
    while True:
        direction = rng.uniform(-np.pi, np.pi)
        fall = se3.exp(np.array([0.0, 0.0, 0.0, np.cos(direction), np.sin(direction), 0.0]) * np.pi / 2)
        T = se3.from_yaw(rng.uniform(-np.pi, np.pi)) @ fall
        lowest = se3.transform_points(T, instance.triangles.reshape(-1, 3))[:, 2].min()
        T[:3, 3] = WORKSPACE + np.array([*rng.uniform(-0.08, 0.08, 2), -lowest])
        T_base_camera = _camera(rng, azimuth + rng.uniform(-0.4, 0.4))
        depth, labels, rgb = photograph([(instance, T)], T_base_camera, rng)
        if (labels == 1).sum() > 300:
            break
    live = Picture(add_noise(depth, rng), rgb, labels == 1, T_base_camera, T, instance)
    return Pair(category, demo, live, True, False)


def view_of(picture: Picture) -> View:
    """Return what the alignment makes of a picture."""
    return View.from_rgbd(picture.depth_m, picture.mask, picture.K, picture.T_base_camera, picture.rgb)


def pose_errors(pair: Pair, transfer, T_live_demo: np.ndarray) -> tuple[float, float]:
    """Return the error (distance [m] at the object's centre, angle [rad]) modulo the object's symmetry.

    Args:
        transfer: Maps demo points (N, 3), base frame, onto the live object.
    """
    demo, live = pair.demo, pair.live
    centre_demo = se3.transform_points(demo.T_base_object, np.array([[0, 0, demo.instance.height / 2]]))
    centre_live = se3.transform_points(live.T_base_object, np.array([[0, 0, live.instance.height / 2]]))
    distance = float(np.linalg.norm(transfer(centre_demo) - centre_live))
    if demo.instance.symmetry == 0:
        return distance, 0.0
    T_true = live.T_base_object @ se3.inverse(demo.T_base_object)
    if live.T_base_object[2, 2] < 0.99:  # fallen: only objects without symmetry are asked
        return distance, se3.angle_between(T_true[:3, :3], T_live_demo[:3, :3])
    turn = 2.0 * np.pi / demo.instance.symmetry
    off = se3.yaw_of(T_true) - se3.yaw_of(T_live_demo)
    return distance, float(abs((off + turn / 2) % turn - turn / 2))
