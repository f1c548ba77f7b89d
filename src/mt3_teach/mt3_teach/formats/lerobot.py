"""LeRobot datasets, version 3: writing them, and what both directions agree upon.

The layout is theirs (meta/info.json, meta/tasks.parquet, meta/episodes/, data/, files of several episodes). They have
no word for calibration and depth in millimetres, so these are features like any other, under the names below; a
dataset of others is read by naming its features in a `LeRobotMapping`.
"""

import json
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from mt3_common import se3
from mt3_common.config import Config, setting
from mt3_common.demonstration import Demonstration
from mt3_common.errors import InvalidInput, MT3Error, StatusCode

__all__ = ['EPISODES', 'FRAMES', 'INFO', 'POSE', 'TASKS', 'WORDS', 'LeRobotMapping', 'export_lerobot', 'import_lerobot']

VERSION = 'v3.0'
INFO, TASKS, WORDS = 'meta/info.json', 'meta/tasks.parquet', 'meta/mt3.json'
EPISODES = 'meta/episodes/chunk-{chunk_index:03d}/file-{file_index:03d}.parquet'
FRAMES = 'data/chunk-{chunk_index:03d}/file-{file_index:03d}.parquet'
VIDEOS = 'videos/{video_key}/chunk-{chunk_index:03d}/file-{file_index:03d}.mp4'
POSE = ('x', 'y', 'z', 'qx', 'qy', 'qz', 'qw')
_PICTURE = pa.struct([('bytes', pa.binary()), ('path', pa.string())])


class LeRobotMapping(Config):
    """Which features of a dataset hold what."""

    color: str = setting('observation.images.scene', 'colour of the camera; its first picture is the scene')
    depth: str = setting('observation.images.scene_depth', 'aligned depth, 16 bit millimetres')
    mask: str = setting('observation.images.scene_mask', 'the target object; where absent it is found by the tool path')
    state: str = setting('observation.state', 'tool pose in the base frame, and gripper')
    pose: tuple[str, ...] = setting(POSE, 'names of x y z qx qy qz qw within the state')
    gripper: str = setting('gripper', 'name of the opening within the state, 0 closed, 1 open')
    intrinsics: str = setting('observation.camera.intrinsics', 'K, 9 numbers, row by row')
    camera_pose: str = setting('observation.camera.T_base_camera', '16 numbers, row by row', 'm')
    K: tuple[float, ...] = setting((), 'K itself, 9 numbers, when it is no feature', 'pixel')
    T_base_camera: tuple[float, ...] = setting((), 'camera pose itself, 16 numbers, when it is no feature', 'm')


def import_lerobot(path: str | Path, robot: Any, task: str | None = None, **options: Any) -> list[Demonstration]:
    """Read every episode of a dataset; see `lerobot_import.read_dataset`."""
    from mt3_teach.formats.lerobot_import import read_dataset  # which needs the names above

    return read_dataset(Path(path), robot, task, **options)


def export_lerobot(demos: list[Demonstration], folder: str | Path, fps: int = 30) -> Path:
    """Write demonstrations as the episodes of one dataset, in a new or empty folder.

    The action of a frame is the state of the next. What LeRobot has no place for (robot, kind of task, object, support)
    goes into meta/mt3.json.

    Raises:
        InvalidInput: No demonstrations, or pictures of different sizes: a dataset has one size.
        MT3Error: STORAGE; the folder holds something, or cannot be written.
    """
    folder = Path(folder).expanduser()
    if not demos:
        raise InvalidInput('there is no demonstration to export')
    if len({demo.rgb.shape for demo in demos}) > 1:
        raise InvalidInput('a LeRobot dataset has pictures of one size; export these demonstrations apart')
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise MT3Error(f'{folder} exists and is not an empty folder; choose another', StatusCode.STORAGE)
    tasks = list(dict.fromkeys(demo.task for demo in demos))
    mapping = LeRobotMapping()
    start, rows = 0, []
    try:
        for path in ('meta/episodes/chunk-000', 'data/chunk-000'):
            (folder / path).mkdir(parents=True)
        for index, demo in enumerate(demos):
            table = _frames(demo, mapping, fps, index, tasks.index(demo.task), start)
            # one copy of each picture per file, however many frames repeat it
            pq.write_table(
                table,
                folder / FRAMES.format(chunk_index=0, file_index=index),
                compression='zstd',
                dictionary_pagesize_limit=256 * 2**20,
            )
            rows.append(
                {
                    'episode_index': index,
                    'tasks': [demo.task],
                    'length': len(table),
                    'data/chunk_index': 0,
                    'data/file_index': index,
                    'dataset_from_index': start,
                    'dataset_to_index': start + len(table),
                    'meta/episodes/chunk_index': 0,
                    'meta/episodes/file_index': 0,
                }
            )
            start += len(table)
        pq.write_table(pa.Table.from_pylist(rows), folder / EPISODES.format(chunk_index=0, file_index=0))
        pq.write_table(_task_table(tasks), folder / TASKS)
        info = _info(demos, mapping, fps, start, len(tasks))
        (folder / INFO).write_text(json.dumps(info, indent=4), encoding='utf-8')
        words = {str(i): _words(demo) for i, demo in enumerate(demos)}
        (folder / WORDS).write_text(json.dumps(words, indent=1, ensure_ascii=False), encoding='utf-8')
    except OSError as error:
        raise MT3Error(f'cannot write {folder}: {error}', StatusCode.STORAGE) from error
    return folder


def _frames(demo: Demonstration, mapping: LeRobotMapping, fps: int, episode: int, task: int, start: int) -> pa.Table:
    path = demo.interaction
    count = max(int(np.ceil(path.duration_s * fps - 1e-6)), 1) + 1
    at = np.arange(count) / fps
    T = demo.T_base_bottleneck @ se3.interpolate(path.time_s, path.T_bottleneck_tcp, np.minimum(at, path.duration_s))
    opening = path.gripper_opening[np.searchsorted(path.time_s, at + 1e-9, side='right') - 1]
    state = np.column_stack([T[:, :3, 3], se3.quaternion(T), opening]).astype(np.float32)
    millimetres = np.clip(np.round(np.nan_to_num(demo.depth_m * 1000.0, nan=0.0)), 0, 65535).astype(np.uint16)
    pictures = {
        mapping.color: demo.rgb[..., ::-1],
        mapping.depth: millimetres,
        mapping.mask: demo.mask.astype(np.uint8) * 255,
    }
    columns: dict[str, Any] = {
        name: pa.array([{'bytes': data, 'path': f'scene-{episode:06d}.png'}] * count, _PICTURE)
        for name, data in ((name, _png(pixels)) for name, pixels in pictures.items())
    }
    columns[mapping.state] = _lists(state, pa.float32())
    columns['action'] = _lists(np.vstack([state[1:], state[-1:]]), pa.float32())
    columns[mapping.intrinsics] = _lists(np.tile(demo.K.ravel(), (count, 1)), pa.float64())
    columns[mapping.camera_pose] = _lists(np.tile(demo.T_base_camera.ravel(), (count, 1)), pa.float64())
    columns['timestamp'] = pa.array(at.astype(np.float32))
    for name, values in (
        ('frame_index', np.arange(count)),
        ('episode_index', np.full(count, episode)),
        ('index', start + np.arange(count)),
        ('task_index', np.full(count, task)),
    ):
        columns[name] = pa.array(values.astype(np.int64))
    return pa.table(columns)


def _lists(values: np.ndarray, kind: pa.DataType) -> pa.Array:
    return pa.array(list(values), pa.list_(kind, values.shape[1]))


def _png(pixels: np.ndarray) -> bytes:
    return cv2.imencode('.png', np.ascontiguousarray(pixels))[1].tobytes()


def _task_table(tasks: list[str]) -> pa.Table:
    """Tasks as pandas writes them: the text is the index of the table."""
    table = pa.table({'task_index': pa.array(range(len(tasks)), pa.int64()), '__index_level_0__': tasks})
    column = {'name': None, 'field_name': None, 'pandas_type': 'unicode', 'numpy_type': 'object', 'metadata': None}
    pandas = {
        'index_columns': ['__index_level_0__'],
        'column_indexes': [column],
        'columns': [
            {**column, 'name': 'task_index', 'field_name': 'task_index', 'pandas_type': 'int64', 'numpy_type': 'int64'},
            {**column, 'field_name': '__index_level_0__'},
        ],
    }
    return table.replace_schema_metadata({'pandas': json.dumps(pandas)})


def _info(demos: list[Demonstration], mapping: LeRobotMapping, fps: int, frames: int, tasks: int) -> dict[str, Any]:
    height, width = demos[0].mask.shape
    axes = ['height', 'width', 'channels']
    features: dict[str, Any] = {
        mapping.color: {'dtype': 'image', 'shape': [height, width, 3], 'names': axes},
        mapping.depth: {
            'dtype': 'image',
            'shape': [height, width, 1],
            'names': axes,
            'info': {'is_depth_map': True, 'unit': 'mm'},
        },
        mapping.mask: {'dtype': 'image', 'shape': [height, width, 1], 'names': axes},
        mapping.intrinsics: {'dtype': 'float64', 'shape': [9], 'names': None},
        mapping.camera_pose: {'dtype': 'float64', 'shape': [16], 'names': None},
    }
    for name in (mapping.state, 'action'):
        features[name] = {'dtype': 'float32', 'shape': [8], 'names': [*POSE, mapping.gripper]}
    features['timestamp'] = {'dtype': 'float32', 'shape': [1], 'names': None}
    for name in ('frame_index', 'episode_index', 'index', 'task_index'):
        features[name] = {'dtype': 'int64', 'shape': [1], 'names': None}
    robots = {demo.robot for demo in demos}
    return {
        'codebase_version': VERSION,
        'robot_type': robots.pop() if len(robots) == 1 else None,
        'total_episodes': len(demos),
        'total_frames': frames,
        'total_tasks': tasks,
        'chunks_size': 1000,
        'data_files_size_in_mb': 100,
        'video_files_size_in_mb': 200,
        'fps': fps,
        'splits': {'train': f'0:{len(demos)}'},
        'data_path': FRAMES,
        'video_path': VIDEOS,
        'features': features,
    }


def _words(demo: Demonstration) -> dict[str, Any]:
    height = float(demo.support_height_m)
    return {
        'robot': demo.robot,
        'skill': demo.skill,
        'target': demo.target,
        'other': demo.other,
        'dof': demo.dof,
        'stretch': demo.stretch,
        'refine': demo.refine,
        'simulated': demo.simulated,
        'success': demo.success,
        'recorded_at': demo.recorded_at.isoformat(),
        'support_height_m': height if np.isfinite(height) else None,
        'tags': list(demo.tags),
        'notes': demo.notes,
        'gripper_max_width_m': float(demo.interaction.gripper_max_width_m),
        'provenance': dict(demo.provenance),
        'starts_at': 'bottleneck',
    }
