"""Pour from a vessel in the hand: sugar cubes that lie in it must end in another vessel."""

import numpy as np

from mt3_common import se3
from mt3_sim import catalogue
from mt3_sim.experts.kinematics import default_arm
from mt3_sim.experts.waypoint import Waypoint, top_down
from mt3_sim.experts.ways import FREE
from mt3_sim.families.family import Layout
from mt3_sim.families.task_scene import PhysicsState, TaskScene, Verdict
from mt3_sim.objects.instances import Instance
from mt3_sim.objects.model import ParametricObject
from mt3_sim.objects.parts import box, with_masses
from mt3_sim.scene_spec import Placement
from mt3_sim.suite.held import HeldTask, held_placement

__all__ = ['Pour']

_CUBES = ((0.012, 0.0), (0.002, 0.009), (0.002, -0.009))  # where they lie, clear of a finger at -x [m]
_EDGE = 0.008  # of a cube [m]
_ABOVE = 0.13  # of the lip over the target's rim: the tipped hand is below the lip, and its wrist meets nothing [m]
_LEVEL, _TILT = np.radians(92.0), np.radians(124.0)
_STEPS, _SLOW_STEPS = 6, 8
_SLOW = 0.012  # of the hand while the cubes begin to slide: faster, and they are thrown over the target [m/s]
_BEFORE = 0.75  # of the target's radius: so far before its middle stays the lip, for what slides out has some speed


def _cube() -> ParametricObject:
    part = box((_EDGE, _EDGE, _EDGE), (0, 0, 0.5 * _EDGE), (0.95, 0.95, 0.92), friction=0.3)
    # it falls at almost 2 m/s: with MuJoCo's usual contacts it would go through a crate's floor of 8 mm, with harder
    # ones it would jump out again
    return ParametricObject('sugar cube', _EDGE, with_masses([part], 0.003), slippery=True, contact_s=0.008)


class Pour(HeldTask):
    """Tip the vessel in the hand over the target. Done when all cubes lie in the target."""

    skill = wording = 'pour'

    def layout(self, rng: np.random.Generator, instance: Instance, instance_rng: np.random.Generator) -> Layout:
        """Return the target, and a vessel with sugar cubes in the hand."""
        target = catalogue.sample(self.category, instance_rng, instance)
        held = held_placement(self.held, instance_rng, instance)
        arm = default_arm()
        T_base_held = arm.tcp(np.array(arm.config.home_rad)) @ held.T_tcp_object
        floor = held.model.uses.rest('in').z
        cubes = tuple(
            Placement(f'sugar cube {i}', _cube(), T_base_held @ se3.make(None, (x, y, floor + 0.001)))
            for i, (x, y) in enumerate(_CUBES)
        )
        return Layout(Placement(self.category, target, np.eye(4)), held=held, loose=cubes)

    def way(self, scene: TaskScene) -> list[Waypoint]:
        """Return: beside the target's rim, tip about the rim's lowest point, wait, tip back.

        The vessel turns about the direction in which the fingers close, so that its mouth goes over one side.
        """
        into = scene.model(scene.target).uses.rest('in')
        model = scene.model(scene.held)
        grip, inside = model.uses.grips[0], model.uses.rest('in')
        mouth = inside.z + inside.depth
        # the lip over which it pours, in the vessel's frame with the closing direction along x; it goes over +y
        lip = np.array([0.0, inside.radius, mouth])
        over = into.z + into.depth + _ABOVE
        T_object_tcp = top_down(grip.x, grip.y, grip.z, grip.closing_yaw)
        aligned = se3.from_yaw(-grip.closing_yaw)

        def pose(angle: float, up: float = 0.0) -> np.ndarray:
            c, s = np.cos(-angle), np.sin(-angle)
            R = np.array([[1.0, 0.0, 0.0], [0.0, c, -s], [0.0, s, c]])
            # the lip stays over the middle, a little before it
            T = se3.make(R, np.array([into.x, into.y - _BEFORE * into.radius, over + up]) - R @ lip)
            return T @ aligned @ T_object_tcp

        angles = np.linspace(0.0, _LEVEL, _STEPS + 1)[1:]
        slow_angles = np.linspace(_LEVEL, _TILT, _SLOW_STEPS + 1)[1:]
        return [
            Waypoint(pose(0.0, 0.05), FREE, event='bottleneck', tight=False),
            Waypoint(pose(0.0), 0.1),
            *(Waypoint(pose(angle), 0.1) for angle in angles),
            *(Waypoint(pose(angle), _SLOW) for angle in slow_angles),
            Waypoint(pose(_TILT, 0.004), 0.004),  # a second for the last cube
            Waypoint(pose(0.4, 0.05), 0.12),
            Waypoint(pose(0.0, 0.08), 0.12, event='end', tight=False),
        ]

    def judge(self, world: PhysicsState, scene: TaskScene) -> Verdict:
        """Judge by the cubes that lie inside of the target."""
        into = scene.model(scene.target).uses.rest('in')
        T_target_base = se3.inverse(world.body_pose(scene.target))
        inside = 0
        for index in range(len(_CUBES)):
            x, y, z = (T_target_base @ world.body_pose(f'sugar cube {index}'))[:3, 3]
            wide = np.hypot(x - into.x, y - into.y) <= 1.3 * into.radius
            # below a thin floor it can only have come from above: it was pressed through
            inside += bool(wide and -2.0 * _EDGE <= z <= into.z + into.depth - _EDGE)
        return Verdict(inside == len(_CUBES), f'{inside} of {len(_CUBES)} sugar cubes are in the {self.category}')
