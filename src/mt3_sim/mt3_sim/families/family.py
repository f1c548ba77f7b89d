"""What a task family is: it samples scenes that the arm can do, and judges the outcome by physical state."""

import zlib
from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from mt3_common import se3
from mt3_common.errors import MT3Error, StatusCode
from mt3_sim.experts.kinematics import default_arm
from mt3_sim.experts.motion import is_reachable
from mt3_sim.experts.waypoint import Waypoint
from mt3_sim.families import placing
from mt3_sim.families.task_scene import PhysicsState, TaskScene, Verdict
from mt3_sim.objects.instances import Instance
from mt3_sim.scene_spec import Placement, SceneSpec

__all__ = ['Family', 'Layout', 'fingers_at']

_MAX_ATTEMPTS = 400


@dataclass(frozen=True, eq=False)
class Layout:
    """The things of one task, before they are placed.

    Attributes:
        target: Placement of the target; its pose is drawn later.
        others: Placements whose pose is that of the target times `T_base_object` (a spot beside it).
        held: Placement in the hand, None without.
        loose: Placements with their pose in the base frame, like what lies in a held vessel.
        details: Numbers that expert and judge share.
        keep_free: Points (N, 2) in the target's frame that distractors keep away from, beside the target [m].
    """

    target: Placement
    others: tuple[Placement, ...] = ()
    held: Placement | None = None
    loose: tuple[Placement, ...] = ()
    details: dict | None = None
    keep_free: np.ndarray | None = None


class Family(ABC):
    """One kind of task.

    Attributes:
        name: Unique.
        task: The instruction as the teacher says it.
        wordings: Other ways to ask for the same.
    """

    name: str
    task: str
    wordings: tuple[str, ...]

    @abstractmethod
    def layout(self, rng: np.random.Generator, instance: Instance, instance_rng: np.random.Generator) -> Layout:
        """Return the things of one task; `instance_rng` decides which novel instances."""

    @abstractmethod
    def way(self, scene: TaskScene) -> list[Waypoint]:
        """Return what a person would do with the tool, relative to the target; the first waypoint is the bottleneck."""

    @abstractmethod
    def judge(self, world: PhysicsState, scene: TaskScene) -> Verdict:
        """Return whether the task is done, from the physical state alone."""

    def sample(
        self,
        rng: np.random.Generator,
        instance: Instance = 'taught',
        instance_seed: int = 0,
        distractors: int = 0,
        accept: Callable[[TaskScene], bool] = lambda scene: True,
    ) -> TaskScene:
        """Return a scene with poses over the workspace and the full circle of yaw, which the arm can do.

        A pose is drawn again when the expert's way has no inverse kinematics there.

        Args:
            rng: Decides poses, distractors and noise.
            instance: The instance that is taught, or another of its category.
            instance_seed: Which of the novel instances.
            distractors: How many other objects stand around.
            accept: Says of a drawn pose whether it will do; asked before the arm, which takes longer to answer.

        Raises:
            MT3Error: With code UNREACHABLE, no pose was found.
        """
        instance_rng = np.random.default_rng([zlib.crc32(self.name.encode()), instance_seed])
        layout = self.layout(rng, instance, instance_rng)
        for attempt in range(1, _MAX_ATTEMPTS + 1):
            T_base_target = placing.draw_pose(rng, self.target_height(layout))
            scene = self._scene(layout, T_base_target, instance, instance_seed, attempt)
            if not accept(scene) or not self.reachable(scene):
                continue
            others = placing.draw_distractors(rng, scene, layout.keep_free, distractors)
            if others is None:
                continue
            spec = SceneSpec((*scene.spec.placements, *others), seed=int(rng.integers(2**31)))
            return replace(scene, spec=spec)
        raise MT3Error(
            f'{self.name}: none of {_MAX_ATTEMPTS} drawn poses is reachable with room for {distractors} distractors; '
            'ask for fewer',
            StatusCode.UNREACHABLE,
        )

    def target_height(self, layout: Layout) -> float:
        """Return how high over the table the target's underside starts [m]."""
        return 0.0

    def place(self, scene: TaskScene, T_base_target: np.ndarray) -> TaskScene:
        """Return the same task with the target (and what belongs to it) somewhere else, without distractors."""
        layout = Layout(
            scene.placement(scene.target),
            tuple(
                Placement(p.name, p.model, se3.inverse(scene.T_base_target) @ p.T_base_object)
                for p in scene.spec.placements
                if p.name in scene.details.get('attached', ())
            ),
            scene.placement(scene.held) if scene.held else None,
            tuple(p for p in scene.spec.placements if p.name in scene.details.get('loose', ())),
            scene.details,
        )
        return self._scene(layout, T_base_target, scene.instance, scene.instance_seed, 1)

    def reachable(self, scene: TaskScene) -> bool:
        """Return whether the arm can follow the expert's whole way in this scene."""
        return is_reachable(default_arm(), scene.waypoints, scene.T_base_target)

    def _scene(
        self, layout: Layout, T_base_target: np.ndarray, instance: Instance, instance_seed: int, attempt: int
    ) -> TaskScene:
        placements = [Placement(layout.target.name, layout.target.model, T_base_target)]
        placements += [Placement(o.name, o.model, T_base_target @ o.T_base_object) for o in layout.others]
        if layout.held is not None:
            placements.append(layout.held)
        placements += layout.loose
        scene = TaskScene(
            family=self.name,
            spec=SceneSpec(tuple(placements)),
            task=self.task,
            wordings=self.wordings,
            target=layout.target.name,
            held=layout.held.name if layout.held else None,
            instance=instance,
            instance_seed=instance_seed,
            details={
                **(layout.details or {}),
                'attached': tuple(o.name for o in layout.others),
                'loose': tuple(p.name for p in layout.loose),
            },
            attempts=attempt,
        )
        return replace(scene, waypoints=tuple(self.way(scene)))

    def lifted(self, world: PhysicsState, scene: TaskScene, least: float = 0.06) -> Verdict:
        """Judge a pick: the target is at least `least` [m] higher than at the start, and in the hand."""
        height = float(world.body_pose(scene.target)[2, 3] - scene.T_base_target[2, 3])
        gripped = bool(fingers_at(world, scene.target))
        done = height >= least and gripped
        state = 'in the hand' if gripped else 'not in the hand'
        return Verdict(done, f'{scene.target} is {height * 100:.1f} cm up (wanted {least * 100:.0f}) and {state}')

    def let_go(self, world: PhysicsState, name: str) -> bool:
        """Return whether the hand no longer touches a body."""
        return not any(world.touching(name, link) for link in world.robot.gripper.links)


def fingers_at(world: PhysicsState, name: str) -> list[str]:
    """Return the fingers that touch a body."""
    return [link for link in world.robot.gripper.links if 'finger' in link and world.touching(name, link)]
