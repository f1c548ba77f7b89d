"""Draws what the segmentation finds in recorded frames: each object's mask, its number and how sure it is.

The folder holds `<scene>-color.png` and `<scene>-depth.png`, and a `labels.json` with the camera (fx, fy, cx, cy,
depth_unit_m) and, if known, one pixel of each object (scenes) and some of the background. A white ring is a labelled
pixel that lies in an object of its own; a red one lies in none, or in one that it shares.

Run it with the project's environment: `python benchmarks/perception_pictures.py [FOLDER] [--out FOLDER]`.
"""

import argparse
import json
import sys
from collections import Counter
from pathlib import Path

import cv2
import numpy as np

from mt3_perception.segmentation import Segmentation, segment

FRAMES = Path(__file__).resolve().parents[2] / 'shared' / 'data' / 'rgbd_tabletop'


def draw(bgr: np.ndarray, found: Segmentation, pixels: dict[str, tuple[int, int]]) -> np.ndarray:
    """Return the picture (H, W, 3) with masks, numbers, confidences and the labelled pixels."""
    hues = np.arange(len(found.objects)) * 180 * 0.381966 % 180  # the golden angle: neighbours differ
    table = np.stack([hues, np.full(len(hues), 200), np.full(len(hues), 255)], axis=1).astype(np.uint8)
    colours = cv2.cvtColor(table[None], cv2.COLOR_HSV2BGR)[0] if len(hues) else table
    out = bgr.copy()
    for item, colour in zip(found.objects, colours.tolist(), strict=True):
        out[item.mask] = (0.5 * out[item.mask] + 0.5 * np.array(colour)).astype(np.uint8)
        outlines, _ = cv2.findContours(item.mask.astype(np.uint8), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
        cv2.drawContours(out, outlines, -1, colour, 2)
    for i, item in enumerate(found.objects):
        v, u = (int(np.median(axis)) for axis in np.nonzero(item.mask))
        cv2.putText(out, f'{i + 1}: {item.confidence:.2f}', (u - 25, v), cv2.FONT_HERSHEY_SIMPLEX, 0.5, (0, 0, 0), 3)
        cv2.putText(out, f'{i + 1}: {item.confidence:.2f}', (u - 25, v), cv2.FONT_HERSHEY_SIMPLEX, 0.5, (255,) * 3, 1)
    held = Counter(int(found.labels[v, u]) for u, v in pixels.values())
    for u, v in pixels.values():
        label = int(found.labels[v, u])
        cv2.circle(out, (u, v), 6, (255, 255, 255) if label and held[label] == 1 else (0, 0, 255), 2)
    return out


def main() -> None:
    """Draw every scene of a folder."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument('folder', nargs='?', type=Path, default=FRAMES, help='with the frames and labels.json')
    parser.add_argument('--out', type=Path, default=Path('perception_pictures'), help='where the pictures go')
    arguments = parser.parse_args()
    if not (arguments.folder / 'labels.json').is_file():
        sys.exit(f'{arguments.folder} has no labels.json; name a folder with frames and their camera')
    about = json.loads((arguments.folder / 'labels.json').read_text(encoding='utf-8'))
    camera = about['camera']
    K = np.array([[camera['fx'], 0.0, camera['cx']], [0.0, camera['fy'], camera['cy']], [0.0, 0.0, 1.0]])
    arguments.out.mkdir(parents=True, exist_ok=True)
    for path in sorted(arguments.folder.glob('*-depth.png')):
        scene = path.name.removesuffix('-depth.png')
        bgr = cv2.imread(str(path.with_name(f'{scene}-color.png')))
        depth = cv2.imread(str(path), cv2.IMREAD_UNCHANGED).astype(np.float32) * camera['depth_unit_m']
        depth[depth == 0.0] = np.nan
        found = segment(depth, K, rgb=cv2.cvtColor(bgr, cv2.COLOR_BGR2RGB))
        pixels = about.get('scenes', {}).get(scene, {})
        cv2.imwrite(str(arguments.out / f'{scene}.png'), draw(bgr, found, pixels))
        print(f'{arguments.out / scene}.png: {len(found.objects)} objects, {len(pixels)} labelled')


if __name__ == '__main__':
    main()
