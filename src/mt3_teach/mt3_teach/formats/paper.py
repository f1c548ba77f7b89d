"""The demonstration folders of the paper's own code (Dreczkowski et al., Science Robotics 2025).

head_camera_ws_rgb.png              (H, W, 3) uint8, the scene
head_camera_ws_depth_to_rgb.png     (H, W) uint16 [mm]; some have .npy
head_camera_ws_segmap.npy           (H, W) bool, the target
head_camera_rgb_intrinsic_matrix.npy (3, 3)
bottleneck_pose.npy                 (4, 4) tool in the base frame
demo_eef_twists.npy                 (T, 7) at 30 Hz: body twist in the tool frame [m/s, rad/s], the next gripper state
task_name.txt                       words joined by underscores
T_WC.npy                            (4, 4) camera in the base frame; or T_WC_head.npy beside the folders, for all

Both polarities of the gripper column are in use. It is inferred: a task that starts with something in the hand starts
closed, every other one open. What was decided is in the provenance.
"""

from itertools import pairwise
from pathlib import Path

import cv2
import numpy as np

from mt3_common import se3
from mt3_common.demonstration import Demonstration, Interaction
from mt3_common.errors import InvalidInput, MT3Error, StatusCode
from mt3_common.robot import RobotConfig
from mt3_retrieval.language import parse
from mt3_teach.arrays import read_numbers
from mt3_teach.gripper import uses_held_object

__all__ = ['export_paper', 'import_paper']

RATE_HZ = 30.0
_RGB, _DEPTH, _MASK = 'head_camera_ws_rgb.png', 'head_camera_ws_depth_to_rgb', 'head_camera_ws_segmap.npy'
_K, _BOTTLENECK, _TWISTS = 'head_camera_rgb_intrinsic_matrix.npy', 'bottleneck_pose.npy', 'demo_eef_twists.npy'


def import_paper(
    folder: str | Path, robot: RobotConfig, task: str | None = None, rate_hz: float = RATE_HZ
) -> Demonstration:
    """Read a demonstration folder.

    Args:
        robot: The arm; its name and the width of its gripper are not in the folder.
        task: Instead of task_name.txt.
        rate_hz: Some ports recorded at 50 Hz.

    Raises:
        MT3Error: STORAGE, a file is missing or damaged; CALIBRATION, no camera pose; INVALID_INPUT, a value cannot be.
    """
    folder = Path(folder).expanduser()
    rgb = _picture(folder / _RGB, cv2.IMREAD_COLOR)[..., ::-1].copy()
    millimetres = _depth(folder)
    twists = read_numbers(folder / _TWISTS, (None, 7))
    if not len(twists):
        raise InvalidInput(f'{folder / _TWISTS} holds no step')
    task = task or _task(folder)
    parsed = parse(task)
    opening, polarity = _opening(twists[:, 6], uses_held_object(parsed.skill, parsed.other))
    depth = np.where(millimetres > 0, millimetres.astype(np.float32) * np.float32(0.001), np.nan).astype(np.float32)
    try:
        T = [np.eye(4)]
        for twist in twists[:, :6] / rate_hz:
            T.append(T[-1] @ se3.exp(twist))
        interaction = Interaction(
            np.arange(len(T)) / rate_hz, np.array(T), np.concatenate([opening[:1], opening]), robot.gripper.max_width_m
        )
        return Demonstration(
            task=task,
            robot=robot.name,
            skill=parsed.skill,
            target=parsed.target,
            other=parsed.other,
            T_base_bottleneck=read_numbers(folder / _BOTTLENECK, (4, 4)),
            interaction=interaction,
            rgb=rgb,
            depth_m=depth,
            mask=read_numbers(folder / _MASK, (None, None)) > 0.5,
            K=read_numbers(folder / _K, (3, 3)),
            T_base_camera=_camera_pose(folder),
            provenance={'source': folder.name, 'format': 'paper', 'gripper_polarity': polarity},
        )
    except InvalidInput as error:
        raise InvalidInput(f'{folder}: {error}') from error


def export_paper(demo: Demonstration, folder: str | Path) -> Path:
    """Write a demonstration as the paper's code reads it; the path is resampled to 30 Hz. 1 means open.

    Raises:
        MT3Error: STORAGE; the folder holds something, or cannot be written.
    """
    folder = Path(folder).expanduser()
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise MT3Error(f'{folder} exists and is not an empty folder; choose another', StatusCode.STORAGE)
    path = demo.interaction
    steps = max(int(np.ceil(path.duration_s * RATE_HZ - 1e-6)), 1)
    at = np.minimum(np.arange(steps + 1) / RATE_HZ, path.duration_s)
    T = se3.interpolate(path.time_s, path.T_bottleneck_tcp, at)
    twists = np.array([se3.log(se3.inverse(a) @ b) * RATE_HZ for a, b in pairwise(T)])
    before = np.searchsorted(path.time_s, at + 1e-9, side='right') - 1
    depth = np.clip(np.round(np.nan_to_num(demo.depth_m * 1000.0, nan=0.0)), 0, 65535).astype(np.uint16)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, pixels in ((_RGB, demo.rgb[..., ::-1].copy()), (f'{_DEPTH}.png', depth)):
            if not cv2.imwrite(str(folder / name), pixels):
                raise MT3Error(f'cannot write {folder / name}', StatusCode.STORAGE)
        np.save(folder / _MASK, demo.mask)
        np.save(folder / _K, demo.K)
        np.save(folder / _BOTTLENECK, demo.T_base_bottleneck)
        np.save(folder / 'T_WC.npy', demo.T_base_camera)
        np.save(folder / _TWISTS, np.column_stack([twists, path.gripper_opening[before][1:]]))
        (folder / 'task_name.txt').write_text('_'.join(demo.task.split()) + '\n', encoding='utf-8')
    except OSError as error:
        raise MT3Error(f'cannot write {folder}: {error}', StatusCode.STORAGE) from error
    return folder


def _opening(column: np.ndarray, in_hand: bool) -> tuple[np.ndarray, str]:
    """Return the opening (T,) from the gripper column, and which polarity it was taken to have."""
    low, high = float(column.min()), float(column.max())
    if not np.isfinite(column).all() or low < -1e-6 or high > 1.0 + 1e-6:
        raise InvalidInput(f'the gripper column must lie in [0, 1]: got {low:.3g} to {high:.3g}')
    column = np.clip(column, 0.0, 1.0)
    starts_closed = column[0] < 0.5
    why = 'the task starts with something in the hand' if in_hand else 'the task starts with an empty, open hand'
    if starts_closed == in_hand:
        return column, f'1 is open ({why})'
    return 1.0 - column, f'1 is closed ({why})'


def _task(folder: Path) -> str:
    path = folder / 'task_name.txt'
    try:
        words = path.read_text(encoding='utf-8').strip() if path.is_file() else folder.name
    except (OSError, UnicodeDecodeError) as error:
        raise MT3Error(f'cannot read {path}: {error}', StatusCode.STORAGE) from error
    return ' '.join(words.replace('_', ' ').split())


def _camera_pose(folder: Path) -> np.ndarray:
    for path in (folder / 'T_WC.npy', folder.parent / 'T_WC_head.npy', folder.parent.parent / 'T_WC_head.npy'):
        if path.is_file():
            return read_numbers(path, (4, 4))
    raise MT3Error(
        f'{folder} has no camera pose: neither T_WC.npy in it nor T_WC_head.npy beside it', StatusCode.CALIBRATION
    )


def _depth(folder: Path) -> np.ndarray:
    array = folder / f'{_DEPTH}.npy'
    if not array.is_file():
        pixels = _picture(folder / f'{_DEPTH}.png', cv2.IMREAD_UNCHANGED)
        if pixels.dtype != np.uint16:
            raise InvalidInput(f'{folder / _DEPTH}.png must have 16 bit (millimetres): got {pixels.dtype}')
        return pixels
    values = read_numbers(array, (None, None))
    return np.where(np.isfinite(values) & (values > 0) & (values < 65535), values, 0).astype(np.uint16)


def _picture(path: Path, mode: int) -> np.ndarray:
    pixels = cv2.imread(str(path), mode) if path.is_file() else None
    if pixels is None:
        raise MT3Error(f'{path} is missing or damaged', StatusCode.STORAGE)
    return pixels
