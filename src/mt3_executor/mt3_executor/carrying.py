"""What was grasped, on its way: standing where it was, lifted from between its neighbours, set down among others.

Depth pictures are ragged and cells are coarse: what stands close beside a thing seems to touch it. So what stood
beside it when it was grasped (the walls of its crate, a post) may be grazed by it, and by nothing else: the arm and the
gripper keep clear of it as ever. That ends once the thing has left them; from then on they are in its way like
everything else. The same holds for what it stands on and beside where the hand lets it go, for the last stretch down
to there. Nothing may ever be in the middle of it.
"""

import numpy as np
from scipy.spatial import ConvexHull, cKDTree

from mt3_common import se3
from mt3_executor.collision import CollisionWorld, Phase, densify
from mt3_executor.config import CollisionConfig
from mt3_executor.hulls import within
from mt3_executor.obstacles import Obstacles
from mt3_executor.robot import ArmModel

__all__ = ['Carrying', 'beside']

_LIFTED_M = 0.03  # from this height above its grasp on, the object counts as held and not as dragged or turned
_NEIGHBOUR_M = 0.02  # what is this near to the object stands beside it


class Carrying:
    """Checks the way of one thing in the hand, piece by piece of the interaction in their order.

    Args:
        arm: The arm.
        standing: The world in which the thing stands where it was seen.
        obstacles: What `standing` was made of.
        q: (n,) joints at the grasp [rad].
        config: Of collisions.
    """

    def __init__(
        self, arm: ArmModel, standing: CollisionWorld, obstacles: Obstacles, q: np.ndarray, config: CollisionConfig
    ) -> None:
        self._arm, self._standing, self._config = arm, standing, config
        T_base_tcp = arm.fk(q)
        thing = obstacles.object_points
        self._grasp_height = T_base_tcp[2, 3]
        self._thing_tcp = se3.transform_points(se3.inverse(T_base_tcp), thing)
        # What may be touched beside the thing stays where it is when the thing goes; so does what was seen in its
        # hull (a spoon in the bowl, the other half of what was cut in two), which the gripper may touch, too.
        stays = obstacles.target_points
        stays = stays[cKDTree(thing).query(stays)[0] > 0.5 * config.cloud_resolution_m]
        inside = within(obstacles.points, thing)
        scene = obstacles.points[~inside]
        self._around = Obstacles(
            scene,
            np.concatenate([stays, obstacles.points[inside]]),
            support_height_m=obstacles.support_height_m,
            held_points=self._thing_tcp,
        )
        self._neighbours = beside(scene, thing)
        self._world = self._among(self._neighbours)
        self._lifted = self._left = False

    def _among(self, neighbours: np.ndarray) -> CollisionWorld:
        """Return the world with the thing in the hand, which may graze some (N,) bool of the scene's points."""
        return CollisionWorld(self._arm, self._around.with_neighbours(neighbours), self._config)

    def first_contact(self, path: np.ndarray, resolution_rad: float, lets_go: bool) -> tuple[int, str] | None:
        """Return (sample index before it, words) of the first contact along the next joint path (K, n), or None.

        Args:
            path: (K, n) [rad].
            resolution_rad: As for `CollisionWorld.first_contact`.
            lets_go: Whether the hand opens at the end of the path.
        """
        height = np.array([self._arm.fk(q)[2, 3] for q in path])
        up = height > self._grasp_height + _LIFTED_M
        lift = 0 if self._lifted else int(up.argmax()) if up.any() else len(path)
        if lift > 0:
            found = self._standing.first_contact(path[: lift + 1], Phase.CONTACT, resolution_rad)
            if found is not None or lift == len(path):
                return found
        self._lifted = True
        down = len(path)
        if lets_go:
            high = np.flatnonzero(height > height[-1] + _LIFTED_M)
            down = max(lift, high[-1] + 1 if len(high) else 0)
        found = self._on_the_way(path[lift:down], resolution_rad)
        if found is not None:
            return lift + found[0], found[1]
        if down < len(path):
            down = max(lift, down - 1)
            found = self._set_down(path[-1]).first_contact(path[down:], Phase.CONTACT, resolution_rad)
            if found is not None:
                return down + found[0], found[1]
        return None

    def _on_the_way(self, path: np.ndarray, resolution_rad: float) -> tuple[int, str] | None:
        dense, source = densify(path, resolution_rad)
        for q, index in zip(dense, source, strict=True):
            if not self._world.is_free(q, Phase.CONTACT):
                return int(index), self._world.contact(q, Phase.CONTACT)
            if self._left:
                if self._world.held_near_neighbours(q, 0.0):
                    return int(index), 'what is held touches what it stood beside'
            else:
                self._left = not self._world.held_near_neighbours(q, _NEIGHBOUR_M)
        return None

    def _set_down(self, q: np.ndarray) -> CollisionWorld:
        """Return the world in which the thing may graze what stands around it where it is let go, at joints q (n,)."""
        there = se3.transform_points(self._arm.fk(q), self._thing_tcp)
        neighbours = beside(self._around.points, there)
        return self._among(neighbours if self._left else neighbours | self._neighbours)


def beside(scene: np.ndarray, thing: np.ndarray) -> np.ndarray:
    """Return which points (N,) bool of the scene are close to a thing (M, 3), or stand close beside it [m].

    The walls of the crate in which it stands: lifted along them it comes near to their higher parts, too. What is over
    the thing itself stays in its way.
    """
    if not len(scene):
        return np.zeros(0, bool)
    close = np.isfinite(cKDTree(thing).query(scene, distance_upper_bound=_NEIGHBOUR_M)[0])
    outline = ConvexHull(thing[:, :2], qhull_options='QJ').equations  # joggled: it may be a line
    outside = (scene[:, :2] @ outline[:, :2].T + outline[:, 2]).max(axis=1)
    around = (outside > 0.0) | (scene[:, 2] <= thing[:, 2].max())
    return close | (around & (outside < _NEIGHBOUR_M))
