"""Tasks that begin with something in the hand."""

import numpy as np

from mt3_sim import catalogue
from mt3_sim.families.family import Family
from mt3_sim.objects.instances import Instance
from mt3_sim.scene_spec import Placement
from mt3_sim.suite.wording import said

__all__ = ['HeldTask', 'held_placement']


def held_placement(category: str, instance_rng: np.random.Generator, instance: Instance, name: str = '') -> Placement:
    """Return a thing in the hand, held by its first grip."""
    model = catalogue.sample(category, instance_rng, instance)
    grip = model.uses.grips[0]
    return Placement(name or category, model, np.eye(4), True, grip.T_tcp_object, gripper_position=0.5 * grip.width)


class HeldTask(Family):
    """Do something to a target with what is held.

    Attributes:
        wording: Its entry in `mt3_sim.suite.wording`.
    """

    wording: str

    def __init__(self, held: str, target: str) -> None:
        """Say what is held, and what it is used on."""
        self.held, self.category = held, target
        self.name = f'{self.skill}.{held}.{target}'
        self.task, self.wordings = said(self.wording, held, target)
