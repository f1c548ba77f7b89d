"""What stands around the arm: the table and the seen points, as planning wants them."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import partial

import coal
import numpy as np
import pinocchio as pin
from scipy.spatial import cKDTree

from mt3_common import se3
from mt3_common.cameras import backproject
from mt3_common.errors import InvalidInput
from mt3_common.scene import OBJECT, SURROUNDINGS, Scene
from mt3_executor.config import CollisionConfig
from mt3_executor.robot import ArmModel
from mt3_executor.target_extent import belongs_to_target

__all__ = ['Obstacles', 'crowded', 'obstacles_from_scene', 'voxel_filter', 'without_robot']


_BITS = 20  # of each coordinate of a cell
_HALF = 1 << (_BITS - 1)


def _none() -> np.ndarray:
    return np.zeros((0, 3))


@dataclass(frozen=True, eq=False)
class Obstacles:
    """Things not to touch, base frame.

    Attributes:
        points: (N, 3) seen points that are not the target [m].
        target_points: (M, 3) points that the gripper may touch: of the object that the task is about, and what stands
            beside it as it did in the demonstration [m].
        carried_points: (C, 3) those of them that move with the object when it is grasped [m]; None: all.
        held_points: (H, 3) points of what is in the hand, tcp frame; their hull moves with it [m].
        neighbour_points: (K, 3) what stands beside that; it may graze them, but not its middle, and nothing else [m].
        support_height_m: Height of the table top; NaN: no table.
        seen_points: (S, 3) of the object as the camera saw them, finer than cells: what fingers must fit around [m].
        finer: Makes the same in cells of `fine_resolution_m`, of the points that the coarse ones hold; None: cannot.
    """

    points: np.ndarray = field(default_factory=_none)
    target_points: np.ndarray = field(default_factory=_none)
    support_height_m: float = float('nan')
    held_points: np.ndarray = field(default_factory=_none)
    carried_points: np.ndarray | None = None
    neighbour_points: np.ndarray = field(default_factory=_none)
    seen_points: np.ndarray = field(default_factory=_none)
    finer: 'Callable[[], Obstacles] | None' = None

    @property
    def object_points(self) -> np.ndarray:
        """Return the points of the object alone (C, 3) [m]."""
        return self.target_points if self.carried_points is None else self.carried_points

    def with_neighbours(self, which: np.ndarray) -> 'Obstacles':
        """Return the same with some (N,) bool of `points` as `neighbour_points`."""
        return replace(self, points=self.points[~which], neighbour_points=self.points[which])


def voxel_filter(points: np.ndarray, resolution_m: float, fill_down_to_m: float | None = None) -> np.ndarray:
    """Return one point (the cell's centre) per occupied cell.

    Args:
        points: (N, 3) [m].
        resolution_m: Edge of a cell [m].
        fill_down_to_m: Also fill the cells between each occupied one and this height, base frame z [m].
    """
    if len(points) == 0:
        return _none()
    unique = np.unique(_pack(np.floor(np.asarray(points) / resolution_m).astype(np.int64)))
    if fill_down_to_m is not None:
        bottom = int(np.floor(fill_down_to_m / resolution_m))
        column, height = unique >> _BITS, _unpack(unique)[:, 2]
        top = np.append(np.diff(column) != 0, True)  # keys are sorted: the last of each column is its highest cell
        levels = [np.arange(min(z, bottom), z + 1) + _HALF for z in height[top]]
        filled = np.repeat(column[top] << _BITS, [len(level) for level in levels]) + np.concatenate(levels)
        unique = np.unique(np.concatenate([unique, filled]))
    return (_unpack(unique) + 0.5) * resolution_m


def crowded(points: np.ndarray, resolution_m: float, min_points: int) -> np.ndarray:
    """Return which points (N,) bool share their cell with enough others not to be taken for flying pixels."""
    keys = _pack(np.floor(np.asarray(points) / resolution_m).astype(np.int64))
    _, cell, count = np.unique(keys, return_inverse=True, return_counts=True)
    return count[cell] >= min_points


def _pack(cells: np.ndarray) -> np.ndarray:
    """Return cells (N, 3) as one sortable integer each: sorting those is many times faster than sorting rows."""
    x, y, z = (np.clip(cells, -_HALF, _HALF - 1) + _HALF).T
    return (x << 2 * _BITS) | (y << _BITS) | z


def _unpack(keys: np.ndarray) -> np.ndarray:
    """Return the cells (N, 3) of packed keys."""
    mask = (1 << _BITS) - 1
    return np.stack([keys >> 2 * _BITS, keys >> _BITS & mask, keys & mask], axis=1) - _HALF


def without_robot(points: np.ndarray, arm: ArmModel, q: np.ndarray, opening: float, padding_m: float) -> np.ndarray:
    """Return the points (M, 3) farther than `padding_m` from every link of the arm at joints q.

    A camera that sees the arm (or what it holds) would otherwise make it collide with itself.
    """
    if len(points) == 0:
        return points
    arm.set_opening(opening)
    data, geometry_data = arm.model.createData(), arm.geometry.createData()
    pin.updateGeometryPlacements(arm.model, data, arm.geometry, geometry_data, arm.full(q))
    keep = np.ones(len(points), dtype=bool)
    probe = coal.Sphere(max(padding_m, 1e-4))
    request = coal.CollisionRequest()
    points_root = se3.transform_points(arm.T_root_base, points)
    for index, shape in enumerate(arm.geometry.geometryObjects):
        placement = geometry_data.oMg[index]
        shape.geometry.computeLocalAABB()
        centre = placement.act(shape.geometry.aabb_center)
        near = keep & (np.linalg.norm(points_root - centre, axis=1) < shape.geometry.aabb_radius + padding_m)
        link = coal.Transform3s(placement.rotation, placement.translation)
        for k in np.nonzero(near)[0]:
            result = coal.CollisionResult()
            at = coal.Transform3s(np.eye(3), points_root[k])
            if coal.collide(shape.geometry, link, probe, at, request, result):
                keep[k] = False
    return points[keep]


def obstacles_from_scene(
    scene: Scene,
    target_id: int,
    arm: ArmModel,
    q: np.ndarray,
    opening: float,
    config: CollisionConfig,
    held_points: np.ndarray | None = None,
    target_mask: np.ndarray | None = None,
) -> Obstacles:
    """Turn a scene into obstacles.

    Args:
        scene: The observation; its labels say which pixels are the target.
        target_id: Object that the task is about; 0: none.
        arm: The arm, which may be in view.
        q: (n,) joints at the time of the scene, to take the robot itself out [rad].
        opening: Gripper opening at that time.
        config: Sizes.
        held_points: (H, 3) of what is in the hand, tcp frame; it is taken out of the scene, as the robot is [m].
        target_mask: (H, W) uint8, 255 the object, 127 what may be touched beside it; None: the object's label.

    Raises:
        InvalidInput: The mask is not of this scene.
    """
    held = _none() if held_points is None else np.asarray(held_points, dtype=float).reshape(-1, 3)
    points = se3.transform_points(scene.T_base_camera, backproject(scene.depth_m, scene.K))
    labels, beside = _told_apart(scene, target_id, target_mask)
    labels, beside = labels[np.isfinite(scene.depth_m)], beside[np.isfinite(scene.depth_m)]
    height = scene.support_height_m
    near = np.linalg.norm(points[:, :2], axis=1) < config.cloud_reach_m
    if np.isfinite(height):
        near &= points[:, 2] > height + config.cloud_resolution_m
    points, labels, beside = points[near], labels[near], beside[near]
    bottom = height if np.isfinite(height) and config.cloud_fill_to_table else None

    own = belongs_to_target(points, labels, target_id, config)
    target, whole = own | beside, labels == target_id
    stands_at = max((o.support_height_m for o in scene.objects if o.id == target_id), default=height)
    held_base = se3.transform_points(arm.fk(q), held) if len(held) else _none()

    def in_cells(size_m: float) -> Obstacles:
        def cells(chosen: np.ndarray, down_to: float | None = bottom) -> np.ndarray:
            kept = points[chosen]
            kept = kept[crowded(kept, config.cloud_resolution_m, config.cloud_min_points)]
            found = without_robot(voxel_filter(kept, size_m), arm, q, opening, config.robot_padding_m)
            if len(held) and len(found):
                found = found[cKDTree(held_base).query(found)[0] > config.robot_padding_m]
            return voxel_filter(found, size_m, fill_down_to_m=down_to)

        carried = None
        if target_mask is not None:  # without the ragged border that may be touched: it stays where it is
            carried = cells(whole, None if bottom is None else max(bottom, stands_at))
        return Obstacles(cells(~target), cells(target), height, held, carried, seen_points=points[whole])

    return replace(in_cells(config.cloud_resolution_m), finer=partial(in_cells, config.fine_resolution_m))


def _told_apart(scene: Scene, target_id: int, target_mask: np.ndarray | None) -> tuple[np.ndarray, np.ndarray]:
    """Return the labels (H, W) with the target as the mask says, and what may be touched beside it (H, W) bool."""
    if target_mask is None:
        return scene.labels, np.zeros(scene.labels.shape, bool)
    if target_mask.shape != scene.labels.shape:
        raise InvalidInput(f'the target mask {target_mask.shape} is not of this scene {scene.labels.shape}')
    target = target_mask == OBJECT
    labels = np.where((scene.labels == target_id) & ~target, scene.labels.max() + 1, scene.labels)
    return np.where(target, target_id, labels), target_mask == SURROUNDINGS
