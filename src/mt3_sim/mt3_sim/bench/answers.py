"""How each method of the benchmark answers: as retrieval says, as the truth is, or as another alignment says."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

import numpy as np
from scipy.spatial import cKDTree

from mt3_common import se3
from mt3_common.demonstration import Demonstration
from mt3_common.errors import Status, StatusCode
from mt3_common.scene import Scene
from mt3_executor.ports import Retrieved
from mt3_retrieval.alignment import Alignment
from mt3_retrieval.result import Retrieval
from mt3_retrieval.target_mask import target_mask
from mt3_retrieval.view_cache import taught_view
from mt3_sim.bench import gicp

__all__ = [
    'Choice',
    'Taught',
    'Truth',
    'as_retrieved',
    'gicp_restarts',
    'of_the_task',
    'plain',
    'random_of_skill',
    'true_alignment',
]

Choice = Callable[[Scene, Retrieval], Retrieved]
"""What makes an answer of a retrieval."""

_SAME_WORDS = 0.02  # candidates whose language score is this near to the best fit the task as well
_NEAR_M = 0.005  # a taught point so near to an object's, by the true motion, is that object


@dataclass(frozen=True, eq=False)
class Taught:
    """What is known of one demonstration of a run.

    Attributes:
        task, skill: What was taught, by its name in the suite.
        number: Which of the demonstrations of this task, from 0.
        T_base_target: (4, 4) true pose of the target [m].
    """

    task: str
    skill: str
    number: int
    T_base_target: np.ndarray


@dataclass(frozen=True, eq=False)
class Truth:
    """What nobody but the benchmark knows.

    Attributes:
        task, skill: What is asked for.
        T_base_target: Tells the true pose of the target now (4, 4) [m].
        taught: Every demonstration by its id.
        seed: Of the rollout.
    """

    task: str
    skill: str
    T_base_target: Callable[[], np.ndarray]
    taught: Mapping[str, Taught]
    seed: int

    def T_live_demo(self, demonstration_id: str) -> np.ndarray:
        """Return the true motion of the target since it was taught (4, 4) [m]."""
        return self.T_base_target() @ se3.inverse(self.taught[demonstration_id].T_base_target)


def as_retrieved(scene: Scene, retrieval: Retrieval) -> Retrieved:
    """Return the answer as it is: the method itself."""
    demo, item = retrieval.demo, retrieval.object
    aligned = [c for c in retrieval.candidates if c.alignment is not None]
    others = [c for c in aligned[1:] if c.language >= aligned[0].language - _SAME_WORDS]
    common = {
        'demonstration_id': demo.id if demo is not None else '',
        'task': demo.task if demo is not None else retrieval.task,
        'object_id': item.id if item is not None else 0,
        'alignment': retrieval.alignment,
        'timings_s': retrieval.timing_s,
        'others': tuple((c.demonstration_id, c.object_id) for c in others),
    }
    if not retrieval.status.ok:
        return Retrieved(retrieval.status, **common)
    poses = np.stack([retrieval.T_base_bottleneck, *retrieval.alternative_bottlenecks])
    R_live_demo = retrieval.alignment.T_live_demo[:3, :3]
    stretch = R_live_demo @ retrieval.alignment.stretch @ R_live_demo.T
    return Retrieved(
        retrieval.status,
        T_base_bottleneck=poses,
        interaction=demo.interaction,
        stretch=stretch,
        target_mask=retrieval.target_mask,
        **common,
    )


def plain(truth: Truth) -> Choice:
    """Take what retrieval answers."""
    return as_retrieved


def true_alignment(truth: Truth) -> Choice:
    """Know how the target moved, and with it what of the picture it is, if perception sees it at all."""

    def choose(scene: Scene, retrieval: Retrieval) -> Retrieved:
        demo = retrieval.demo
        if demo is None or demo.id not in truth.taught:
            return Retrieved(Status(StatusCode.NO_DEMONSTRATION, f'nothing was taught for {retrieval.task!r}'))
        T_live_demo = truth.T_live_demo(demo.id)
        object_id = _seen_at(scene, se3.transform_points(T_live_demo, taught_view(demo).points_base()))
        if not object_id:
            return Retrieved(Status(StatusCode.OBJECT_NOT_FOUND, 'perception sees no object where the target truly is'))
        answer = _moved(scene, demo, object_id, T_live_demo)
        same_object = retrieval.object is not None and retrieval.object.id == object_id
        if retrieval.status.ok and same_object:  # what looks the same from several sides may be done from each
            equals = (retrieval.T_base_bottleneck, *retrieval.alternative_bottlenecks)
            answer = replace(answer, T_base_bottleneck=np.stack([*answer.T_base_bottleneck, *equals]))
        return answer

    return choose


def _seen_at(scene: Scene, points: np.ndarray) -> int:
    """Return the object that is seen near most of these points (N, 3), base frame [m]; 0: none is."""
    near = {o.id: np.count_nonzero(cKDTree(o.points).query(points)[0] < _NEAR_M) for o in scene.objects}
    return max(near, key=near.get) if any(near.values()) else 0


def of_the_task(truth: Truth) -> str:
    """Return the id of the first demonstration of the task itself."""
    return next((i for i, t in truth.taught.items() if t.task == truth.task and t.number == 0), '')


def gicp_restarts(yaw_known: bool) -> Callable[[Truth], Choice]:
    """Align as the reference code does, on what retrieval chose."""

    def method(truth: Truth) -> Choice:
        def choose(scene: Scene, retrieval: Retrieval) -> Retrieved:
            demo, item = retrieval.demo, retrieval.object
            if demo is None or item is None:
                return Retrieved(retrieval.status)
            yaw = se3.yaw_of(truth.T_live_demo(demo.id)) if yaw_known and demo.id in truth.taught else 0.0
            rng = np.random.default_rng([truth.seed, 41])
            return _moved(scene, demo, item.id, gicp.restarts(gicp.demo_cloud(demo), item.points, yaw, rng))

        return choose

    return method


def random_of_skill(truth: Truth) -> str:
    """Return the id of any other task's first demonstration of this skill."""
    same = sorted(i for i, t in truth.taught.items() if t.skill == truth.skill and t.number == 0)
    others = [i for i in same if truth.taught[i].task != truth.task] or same
    return str(np.random.default_rng([truth.seed, 43]).choice(others)) if others else ''


def _moved(scene: Scene, demo: Demonstration, object_id: int, T_live_demo: np.ndarray) -> Retrieved:
    """Return the answer of one that takes a motion of the object (4, 4) [m] for certain."""
    found = Alignment(T_live_demo, np.ones(3), np.eye(3), np.zeros(3), 2.0, 1.0, 0.0, confidence=1.0)
    poses = found.transfer_pose(demo.T_base_bottleneck)[None]
    target = target_mask(scene, object_id, taught_view(demo), found)
    return Retrieved(Status(), demo.id, demo.task, object_id, poses, demo.interaction, target_mask=target)
