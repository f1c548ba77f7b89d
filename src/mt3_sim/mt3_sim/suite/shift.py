"""Push or pull a thing over the table."""

import numpy as np

from mt3_common import se3
from mt3_sim import catalogue
from mt3_sim.experts.waypoint import Waypoint, top_down
from mt3_sim.experts.ways import FREE, NEAR, QUARTER_TURN
from mt3_sim.families.family import Family, Layout
from mt3_sim.families.task_scene import PhysicsState, TaskScene, Verdict
from mt3_sim.objects.instances import Instance
from mt3_sim.scene_spec import Placement
from mt3_sim.suite.directions import forward
from mt3_sim.suite.hand import opening_for
from mt3_sim.suite.wording import said

__all__ = ['Pull', 'Push']

_RISE = 0.02  # of the fingers over a push: going down by a hair, rubber would press the thing to the table and jam [m]


class _Shift(Family):
    distance = 0.10  # [m]
    least = 0.07  # along x, for success [m]
    aside = 0.04  # across, at most [m]
    sign = 1.0  # along the target's own x

    def __init__(self, category: str) -> None:
        """Say what is moved."""
        self.category = category
        self.name = f'{self.skill}.{category}'
        self.task, self.wordings = said(self.skill, category)

    def layout(self, rng: np.random.Generator, instance: Instance, instance_rng: np.random.Generator) -> Layout:
        """Return the thing, with room along its way."""
        model = catalogue.sample(self.category, instance_rng, instance)
        reach = model.footprint_radius + 0.06
        way = np.array([(-self.sign * reach, 0.0), (self.sign * self.distance, 0.0)])
        return Layout(Placement(self.category, model, np.eye(4)), keep_free=way)

    def judge(self, world: PhysicsState, scene: TaskScene) -> Verdict:
        """Judge by the displacement along and across the thing's own axis, or one that looks the same."""
        T_start_now = se3.inverse(scene.T_base_target) @ world.body_pose(scene.target)
        along, across = forward(self.sign * T_start_now[:2, 3], scene.model(scene.target).symmetry)
        upright = T_start_now[2, 2] > 0.95 and abs(T_start_now[2, 3]) < 0.02
        return Verdict(
            along >= self.least and across <= self.aside and bool(upright),
            f'the {self.category} moved by {along * 100:.1f} cm along (wanted {self.least * 100:.0f}), '
            f'{across * 100:.1f} cm across (allowed {self.aside * 100:.0f})' + ('' if upright else ', and fell over'),
        )


class Push(_Shift):
    """Push a thing forward by its flat rear: two open fingers side by side, so that it turns with them."""

    skill = 'push'

    def way(self, scene: TaskScene) -> list[Waypoint]:
        """Return: down behind it, forward, back a little, up."""
        model = scene.model(scene.target)
        rear, yaw = model.uses.push_from, -QUARTER_TURN
        low, high = model.mesh().bounds[:, 1]
        opening = float(np.clip((high - low - 0.025) / 0.08, 0.0, 0.72))
        z = float(np.clip(0.4 * model.height, 0.0125, 0.03))
        reached = rear - 0.009 + self.distance
        top = max(z + 0.07, model.height + 0.02)
        return [
            Waypoint(top_down(rear - 0.05, 0.0, top, yaw), FREE, opening, 'bottleneck', tight=False),
            Waypoint(top_down(rear - 0.05, 0.0, z, yaw), NEAR),
            Waypoint(top_down(reached, 0.0, z + _RISE, yaw), NEAR),
            Waypoint(top_down(reached - 0.04, 0.0, z + _RISE, yaw), 0.1),
            Waypoint(top_down(reached - 0.04, 0.0, top, yaw), 0.1, event='end', tight=False),
        ]


class Pull(_Shift):
    """Grip a thing by its rim or handle and drag it back, along -x."""

    skill, sign = 'pull', -1.0

    def way(self, scene: TaskScene) -> list[Waypoint]:
        """Return: grip, drag, let go, up."""
        grip = scene.model(scene.target).uses.grips[-1]
        opening = opening_for(grip.width)

        def at(x: float, z: float) -> np.ndarray:
            return top_down(x, grip.y, z, grip.closing_yaw)

        end = grip.x - self.distance
        return [
            Waypoint(at(grip.x, grip.z + 0.07), FREE, opening, 'bottleneck', tight=False),
            Waypoint(at(grip.x, grip.z), NEAR, 0.0),
            Waypoint(at(end, grip.z), NEAR, opening),
            Waypoint(at(end, grip.z + 0.08), 0.1, event='end', tight=False),
        ]
