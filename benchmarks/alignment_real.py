"""Draw alignments between real RGB-D frames that share objects: demo points, moved, over the live picture.

There is no truth: judge the pictures, the overlap and the confidence. The frames are not part of the repository;
name the folder that holds `labels.json`, `<scene>-color.png` and `<scene>-depth.png` (16 bit, millimetres).

    python benchmarks/alignment_real.py FOLDER OUT.png
"""

import argparse
import itertools
import json
from pathlib import Path

import cv2
import numpy as np

from mt3_common import se3
from mt3_common.cameras import project
from mt3_perception.segmentation import segment
from mt3_retrieval.alignment import View, align


def upright_camera(plane) -> np.ndarray:
    """Return T_base_camera (4, 4) of a base frame whose z is the support's normal, z = 0 on the support."""
    right = np.cross([0.0, 1.0, 0.0], plane.normal)
    right /= np.linalg.norm(right)
    R_base_camera = np.stack([right, np.cross(plane.normal, right), plane.normal])
    return se3.make(R_base_camera, np.array([0.0, 0.0, plane.offset]))


def load(folder: Path, scene: str, K: np.ndarray) -> dict:
    """Return one frame with its segmentation."""
    rgb = cv2.cvtColor(cv2.imread(str(folder / f'{scene}-color.png')), cv2.COLOR_BGR2RGB)
    depth = cv2.imread(str(folder / f'{scene}-depth.png'), cv2.IMREAD_UNCHANGED).astype(np.float32) / 1000.0
    depth[depth == 0.0] = np.nan
    found = segment(depth, K, None, rgb)
    return {'rgb': rgb, 'depth': depth, 'labels': found.labels, 'T_base_camera': upright_camera(found.plane)}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument('folder', type=Path)
    parser.add_argument('out', type=Path)
    arguments = parser.parse_args()
    labels = json.loads((arguments.folder / 'labels.json').read_text())
    camera = labels['camera']
    K = np.array([[camera['fx'], 0.0, camera['cx']], [0.0, camera['fy'], camera['cy']], [0.0, 0.0, 1.0]])
    frames = {scene: load(arguments.folder, scene, K) for scene in labels['scenes']}
    views = {}
    for scene, objects in labels['scenes'].items():
        frame = frames[scene]
        for name, (u, v) in objects.items():
            label = frame['labels'][v, u]
            if label > 0:
                mask = frame['labels'] == label
                views[scene, name] = View.from_rgbd(frame['depth'], mask, K, frame['T_base_camera'])
            else:
                print(f'{scene} {name}: not segmented')
    rows = []
    for (demo_scene, name), (live_scene, other) in itertools.permutations(views, 2):
        if name != other:
            continue
        demo, live = views[demo_scene, name], views[live_scene, name]
        result = align(demo, live)
        T_camera_base = se3.inverse(frames[live_scene]['T_base_camera'])
        pixels = project(se3.transform_points(T_camera_base, result.transfer(demo.points_base())), K)
        picture = frames[live_scene]['rgb'].copy()
        for u, v in np.round(pixels[np.isfinite(pixels).all(axis=1)]).astype(int):
            cv2.circle(picture, (int(u), int(v)), 1, (255, 40, 40), -1)
        words = (
            f'{name}: {demo_scene} to {live_scene}, overlap {result.overlap:.2f}, violation {result.violation:.3f}, '
            f'confidence {result.confidence:.2f}, size {np.round(result.scale, 2)}'
        )
        print(words)
        cv2.putText(picture, words[:70], (5, 15), cv2.FONT_HERSHEY_SIMPLEX, 0.45, (255, 255, 0), 1)
        rows.append(np.hstack([frames[demo_scene]['rgb'], picture]))
    cv2.imwrite(str(arguments.out), cv2.cvtColor(np.vstack(rows), cv2.COLOR_RGB2BGR))


if __name__ == '__main__':
    main()
