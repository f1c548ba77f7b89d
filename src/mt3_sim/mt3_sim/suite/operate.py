"""Operate what is fixed to the table: press, turn, open and close."""

from abc import abstractmethod
from collections.abc import Callable

import numpy as np

from mt3_common import se3
from mt3_sim import catalogue
from mt3_sim.catalogue.fixtures import bar_y, fin_x
from mt3_sim.experts.waypoint import Waypoint, top_down
from mt3_sim.experts.ways import FREE, NEAR, QUARTER_TURN, TIP
from mt3_sim.families.family import Family, Layout
from mt3_sim.families.task_scene import PhysicsState, TaskScene, Verdict
from mt3_sim.objects.drawer import handle_centre
from mt3_sim.objects.instances import Instance
from mt3_sim.objects.model import Link
from mt3_sim.scene_spec import Placement
from mt3_sim.suite.hand import opening_for
from mt3_sim.suite.wording import said

__all__ = ['MoveDoor', 'MoveDrawer', 'MoveLid', 'Press', 'Turn']

_STEP = 0.15  # of a turn between two waypoints [rad]


class _Operate(Family):
    """One fixture with one joint.

    Attributes:
        skill: As in `wording`.
    """

    def __init__(self, skill: str, category: str) -> None:
        self.skill, self.category = skill, category
        self.name = f'{skill}.{category}'
        self.task, self.wordings = said(skill, category)

    def layout(self, rng: np.random.Generator, instance: Instance, instance_rng: np.random.Generator) -> Layout:
        """Return the fixture, with room where the hand goes."""
        model = catalogue.sample(self.category, instance_rng, instance)
        layout = Layout(Placement(self.category, model, np.eye(4)))
        scene = self._scene(layout, np.eye(4), instance, 0, 1)
        return Layout(layout.target, keep_free=np.array([w.T_target_tcp[:2, 3] for w in scene.waypoints]))

    def link(self, scene: TaskScene) -> Link:
        """Return the moving part."""
        return scene.model(scene.target).links[0]

    def moved(self, world: PhysicsState, scene: TaskScene) -> float:
        """Return how far the joint is from where it started [m or rad]."""
        link = self.link(scene)
        return world.joint_position(f'{scene.target}/{link.name}') - link.start

    @abstractmethod
    def way(self, scene: TaskScene) -> list[Waypoint]:
        """Return the way of the tool."""


class Press(_Operate):
    """Press something that stays down. Done at 70 % of its travel."""

    def way(self, scene: TaskScene) -> list[Waypoint]:
        """Return: closed fingers down on its middle, and up."""
        link = self.link(scene)
        bounds = np.array([part.trimesh().bounds for part in link.parts])
        x, y = 0.5 * (bounds[:, 0].min(axis=0) + bounds[:, 1].max(axis=0))[:2]
        top = bounds[:, 1, 2].max()

        def at(z: float) -> np.ndarray:
            return top_down(x, y, top + TIP + z, QUARTER_TURN)

        return [
            Waypoint(at(0.07), FREE, 0.0, 'bottleneck', tight=False),
            Waypoint(at(0.01), NEAR),
            Waypoint(at(-link.travel - 0.002), 0.03),
            Waypoint(at(0.07), 0.1, event='end', tight=False),
        ]

    def judge(self, world: PhysicsState, scene: TaskScene) -> Verdict:
        """Judge by the joint."""
        depth, wanted = self.moved(world, scene), 0.7 * self.link(scene).travel
        return Verdict(depth >= wanted, f'it is down by {depth * 1e3:.1f} mm (wanted {wanted * 1e3:.1f})')


def _along(
    path: Callable[[float], np.ndarray], first: float, last: float, opening: float, above: float
) -> list[Waypoint]:
    """Return: from above onto a path of tool poses over an angle, close, follow it, open, up."""
    count = max(1, round(abs(last - first) / _STEP))
    angles = np.linspace(first, last, count + 1)
    up = se3.make(None, (0.0, 0.0, above))
    middle = [Waypoint(path(a), NEAR) for a in angles[1:-1]]
    return [
        Waypoint(up @ path(first), FREE, opening, 'bottleneck', tight=False),
        Waypoint(path(first), NEAR, 0.0),
        *middle,
        Waypoint(path(last), NEAR, opening),
        Waypoint(up @ path(last), 0.1, event='end', tight=False),
    ]


class Turn(_Operate):
    """Turn a knob by its fin or a lever by its pin. Done after 35 degrees."""

    angle, least = 0.9, np.radians(35.0)

    def __init__(self, category: str, left: bool) -> None:
        """Say what is turned where; left is anticlockwise, seen from above."""
        super().__init__('turn left' if left else 'turn right', category)
        self.sign = 1.0 if left else -1.0

    def way(self, scene: TaskScene) -> list[Waypoint]:
        """Return: grip what stands highest, follow the circle."""
        size, link = scene.model(scene.target).parameters, self.link(scene)
        top = max(part.trimesh().bounds[1, 2] for part in link.parts)
        z = top - 0.018
        x, y, _ = link.pivot
        reach = getattr(size, 'reach', 0.0)

        def path(angle: float) -> np.ndarray:
            px, py = x + reach * np.cos(angle), y + reach * np.sin(angle)
            # a pin is round: the hand need not turn with it
            return top_down(px, py, z, QUARTER_TURN + (0.0 if reach else angle))

        return _along(path, 0.0, self.sign * self.angle, opening_for(0.016), 0.07)

    def judge(self, world: PhysicsState, scene: TaskScene) -> Verdict:
        """Judge by the joint."""
        angle = self.sign * self.moved(world, scene)
        return Verdict(
            angle >= self.least,
            f'it is turned by {np.degrees(angle):.0f} degrees (wanted {np.degrees(self.least):.0f})',
        )


class _OpenClose(_Operate):
    """Something hinged or sliding that is opened or closed."""

    opened, shut = 0.6, 0.2  # joint positions from which on it counts as open, below which as closed

    def __init__(self, category: str, close: bool) -> None:
        super().__init__('close' if close else 'open', category)
        self.close = close

    def judge(self, world: PhysicsState, scene: TaskScene) -> Verdict:
        """Judge by the joint."""
        link = self.link(scene)
        at = world.joint_position(f'{scene.target}/{link.name}')
        done = at <= self.shut if self.close else at >= self.opened
        wanted = f'at most {self.shut:.2f}' if self.close else f'at least {self.opened:.2f}'
        return Verdict(
            done, f'the {self.category} is open by {at:.2f} {"m" if link.pivot is None else "rad"} (wanted {wanted})'
        )


class MoveDoor(_OpenClose):
    """Open or close a door by its upright bar; the hand turns with the door."""

    def way(self, scene: TaskScene) -> list[Waypoint]:
        """Return: grip the bar's upper end, follow the circle about the hinge."""
        size, link = scene.model(scene.target).parameters, self.link(scene)
        hx, hy, _ = link.pivot
        bar = np.array([size.gap, bar_y(size) - hy])
        z = size.height + 0.012 + 0.006 - 0.018

        def path(angle: float) -> np.ndarray:
            c, s = np.cos(-angle), np.sin(-angle)
            px, py = hx + c * bar[0] - s * bar[1], hy + s * bar[0] + c * bar[1]
            return top_down(px, py, z, QUARTER_TURN - angle)

        last = 0.0 if self.close else 0.9
        return _along(path, link.start, last, opening_for(0.012), 0.07)


class MoveLid(_OpenClose):
    """Open or close a lid by the fin on it; the hand stays upright and the fin turns between the fingers."""

    opened = 0.5

    def way(self, scene: TaskScene) -> list[Waypoint]:
        """Return: grip the fin, follow the circle about the hinge."""
        size, link = scene.model(scene.target).parameters, self.link(scene)
        hx, _, hz = link.pivot
        arm = np.array([fin_x(size) - hx, size.height + 0.009 + 0.020 - hz])

        def path(angle: float) -> np.ndarray:
            c, s = np.cos(angle), np.sin(angle)
            return top_down(hx + c * arm[0] - s * arm[1], 0.0, hz + s * arm[0] + c * arm[1], QUARTER_TURN)

        last = 0.02 if self.close else 0.8
        return _along(path, link.start, last, opening_for(0.014), 0.07)


class MoveDrawer(_OpenClose):
    """Open or close a drawer by its bar."""

    opened, shut = 0.06, 0.015

    def way(self, scene: TaskScene) -> list[Waypoint]:
        """Return: grip the bar, pull or push; the inner finger goes between bar and front."""
        size, link = scene.model(scene.target).parameters, self.link(scene)
        x, y, z = handle_centre(size)
        last = 0.004 if self.close else min(size.travel - 0.012, 0.1)

        def at(opened: float, up: float) -> np.ndarray:
            return top_down(x + opened, y, z + up, 0.0)

        return [
            Waypoint(at(link.start, 0.08), FREE, 0.4, 'bottleneck', tight=False),
            Waypoint(at(link.start, 0.0), NEAR, 0.0),
            Waypoint(at(last, 0.0), NEAR, 0.4),
            Waypoint(at(last, 0.08), 0.1, event='end', tight=False),
        ]
