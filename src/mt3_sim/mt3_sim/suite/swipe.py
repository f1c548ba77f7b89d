"""Wipe a surface with what is in the hand: crumbs in its way are swept along."""

import numpy as np

from mt3_common import se3
from mt3_sim import catalogue
from mt3_sim.experts.waypoint import Waypoint, top_down
from mt3_sim.experts.ways import FREE, NEAR
from mt3_sim.families.family import Layout
from mt3_sim.families.task_scene import PhysicsState, TaskScene, Verdict
from mt3_sim.objects.instances import Instance
from mt3_sim.objects.model import ParametricObject
from mt3_sim.objects.parts import box, with_masses
from mt3_sim.scene_spec import Placement
from mt3_sim.suite.directions import forward
from mt3_sim.suite.held import HeldTask, held_placement

__all__ = ['Swipe']

_CRUMBS = ((0.0, -0.012), (0.004, 0.004), (-0.002, 0.018))  # x, y around where they lie [m]
_EDGE = 0.010  # of a crumb [m]


def _crumb() -> ParametricObject:
    part = box((_EDGE, _EDGE, _EDGE), (0, 0, 0.5 * _EDGE), (0.35, 0.20, 0.10), friction=0.4)
    return ParametricObject('crumb', _EDGE, with_masses([part], 0.003))


class Swipe(HeldTask):
    """Sweep the crumbs along a board. Done when they moved on by 4 cm on average."""

    skill = wording = 'swipe'
    least = 0.04

    def layout(self, rng: np.random.Generator, instance: Instance, instance_rng: np.random.Generator) -> Layout:
        """Return the surface with crumbs on it, and what wipes in the hand."""
        target = catalogue.sample(self.category, instance_rng, instance)
        rest = target.uses.rest('on')
        held = held_placement(self.held, instance_rng, instance)
        crumbs = tuple(
            Placement(f'crumb {i}', _crumb(), se3.make(None, (rest.x + x, rest.y + y, rest.z)))
            for i, (x, y) in enumerate(_CRUMBS)
        )
        return Layout(Placement(self.category, target, np.eye(4)), crumbs, held)

    def way(self, scene: TaskScene) -> list[Waypoint]:
        """Return: down behind the crumbs, along the surface towards +x with its broad side first, up."""
        rest = scene.model(scene.target).uses.rest('on')
        model = scene.model(scene.held)
        grip = model.uses.grips[0]
        low, high = model.mesh().bounds[:, :2]
        # the long side of what wipes lies along y: turned by 90 degrees it sweeps with its flank
        yaw = 0.5 * np.pi + grip.closing_yaw
        half = 0.5 * (high[1] - low[1])
        z = rest.z + 0.0015 + grip.z

        def at(x: float, up: float) -> np.ndarray:
            # the grip is beside the middle by grip.x along the long side, which is y now
            return top_down(rest.x + x, rest.y + grip.x, z + up, yaw)

        start = -half - 0.022
        return [
            Waypoint(at(start, 0.06), FREE, event='bottleneck', tight=False),
            Waypoint(at(start, 0.0), 0.05),
            Waypoint(at(start + 0.075, 0.0), NEAR),
            Waypoint(at(start + 0.075, 0.06), 0.1, event='end', tight=False),
        ]

    def judge(self, world: PhysicsState, scene: TaskScene) -> Verdict:
        """Judge by how far the crumbs went, the surface staying where it is."""
        T_target_base = se3.inverse(scene.T_base_target)
        gone = []
        for index in range(len(_CRUMBS)):
            name = f'crumb {index}'
            start = T_target_base @ scene.placement(name).T_base_object
            gone.append((T_target_base @ world.body_pose(name))[:2, 3] - start[:2, 3])
        moved, _ = se3.pose_error(scene.T_base_target, world.body_pose(scene.target))
        mean, _ = forward(np.mean(gone, axis=0), scene.model(scene.target).symmetry)
        return Verdict(
            mean >= self.least and moved < 0.03,
            f'the crumbs moved on by {mean * 100:.1f} cm (wanted {self.least * 100:.0f}), '
            f'the {self.category} by {moved * 100:.1f} cm',
        )
