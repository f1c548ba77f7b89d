"""The visual meshes of a robot as plain triangles per colour, read once and kept in a cache folder.

Reading the DAE files of a Panda takes seconds; the cache makes it milliseconds.
"""

import hashlib
import os
from dataclasses import dataclass
from pathlib import Path

import numpy as np

__all__ = ['ColoredMesh', 'cache_folder', 'load_visual']

_VERSION = 4  # of the file format: raise it when the processing changes
_SMALLEST_SHARE = 0.004  # pieces with less of the surface than this (screws, labels) are left out
_DETAIL = 0.006  # finer detail than this is merged: software rendering costs by the triangle [m]


@dataclass(frozen=True, eq=False)
class ColoredMesh:
    """Triangles of one colour.

    Attributes:
        vertices: (N, 3) float32, link frame [m].
        faces: (M, 3) int32.
        color: (4,) red, green, blue, alpha in [0, 1].
    """

    vertices: np.ndarray
    faces: np.ndarray
    color: np.ndarray


def cache_folder() -> Path:
    """Return the folder for what is slow to compute; it may be deleted at any time."""
    return Path(os.environ.get('XDG_CACHE_HOME') or Path.home() / '.cache') / 'mt3'


def load_visual(path: Path) -> list[ColoredMesh]:
    """Return the meshes of one DAE, OBJ or STL file."""
    stat = path.stat()
    key = hashlib.sha256(f'{_VERSION} {path} {stat.st_size} {stat.st_mtime_ns}'.encode()).hexdigest()[:20]
    cached = cache_folder() / 'meshes' / f'{path.stem}-{key}.npz'
    if not cached.is_file():
        _store(_read(path), cached)
    with np.load(cached) as file:
        count = len(file.files) // 3
        return [ColoredMesh(file[f'v{i}'], file[f'f{i}'], file[f'c{i}']) for i in range(count)]


def _store(meshes: list[ColoredMesh], path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    arrays = {}
    for index, mesh in enumerate(meshes):
        arrays |= {f'v{index}': mesh.vertices, f'f{index}': mesh.faces, f'c{index}': mesh.color}
    partial = path.with_name(f'{path.stem}.{os.getpid()}.npz')  # two processes may write at once
    np.savez_compressed(partial, **arrays)
    partial.replace(path)


def _read(path: Path) -> list[ColoredMesh]:
    import trimesh

    loaded = trimesh.load(path)
    pieces = loaded.dump(concatenate=False) if isinstance(loaded, trimesh.Scene) else [loaded]
    groups: dict[tuple[int, ...], list[trimesh.Trimesh]] = {}
    for piece in pieces:
        groups.setdefault(_color_of(piece), []).append(piece)
    merged = {color: trimesh.util.concatenate(parts) for color, parts in groups.items()}
    total = sum(mesh.area for mesh in merged.values())
    result = []
    for color, mesh in merged.items():
        if mesh.area < _SMALLEST_SHARE * total:
            continue
        vertices, faces = _simplify(np.asarray(mesh.vertices), np.asarray(mesh.faces))
        result.append(ColoredMesh(vertices, faces, np.asarray(color, dtype=np.float64) / 255.0))
    return result


def _simplify(vertices: np.ndarray, faces: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Merge the vertices of each cell of a grid into their mean, and drop the faces that vanish by it."""
    cells = np.floor(vertices / _DETAIL).astype(np.int64)
    _, cell, count = np.unique(cells, axis=0, return_inverse=True, return_counts=True)
    cell = cell.ravel()
    merged = np.stack([np.bincount(cell, vertices[:, axis]) / count for axis in range(3)], axis=1)
    faces = cell[faces]
    distinct = (faces[:, 0] != faces[:, 1]) & (faces[:, 1] != faces[:, 2]) & (faces[:, 2] != faces[:, 0])
    faces = faces[distinct]
    _, first = np.unique(np.sort(faces, axis=1), axis=0, return_index=True)
    return merged.astype(np.float32), faces[np.sort(first)].astype(np.int32)


def _color_of(mesh: object) -> tuple[int, ...]:
    """Return the colour (4,) of a piece, 0 to 255."""
    material = getattr(mesh.visual, 'material', None)
    color = material.main_color if material is not None else mesh.visual.main_color
    return tuple(int(c) for c in color)
