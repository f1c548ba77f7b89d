"""Families that start with something in the hand: place it on a target, insert it in a hole."""

import numpy as np

from mt3_common import se3
from mt3_sim.experts import ways
from mt3_sim.experts.waypoint import Waypoint, top_down
from mt3_sim.families.family import Family, Layout
from mt3_sim.families.task_scene import PhysicsState, TaskScene, Verdict
from mt3_sim.objects import sample
from mt3_sim.objects.instances import Instance
from mt3_sim.objects.peg import hole_centre
from mt3_sim.scene_spec import Placement

__all__ = ['InsertPeg', 'PlaceOnTarget', 'T_tcp_held']


def T_tcp_held(grip_height: float) -> np.ndarray:
    """Return the pose (4, 4) of an upright thing in a hand that points down, gripped at this height [m]."""
    return se3.make(np.diag([1.0, -1.0, -1.0]), (0.0, 0.0, grip_height))


def _upright(T_base_object: np.ndarray) -> float:
    return float(np.degrees(np.arccos(np.clip(T_base_object[2, 2], -1.0, 1.0))))


class PlaceOnTarget(Family):
    """Put the block that is in the hand down on a plate. Every yaw of the plate looks the same, all are right."""

    name = 'place_on_target'
    task = 'place the block on the plate'
    wordings = ('put the block on the plate', 'set the block down on the plate', 'put the block onto the dish')

    def layout(self, rng: np.random.Generator, instance: Instance, instance_rng: np.random.Generator) -> Layout:
        """Return a plate, and a block in the hand."""
        plate, block = sample('plate', instance_rng, instance), sample('block', instance_rng, instance)
        grip = block.parameters.height - 0.018
        return Layout(
            Placement('plate', plate, np.eye(4)),
            held=Placement(
                'block', block, np.eye(4), True, T_tcp_held(grip), gripper_position=0.5 * block.parameters.width
            ),
            details={'grip_height': grip},
        )

    def way(self, scene: TaskScene) -> list[Waypoint]:
        """Return: down to just over the plate's floor, let go."""
        floor = scene.model(scene.target).parameters.floor
        return ways.release(0.0, 0.0, floor + 0.003 + scene.details['grip_height'], 0.0, 0.9)

    def judge(self, world: PhysicsState, scene: TaskScene) -> Verdict:
        """Judge that it stands on the plate's floor by itself."""
        plate = scene.model(scene.target).parameters
        T_target_held = se3.inverse(world.body_pose(scene.target)) @ world.body_pose(scene.held)
        away, height = float(np.linalg.norm(T_target_held[:2, 3])), float(T_target_held[2, 3])
        tilt, alone = _upright(T_target_held), self.let_go(world, scene.held)
        allowed = plate.foot_radius - plate.wall - 0.5 * scene.model(scene.held).parameters.length
        done = away <= allowed and abs(height - plate.floor) < 0.006 and tilt < 10.0 and alone
        return Verdict(
            done,
            f'the block is {away * 100:.1f} cm from the middle of the plate (allowed {allowed * 100:.1f}), '
            f'{(height - plate.floor) * 1e3:.0f} mm over its floor, tilted {tilt:.0f} degrees, '
            + ('let go' if alone else 'still in the hand'),
        )


class InsertPeg(Family):
    """Put the peg that is in the hand into the hole of a block. Done when it is in by 3.5 cm and let go."""

    name = 'insert_peg'
    task = 'insert the peg into the hole'
    wordings = ('put the peg in the hole', 'slot the peg into the hole', 'stick the peg into the hole')
    least = 0.035

    def layout(self, rng: np.random.Generator, instance: Instance, instance_rng: np.random.Generator) -> Layout:
        """Return the block with the hole, and a peg in the hand."""
        block, peg = sample('hole_block', instance_rng, instance), sample('peg', instance_rng, instance)
        size = peg.parameters
        grip = size.shaft_length + 0.5 * size.head_height
        return Layout(
            Placement('hole_block', block, np.eye(4)),
            held=Placement('peg', peg, np.eye(4), True, T_tcp_held(grip), gripper_position=0.5 * size.head_width),
            details={'grip_height': grip},
        )

    def way(self, scene: TaskScene) -> list[Waypoint]:
        """Return: slowly down the hole; at first the peg's tip is level with the block's top."""
        x, y, top = hole_centre(scene.model(scene.target).parameters)
        z = top + scene.details['grip_height']
        return [
            Waypoint(top_down(x, y, z + 0.07, 0.0), ways.FREE, event='bottleneck', tight=False),
            Waypoint(top_down(x, y, z + 0.008, 0.0), ways.NEAR),
            Waypoint(top_down(x, y, z - 0.030, 0.0), 0.035, 0.9),
            Waypoint(top_down(x, y, z + 0.08, 0.0), 0.1, event='end', tight=False),
        ]

    def judge(self, world: PhysicsState, scene: TaskScene) -> Verdict:
        """Judge by the depth of the peg's tip below the block's top."""
        hole = hole_centre(scene.model(scene.target).parameters)
        T_target_held = se3.inverse(world.body_pose(scene.target)) @ world.body_pose(scene.held)
        away = float(np.linalg.norm(T_target_held[:2, 3] - hole[:2]))
        depth = float(hole[2] - T_target_held[2, 3])
        alone = self.let_go(world, scene.held)
        done = depth >= self.least and away <= 0.012 and alone
        return Verdict(
            done,
            f'the peg is {depth * 100:.1f} cm deep (wanted {self.least * 100:.1f}), {away * 1e3:.0f} mm from the '
            f'middle of the hole, ' + ('let go' if alone else 'still in the hand'),
        )
