"""Where things stand: poses over the workspace and the full circle, distractors that keep out of the way."""

import numpy as np

from mt3_common import se3
from mt3_sim.families.task_scene import TaskScene
from mt3_sim.objects import DISTRACTORS, sample
from mt3_sim.scene_spec import Placement

__all__ = ['WORKSPACE', 'draw_distractors', 'draw_pose', 'well_seen']

Region = tuple[tuple[float, float], tuple[float, float]]

WORKSPACE: Region = ((0.36, 0.68), (-0.28, 0.28))
"""Range of x and y of object origins, base frame [m]."""

_AROUND = ((0.30, 0.84), (-0.42, 0.42))  # the same of what only stands about, when it is much
_FEW = 5  # so many distractors find room within the workspace

_CAMERA_XY = (1.15, 0.0)  # where the cell's camera stands, base frame [m]
_MIDDLE_RADIUS = 0.15  # of the part of the workspace that is seen best [m]
_FACING = np.radians(75.0)
_HAND = 0.11  # half of the hand's width: room that distractors leave beside what is acted on [m]
_TRIES = 200
_OTHER_THINGS = 8


def draw_pose(rng: np.random.Generator, z: float = 0.0, within: Region = WORKSPACE) -> np.ndarray:
    """Return T_base_object (4, 4): uniform in the workspace, or another region, and over the full circle of yaw [m]."""
    (x0, x1), (y0, y1) = within
    return se3.from_yaw(rng.uniform(-np.pi, np.pi), (rng.uniform(x0, x1), rng.uniform(y0, y1), z))


def draw_distractors(
    rng: np.random.Generator, scene: TaskScene, keep_free: np.ndarray | None, count: int
) -> list[Placement] | None:
    """Return `count` other things that stand clear of the task and of each other, or None without room for them.

    A few stand within the workspace, among what is acted on; many take the table around it, too.

    Args:
        keep_free: Further points (N, 2), target frame, that the hand passes low over the table [m].
    """
    taken: list[tuple[np.ndarray, float]] = []
    for placement in scene.spec.placements:
        if not placement.held:
            taken.append((placement.T_base_object[:2, 3], placement.model.footprint_radius + _HAND))
    if keep_free is not None:
        points = np.c_[keep_free, np.zeros(len(keep_free))]
        taken += [(p[:2], _HAND) for p in se3.transform_points(scene.T_base_target, points)]
    # a second thing of the kind that is asked for would make it a riddle
    present = {placement.model.category for placement in scene.spec.placements}
    allowed = [category for category in DISTRACTORS if category not in present]
    placements: list[Placement] = []
    within, things = (WORKSPACE, 1) if count <= _FEW else (_AROUND, _OTHER_THINGS)
    for index in range(count):
        for _ in range(things):  # for a smaller one there may be room
            category = allowed[rng.integers(len(allowed))]
            model = sample(category, rng, 'novel')
            T = _free_pose(rng, within, model.footprint_radius, taken)
            if T is not None:
                break
        else:
            return None
        placements.append(Placement(f'{category}_{index}', model, T))
        taken.append((T[:2, 3], model.footprint_radius + 0.02))
    return placements


def _free_pose(
    rng: np.random.Generator, within: Region, radius: float, taken: list[tuple[np.ndarray, float]]
) -> np.ndarray | None:
    """Return a pose (4, 4) clear of the circles (centre, radius) that are taken; None: none was found."""
    for _ in range(_TRIES):
        T = draw_pose(rng, within=within)
        if all(np.linalg.norm(T[:2, 3] - centre) > distance + radius for centre, distance in taken):
            return T
    return None


def well_seen(scene: TaskScene) -> bool:
    """Return whether the target stands near the middle and turns its +x side, where its handle is, to the camera."""
    T = scene.T_base_target
    middle = np.mean(WORKSPACE, axis=1)
    if np.linalg.norm(T[:2, 3] - middle) > _MIDDLE_RADIUS:
        return False
    to_camera = np.asarray(_CAMERA_XY) - T[:2, 3]
    turn = np.arctan2(to_camera[1], to_camera[0]) - se3.yaw_of(T)
    # not straight at it either: a side view shows the outline of a handle
    off = abs((turn + np.pi) % (2.0 * np.pi) - np.pi)
    return np.radians(20.0) < off < _FACING
