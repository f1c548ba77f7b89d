"""Does the arm touch what it must not? Itself, the table, the seen points; by phase of the task."""

from enum import Enum

import coal
import numpy as np
import pinocchio as pin

from mt3_executor.config import CollisionConfig
from mt3_executor.hulls import convex_hull, middle
from mt3_executor.obstacles import Obstacles
from mt3_executor.robot import ArmModel

__all__ = ['CollisionWorld', 'Phase', 'densify']

_TABLE_THICKNESS_M = 1.0
_CLEARANCES_M = (0.01, 0.02, 0.04)
_HELD, _MIDDLE = 'what is held', 'the middle of what is held'
_NEIGHBOURS = 'what stood beside it'
_SHELL_CELLS = 1.5  # so deep a neighbour may seem to be in what is held: a cell, and the noise of a surface
_HELD_IN_TABLE_M = 0.005  # what stands on the table is seen with this error, and set down with it


class Phase(Enum):
    """What may be touched.

    FREE: nothing; table and target are kept clear of by every link.
    CONTACT: gripper links may touch the target and come down to the table (bottleneck and interaction).
    """

    FREE = 'free'
    CONTACT = 'contact'


class CollisionWorld:
    """The arm among obstacles, one collision model per phase."""

    def __init__(self, arm: ArmModel, obstacles: Obstacles, config: CollisionConfig) -> None:
        self.arm, self.obstacles = arm, obstacles
        self._data = arm.model.createData()
        self._octrees = {
            name: coal.makeOctree(np.ascontiguousarray(points), config.cloud_resolution_m)
            for name, points in (
                ('the scene', obstacles.points),
                ('the target object', obstacles.target_points),
                (_NEIGHBOURS, obstacles.neighbour_points),
            )
            if len(points)
        }
        self._held = convex_hull(obstacles.held_points)
        self._middle = None
        if self._held is not None and _NEIGHBOURS in self._octrees:
            self._middle = convex_hull(middle(obstacles.held_points, _SHELL_CELLS * config.cloud_resolution_m))
        self._models = {phase: self._build(obstacles, config, phase) for phase in Phase}
        self._near: list[tuple[float, pin.GeometryData]] | None = None

    def _build(self, obstacles: Obstacles, config: CollisionConfig, phase: Phase) -> '_PhaseModel':
        """Return the collision model of a phase."""
        arm = self.arm
        geometry = arm.geometry.copy()
        # Links that cannot move are where their owner has put them: bolted to the table, say.
        moving = [i for i, shape in enumerate(geometry.geometryObjects) if shape.parentJoint > 0]
        base = pin.SE3(arm.T_root_base)

        def add(name: str, shape: coal.CollisionGeometry, placement: pin.SE3, links: list[int]) -> None:
            index = geometry.addGeometryObject(pin.GeometryObject(name, 0, 0, placement, shape))
            for link in links:
                geometry.addCollisionPair(pin.CollisionPair(link, index))

        gripper = [i for i in moving if arm.is_gripper(i)]
        others = [i for i in moving if not arm.is_gripper(i)]
        held = self._add_held(geometry, _HELD, self._held, others)
        in_it = self._add_held(geometry, _MIDDLE, self._middle, [])
        if np.isfinite(obstacles.support_height_m):
            size = (config.table_x_max_m - config.table_x_min_m, config.table_y_max_m - config.table_y_min_m)
            centre = np.array(
                [
                    0.5 * (config.table_x_max_m + config.table_x_min_m),
                    0.5 * (config.table_y_max_m + config.table_y_min_m),
                    obstacles.support_height_m - 0.5 * _TABLE_THICKNESS_M,
                ]
            )
            # Distances to the table are put into its height: exact for boxes, and without rounded rims.
            above = config.gripper_table_clearance_m
            if phase is Phase.CONTACT:
                above = -config.gripper_table_penetration_m
            for links, lift in ((others, config.table_clearance_m), (gripper, above), (held, -_HELD_IN_TABLE_M)):
                placement = base * pin.SE3(np.eye(3), centre + np.array([0.0, 0.0, lift]))
                add('the table', coal.Box(*size, _TABLE_THICKNESS_M), placement, links)
        touchable = [*gripper, *held] if phase is Phase.CONTACT else []
        for name, octree in self._octrees.items():
            forbidden = {
                'the scene': [*moving, *held],
                'the target object': [i for i in [*moving, *held] if i not in touchable],
                _NEIGHBOURS: [*moving, *in_it],
            }
            add(name, octree, base, forbidden[name])
        return _PhaseModel(arm.model, geometry, arm.geometry.ngeoms, config.self_clearance_m)

    def _add_held(
        self, geometry: pin.GeometryModel, name: str, hull: coal.ConvexBase | None, others: list[int]
    ) -> list[int]:
        """Fix what is held to the tcp; links beyond the wrist's last joint must not touch it."""
        if hull is None:
            return []
        frame = self.arm.model.frames[self.arm.model.getFrameId(self.arm.config.tcp_frame)]
        shape = pin.GeometryObject(name, frame.parentJoint, 0, frame.placement, hull)
        index = geometry.addGeometryObject(shape)
        for link in others:
            if geometry.geometryObjects[link].parentJoint != frame.parentJoint:
                geometry.addCollisionPair(pin.CollisionPair(link, index))
        return [index]

    def is_free(self, q: np.ndarray, phase: Phase) -> bool:
        """Whether joints q (n,) touch nothing, at the gripper opening set on the arm."""
        # Through a tree of bounding boxes: four times faster than pair by pair.
        return not pin.computeCollisions(
            self.arm.model, self._data, self._models[phase].manager, self.arm.full(q), True
        )

    def contact(self, q: np.ndarray, phase: Phase) -> str:
        """Return in words which link touches what at joints q; empty when nothing does."""
        if self.is_free(q, phase):
            return ''
        geometry, data = self._models[phase].geometry, self._models[phase].data
        pin.updateGeometryPlacements(self.arm.model, self._data, geometry, data, self.arm.full(q))
        for index, pair in enumerate(geometry.collisionPairs):
            if pin.computeCollision(geometry, data, index):
                return f'{self._name(geometry, pair.first)} touches {self._name(geometry, pair.second)}'
        return 'a contact that was not named'

    def held_near_neighbours(self, q: np.ndarray, within_m: float) -> bool:
        """Whether what is held at joints q (n,) is within a distance [m] of the obstacles' `neighbour_points`."""
        if self._held is None or _NEIGHBOURS not in self._octrees:
            return False
        T_base_tcp, request = self.arm.tcp(q), coal.CollisionRequest()
        request.security_margin = within_m
        at = coal.Transform3s(T_base_tcp.rotation, T_base_tcp.translation)
        octree = self._octrees[_NEIGHBOURS]
        return bool(coal.collide(self._held, at, octree, coal.Transform3s(), request, coal.CollisionResult()))

    def clearance(self, q: np.ndarray) -> float:
        """Return how far the arm at joints q keeps from what may not be touched in contact phases, in steps [m].

        0.0, 0.01, 0.02 or 0.04: ranking needs no more, and asking whether something is within a distance is many
        times faster than measuring it. The gripper's distance to the table does not count, and neither does that
        of the link that only turns above the table, since neither can be improved.
        """
        model = self._models[Phase.CONTACT]
        geometry = model.geometry
        if self._near is None:
            self._near = self._clearance_checks(geometry)
        reached = 0.0
        for level, pairs, data in self._near:
            pin.updateGeometryPlacements(self.arm.model, self._data, geometry, data, self.arm.full(q))
            if any(pin.computeCollision(geometry, data, pair) for pair in pairs):
                break
            reached = level
        return reached

    def _clearance_checks(self, geometry: pin.GeometryModel) -> list[tuple[float, list[int], pin.GeometryData]]:
        pairs = []
        for index, pair in enumerate(geometry.collisionPairs):
            if pair.second < self.arm.geometry.ngeoms:
                continue
            first, second = (geometry.geometryObjects[i] for i in (pair.first, pair.second))
            if second.name == _HELD or (
                second.name == 'the table'
                and (first.name == _HELD or first.parentJoint == 1 or self.arm.is_gripper(pair.first))
            ):
                continue
            pairs.append(index)
        checks = []
        for level in _CLEARANCES_M:
            data = geometry.createData()
            for pair in pairs:
                data.collisionRequests[pair].security_margin = level
            checks.append((level, pairs, data))
        return checks

    def _name(self, geometry: pin.GeometryModel, index: int) -> str:
        return self.arm.link_of(index) if index < self.arm.geometry.ngeoms else geometry.geometryObjects[index].name

    def first_contact(self, path: np.ndarray, phase: Phase, resolution_rad: float) -> tuple[int, str] | None:
        """Return (sample index before it, words) of the first contact along a joint path (N, n), or None."""
        dense, source = densify(path, resolution_rad)
        for q, index in zip(dense, source, strict=True):
            if not self.is_free(q, phase):
                return int(index), self.contact(q, phase)
        return None


class _PhaseModel:
    """Shapes, pairs and the tree over them; kept together since the tree refers to the others."""

    def __init__(self, model: pin.Model, geometry: pin.GeometryModel, links: int, self_clearance_m: float) -> None:
        self.geometry, self.data = geometry, geometry.createData()
        for index, pair in enumerate(geometry.collisionPairs):
            # Without asking for the contact Coal takes a cell that lies deep in a hull for free, one time in six.
            self.data.collisionRequests[index].enable_contact = True
            if pair.second < links:  # before the tree is made, which grows its boxes by it
                self.data.collisionRequests[index].security_margin = self_clearance_m
        self.manager = pin.BroadPhaseManager_DynamicAABBTreeCollisionManager(model, self.geometry, self.data)


def densify(path: np.ndarray, resolution_rad: float) -> tuple[np.ndarray, np.ndarray]:
    """Return the path (M, n) with no joint moving more than `resolution_rad` between samples, and the source index."""
    if len(path) < 2:
        return path, np.zeros(len(path), dtype=int)
    steps = np.maximum(1, np.ceil(np.abs(np.diff(path, axis=0)).max(axis=1) / resolution_rad).astype(int))
    source = np.repeat(np.arange(len(steps)), steps)
    within = np.arange(len(source)) - np.repeat(np.cumsum(steps) - steps, steps)
    share = (within / steps[source])[:, None]
    dense = path[source] + share * (path[source + 1] - path[source])
    return np.concatenate([dense, path[-1:]]), np.append(source, len(path) - 1)
