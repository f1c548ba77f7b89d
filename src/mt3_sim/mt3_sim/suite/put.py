"""Put what is in the hand on, in, or next to something, or stack it."""

from typing import Literal

import numpy as np

from mt3_common import se3
from mt3_sim import catalogue
from mt3_sim.experts import ways
from mt3_sim.experts.waypoint import Waypoint
from mt3_sim.families.family import Layout
from mt3_sim.families.task_scene import PhysicsState, TaskScene, Verdict
from mt3_sim.objects.instances import Instance
from mt3_sim.objects.uses import Rest
from mt3_sim.scene_spec import Placement
from mt3_sim.suite.hand import opening_for, release_height
from mt3_sim.suite.held import HeldTask, held_placement

__all__ = ['Put', 'PutNextTo']

_SKILLS = {'on': 'place on', 'in': 'place in', 'stack': 'stack'}


class Put(HeldTask):
    """Put what is held on the middle of a surface or of a hollow."""

    def __init__(self, held: str, target: str, kind: Literal['on', 'in', 'stack']) -> None:
        """Say what is put where."""
        self.kind, self.skill = kind, _SKILLS[kind]
        self.wording = 'stack' if kind == 'stack' else f'put {kind}'
        super().__init__(held, target)

    def layout(self, rng: np.random.Generator, instance: Instance, instance_rng: np.random.Generator) -> Layout:
        """Return the target, and a thing in the hand."""
        target = catalogue.sample(self.category, instance_rng, instance)
        held_name = f'{self.held} in hand' if self.held == self.category else self.held
        held = held_placement(self.held, instance_rng, instance, held_name)
        return Layout(Placement(self.category, target, np.eye(4)), held=held)

    def rest(self, scene: TaskScene) -> Rest:
        """Return where it is put."""
        return scene.model(scene.target).uses.rest('in' if self.kind == 'in' else 'on')

    def way(self, scene: TaskScene) -> list[Waypoint]:
        """Return: down to just over the place, let go; into a hollow as far as there is room."""
        rest, grip = self.rest(scene), scene.model(scene.held).uses.grips[0]
        z = release_height(grip, rest) + grip.z
        rim = rest.z + rest.depth
        above = max(0.08, rim + 0.05 - (z - grip.z))
        return ways.release(rest.x + grip.x, rest.y + grip.y, z, grip.closing_yaw, opening_for(grip.width), above)

    def judge(self, world: PhysicsState, scene: TaskScene) -> Verdict:
        """Judge that it rests there by itself: within the hollow, or upright on the surface."""
        rest = self.rest(scene)
        T_target_held = se3.inverse(world.body_pose(scene.target)) @ world.body_pose(scene.held)
        away = float(np.hypot(T_target_held[0, 3] - rest.x, T_target_held[1, 3] - rest.y))
        height = float(T_target_held[2, 3] - rest.z)
        tilt = float(np.degrees(np.arccos(np.clip(T_target_held[2, 2], -1.0, 1.0))))
        alone, carried = self.let_go(world, scene.held), world.touching(scene.held, scene.target)
        if rest.kind == 'in':
            done = away <= rest.radius and height < max(0.8 * rest.depth, 0.03)
        else:
            done = away <= rest.radius and abs(height) < 0.008 and tilt < 12.0
        return Verdict(
            done and alone and carried,
            f'the {self.held} is {away * 100:.1f} cm from the middle of the {self.category} (allowed '
            f'{rest.radius * 100:.1f}), {height * 1e3:.0f} mm over its floor, tilted {tilt:.0f} degrees, '
            + ('let go' if alone else 'still in the hand')
            + ('' if carried else ', not carried by it'),
        )


class PutNextTo(HeldTask):
    """Put what is held on the table beside something."""

    skill, wording = 'place next to', 'put next to'
    tolerance = 0.03  # of the distance between the two [m]

    def layout(self, rng: np.random.Generator, instance: Instance, instance_rng: np.random.Generator) -> Layout:
        """Return the target, and a thing in the hand."""
        target = catalogue.sample(self.category, instance_rng, instance)
        held = held_placement(self.held, instance_rng, instance)
        # the hand's thin side is towards the target
        distance = target.footprint_radius + max(held.model.footprint_radius, 0.05) + 0.02
        return Layout(
            Placement(self.category, target, np.eye(4)),
            held=held,
            details={'distance': distance},
            keep_free=np.array([(0.0, distance)]),
        )

    def way(self, scene: TaskScene) -> list[Waypoint]:
        """Return: down beside it, to its left (+y), fingers closing along x, let go."""
        grip = scene.model(scene.held).uses.grips[0]
        turn = -grip.closing_yaw
        c, s = np.cos(turn), np.sin(turn)
        x, y = c * grip.x - s * grip.y, s * grip.x + c * grip.y
        above = max(0.08, scene.model(scene.target).height + 0.03 - grip.z)
        return ways.release(x, scene.details['distance'] + y, grip.z + 0.003, 0.0, opening_for(grip.width), above)

    def judge(self, world: PhysicsState, scene: TaskScene) -> Verdict:
        """Judge that it stands on the table at that distance, and that the target was left alone."""
        T_base_target, T_base_held = world.body_pose(scene.target), world.body_pose(scene.held)
        distance = float(np.linalg.norm(T_base_held[:2, 3] - T_base_target[:2, 3]))
        off = abs(distance - scene.details['distance'])
        height = float(T_base_held[2, 3] - scene.spec.table_height)
        tilt = float(np.degrees(np.arccos(np.clip(T_base_held[2, 2], -1.0, 1.0))))
        moved, _ = se3.pose_error(scene.T_base_target, T_base_target)
        alone = self.let_go(world, scene.held)
        return Verdict(
            off <= self.tolerance and abs(height) < 0.01 and tilt < 12.0 and moved < 0.03 and alone,
            f'the {self.held} is {distance * 100:.1f} cm from the {self.category} (wanted '
            f'{scene.details["distance"] * 100:.1f}), {height * 1e3:.0f} mm over the table, tilted {tilt:.0f} degrees; '
            f'the {self.category} moved by {moved * 100:.1f} cm; ' + ('let go' if alone else 'still in the hand'),
        )
