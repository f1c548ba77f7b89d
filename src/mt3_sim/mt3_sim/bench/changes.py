"""What a split does to a scene: each function changes one thing of it."""

from dataclasses import replace

import numpy as np

from mt3_common import se3
from mt3_sim import stage
from mt3_sim.families.task_scene import TaskScene
from mt3_sim.objects.model import ParametricObject
from mt3_sim.objects.parts import box, with_masses
from mt3_sim.scene_spec import CameraSpec, Placement

__all__ = ['camera', 'friction', 'height', 'held_shift', 'noise', 'occlusion']

_BOARD = (0.02, 0.09, 0.24)  # thickness, width, height of what stands before the target [m]
_HAND = 0.11  # room that the hand needs beside what it works at [m]


def camera(scene: TaskScene, rng: np.random.Generator) -> TaskScene:
    """Move the camera about the middle of the table by up to 25 degrees, and 8 cm up or down."""
    now = _camera(scene)
    centre = se3.make(None, (0.5, 0.0, 0.0))
    turn = se3.from_yaw(np.radians(rng.uniform(-25.0, 25.0)))
    lift = se3.make(None, (0.0, 0.0, rng.uniform(-0.08, 0.08)))
    T = lift @ centre @ turn @ se3.inverse(centre) @ now.T_base_camera
    return _with(scene, camera=replace(now, T_base_camera=T))


def noise(scene: TaskScene, rng: np.random.Generator) -> TaskScene:
    """Double the depth noise."""
    return _with(scene, camera=replace(_camera(scene), noise=2.0))


def friction(scene: TaskScene, rng: np.random.Generator) -> TaskScene:
    """Take 20 to 50 % of all friction away, also that of the fingers."""
    return _with(scene, friction=float(rng.uniform(0.5, 0.8)))


def height(scene: TaskScene, rng: np.random.Generator) -> TaskScene:
    """Raise or lower the table with what stands on it by 2 to 5 cm."""
    change = float(rng.uniform(0.02, 0.05) * rng.choice([-1.0, 1.0]))
    lift, in_hand = se3.make(None, (0.0, 0.0, change)), {scene.held, *scene.details.get('loose', ())}
    placements = tuple(
        p if p.name in in_hand else replace(p, T_base_object=lift @ p.T_base_object) for p in scene.spec.placements
    )
    return _with(scene, placements=placements, table_height=scene.spec.table_height + change)


def held_shift(scene: TaskScene, rng: np.random.Generator) -> TaskScene:
    """Let what is held sit otherwise between the fingers: along them, and turned about the axis of their pads."""
    turn = np.radians(rng.uniform(-4.0, 4.0))
    # the fingers close along y of the tool: a shift along x or z and a turn about y leave the pads on the object
    slip = se3.exp(np.array([rng.uniform(-0.006, 0.006), 0.0, rng.uniform(-0.004, 0.004), 0.0, turn, 0.0]))
    placements = tuple(replace(p, T_tcp_object=slip @ p.T_tcp_object) if p.held else p for p in scene.spec.placements)
    return _with(scene, placements=placements)


def occlusion(scene: TaskScene, rng: np.random.Generator) -> TaskScene:
    """Stand a board on the table before a part of the target; whatever would stand in it is taken away."""
    target = scene.placement(scene.target)
    at, eye = target.T_base_object[:2, 3], _camera(scene).T_base_camera[:2, 3]
    radius = target.model.footprint_radius
    towards = (eye - at) / np.linalg.norm(eye - at)
    across = np.array([-towards[1], towards[0]])
    # beside the line of sight by about its own half width: an edge of the target is hidden, not all of it
    aside = rng.choice([-1.0, 1.0]) * (0.5 * _BOARD[1] + rng.uniform(-0.2, 0.5) * radius)
    x, y = at + (radius + _HAND) * towards + aside * across
    yaw = float(np.arctan2(towards[1], towards[0]))
    board = Placement('board', _board(), se3.from_yaw(yaw, (float(x), float(y), scene.spec.table_height)))
    kept = tuple(p for p in scene.spec.placements if not _is_in_the_way(p, scene, board))
    return _with(scene, placements=(*kept, board))


def _is_in_the_way(placement: Placement, scene: TaskScene, board: Placement) -> bool:
    needed = {scene.target, scene.held, *scene.details.get('attached', ()), *scene.details.get('loose', ())}
    if placement.name in needed:
        return False
    distance = np.linalg.norm(placement.T_base_object[:2, 3] - board.T_base_object[:2, 3])
    return bool(distance < placement.model.footprint_radius + board.model.footprint_radius + 0.01)


def _board() -> ParametricObject:
    part = box(_BOARD, (0.0, 0.0, 0.5 * _BOARD[2]), (0.30, 0.32, 0.36))
    return ParametricObject('board', _BOARD, with_masses([part], 0.8), movable=False)


def _camera(scene: TaskScene) -> CameraSpec:
    return scene.spec.camera or stage.default_camera()


def _with(scene: TaskScene, **values: object) -> TaskScene:
    return replace(scene, spec=replace(scene.spec, **values))
