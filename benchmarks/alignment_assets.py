"""Meshes of an installed package for the alignment benchmark: `pybullet_data` (wheel `pybullet`, zlib licence).

    ./mt3 setup --bench        # Python 3.10 or 3.11; only its files are read; 103 MB

Nothing of it is copied into this project. Meshes are brought to table-top size, standing as on a table. Without the
package there are none, and the report says so. The thousand shapes of its `random_urdfs` are made by a program, like
bent and joined household parts; those taken have no symmetry.
"""

import importlib.util
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import trimesh
from alignment_colour import paint
from alignment_shapes import Instance

__all__ = ['ASSETS', 'available', 'build_asset']


@dataclass(frozen=True)
class _Asset:
    """Where a mesh is, how long its longest side shall be [m], its symmetry, and which of its axes is up."""

    path: str
    size: float
    symmetry: int = 1
    up: str = 'z'


ASSETS = {
    'duck': _Asset('duck.obj', 0.12, up='y'),
    'teddy': _Asset('teddy2_VHACD_CHs.obj', 0.16, up='y'),
    'bullet_mug': _Asset('objects/mug.obj', 0.13),
    'brick': _Asset('lego/lego.obj', 0.10, 2, up='y'),
    **{f'random_{n:03d}': _Asset(f'random_urdfs/{n:03d}/{n:03d}.obj', 0.14) for n in range(9)},
}


def _folder() -> Path | None:
    found = importlib.util.find_spec('pybullet_data')
    return Path(found.origin).parent if found and found.origin else None


def available() -> tuple[str, ...]:
    """Return the names of the meshes that are installed."""
    folder = _folder()
    return tuple(name for name, asset in ASSETS.items() if folder and (folder / asset.path).exists())


def build_asset(name: str, rng: np.random.Generator, novel: bool = False) -> Instance:
    """Return one instance; a novel one has each axis longer or shorter by up to 16 %."""
    asset = ASSETS[name]
    mesh = trimesh.load(_folder() / asset.path, force='mesh', process=False)
    triangles = np.array(mesh.triangles, dtype=float)
    if asset.up == 'y':
        triangles = triangles[..., [2, 0, 1]]
    low, high = triangles.min(axis=(0, 1)), triangles.max(axis=(0, 1))
    triangles = (triangles - [*(0.5 * (low + high))[:2], low[2]]) * asset.size / (high - low).max()
    if novel:
        triangles *= rng.uniform(0.84, 1.16, 3)
    colours = paint([np.ones(len(triangles))], True, rng.spawn(1)[0])
    return Instance(name, np.ascontiguousarray(triangles), asset.symmetry, colours)
