"""Real frames of a depth camera, with one labelled pixel for each object."""

import json
from pathlib import Path

import cv2
import numpy as np
import pytest

from mt3_perception.segmentation import segment

DATA = Path(__file__).resolve().parents[4] / 'shared' / 'data' / 'rgbd_tabletop'
SCENES = ('scene0', 'scene4', 'scene5', 'scene7')


def load(scene):
    """Depth [m], rgb, K, labelled pixels and background pixels of a scene."""
    if not DATA.is_dir():
        pytest.skip(f'no real frames beside the repository: {DATA.name} is missing')
    labels = json.loads((DATA / 'labels.json').read_text(encoding='utf-8'))
    camera = labels['camera']
    K = np.array([[camera['fx'], 0, camera['cx']], [0, camera['fy'], camera['cy']], [0, 0, 1.0]])
    depth = cv2.imread(str(DATA / f'{scene}-depth.png'), cv2.IMREAD_UNCHANGED).astype(np.float32)
    depth *= camera['depth_unit_m']
    depth[depth == 0] = np.nan
    rgb = cv2.cvtColor(cv2.imread(str(DATA / f'{scene}-color.png')), cv2.COLOR_BGR2RGB)
    return depth, rgb, K, labels['scenes'][scene], labels['background'][scene]


def pose_from(plane):
    """A base frame on the table: T_base_camera with z along the plane's normal."""
    z = plane.normal
    x = np.cross([0.0, 1.0, 0.0], z)
    x /= np.linalg.norm(x)
    T = np.eye(4)
    T[:3, :3] = np.stack([x, np.cross(z, x), z])
    T[2, 3] = plane.offset
    return T


def check(found, pixels, background):
    """Each labelled pixel in an object of its own, none of the background in any."""
    at = {name: int(found.labels[v, u]) for name, (u, v) in pixels.items()}
    assert all(at.values()), f'not in any object: {[name for name, value in at.items() if not value]}'
    assert len(set(at.values())) == len(at), f'objects that share a segment: {at}'
    assert all(found.labels[v, u] == 0 for u, v in background)


@pytest.mark.parametrize('scene', SCENES)
@pytest.mark.parametrize('variant', ['plain', 'mirrored', 'noisier', 'posed', 'smaller'])
def test_labelled_pixels(scene, variant):
    """As they are, mirrored, with more noise, with a known camera pose, and at half the size."""
    depth, rgb, K, pixels, background = load(scene)
    T_base_camera = None
    if variant == 'mirrored':
        depth, rgb = np.ascontiguousarray(depth[:, ::-1]), np.ascontiguousarray(rgb[:, ::-1])
        K = K.copy()
        K[0, 2] = depth.shape[1] - 1 - K[0, 2]
        pixels = {name: (depth.shape[1] - 1 - u, v) for name, (u, v) in pixels.items()}
        background = [(depth.shape[1] - 1 - u, v) for u, v in background]
    elif variant == 'noisier':
        rng = np.random.default_rng(0)
        depth = depth + rng.normal(0.0, 0.001, depth.shape).astype(np.float32) * depth**2
    elif variant == 'posed':
        T_base_camera = pose_from(segment(depth, K, rgb=rgb).plane)
    elif variant == 'smaller':
        depth, rgb = depth[::2, ::2], cv2.resize(rgb, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)
        K = np.diag([0.5, 0.5, 1.0]) @ K
        pixels = {name: (u // 2, v // 2) for name, (u, v) in pixels.items()}
        background = [(u // 2, v // 2) for u, v in background]
    check(segment(depth, K, T_base_camera, rgb), pixels, background)


@pytest.mark.parametrize('scene', ['scene0', 'scene5'])
def test_what_is_no_whole_object_is_not_sure(scene):
    """The chuck of the drill, a sliver behind a box, smeared depth behind a bottle."""
    depth, rgb, K, pixels, _ = load(scene)
    found = segment(depth, K, None, rgb)
    labelled = {int(found.labels[v, u]) - 1 for u, v in pixels.values()}
    sure = {i: o.confidence for i, o in enumerate(found.objects)}
    assert min(sure[i] for i in labelled) > 0.8
    assert max((sure[i] for i in sure if i not in labelled), default=0.0) <= 0.5


def test_depth_alone():
    """Without colour most objects are still told apart."""
    wrong = total = 0
    for scene in SCENES:
        depth, _, K, pixels, background = load(scene)
        found = segment(depth, K)
        at = [int(found.labels[v, u]) for u, v in pixels.values()]
        wrong += len(at) - len({value for value in at if value})
        total += len(at)
        assert all(found.labels[v, u] == 0 for u, v in background)
    assert wrong <= 0.15 * total


def varied(frame, rng):
    """A frame mirrored, resized, cropped, with noise, lost readings and another exposure, all by chance."""
    depth, rgb, K, pixels, background = frame
    pixels, background, K = dict(pixels), list(background), K.copy()

    def move(to):
        return {name: to(*at) for name, at in pixels.items()}, [to(*at) for at in background]

    if rng.random() < 0.5:
        last = depth.shape[1] - 1
        depth, rgb, K[0, 2] = depth[:, ::-1], rgb[:, ::-1], last - K[0, 2]
        pixels, background = move(lambda u, v: (last - u, v))
    scale = float(rng.uniform(0.8, 1.25))
    size = int(depth.shape[1] * scale), int(depth.shape[0] * scale)
    depth = cv2.resize(np.ascontiguousarray(depth), size, interpolation=cv2.INTER_NEAREST)
    rgb = cv2.resize(np.ascontiguousarray(rgb), size, interpolation=cv2.INTER_LINEAR)
    K = np.diag([scale, scale, 1.0]) @ K
    pixels, background = move(lambda u, v: (int(u * scale), int(v * scale)))
    corner = [int(rng.integers(0, max(min(at[axis] for at in pixels.values()) - 50, 1))) for axis in (0, 1)]
    depth, rgb = depth[corner[1] :, corner[0] :], rgb[corner[1] :, corner[0] :]
    K[:2, 2] -= corner
    pixels, background = move(lambda u, v: (u - corner[0], v - corner[1]))
    background = [at for at in background if min(at) >= 0]
    depth = depth + rng.choice([0.0, 0.0005, 0.001, 0.0015]) * rng.normal(size=depth.shape) * depth**2
    depth[rng.random(depth.shape) < rng.choice([0.0, 0.1])] = np.nan
    rgb = np.clip(rgb * rng.uniform(0.6, 1.3), 0, 255).astype(np.uint8)
    return depth.astype(np.float32), np.ascontiguousarray(rgb), K, pixels, background


@pytest.mark.parametrize('scene', SCENES)
@pytest.mark.parametrize('seed', [1, 6, 7])
def test_varied_frames(scene, seed):
    """What holds for the frames holds for others like them, with and without the camera pose."""
    depth, rgb, K, pixels, background = varied(load(scene), np.random.default_rng(seed))
    found = segment(depth, K, None, rgb)
    check(found, pixels, background)
    check(segment(depth, K, pose_from(found.plane), rgb), pixels, background)
