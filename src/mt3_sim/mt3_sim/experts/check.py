"""Does a demonstration reproduce? It is replayed in the physics, on its own scene, before anybody trusts it.

A demonstration of the simulated cell may name the scene it was given in: then the very scene is set up, and the task's
judge answers. Of every other one the scene is rebuilt from its picture (`mt3_sim.experts.rebuild`), and there is no
judge: what is told then is whether the arm follows, what it touches, whether it grips, and how the object moved.
"""

from dataclasses import dataclass, field

import numpy as np

from mt3_common import se3
from mt3_common.demonstration import Demonstration
from mt3_common.errors import InvalidInput, MT3Error
from mt3_sim import families
from mt3_sim.experts.kinematics import Arm, default_arm
from mt3_sim.experts.rebuild import OTHERS, TARGET, rebuild_scene
from mt3_sim.experts.replay import replay
from mt3_sim.families import TaskScene
from mt3_sim.families.family import fingers_at
from mt3_sim.stage import TABLE
from mt3_sim.world import World

__all__ = ['SCENE_KEY', 'CheckReport', 'check', 'named_scene']

SCENE_KEY = 'sim_scene'  # in the provenance: family, seed, instance, seed of the instance, distractors
_LOOK_TICKS = 10  # contacts are looked at every so many ticks
_FOLLOWED_M = 0.015  # a tool path that is missed by more was not reproduced
_MOVED_M = 0.01


@dataclass
class CheckReport:
    """What the replay showed.

    Attributes:
        scene: Where it was replayed, a sentence.
        followed: The arm could follow the whole path.
        reason: Why not, or what the judge said.
        success: Of the judge; None without one.
        tracking_m: Largest distance of the tool from the demonstrated path [m].
        gripped: Both fingers held the target at some time.
        touched: Bodies that the robot touched, in order.
        moved_m, lifted_m: How far the target was moved and lifted at the end [m].
        closes: The demonstration closes the gripper.
    """

    scene: str
    followed: bool = False
    reason: str = ''
    success: bool | None = None
    tracking_m: float = float('nan')
    gripped: bool = False
    touched: list[str] = field(default_factory=list)
    moved_m: float = float('nan')
    lifted_m: float = float('nan')
    closes: bool = False

    @property
    def reproduces(self) -> bool | None:
        """Yes, no, or None: it was followed, but without a judge nobody can say more."""
        if not self.followed or self.success is False:
            return False
        if self.success:
            return True
        return False if self.problems else None

    @property
    def problems(self) -> list[str]:
        """What speaks against it, a sentence each."""
        if not self.followed:
            return [self.reason]
        found = [] if self.success is not False else [self.reason]
        if self.tracking_m > _FOLLOWED_M:
            found.append(f'the tool leaves the demonstrated path by {1e3 * self.tracking_m:.0f} mm: it is blocked')
        if OTHERS in self.touched:
            found.append('the arm touches something beside the target')
        if self.success is None and self.closes and not self.gripped and self.moved_m < _MOVED_M:
            found.append('the gripper closes, but neither grips nor moves the target')
        return found


def named_scene(demo: Demonstration) -> TaskScene | None:
    """Return the simulated scene that a demonstration names, None when it names none.

    Raises:
        InvalidInput: It names one that does not exist.
    """
    words = demo.provenance.get(SCENE_KEY, '').rsplit(maxsplit=4)  # tasks of the suite have spaces in their names
    if not words:
        return None
    try:
        family, seed, instance, instance_seed, distractors = words
        return families.set_up(family, int(seed), instance, int(instance_seed), int(distractors))
    except ValueError as error:
        raise InvalidInput(f'the demonstration names the scene {" ".join(words)!r}, which cannot be read') from error


def check(demo: Demonstration) -> CheckReport:
    """Replay a demonstration on its own scene and report.

    Raises:
        InvalidInput: Another robot than the cell's, or a scene that does not exist.
    """
    arm = default_arm()
    if demo.robot != arm.config.name:
        raise InvalidInput(f'the cell has a {arm.config.name}; this demonstration is of {demo.robot!r}')
    scene = named_scene(demo)
    if scene is not None:
        report = CheckReport(f'the scene it was given in: {scene.family}, seed {demo.provenance[SCENE_KEY].split()[1]}')
        world, target = World(scene.spec), scene.target
    else:
        report = CheckReport('rebuilt from its picture: what the camera saw, down to the table')
        world, target = World(rebuild_scene(demo)), TARGET
    watched = _Watched(world, target)
    before = world.body_pose(target)
    opening = demo.interaction.gripper_opening
    report.closes = bool(opening.min() < opening[0] - 0.05)
    try:
        _run(report, watched, arm, demo)
    except MT3Error as error:
        report.reason = str(error)
        return report
    after = world.body_pose(target)
    moved = after[:3, 3] - before[:3, 3]
    report.moved_m, report.lifted_m = float(np.linalg.norm(moved)), float(moved[2])
    report.gripped, report.touched = watched.gripped, watched.touched
    if scene is not None:
        verdict = families.get(scene.family).judge(world, scene)
        report.success, report.reason = bool(verdict.success), verdict.reason
    return report


def _run(report: CheckReport, watched: '_Watched', arm: Arm, demo: Demonstration) -> None:
    recording = replay(watched, arm, demo.T_base_bottleneck, demo.interaction)
    report.followed = True
    at = recording.time_s - recording.events['bottleneck']
    during = (at >= 0.0) & (at <= demo.interaction.duration_s)
    wanted = se3.interpolate(demo.interaction.time_s, demo.path_base(), at[during])
    error = np.linalg.norm(recording.T_base_tcp[during][:, :3, 3] - wanted[:, :3, 3], axis=1)
    report.tracking_m = float(error.max()) if len(error) else float('nan')


class _Watched:
    """A world (`mt3_sim.experts.teleop.ArmPhysics`) that notes what the hand touches while time passes."""

    def __init__(self, world: World, target: str) -> None:
        self._world, self._target = world, target
        self._others = [p.name for p in world.scene.placements if p.name != target] + [TABLE]
        self._ticks = 0
        self.gripped = False
        self.touched: list[str] = []

    def __getattr__(self, name: str) -> object:
        return getattr(self._world, name)

    def step(self) -> None:
        """Advance by one tick."""
        self._world.step()
        self._ticks += 1
        if self._ticks % _LOOK_TICKS:
            return
        self.gripped |= len(fingers_at(self._world, self._target)) == 2
        for body in (self._target, *self._others):
            if body not in self.touched and any(
                self._world.touching(body, link) for link in self._world.robot.gripper.links
            ):
                self.touched.append(body)
