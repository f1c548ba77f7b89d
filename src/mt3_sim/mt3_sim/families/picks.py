"""Families that lift something: a mug by its rim or its handle, a box, a bottle."""

import numpy as np

from mt3_common import se3
from mt3_sim.experts import ways
from mt3_sim.experts.waypoint import Waypoint
from mt3_sim.families.family import Family, Layout
from mt3_sim.families.placing import WORKSPACE
from mt3_sim.families.task_scene import PhysicsState, TaskScene, Verdict
from mt3_sim.objects import sample
from mt3_sim.objects.instances import Instance
from mt3_sim.scene_spec import Placement

__all__ = ['PickBlock', 'PickBottle', 'PickBox', 'PickMug', 'PickMugHandle']

_PLATE_M = 0.22  # from the block to the middle of the plate [m]


class _Pick(Family):
    category: str

    def layout(self, rng: np.random.Generator, instance: Instance, instance_rng: np.random.Generator) -> Layout:
        """Return one object alone."""
        return Layout(Placement(self.category, sample(self.category, instance_rng, instance), np.eye(4)))

    def judge(self, world: PhysicsState, scene: TaskScene) -> Verdict:
        """Judge that it hangs in the hand."""
        return self.lifted(world, scene)


class PickMug(_Pick):
    """Lift a mug by its rim, opposite of the handle."""

    name = 'pick_mug'
    category = 'mug'
    task = 'pick up the mug'
    wordings = ('grab the mug', 'lift the cup', 'pick up the coffee mug', 'take the mug')

    def way(self, scene: TaskScene) -> list[Waypoint]:
        """Return a grasp of the wall opposite of the handle: one finger goes inside."""
        size = scene.model(scene.target).parameters
        return ways.grasp(-(size.radius - 0.5 * size.wall), 0.0, size.height - 0.012, 0.0, opening=0.75)


class PickMugHandle(_Pick):
    """Lift a mug by its handle."""

    name = 'pick_mug_handle'
    category = 'mug'
    task = 'pick up the mug by the handle'
    wordings = ('grab the mug by its handle', 'lift the cup by the handle')

    def way(self, scene: TaskScene) -> list[Waypoint]:
        """Return a grasp across the handle, not lower than what keeps the palm over the rim."""
        size = scene.model(scene.target).parameters
        x = size.radius + size.handle_reach - size.handle_radius - 0.002
        return ways.grasp(x, 0.0, max(0.68 * size.height, size.height - 0.029), ways.QUARTER_TURN, opening=0.75)


class PickBox(_Pick):
    """Lift a carton across its short side. Half a turn of it looks the same, and either grasp is right."""

    name = 'pick_box'
    category = 'box'
    task = 'pick up the box'
    wordings = ('grab the box', 'lift the carton', 'pick up the yellow box', 'take the box')

    def way(self, scene: TaskScene) -> list[Waypoint]:
        """Return a grasp across the short side."""
        size = scene.model(scene.target).parameters
        return ways.grasp(0.0, 0.0, max(size.height - 0.022, 0.018), ways.QUARTER_TURN, opening=1.0)


class PickBlock(_Pick):
    """Lift a block that stands beside a plate, for tasks in a row: it may also stand on the plate in the end."""

    name = 'pick_block'
    category = 'block'
    task = 'pick up the block'
    wordings = ('grab the block', 'lift the red block', 'take the block')

    def layout(self, rng: np.random.Generator, instance: Instance, instance_rng: np.random.Generator) -> Layout:
        """Return a block, and a plate in some direction beside it."""
        block, plate = sample('block', instance_rng, instance), sample('plate', instance_rng, instance)
        angle = rng.uniform(-np.pi, np.pi)
        beside = se3.make(None, (_PLATE_M * np.cos(angle), _PLATE_M * np.sin(angle), 0.0))
        return Layout(
            Placement('block', block, np.eye(4)),
            others=(Placement('plate', plate, beside),),
            details={'beside': ('plate',)},
        )

    def way(self, scene: TaskScene) -> list[Waypoint]:
        """Return a grasp near its top."""
        return ways.grasp(0.0, 0.0, scene.model(scene.target).parameters.height - 0.018, 0.0, opening=1.0)

    def reachable(self, scene: TaskScene) -> bool:
        """Return whether the plate stands in the workspace too."""
        at = scene.placement('plate').T_base_object[:2, 3]
        inside = all(low <= value <= high for value, (low, high) in zip(at, WORKSPACE, strict=True))
        return inside and super().reachable(scene)

    def judge(self, world: PhysicsState, scene: TaskScene) -> Verdict:
        """Judge that it hangs in the hand or stands on the plate."""
        plate = scene.model('plate').parameters
        T_plate_block = se3.inverse(world.body_pose('plate')) @ world.body_pose('block')
        away, height = float(np.linalg.norm(T_plate_block[:2, 3])), float(T_plate_block[2, 3])
        if away <= plate.foot_radius and abs(height - plate.floor) < 0.006 and self.let_go(world, 'block'):
            return Verdict(True, f'the block stands on the plate, {away * 100:.1f} cm from its middle')
        return self.lifted(world, scene)


class PickBottle(_Pick):
    """Lift a bottle by its neck. Every yaw of it looks the same, and every grasp is right."""

    name = 'pick_bottle'
    category = 'bottle'
    task = 'pick up the bottle'
    wordings = ('grab the bottle', 'lift the bottle', 'take the bottle')

    def way(self, scene: TaskScene) -> list[Waypoint]:
        """Return a grasp of the neck."""
        return ways.grasp(0.0, 0.0, scene.model(scene.target).height - 0.022, 0.0, opening=0.8)
