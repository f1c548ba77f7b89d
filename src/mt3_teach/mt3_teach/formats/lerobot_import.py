"""Reading LeRobot datasets of version 3, ours and those of others.

An episode of ours starts at the bottleneck and carries its mask. One of others holds the approach as well: then the
scene is its first picture, the object is the one on which the tool acts, and the bottleneck and the end are found as in
a bag without marks. Pictures are read from the table or from a video; depth must be millimetres in 16 bit, for which
8-bit video is no use.
"""

import json
from datetime import datetime
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from mt3_common import se3
from mt3_common.config import parse_config
from mt3_common.demonstration import Demonstration, Interaction
from mt3_common.errors import InvalidInput, MT3Error, StatusCode
from mt3_common.robot import RobotConfig
from mt3_retrieval.language import parse
from mt3_teach.config import ImportConfig
from mt3_teach.formats.episode import interaction_from_whole
from mt3_teach.formats.lerobot import INFO, TASKS, WORDS, LeRobotMapping

__all__ = ['read_dataset']


def read_dataset(
    root: Path,
    robot: RobotConfig,
    task: str | None = None,
    mapping: LeRobotMapping | None = None,
    config: ImportConfig | None = None,
) -> list[Demonstration]:
    """Read every episode of a dataset.

    Args:
        task: For all episodes, instead of the dataset's own.
        mapping: Which features hold what; meta/mt3_mapping.json in the dataset says it too.

    Raises:
        MT3Error: STORAGE, a file is missing or damaged; INVALID_INPUT, another version, or features are missing;
            CALIBRATION, no intrinsics or camera pose.
    """
    info = _json(root / INFO)
    version = str(info.get('codebase_version', ''))
    if not version.startswith('v3'):
        raise InvalidInput(f'{root} is a LeRobot dataset of version {version or "unknown"}; this reads v3.x')
    own = root / 'meta' / 'mt3_mapping.json'
    if mapping is None:
        mapping = parse_config(LeRobotMapping, _json(own), str(own)) if own.is_file() else LeRobotMapping()
    features = info.get('features')
    if not isinstance(features, dict) or not isinstance(info.get('data_path'), str):
        raise InvalidInput(f'{root / INFO} lacks features or data_path')
    missing = [name for name in (mapping.color, mapping.depth, mapping.state) if name not in features]
    if missing:
        raise InvalidInput(
            f'{root} has no feature {", ".join(missing)}; it has {", ".join(sorted(features))}. Name yours in '
            'meta/mt3_mapping.json'
        )
    words = _json(root / WORDS) if (root / WORDS).is_file() else {}
    tasks = {row['task_index']: row for row in _rows(root / TASKS)}
    demos = []
    episodes = sorted((root / 'meta' / 'episodes').glob('chunk-*/file-*.parquet'))
    if not episodes:
        raise MT3Error(f'{root} lacks meta/episodes/chunk-*/file-*.parquet', StatusCode.STORAGE)
    for episode in (row for path in episodes for row in _rows(path)):
        try:
            demos.append(_episode(root, info, episode, tasks, words, robot, task, mapping, config or ImportConfig()))
        except (KeyError, TypeError, ValueError, IndexError) as error:
            raise InvalidInput(f'{root}, episode {episode.get("episode_index")}: {error!r} cannot be used') from error
        except MT3Error as error:
            raise MT3Error(f'{root}, episode {episode.get("episode_index")}: {error}', error.code) from error
    return demos


def _episode(
    root: Path,
    info: dict[str, Any],
    episode: dict[str, Any],
    tasks: dict[int, Any],
    words: dict[str, Any],
    robot: RobotConfig,
    task: str | None,
    mapping: LeRobotMapping,
    config: ImportConfig,
) -> Demonstration:
    index = int(episode['episode_index'])
    file = root / info['data_path'].format(
        chunk_index=int(episode['data/chunk_index']), file_index=int(episode['data/file_index'])
    )
    table = _table(file)
    table = table.filter(pc.equal(table['episode_index'], index))
    if len(table) < 2:
        raise InvalidInput(f'{file} holds {len(table)} frames of it')
    state = np.array(table[mapping.state].to_pylist(), np.float64)
    names = _names(info['features'][mapping.state].get('names'))
    lacking = [name for name in (*mapping.pose, mapping.gripper) if name not in names]
    if lacking:
        raise InvalidInput(f'{mapping.state} has no {", ".join(lacking)}; it has {", ".join(names) or "no names"}')
    quaternions = state[:, [names.index(n) for n in mapping.pose[3:]]]
    if not np.isfinite(state).all() or np.abs(np.linalg.norm(quaternions, axis=1) - 1.0).max() > 0.01:
        raise InvalidInput(f'{mapping.state} holds values that are not finite, or quaternions that are not of length 1')
    T = se3.from_position_quaternion(state[:, [names.index(n) for n in mapping.pose[:3]]], quaternions)
    opening = np.clip(state[:, names.index(mapping.gripper)], 0.0, 1.0)
    time_s = np.arange(len(T)) / float(info['fps'])  # stamps are float32, and the rate is fixed
    rgb = _picture(root, info, episode, table, mapping.color, cv2.IMREAD_COLOR)
    depth = _picture(root, info, episode, table, mapping.depth, cv2.IMREAD_UNCHANGED)
    if depth.dtype != np.uint16 or depth.ndim != 2:
        raise InvalidInput(f'{mapping.depth} must be 16 bit millimetres: got {depth.dtype} {depth.shape}')
    depth_m = np.where(depth > 0, depth.astype(np.float32) * np.float32(0.001), np.nan).astype(np.float32)
    K = _calibration(table, mapping.intrinsics, mapping.K, (3, 3))
    T_base_camera = _calibration(table, mapping.camera_pose, mapping.T_base_camera, (4, 4))
    own = words.get(str(index), {})
    text = task or (episode.get('tasks') or [''])[0] or _task_text(tasks, table)
    parsed = parse(text)
    if own.get('starts_at') == 'bottleneck' and mapping.mask in table.column_names:
        mask = _picture(root, info, episode, table, mapping.mask, cv2.IMREAD_GRAYSCALE) > 127
        height = own.get('support_height_m')
        found = T[0], Interaction(time_s, se3.inverse(T[0]) @ T, opening, own['gripper_max_width_m']), mask
        support = float('nan') if height is None else float(height)
        provenance = dict(own.get('provenance', {}))
    else:
        whole = interaction_from_whole(time_s, T, opening, rgb, depth_m, K, T_base_camera, text, robot, config)
        found, support = (whole.T_base_bottleneck, whole.interaction, whole.mask), whole.support_m
        provenance = whole.rules
    return Demonstration(
        task=text,
        robot=own.get('robot', robot.name),
        T_base_bottleneck=found[0],
        interaction=found[1],
        rgb=rgb,
        depth_m=depth_m,
        mask=found[2],
        K=K,
        T_base_camera=T_base_camera,
        support_height_m=support,
        skill=own.get('skill', parsed.skill),
        target=own.get('target', parsed.target),
        other=own.get('other', parsed.other),
        dof=own.get('dof', 4),
        stretch=bool(own.get('stretch', True)),
        refine=bool(own.get('refine', True)),
        simulated=bool(own.get('simulated', False)),
        success=own.get('success'),
        tags=tuple(own.get('tags', ())),
        notes=own.get('notes', ''),
        provenance={**provenance, 'format': 'lerobot', 'source': f'{root.name}#{index}'},
        **({'recorded_at': datetime.fromisoformat(own['recorded_at'])} if 'recorded_at' in own else {}),
    )


def _names(names: Any) -> list[str]:
    """Return the names of a feature's numbers; some datasets put them under a heading."""
    if isinstance(names, dict):
        names = [name for group in names.values() for name in (group if isinstance(group, list) else [group])]
    return [str(name) for name in names or []]


def _task_text(tasks: dict[int, Any], table: pa.Table) -> str:
    row = tasks.get(table['task_index'][0].as_py(), {})
    return next((value for value in row.values() if isinstance(value, str)), '')


def _calibration(table: pa.Table, name: str, given: tuple[float, ...], shape: tuple[int, int]) -> np.ndarray:
    if given:
        return np.array(given, np.float64).reshape(shape)
    if name not in table.column_names:
        raise MT3Error(f'no calibration: neither a feature {name} nor values in the mapping', StatusCode.CALIBRATION)
    return np.array(table[name][0].as_py(), np.float64).reshape(shape)


def _picture(
    root: Path, info: dict[str, Any], episode: dict[str, Any], table: pa.Table, name: str, mode: int
) -> np.ndarray:
    """Return the first picture of an episode, rgb (H, W, 3) for colour."""
    if info['features'].get(name, {}).get('dtype') == 'video':
        return _video_frame(root, info, episode, name)
    cell = table[name][0].as_py()
    data = cell.get('bytes') if isinstance(cell, dict) else cell
    if data is None and isinstance(cell, dict) and cell.get('path'):
        file = (root / cell['path']).resolve()
        if root.resolve() not in file.parents:
            raise InvalidInput(f'{name} points outside of the dataset: {cell["path"]}')
        data = file.read_bytes() if file.is_file() else None
    pixels = cv2.imdecode(np.frombuffer(data, np.uint8), mode) if data else None
    if pixels is None:
        raise MT3Error(f'the first picture of {name} is missing or damaged', StatusCode.STORAGE)
    return pixels[..., ::-1].copy() if mode == cv2.IMREAD_COLOR else pixels


def _video_frame(root: Path, info: dict[str, Any], episode: dict[str, Any], name: str) -> np.ndarray:
    import av  # slow to import, and needed for videos only

    file = root / info['video_path'].format(
        video_key=name,
        chunk_index=int(episode[f'videos/{name}/chunk_index']),
        file_index=int(episode[f'videos/{name}/file_index']),
    )
    begin = float(episode[f'videos/{name}/from_timestamp'])
    try:
        with av.open(str(file)) as container:
            stream = container.streams.video[0]
            container.seek(int(begin / stream.time_base), stream=stream)
            for frame in container.decode(stream):
                if frame.time is not None and frame.time > begin - 0.5 / float(info['fps']):
                    deep = frame.format.name.startswith('gray16')
                    return frame.to_ndarray(format='gray16le' if deep else 'rgb24')
    except (av.error.FFmpegError, OSError) as error:
        raise MT3Error(f'{file} cannot be read: {error}', StatusCode.STORAGE) from error
    raise MT3Error(f'{file} holds no frame at {begin:.2f} s', StatusCode.STORAGE)


def _json(path: Path) -> dict[str, Any]:
    try:
        values = json.loads(path.read_text(encoding='utf-8'))
    except (OSError, ValueError) as error:
        raise MT3Error(f'cannot read {path}: {error}', StatusCode.STORAGE) from error
    if not isinstance(values, dict):
        raise InvalidInput(f'{path} must hold an object')
    return values


def _table(path: Path) -> pa.Table:
    try:
        return pq.read_table(path)
    except (OSError, pa.ArrowException) as error:
        raise MT3Error(f'cannot read {path}: {error}', StatusCode.STORAGE) from error


def _rows(path: Path) -> list[dict[str, Any]]:
    return _table(path).to_pylist()
