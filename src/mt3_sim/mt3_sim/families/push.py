"""Push an object to a marked spot."""

import numpy as np

from mt3_common import se3
from mt3_sim.experts.waypoint import Waypoint, top_down
from mt3_sim.experts.ways import FREE, NEAR, QUARTER_TURN
from mt3_sim.families.family import Family, Layout
from mt3_sim.families.task_scene import PhysicsState, TaskScene, Verdict
from mt3_sim.objects import sample
from mt3_sim.objects.instances import Instance
from mt3_sim.objects.sled import make_spot
from mt3_sim.scene_spec import Placement

__all__ = ['PushToSpot']


class PushToSpot(Family):
    """Push a sled along its own axis onto a spot painted on the table.

    The method moves a demonstration with ONE object, here the sled: so the spot lies at a fixed place before the
    sled (12 cm, with a jitter of a few millimetres), as if both were on one mat. A spot at any place would need a
    second alignment, which one demonstration does not give.
    """

    name = 'push_to_spot'
    task = 'push the sled to the spot'
    wordings = ('shove the sled to the spot', 'move the sled to the mark', 'push the sled onto the marked spot')
    distance = 0.12
    tolerance = 0.025

    def layout(self, rng: np.random.Generator, instance: Instance, instance_rng: np.random.Generator) -> Layout:
        """Return the sled and its spot."""
        x, y = self.distance + rng.uniform(-0.005, 0.005), rng.uniform(-0.005, 0.005)
        model = sample('sled', instance_rng, instance)
        rear = -0.5 * model.parameters.length
        return Layout(
            Placement('sled', model, np.eye(4)),
            (Placement('spot', make_spot(), se3.make(None, (x, y, 0.0))),),
            details={'distance': self.distance},
            keep_free=np.array([(rear - 0.08, 0.0), (rear - 0.02, 0.0), (self.distance, 0.0)]),
        )

    def way(self, scene: TaskScene) -> list[Waypoint]:
        """Return a push; two open fingers side by side touch the rear: the sled turns with them, not off them."""
        size = scene.model(scene.target).parameters
        rear, z, yaw = -0.5 * size.length, 0.04, -QUARTER_TURN
        reached = rear - 0.009 + scene.details['distance']
        return [
            Waypoint(top_down(rear - 0.05, 0.0, z + 0.07, yaw), FREE, 0.72, 'bottleneck', tight=False),
            Waypoint(top_down(rear - 0.05, 0.0, z, yaw), NEAR),
            Waypoint(top_down(reached, 0.0, z, yaw), NEAR),
            Waypoint(top_down(reached - 0.05, 0.0, z, yaw), 0.1),
            Waypoint(top_down(reached - 0.05, 0.0, z + 0.08, yaw), 0.1, event='end', tight=False),
        ]

    def judge(self, world: PhysicsState, scene: TaskScene) -> Verdict:
        """Judge by the distance of the two centres in the plane."""
        offset = world.body_pose(scene.target)[:2, 3] - world.body_pose('spot')[:2, 3]
        away = float(np.linalg.norm(offset))
        return Verdict(
            away <= self.tolerance,
            f'the sled is {away * 100:.1f} cm from the middle of the spot (allowed {self.tolerance * 100:.1f})',
        )
