"""Does the arm touch what it must not? Itself, the table, the seen points; by phase of the task."""

from enum import Enum

import coal
import numpy as np
import pinocchio as pin

from mt3_executor.config import CollisionConfig
from mt3_executor.obstacles import Obstacles
from mt3_executor.robot import ArmModel

__all__ = ['CollisionWorld', 'Phase', 'densify']

_TABLE_THICKNESS_M = 1.0


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
        self.arm = arm
        self._data = arm.model.createData()
        self._geometry: dict[Phase, pin.GeometryModel] = {}
        self._geometry_data: dict[Phase, pin.GeometryData] = {}
        for phase in Phase:
            geometry, margins = self._build(obstacles, config, phase)
            data = geometry.createData()
            for index, margin in margins.items():
                data.collisionRequests[index].security_margin = margin
            self._geometry[phase] = geometry
            self._geometry_data[phase] = data

    def _build(
        self, obstacles: Obstacles, config: CollisionConfig, phase: Phase
    ) -> tuple[pin.GeometryModel, dict[int, float]]:
        """Return the collision model of a phase and the security margin [m] of its pairs, by index."""
        arm = self.arm
        geometry = arm.geometry.copy()
        # Links that cannot move are where their owner has put them: bolted to the table, say.
        moving = [i for i, shape in enumerate(geometry.geometryObjects) if shape.parentJoint > 0]
        base = pin.SE3(arm.T_root_base)
        margins: dict[int, float] = {}

        def add(name: str, shape: coal.CollisionGeometry, placement: pin.SE3, links: list[int], margin: float) -> None:
            index = geometry.addGeometryObject(pin.GeometryObject(name, 0, 0, placement, shape))
            for link in links:
                geometry.addCollisionPair(pin.CollisionPair(link, index))
                margins[len(geometry.collisionPairs) - 1] = margin

        gripper = [i for i in moving if arm.is_gripper(i)]
        others = [i for i in moving if not arm.is_gripper(i)]
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
            for links, lift in ((others, config.table_clearance_m), (gripper, above)):
                placement = base * pin.SE3(np.eye(3), centre + np.array([0.0, 0.0, lift]))
                add('the table', coal.Box(*size, _TABLE_THICKNESS_M), placement, links, 0.0)
        clouds = [('the scene', obstacles.points, moving)]
        clouds.append(('the target object', obstacles.target_points, moving if phase is Phase.FREE else others))
        for name, points, links in clouds:
            if len(points) and links:
                add(name, coal.makeOctree(np.ascontiguousarray(points), config.cloud_resolution_m), base, links, 0.0)
        return geometry, margins

    def is_free(self, q: np.ndarray, phase: Phase) -> bool:
        """Whether joints q (n,) touch nothing, at the gripper opening set on the arm."""
        return not pin.computeCollisions(
            self.arm.model, self._data, self._geometry[phase], self._geometry_data[phase], self.arm.full(q), True
        )

    def contact(self, q: np.ndarray, phase: Phase) -> str:
        """Return in words which link touches what at joints q; empty when nothing does."""
        geometry, data = self._geometry[phase], self._geometry_data[phase]
        if not pin.computeCollisions(self.arm.model, self._data, geometry, data, self.arm.full(q), True):
            return ''
        for pair, result in zip(geometry.collisionPairs, data.collisionResults, strict=True):
            if result.isCollision():
                names = [self._name(geometry, index) for index in (pair.first, pair.second)]
                return f'{names[0]} touches {names[1]}'
        return 'a contact that was not named'

    def _name(self, geometry: pin.GeometryModel, index: int) -> str:
        return self.arm.link_of(index) if index < self.arm.geometry.ngeoms else geometry.geometryObjects[index].name

    def first_contact(self, path: np.ndarray, phase: Phase, resolution_rad: float) -> tuple[int, str] | None:
        """Return (sample index before it, words) of the first contact along a joint path (N, n), or None."""
        dense, source = densify(path, resolution_rad)
        for q, index in zip(dense, source, strict=True):
            if not self.is_free(q, phase):
                return int(index), self.contact(q, phase)
        return None


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
