"""How well and how fast objects on a table are told apart, on ray-cast clutter with the noise of a stereo camera.

Sets:
    apart       3 to 10 boxes, cylinders, cups and balls, at least 2 cm between them
    touching    the same, half of them standing against another one
    single      one object alone, of a kind that could be cut in two: mug, hammer, two-tone pen, striped box
    small       a marker, a 2 cm cube and a 3 cm ball, apart
    dark        as apart, but a third of the objects give no depth in 60 % of their pixels

The scenes are drawn from another seed than those that the limits were chosen on.

Measures, over all objects that show at least 200 pixels (60 of the small ones):
    found       share with an intersection over union above 0.75
    halves      objects of which more than one segment holds at least a fifth
    merged      segments that hold at least a fifth of more than one object
    ghosts      segments of which less than 30 % is any object
    ms          median and 95th percentile of the processor time per frame, one thread

Methods: `segment` with and without colour, with and without the camera pose; and where Open3D is installed its RANSAC
plane followed by DBSCAN, in the same run.

Run it with the project's environment: `python benchmarks/perception.py [--quick] [--scenes N]`.
"""

import argparse
import json
import os
import platform
import subprocess
import time
from pathlib import Path

os.environ.setdefault('OMP_NUM_THREADS', '1')

import cv2
import numpy as np

from mt3_perception.segmentation import segment
from mt3_perception.segmentation.warm_up import warm_up
from mt3_perception.testing import Solid, TableTop, depth_noise, look_at, random_clutter

try:
    import open3d
except ImportError:
    open3d = None

RESULTS = Path(__file__).parent / 'results'
SEED = 7041
COUNTS = ('objects', 'found', 'halves', 'merged', 'ghosts')


def clutter(rng: np.random.Generator, touching: bool) -> tuple[Solid, ...]:
    """3 to 10 objects."""
    count = int(rng.integers(3, 11))
    return random_clutter(rng, count, touching=count // 2 if touching else 0)


def single(rng: np.random.Generator) -> tuple[tuple[Solid, ...], list[int]]:
    """Return the solids of one composite object, and the instance (1) that each belongs to."""
    x, y, yaw = 0.5 + rng.uniform(-0.08, 0.08), rng.uniform(-0.2, 0.2), rng.uniform(-np.pi, np.pi)
    c, s = np.cos(yaw), np.sin(yaw)
    colors = [tuple(int(v) for v in rng.integers(20, 240, 3)) for _ in range(2)]

    def part(kind: str, along: float, size: tuple[float, float, float], color: int, z: float = 0.0) -> Solid:
        return Solid(kind, x + along * c, y + along * s, size, yaw, z, colors[color])

    kind = rng.choice(['mug', 'hammer', 'pen', 'box'])
    if kind == 'mug':
        solids = (part('cup', 0.0, (0.08, 0.08, 0.095), 0), part('box', 0.055, (0.032, 0.012, 0.06), 0, 0.018))
    elif kind == 'hammer':
        solids = (part('box', 0.0, (0.2, 0.028, 0.025), 0), part('box', 0.112, (0.03, 0.1, 0.03), 1))
    elif kind == 'pen':
        solids = (part('box', 0.0, (0.09, 0.02, 0.02), 0), part('box', 0.07, (0.05, 0.02, 0.02), 1))
    else:
        solids = (Solid('box', x, y, (0.14, 0.07, 0.12), yaw, 0.0, colors[0], colors[1]),)
    return solids, [1] * len(solids)


def small(rng: np.random.Generator) -> tuple[Solid, ...]:
    """Return a marker, a 2 cm cube and a 3 cm ball in places of their own."""
    shapes = (('box', (0.13, 0.016, 0.016)), ('box', (0.02, 0.02, 0.02)), ('sphere', (0.03, 0.03, 0.03)))
    return tuple(
        Solid(
            kind,
            rng.uniform(0.42, 0.62),
            side + rng.uniform(-0.03, 0.03),
            size,
            rng.uniform(-np.pi, np.pi),
            0.0,
            tuple(int(v) for v in rng.integers(20, 240, 3)),
        )
        for side, (kind, size) in zip(rng.permutation((-0.2, 0.0, 0.2)), shapes, strict=True)
    )


def lose_depth(depth_m: np.ndarray, ids: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Return depth (H, W) without patches that make up 60 % of a third of the objects."""
    patches = cv2.GaussianBlur(rng.random(depth_m.shape), (0, 0), 5.0)
    lost = np.zeros(depth_m.shape, bool)
    for i in range(1, int(ids.max()) + 1):
        own = ids == i
        if own.any() and rng.random() < 1.0 / 3.0:
            lost |= own & (patches < np.quantile(patches[own], 0.6))
    return np.where(lost, np.float32(np.nan), depth_m)


def camera(rng: np.random.Generator) -> np.ndarray:
    """T_base_camera of a camera 0.75 to 1.0 m away, 35 to 60 degrees above the table."""
    azimuth, elevation = rng.uniform(-0.4, 0.4), np.radians(rng.uniform(35, 60))
    r = rng.uniform(0.75, 1.0)
    flat = r * np.cos(elevation)
    return look_at((0.5 + flat * np.cos(azimuth), flat * np.sin(azimuth), r * np.sin(elevation)), (0.52, 0.0, 0.03))


def views(kind: str, count: int, width: int = 640, height: int = 480, focal: float = 600.0):
    """Yield (view, noisy depth, instance ids)."""
    rng = np.random.default_rng(SEED)
    for _ in range(count):
        if kind == 'single':
            solids, instances = single(rng)
        elif kind == 'small':
            solids, instances = small(rng), [1, 2, 3]
        else:
            solids = clutter(rng, kind == 'touching')
            instances = list(range(1, len(solids) + 1))
        view = TableTop(solids).view(camera(rng), width, height, focal)
        depth, ids = depth_noise(view.depth_m, rng), np.array([0, *instances], np.int32)[view.ids]
        yield view, lose_depth(depth, ids, rng) if kind == 'dark' else depth, ids


def ransac_dbscan(depth_m, K, T_base_camera, rgb):
    """Open3D's plane by RANSAC, what is above it grouped by DBSCAN; masks (H, W) bool."""
    del T_base_camera, rgb
    v, u = np.nonzero(np.isfinite(depth_m) & (depth_m < 2.5))
    z = depth_m[v, u]
    points = np.stack([(u - K[0, 2]) * z / K[0, 0], (v - K[1, 2]) * z / K[1, 1], z], axis=1)
    cloud = open3d.geometry.PointCloud(open3d.utility.Vector3dVector(points))
    small, _, index = cloud.voxel_down_sample_and_trace(0.005, cloud.get_min_bound(), cloud.get_max_bound())
    plane, _ = small.segment_plane(0.01, 3, 500)
    plane = np.array(plane) * (1.0 if plane[3] > 0 else -1.0)
    xyz = np.asarray(small.points)
    above = np.nonzero(xyz @ plane[:3] + plane[3] > 0.01)[0]
    groups = np.array(small.select_by_index(above).cluster_dbscan(0.012, 8))
    masks = []
    for group in range(groups.max() + 1 if len(groups) else 0):
        at = np.concatenate([np.asarray(index[i]) for i in above[groups == group]])
        if len(at) >= 80:
            mask = np.zeros(depth_m.shape, bool)
            mask[v[at], u[at]] = True
            masks.append(mask)
    return masks


def ours(pose: bool, color: bool):
    """Return a method that calls `segment`."""

    def run(depth_m, K, T_base_camera, rgb):
        found = segment(depth_m, K, T_base_camera if pose else None, rgb if color else None)
        return [o.mask for o in found.objects]

    return run


def score(masks: list[np.ndarray], ids: np.ndarray, minimum: int) -> dict:
    """Count what is right and wrong in one frame."""
    result = dict.fromkeys(COUNTS, 0)
    held = np.zeros((len(masks), int(ids.max()) + 1))
    for j, mask in enumerate(masks):
        held[j] = np.bincount(ids[mask], minlength=held.shape[1])
        result['ghosts'] += held[j, 1:].sum() < 0.3 * held[j].sum()
    sizes = np.bincount(ids.ravel(), minlength=held.shape[1])
    large = [i for i in range(1, len(sizes)) if sizes[i] >= minimum]
    for i in large:
        union = [sizes[i] + held[j].sum() - held[j, i] for j in range(len(masks))]
        best = max((held[j, i] / union[j] for j in range(len(masks))), default=0.0)
        result['objects'] += 1
        result['found'] += best > 0.75
        result['halves'] += sum(held[j, i] > 0.2 * sizes[i] for j in range(len(masks))) > 1
    for j in range(len(masks)):
        result['merged'] += sum(held[j, i] > 0.2 * sizes[i] for i in large) > 1
    return result


def measure(methods: dict, kind: str, scenes: int, **size) -> dict[str, dict]:
    """Run all methods over one set, frame by frame, so that they meet the same load of the machine."""
    totals = {name: dict.fromkeys(COUNTS, 0) for name in methods}
    times = {name: [] for name in methods}
    for view, depth, ids in views(kind, scenes, **size):
        for name, method in methods.items():
            start = time.process_time()
            masks = method(depth, view.K, view.T_base_camera, view.rgb)
            times[name].append(time.process_time() - start)
            for key, value in score(masks, ids, (60 if kind == 'small' else 200) * ids.size // (640 * 480)).items():
                totals[name][key] += int(value)
    return {
        name: {
            'objects': total['objects'],
            'found_share': round(total['found'] / max(total['objects'], 1), 4),
            'halves': total['halves'],
            'merged': total['merged'],
            'ghosts': total['ghosts'],
            'median_ms': round(1000 * float(np.median(times[name])), 1),
            'p95_ms': round(1000 * float(np.percentile(times[name], 95)), 1),
        }
        for name, total in totals.items()
    }


def main() -> None:
    """Measure, print, write."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument('--quick', action='store_true', help='a tenth of the scenes')
    parser.add_argument('--scenes', type=int, default=100, help='scenes per set')
    arguments = parser.parse_args()
    scenes = max(arguments.scenes // 10, 3) if arguments.quick else arguments.scenes
    cv2.setNumThreads(1)
    methods = {
        'segment': ours(True, True),
        'segment, depth only': ours(True, False),
        'segment, no camera pose': ours(False, True),
    }
    if open3d is not None:
        methods['Open3D RANSAC + DBSCAN'] = ransac_dbscan
    large = {'width': 1280, 'height': 720, 'focal': 920.0}
    warm_up()
    view, depth, _ = next(views('apart', 1))
    for method in methods.values():
        method(depth, view.K, view.T_base_camera, view.rgb)  # warm
    rows = {}
    sets = [(kind, '640x480', scenes, {}) for kind in ('apart', 'touching', 'single', 'small', 'dark')]
    for kind, label, count, size in [*sets, ('apart', '1280x720', max(scenes // 4, 3), large)]:
        for name, row in measure(methods, kind, count, **size).items():
            rows[name, f'{kind} {label}'] = row
            print(f'{name:26s} {kind:9s}{label}', row, flush=True)
    rows = {(name, kind): rows[name, kind] for name in methods for _, kind in list(rows)[:: len(methods)]}
    write(rows, scenes)


def write(rows: dict, scenes: int) -> None:
    """Write results/perception.json and results/perception.md."""
    commit = subprocess.run(['git', 'rev-parse', '--short', 'HEAD'], capture_output=True, text=True, check=False)
    flat = {
        f'{name}_{kind}_{key}'.replace(' ', '_').replace(',', '').replace('+', 'and').lower(): value
        for (name, kind), row in rows.items()
        for key, value in row.items()
    }
    about = {
        'machine': f'{platform.machine()}, {os.cpu_count()} cores, one thread used',
        'commit': commit.stdout.strip(),
        'seed': SEED,
        'scenes_per_set': scenes,
        'open3d': getattr(open3d, '__version__', 'not installed'),
    }
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / 'perception.json').write_text(json.dumps({**about, **flat}, indent=1) + '\n', encoding='utf-8')
    lines = ['# Perception', '', *__doc__.splitlines()[2:-2], '']
    lines += [f'- {key}: {value}' for key, value in about.items()]
    head = ['method', 'set', 'objects', 'found', 'halves', 'merged', 'ghosts', 'median ms', '95 % ms']
    lines += ['', '| ' + ' | '.join(head) + ' |', '|' + '---|' * len(head)]
    for (name, kind), row in rows.items():
        cells = [name, kind, row['objects'], f'{100 * row["found_share"]:.1f} %', row['halves'], row['merged']]
        cells += [row['ghosts'], row['median_ms'], row['p95_ms']]
        lines.append('| ' + ' | '.join(str(cell) for cell in cells) + ' |')
    (RESULTS / 'perception.md').write_text('\n'.join(lines) + '\n', encoding='utf-8')


if __name__ == '__main__':
    main()
