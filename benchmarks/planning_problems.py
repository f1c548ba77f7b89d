"""Random planning problems that are known to be possible, without asking the planner.

Each: a table with boxes on it, seen as a cloud; one of them is the target, grasped from above at a random yaw,
closed upon, lifted and moved aside. A problem is kept when a witness is found: joints at the bottleneck from which the
interaction can be followed free of contact, and a free path of at most three straight joint-space stretches, drawn at
random, to where the arm starts. The witness is thrown away; the planner must find its own.
"""

import itertools
from dataclasses import dataclass

import numpy as np

from mt3_common import se3
from mt3_common.demonstration import Interaction
from mt3_executor.approach import straight_retreat
from mt3_executor.budget import RefusedError
from mt3_executor.collision import CollisionWorld, Phase
from mt3_executor.config import PlanningConfig
from mt3_executor.ik import solve_many
from mt3_executor.interaction_ik import follow, sample_interaction
from mt3_executor.obstacles import Obstacles, voxel_filter
from mt3_executor.replay import Replay
from mt3_executor.robot import ArmModel

__all__ = ['CLOUD_POINTS', 'Box', 'Problem', 'make_problem']

CLOUD_POINTS = 6000
DOWN = np.diag([1.0, -1.0, -1.0])
REACH_M = {'panda': (0.35, 0.70), 'ur5': (0.35, 0.65)}
TIP_M = {'panda': 0.0095, 'ur5': 0.0095}  # how far the fingers reach beyond the tcp
WITNESS = PlanningConfig()
WAYPOINT_TRIES = 60


@dataclass(frozen=True, eq=False)
class Box:
    """A box on the table: centre (3,) and size (3,) [m]."""

    centre: np.ndarray
    size: np.ndarray


@dataclass(frozen=True, eq=False)
class Problem:
    """One problem: `boxes[0]` is the target; `drawn` is how many were thrown away before it for want of a witness."""

    q_start: np.ndarray
    T_base_bottleneck: np.ndarray
    interaction: Interaction
    obstacles: Obstacles
    boxes: tuple[Box, ...]
    drawn: int


def make_problem(arm: ArmModel, seed: tuple[int, ...]) -> Problem:
    """Return the problem of a seed."""
    rng = np.random.default_rng(seed)
    drawn = 0
    while True:
        boxes = _boxes(rng, *REACH_M[arm.config.name])
        T_base_bottleneck, interaction = _task(rng, boxes[0], TIP_M[arm.config.name])
        obstacles = _seen(rng, boxes)
        q_start = _start_with_witness(arm, rng, T_base_bottleneck, interaction, obstacles)
        if q_start is not None:
            return Problem(q_start, T_base_bottleneck, interaction, obstacles, tuple(boxes), drawn)
        drawn += 1


def _boxes(rng: np.random.Generator, near: float, far: float) -> list[Box]:
    boxes: list[Box] = []
    for _ in range(200):
        if len(boxes) == 6:
            break
        size = rng.uniform([0.03, 0.03, 0.04], [0.06, 0.12, 0.2])
        radius, angle = rng.uniform(near, far), rng.uniform(-0.7, 0.7)
        centre = np.array([radius * np.cos(angle), radius * np.sin(angle), size[2] / 2])
        if all(np.linalg.norm(centre[:2] - box.centre[:2]) > 0.16 for box in boxes):
            boxes.append(Box(centre, size))
    return boxes


def _task(rng: np.random.Generator, target: Box, tip_m: float) -> tuple[np.ndarray, Interaction]:
    above = float(rng.uniform(0.04, 0.10))
    top = target.size[2] + above + tip_m - 0.0095
    yaw = float(rng.uniform(-np.pi, np.pi))
    T_base_bottleneck = se3.make(se3.from_yaw(yaw)[:3, :3] @ DOWN, [*target.centre[:2], top])
    down = above + min(0.03, 0.4 * target.size[2])
    t = np.linspace(0.0, 5.0, 151)
    aside = rng.uniform(-0.05, 0.05, 2)
    z = np.interp(t, [0.0, 1.5, 2.3, 5.0], [0.0, down, down, down - 0.15])
    sideways = np.interp(t, [0.0, 3.0, 5.0], [0.0, 0.0, 1.0])
    turn = np.interp(t, [0.0, 3.0, 5.0], [0.0, 0.0, rng.uniform(-0.4, 0.4)])
    poses = np.array([se3.from_yaw(a, [*(s * aside), d]) for a, s, d in zip(turn, sideways, z, strict=True)])
    return T_base_bottleneck, Interaction(t, poses, np.where(t < 1.8, 1.0, 0.4), 0.08)


def _seen(rng: np.random.Generator, boxes: list[Box]) -> Obstacles:
    """Return the boxes as a camera and the executor's filter leave them: cells on their surfaces, filled downwards."""
    share = CLOUD_POINTS // len(boxes)
    clouds = []
    for box in boxes:
        points = rng.uniform(-0.5, 0.5, (share, 3))
        face = rng.integers(0, 5, share)
        axis = np.array([2, 0, 0, 1, 1])[face]  # the top and the four sides
        points[np.arange(share), axis] = np.array([0.5, -0.5, 0.5, -0.5, 0.5])[face]
        clouds.append(box.centre + points * box.size)
    resolution = WITNESS.collision.cloud_resolution_m
    target, rest = clouds[0], np.concatenate(clouds[1:])
    cells = [voxel_filter(cloud, resolution, fill_down_to_m=0.0) for cloud in (rest, target)]
    return Obstacles(cells[0], cells[1], 0.0)


def _start_with_witness(
    arm: ArmModel,
    rng: np.random.Generator,
    T_base_bottleneck: np.ndarray,
    interaction: Interaction,
    obstacles: Obstacles,
) -> np.ndarray | None:
    """Return start joints from which the task is known to be possible; None when no witness turned up."""
    world = CollisionWorld(arm, obstacles, WITNESS.collision)
    arm.set_opening(1.0)
    q_start = arm.home + rng.normal(0.0, 0.35, arm.n)
    if not arm.within_limits(q_start, 0.05) or not world.is_free(q_start, Phase.FREE):
        return None
    time_s, T_bottleneck_tcp = sample_interaction(interaction, WITNESS)
    replay = Replay(arm, world, obstacles, interaction, time_s, WITNESS, 1.0)
    for q in solve_many(arm, T_base_bottleneck, arm.home, rng, seeds=60, solutions=12):
        if not world.is_free(q, Phase.CONTACT):
            continue
        found = follow(arm, q, T_base_bottleneck @ T_bottleneck_tcp, time_s, WITNESS)
        if not found.ok:
            continue
        try:
            replay.check(found.path)
            replay.time(found.path)
        except RefusedError:
            continue
        end = straight_retreat(arm, world, found.path[0], WITNESS)[-1]
        if world.is_free(end, Phase.FREE) and _random_way(arm, world, rng, q_start, end):
            return q_start
    return None


def _random_way(
    arm: ArmModel, world: CollisionWorld, rng: np.random.Generator, q_start: np.ndarray, q_end: np.ndarray
) -> bool:
    """Whether up to two waypoints drawn at random make a free path."""
    if _free_line(world, q_start, q_end):
        return True
    for k in range(WAYPOINT_TRIES):
        share = np.sort(rng.uniform(0.0, 1.0, 1 + k % 2))[:, None]
        points = q_start + share * (q_end - q_start) + rng.normal(0.0, 0.5, (len(share), arm.n))
        points = np.clip(points, arm.lower + 0.05, arm.upper - 0.05)
        path = [q_start, *points, q_end]
        if all(_free_line(world, a, b) for a, b in itertools.pairwise(path)):
            return True
    return False


def _free_line(world: CollisionWorld, q_a: np.ndarray, q_b: np.ndarray) -> bool:
    return world.first_contact(np.stack([q_a, q_b]), Phase.FREE, 0.01) is None
