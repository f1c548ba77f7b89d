"""Pick up: a thing that stands alone, that stands on another, or in another."""

import numpy as np

from mt3_common import se3
from mt3_sim import catalogue
from mt3_sim.experts import ways
from mt3_sim.experts.waypoint import Waypoint
from mt3_sim.families.family import Family, Layout
from mt3_sim.families.task_scene import PhysicsState, TaskScene, Verdict
from mt3_sim.objects.instances import Instance
from mt3_sim.scene_spec import Placement
from mt3_sim.suite.hand import opening_for
from mt3_sim.suite.wording import said

__all__ = ['PickUp', 'TakeFrom']


class PickUp(Family):
    """Lift a thing by one of its parts."""

    skill = 'pick up'

    def __init__(self, category: str, part: str, others_have_parts: bool) -> None:
        """Say what is lifted.

        Args:
            category: Of the target.
            part: Which grip; the instruction names it when the thing has several.
            others_have_parts: It has several.
        """
        self.category, self.part = category, part
        self.name = '.'.join(filter(None, ('pick up', category, part)))
        named = part if others_have_parts else ''
        self.task, self.wordings = said('pick part' if named else 'pick', category, part=named)

    def layout(self, rng: np.random.Generator, instance: Instance, instance_rng: np.random.Generator) -> Layout:
        """Return one thing alone."""
        return Layout(Placement(self.category, catalogue.sample(self.category, instance_rng, instance), np.eye(4)))

    def way(self, scene: TaskScene) -> list[Waypoint]:
        """Return a grasp of the part from above."""
        grip = scene.model(scene.target).uses.grip(self.part)
        return ways.grasp(grip.x, grip.y, grip.z, grip.closing_yaw, opening_for(grip.width))

    def judge(self, world: PhysicsState, scene: TaskScene) -> Verdict:
        """Judge that it hangs in the hand."""
        return self.lifted(world, scene)


class TakeFrom(Family):
    """Lift a thing that stands on or in another one, which stays where it is."""

    def __init__(self, category: str, holder: str, kind: str) -> None:
        """Say what is lifted from what.

        Args:
            category: Of the target.
            holder: Category of what it stands on or in.
            kind: 'on' or 'in'.
        """
        self.category, self.holder, self.kind = category, holder, kind
        self.skill = 'take out of' if kind == 'in' else 'take from'
        self.name = f'{self.skill}.{category}.{holder}'
        self.task, self.wordings = said('take out' if kind == 'in' else 'take from', category, holder)

    def layout(self, rng: np.random.Generator, instance: Instance, instance_rng: np.random.Generator) -> Layout:
        """Return the thing where it rests, with some other turn each time."""
        holder = catalogue.sample(self.holder, instance_rng, instance)
        model = catalogue.sample(self.category, instance_rng, instance)
        rest = holder.uses.rest(self.kind)
        T_target_holder = se3.inverse(se3.make(None, (rest.x, rest.y, rest.z)))
        return Layout(
            Placement(self.category, model, np.eye(4)),
            (Placement(self.holder, holder, T_target_holder),),
            details={'rest_z': rest.z},
        )

    def target_height(self, layout: Layout) -> float:
        """Return how high over the table the target stands [m]."""
        return layout.details['rest_z']

    def way(self, scene: TaskScene) -> list[Waypoint]:
        """Return a grasp from above."""
        grip = scene.model(scene.target).uses.grips[0]
        return ways.grasp(grip.x, grip.y, grip.z, grip.closing_yaw, opening_for(grip.width))

    def judge(self, world: PhysicsState, scene: TaskScene) -> Verdict:
        """Judge that it hangs in the hand and the other one stayed."""
        lifted = self.lifted(world, scene)
        start = scene.placement(self.holder).T_base_object
        moved, _ = se3.pose_error(start, world.body_pose(self.holder))
        return Verdict(
            lifted.success and moved < 0.04, f'{lifted.reason}; the {self.holder} moved by {moved * 100:.1f} cm'
        )
