"""Teaching one task: the expert teleoperates it once in the physics, and that becomes a demonstration."""

import hashlib
from dataclasses import dataclass

import numpy as np

from mt3_common.demonstration import Demonstration
from mt3_common.errors import MT3Error, StatusCode
from mt3_common.scene import Scene
from mt3_sim.bench.senses import Eyes
from mt3_sim.cell import Cell
from mt3_sim.experts.kinematics import Arm
from mt3_sim.experts.teleop import Recording, demonstrate
from mt3_sim.families import placing
from mt3_sim.families.family import Family
from mt3_sim.families.task_scene import TaskScene
from mt3_sim.rendering import Renderer
from mt3_sim.world import World

__all__ = ['COUNTS', 'Lesson', 'View', 'count_tag', 'lesson', 'perform', 'teach', 'teaching_scene', 'view']

COUNTS = (1, 3, 5, 10)
"""So many demonstrations of each task a run can use."""

_LEAST_SHARE = 0.5  # of the target's pixels that the taught object must cover


@dataclass(frozen=True, eq=False)
class Lesson:
    """A demonstration and where its target truly stood.

    Attributes:
        demonstration: As the library takes it.
        T_base_target: (4, 4) true pose [m].
    """

    demonstration: Demonstration
    T_base_target: np.ndarray


def count_tag(count: int) -> str:
    """Return the tag of the demonstrations that are used when there are `count` of each task."""
    return f'among the first {count}'


def teaching_scene(family: Family, number: int = 0) -> TaskScene:
    """Return a scene that a teacher would choose: the target near the middle, well seen.

    Args:
        family: The task.
        number: Which of them, for several demonstrations of one task.
    """
    try:
        return family.sample(np.random.default_rng([7, number]), accept=placing.well_seen)
    except MT3Error:  # the arm cannot do it there: anywhere then
        return family.sample(np.random.default_rng([7, number]))


def perform(world: World, family: Family, scene: TaskScene, arm: Arm, number: int = 0) -> Recording:
    """Return what was recorded while the expert did a task.

    Args:
        world: Just reset to the scene.
        family: The task.
        scene: Of `teaching_scene`.
        arm: The expert's.
        number: Which of several demonstrations.

    Raises:
        MT3Error: The expert did not succeed, or its arm touched something.
    """
    recording = demonstrate(world, scene, arm, np.random.default_rng(number))
    verdict = family.judge(world, scene)
    if not verdict.success:
        raise MT3Error(f'the expert failed: {verdict.reason}', StatusCode.OUTCOME_FAILED)
    if recording.touched:
        raise MT3Error(f'the arm itself touched something: {", ".join(recording.touched)}', StatusCode.COLLISION)
    return recording


@dataclass(frozen=True, eq=False)
class View:
    """What the camera sees before a lesson.

    Attributes:
        scene: As perception sees it.
        mask: (H, W) bool, the target as a person would click it.
    """

    scene: Scene
    mask: np.ndarray


def view(world: World, scene: TaskScene, renderer: Renderer, number: int = 0) -> View:
    """Look at a scene before anything moves.

    Args:
        world: Just reset to the scene.
        scene: Of `teaching_scene`.
        renderer: Of this thread.
        number: Which of several demonstrations.

    Raises:
        MT3Error: Perception does not see the target as one object.
    """
    cell = Cell(world)
    seen = Eyes(cell, renderer, seed=1000 + number).look()
    return View(seen, _target_mask(seen, *renderer.segmentation(cell.snapshot()), scene))


def lesson(family: Family, scene: TaskScene, arm: Arm, viewed: View, recording: Recording, number: int = 0) -> Lesson:
    """Return the demonstration that a performance is."""
    T_base_bottleneck, interaction = recording.interaction(arm.config)
    seen = viewed.scene
    demonstration = Demonstration(
        task=family.task,
        robot=arm.config.name,
        T_base_bottleneck=T_base_bottleneck,
        interaction=interaction,
        rgb=seen.rgb,
        depth_m=seen.depth_m,
        mask=viewed.mask,
        K=seen.K,
        T_base_camera=seen.T_base_camera,
        support_height_m=_support(seen, viewed.mask),
        simulated=True,
        success=True,
        tags=tuple(count_tag(count) for count in COUNTS if number < count),
        id=hashlib.sha256(f'{family.name} {number}'.encode()).hexdigest()[:32],
    )
    return Lesson(demonstration, scene.T_base_target)


def teach(family: Family, arm: Arm, renderer: Renderer, number: int = 0) -> Lesson:
    """Teach a task.

    Args:
        family: The task.
        arm: The expert's.
        renderer: Of this thread.
        number: Which of several demonstrations.

    Raises:
        MT3Error: The expert did not succeed, or perception does not see the target as one object.
    """
    scene = teaching_scene(family, number)
    world = World(scene.spec, arm.config)
    viewed = view(world, scene, renderer, number)
    return lesson(family, scene, arm, viewed, perform(world, family, scene, arm, number), number)


def _target_mask(seen: Scene, bodies: np.ndarray, ids: dict[str, int], scene: TaskScene) -> np.ndarray:
    """Return the mask of the seen object that covers most of the target, as a person would click it."""
    # what it stands in, or what lies on it, may be one with it in a depth picture: only its own pixels count
    target = scene.target_mask(bodies, ids)
    shares = [np.count_nonzero(target & (seen.labels == o.id)) for o in seen.objects]
    if not shares or max(shares) < _LEAST_SHARE * max(1, np.count_nonzero(target)):
        raise MT3Error(
            f'perception sees {max(shares, default=0)} of the {np.count_nonzero(target)} pixels of the target as one '
            'object',
            StatusCode.OBJECT_NOT_FOUND,
        )
    return seen.labels == seen.objects[int(np.argmax(shares))].id


def _support(seen: Scene, mask: np.ndarray) -> float:
    item = next(o for o in seen.objects if (seen.labels[mask] == o.id).any())
    return item.support_height_m
