"""Fit what is in the hand into a hole, or hang it over a post or a rail."""

import numpy as np

from mt3_common import se3
from mt3_sim.experts.waypoint import Waypoint, top_down
from mt3_sim.experts.ways import FREE, NEAR
from mt3_sim.families.task_scene import PhysicsState, TaskScene, Verdict
from mt3_sim.objects.uses import Rest
from mt3_sim.suite.hand import opening_for
from mt3_sim.suite.put import Put
from mt3_sim.suite.wording import said

__all__ = ['Hang', 'Insert']


def _lowered(scene: TaskScene, x: float, y: float, over: float, down: float, slow: float = 0.035) -> list[Waypoint]:
    """Return the way of a held thing whose underside goes from `over` to `down` above (x, y), target frame [m]."""
    grip = scene.model(scene.held).uses.grips[0]
    x, y = x + grip.x, y + grip.y

    def pose(z: float) -> np.ndarray:
        return top_down(x, y, z + grip.z, grip.closing_yaw)

    return [
        Waypoint(pose(over + 0.06), FREE, event='bottleneck', tight=False),
        Waypoint(pose(over + 0.006), NEAR),
        Waypoint(pose(down), slow, opening_for(grip.width)),
        Waypoint(pose(over + 0.08), 0.1, event='end', tight=False),
    ]


class Insert(Put):
    """Put what is held deep into a hole that is little wider than it."""

    def __init__(self, held: str, target: str) -> None:
        """Say what goes in where."""
        super().__init__(held, target, 'in')
        self.skill = 'insert'
        self.name = f'insert.{held}.{target}'
        self.task, self.wordings = said('insert', held, target)

    def way(self, scene: TaskScene) -> list[Waypoint]:
        """Return: slowly down the hole, and let go when it is in by two thirds."""
        rest = self.rest(scene)
        rim = rest.z + rest.depth
        return _lowered(scene, rest.x, rest.y, rim, rim - 0.66 * rest.depth)

    def judge(self, world: PhysicsState, scene: TaskScene) -> Verdict:
        """Judge by the depth of its underside in the hole."""
        rest = self.rest(scene)
        T_target_held = se3.inverse(world.body_pose(scene.target)) @ world.body_pose(scene.held)
        away = float(np.hypot(T_target_held[0, 3] - rest.x, T_target_held[1, 3] - rest.y))
        depth = float(rest.z + rest.depth - T_target_held[2, 3])
        alone = self.let_go(world, scene.held)
        return Verdict(
            depth >= 0.6 * rest.depth and away < 0.012 and alone,
            f'the {self.held} is {depth * 100:.1f} cm deep (wanted {60 * rest.depth:.1f}), {away * 1e3:.0f} mm beside '
            'the middle of the hole, ' + ('let go' if alone else 'still in the hand'),
        )


class Hang(Put):
    """Lower what is held over an upright post or a rail, and let it hang or lie there."""

    def __init__(self, held: str, target: str) -> None:
        """Say what hangs on what."""
        super().__init__(held, target, 'on')
        self.skill = 'hang'
        self.name = f'hang.{held}.{target}'
        self.task, self.wordings = said('hang', held, target)

    def rest(self, scene: TaskScene) -> Rest:
        """Return the top of the post or rail: x, y, z [m]."""
        size = scene.model(scene.target).parameters
        return Rest('on', 0.0, 0.0, size.height, size.radius)

    def way(self, scene: TaskScene) -> list[Waypoint]:
        """Return: over it, down around it, let go."""
        top = self.rest(scene).z + 0.014
        held = scene.model(scene.held).parameters
        # a ring goes down most of the post, a bow until it nearly sits on the rail
        down = top - 0.035 if hasattr(held, 'thick') else top - 0.8 * held.height
        return _lowered(scene, 0.0, 0.0, top, down, NEAR)

    def judge(self, world: PhysicsState, scene: TaskScene) -> Verdict:
        """Judge that it is around it, and let go."""
        T_target_held = se3.inverse(world.body_pose(scene.target)) @ world.body_pose(scene.held)
        away = float(np.linalg.norm(T_target_held[:2, 3]))
        under = float(self.rest(scene).z - T_target_held[2, 3])
        alone, touching = self.let_go(world, scene.held), world.touching(scene.held, scene.target)
        reach = getattr(scene.model(scene.held).parameters, 'radius', 0.09)
        return Verdict(
            away <= reach and under > 0.015 and alone and touching,
            f'the {self.held} is {away * 100:.1f} cm beside the {self.category} (allowed {reach * 100:.1f}) and '
            f'{under * 100:.1f} cm below its top (wanted 1.5), '
            + ('let go' if alone else 'still in the hand')
            + (', touching it' if touching else ', not touching it'),
        )
