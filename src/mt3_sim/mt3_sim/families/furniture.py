"""Families with furniture that is fixed to the table: open a drawer, press a button."""

import numpy as np

from mt3_sim.experts.waypoint import Waypoint, top_down
from mt3_sim.experts.ways import FREE, NEAR, QUARTER_TURN, TIP
from mt3_sim.families.family import Family, Layout
from mt3_sim.families.task_scene import PhysicsState, TaskScene, Verdict
from mt3_sim.objects import button, drawer, sample
from mt3_sim.objects.instances import Instance
from mt3_sim.scene_spec import Placement

__all__ = ['OpenDrawer', 'PressButton']


class OpenDrawer(Family):
    """Pull a drawer open by its bar handle. Done when it is open by 7 cm."""

    name = 'open_drawer'
    task = 'open the drawer'
    wordings = ('pull the drawer open', 'open the cabinet drawer', 'open the wooden drawer')
    least = 0.07

    def layout(self, rng: np.random.Generator, instance: Instance, instance_rng: np.random.Generator) -> Layout:
        """Return one closed cabinet."""
        model = sample('drawer', instance_rng, instance)
        x = 0.5 * model.parameters.depth + model.parameters.handle_gap
        return Layout(
            Placement('drawer', model, np.eye(4)),
            keep_free=np.array([(x, 0.0), (x + 0.06, 0.0), (x + 0.12, 0.0)]),
        )

    def way(self, scene: TaskScene) -> list[Waypoint]:
        """Return a pull by the bar; the inner finger goes between handle and front, so the hand is half closed."""
        size = scene.model(scene.target).parameters
        x, y, z = drawer.handle_centre(size)
        pulled = x + min(size.travel - 0.012, 0.105)
        return [
            Waypoint(top_down(x, y, z + 0.08, 0.0), FREE, 0.4, 'bottleneck', tight=False),
            Waypoint(top_down(x, y, z, 0.0), NEAR, 0.0),
            Waypoint(top_down(pulled, y, z, 0.0), NEAR, 0.4),
            Waypoint(top_down(pulled, y, z + 0.08, 0.0), 0.1, event='end', tight=False),
        ]

    def judge(self, world: PhysicsState, scene: TaskScene) -> Verdict:
        """Judge by the joint."""
        opened = world.joint_position(f'{scene.target}/{drawer.JOINT}')
        return Verdict(
            opened >= self.least, f'the drawer is open by {opened * 100:.1f} cm (wanted {self.least * 100:.0f})'
        )


class PressButton(Family):
    """Press a button, which stays down by its friction. Done when it is down by 70 % of its travel."""

    name = 'press_button'
    task = 'press the button'
    wordings = ('push the button', 'press the red button', 'hit the button')
    least = 0.7

    def layout(self, rng: np.random.Generator, instance: Instance, instance_rng: np.random.Generator) -> Layout:
        """Return one button box."""
        return Layout(Placement('button', sample('button', instance_rng, instance), np.eye(4)))

    def way(self, scene: TaskScene) -> list[Waypoint]:
        """Return a press; the hand lies across the housing, so that the rising end is beside its thin side."""
        size = scene.model(scene.target).parameters
        x, y, z = button.top_centre(size)
        return [
            Waypoint(top_down(x, y, z + TIP + 0.07, QUARTER_TURN), FREE, 0.0, 'bottleneck', tight=False),
            Waypoint(top_down(x, y, z + TIP + 0.01, QUARTER_TURN), NEAR),
            Waypoint(top_down(x, y, z + TIP - size.travel - 0.002, QUARTER_TURN), 0.03),
            Waypoint(top_down(x, y, z + TIP + 0.07, QUARTER_TURN), 0.1, event='end', tight=False),
        ]

    def judge(self, world: PhysicsState, scene: TaskScene) -> Verdict:
        """Judge by the joint."""
        depth = world.joint_position(f'{scene.target}/{button.JOINT}')
        wanted = self.least * scene.model(scene.target).parameters.travel
        return Verdict(depth >= wanted, f'the button is down by {depth * 1e3:.1f} mm (wanted {wanted * 1e3:.1f})')
