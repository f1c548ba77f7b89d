"""A demonstration as a plain folder that a person can open and edit, and back, without loss.

demo.yaml         all words and numbers: task, robot, bottleneck, camera, gripper width, provenance
rgb.png           the scene in colour
depth.png         16 bit millimetres, 0 unknown; depth.npy instead when millimetres would round it
mask.png          255 on the object
interaction.csv   time_s, x_m, y_m, z_m, qx, qy, qz, qw, gripper_opening: T_bottleneck_tcp
"""

from datetime import datetime
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import yaml

from mt3_common import se3
from mt3_common.demonstration import Demonstration, Interaction
from mt3_common.errors import InvalidInput, MT3Error, StatusCode
from mt3_teach.arrays import read_numbers

__all__ = ['export_folder', 'import_folder', 'is_folder']

SCHEMA = 1
_COLUMNS = 'time_s,x_m,y_m,z_m,qx,qy,qz,qw,gripper_opening'
_WORDS = (
    'id',
    'task',
    'robot',
    'skill',
    'target',
    'other',
    'dof',
    'stretch',
    'refine',
    'simulated',
    'success',
    'notes',
)


def is_folder(path: str | Path) -> bool:
    """Return whether a path is a demonstration folder (rather than a bag)."""
    return (Path(path) / 'demo.yaml').is_file()


def export_folder(demo: Demonstration, folder: str | Path) -> Path:
    """Write a demonstration into a new or empty folder and return it.

    Raises:
        MT3Error: STORAGE; the folder holds something, or cannot be written.
    """
    folder = Path(folder).expanduser()
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise MT3Error(f'{folder} exists and is not an empty folder; choose another', StatusCode.STORAGE)
    words: dict[str, Any] = {'schema': SCHEMA, **{name: getattr(demo, name) for name in _WORDS}}
    words |= {
        'tags': list(demo.tags),
        'recorded_at': demo.recorded_at.isoformat(),
        'support_height_m': float(demo.support_height_m),
        'gripper_max_width_m': float(demo.interaction.gripper_max_width_m),
        'T_base_bottleneck': demo.T_base_bottleneck.tolist(),
        'T_base_camera': demo.T_base_camera.tolist(),
        'K': demo.K.tolist(),
        'provenance': dict(demo.provenance),
    }
    T = demo.interaction.T_bottleneck_tcp
    table = np.column_stack([demo.interaction.time_s, T[:, :3, 3], se3.quaternion(T), demo.interaction.gripper_opening])
    try:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / 'demo.yaml').write_text(
            yaml.safe_dump(words, sort_keys=False, allow_unicode=True, default_flow_style=None), encoding='utf-8'
        )
        _write_png(folder / 'rgb.png', cv2.cvtColor(demo.rgb, cv2.COLOR_RGB2BGR))
        _write_png(folder / 'mask.png', demo.mask.astype(np.uint8) * 255)
        scaled = np.nan_to_num(demo.depth_m.astype(np.float64) * 1000.0, nan=0.0)
        millimetres = np.round(scaled)
        whole = np.clip(millimetres, 0, 65535).astype(np.uint16)
        _write_png(folder / 'depth.png', whole)
        if not np.array_equal(_metres(whole), demo.depth_m, equal_nan=True):
            np.save(folder / 'depth.npy', demo.depth_m)
        np.savetxt(folder / 'interaction.csv', table, '%.17g', ',', header=_COLUMNS, comments='', encoding='utf-8')
    except OSError as error:
        raise MT3Error(f'cannot write {folder}: {error}', StatusCode.STORAGE) from error
    return folder


def import_folder(folder: str | Path) -> Demonstration:
    """Read what `export_folder` wrote, or what a person made of it.

    Raises:
        MT3Error: STORAGE, a file is missing or damaged; INVALID_INPUT, a value cannot be used; names the file.
    """
    folder = Path(folder).expanduser()
    words = _read_words(folder / 'demo.yaml')
    rgb = cv2.cvtColor(_read_png(folder / 'rgb.png', np.uint8, 3), cv2.COLOR_BGR2RGB)
    mask = _read_png(folder / 'mask.png', np.uint8, 1) > 127
    millimetres = _read_png(folder / 'depth.png', np.uint16, 1)
    depth = _metres(millimetres)
    exact = folder / 'depth.npy'
    try:
        if exact.exists():
            finer = read_numbers(exact, millimetres.shape, finite=False).astype(np.float32)
            # an edited picture wins over the array that was exported beside it
            rounded = np.round(np.nan_to_num(finer.astype(np.float64) * 1000.0, nan=0.0, posinf=0.0, neginf=0.0))
            depth = finer if np.array_equal(np.clip(rounded, 0, 65535), millimetres) else depth
        table = np.loadtxt(folder / 'interaction.csv', delimiter=',', skiprows=1, ndmin=2)
    except (OSError, ValueError) as error:
        raise MT3Error(f'{folder}: {error}', StatusCode.STORAGE) from error
    if table.shape[1] != 9:
        raise InvalidInput(f'{folder / "interaction.csv"} must have the columns {_COLUMNS}: got {table.shape[1]}')
    try:
        T = se3.from_position_quaternion(table[:, 1:4], table[:, 4:8])
        width = float(words['gripper_max_width_m'])
        return Demonstration(
            **{name: words[name] for name in _WORDS if name in words},
            T_base_bottleneck=np.array(words['T_base_bottleneck'], float),
            T_base_camera=np.array(words['T_base_camera'], float),
            K=np.array(words['K'], float),
            interaction=Interaction(table[:, 0], T, table[:, 8], width),
            rgb=rgb,
            depth_m=depth,
            mask=mask,
            support_height_m=float(words.get('support_height_m', float('nan'))),
            recorded_at=datetime.fromisoformat(str(words['recorded_at'])),
            tags=tuple(words.get('tags') or ()),
            provenance={str(k): str(v) for k, v in (words.get('provenance') or {}).items()},
        )
    except KeyError as error:
        raise InvalidInput(f'{folder / "demo.yaml"} lacks {error}') from error
    except (TypeError, ValueError) as error:
        raise InvalidInput(f'{folder / "demo.yaml"} holds a value that cannot be used: {error}') from error
    except InvalidInput as error:
        raise InvalidInput(f'{folder}: {error}') from error


def _read_words(path: Path) -> dict[str, Any]:
    try:
        words = yaml.safe_load(path.read_text(encoding='utf-8'))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise MT3Error(f'cannot read {path}: {error}', StatusCode.STORAGE) from error
    if not isinstance(words, dict):
        raise InvalidInput(f'{path} must hold key: value pairs')
    if words.get('schema') != SCHEMA:
        raise InvalidInput(f'{path} has schema {words.get("schema")!r}; this version reads {SCHEMA}')
    known = {
        *_WORDS,
        'schema',
        'tags',
        'recorded_at',
        'support_height_m',
        'gripper_max_width_m',
        'T_base_bottleneck',
        'T_base_camera',
        'K',
        'provenance',
    }
    if unknown := sorted(set(words) - known):
        raise InvalidInput(f'{path}: unknown keys {", ".join(unknown)}; valid: {", ".join(sorted(known))}')
    return words


def _metres(millimetres: np.ndarray) -> np.ndarray:
    """Depth (H, W) float32 [m] from uint16 [mm]; 0 becomes NaN."""
    depth = millimetres.astype(np.float32) * np.float32(0.001)
    depth[millimetres == 0] = np.nan
    return depth


def _write_png(path: Path, pixels: np.ndarray) -> None:
    if not cv2.imwrite(str(path), pixels):
        raise MT3Error(f'cannot write {path}', StatusCode.STORAGE)


def _read_png(path: Path, dtype: type, channels: int) -> np.ndarray:
    flag = cv2.IMREAD_COLOR if channels == 3 else cv2.IMREAD_UNCHANGED
    pixels = cv2.imread(str(path), flag) if path.is_file() else None
    if pixels is None:
        raise MT3Error(f'{path} is missing or damaged', StatusCode.STORAGE)
    if pixels.dtype != dtype or (pixels.ndim == 3) != (channels == 3):
        raise InvalidInput(f'{path} must be {np.dtype(dtype).name} with {channels} channel(s): got {pixels.dtype}')
    return pixels
