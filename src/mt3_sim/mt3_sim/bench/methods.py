"""What is compared: the method, its bounds, and other ways to find the demonstration or the alignment.

Every method runs in the same scenes with the same perception, planning and execution; only what retrieval answers
differs.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from mt3_common import se3
from mt3_common.demonstration import Demonstration
from mt3_common.errors import InvalidInput, Status, StatusCode
from mt3_common.scene import Scene
from mt3_executor.ports import Retrieved
from mt3_retrieval.result import Retrieval
from mt3_sim.bench import gicp

__all__ = ['METHODS', 'Choice', 'Method', 'Taught', 'Truth', 'as_retrieved', 'get']

Choice = Callable[[Scene, Retrieval], Retrieved]
"""What makes an answer of a retrieval."""

_SAME_WORDS = 0.02  # candidates whose language score is this near to the best fit the task as well


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
        skill, task: What is asked for.
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


@dataclass(frozen=True)
class Method:
    """One way to do the tasks.

    Attributes:
        name: Of the method.
        text: What it is, for the report.
        choose: Makes its way to answer, knowing the truth if it is a bound.
        demonstration: Which demonstration is forced, empty: whichever retrieval finds.
        attempts: At most; 0 as the executor is configured.
        package: That it needs beside the project's own.
    """

    name: str
    text: str
    choose: Callable[[Truth], Choice]
    demonstration: Callable[[Truth], str] = lambda truth: ''
    attempts: int = 0
    package: str = ''

    def check(self) -> None:
        """Check that its package is there.

        Raises:
            InvalidInput: It is not installed.
        """
        if self.package and not gicp.installed():
            raise InvalidInput(
                f'the method {self.name!r} needs the package {self.package}, which is not installed; '
                'install the group `bench` of pyproject.toml, or leave the method away'
            )


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


def _true_alignment(truth: Truth) -> Choice:
    def choose(scene: Scene, retrieval: Retrieval) -> Retrieved:
        demo = retrieval.demo
        if demo is None or demo.id not in truth.taught:
            return Retrieved(Status(StatusCode.NO_DEMONSTRATION, f'nothing was taught for {retrieval.task!r}'))
        at = truth.T_base_target()[:3, 3]
        near = [float(np.linalg.norm(o.points - at, axis=1).min()) for o in scene.objects]
        object_id = scene.objects[int(np.argmin(near))].id if near else 0
        return _moved(demo, object_id, truth.T_live_demo(demo.id))

    return choose


def _gicp_restarts(yaw_known: bool) -> Callable[[Truth], Choice]:
    def method(truth: Truth) -> Choice:
        def choose(scene: Scene, retrieval: Retrieval) -> Retrieved:
            demo, item = retrieval.demo, retrieval.object
            if demo is None or item is None:
                return Retrieved(retrieval.status)
            yaw = se3.yaw_of(truth.T_live_demo(demo.id)) if yaw_known and demo.id in truth.taught else 0.0
            rng = np.random.default_rng([truth.seed, 41])
            return _moved(demo, item.id, gicp.restarts(gicp.demo_cloud(demo), item.points, yaw, rng))

        return choose

    return method


def _random_of_skill(truth: Truth) -> str:
    same = sorted(i for i, t in truth.taught.items() if t.skill == truth.skill and t.number == 0)
    others = [i for i in same if truth.taught[i].task != truth.task] or same
    return str(np.random.default_rng([truth.seed, 43]).choice(others)) if others else ''


def _moved(demo: Demonstration, object_id: int, T_live_demo: np.ndarray) -> Retrieved:
    poses = (T_live_demo @ demo.T_base_bottleneck)[None]
    return Retrieved(Status(), demo.id, demo.task, object_id, poses, demo.interaction)


def _plain(truth: Truth) -> Choice:
    return as_retrieved


METHODS = {
    method.name: method
    for method in (
        Method('ours', 'as the nodes run it', _plain),
        Method('no retries', 'ours, one attempt', _plain, attempts=1),
        Method(
            'gicp near true yaw',
            'reference style: 3 s of restarts of GICP, started within N(0, 10 degrees) of the true yaw',
            _gicp_restarts(True),
            attempts=1,
            package='small_gicp',
        ),
        Method(
            'gicp at yaw 0',
            'the same, started within N(0, 10 degrees) of no turn at all',
            _gicp_restarts(False),
            attempts=1,
            package='small_gicp',
        ),
        Method('random demonstration', 'ours with a random demonstration of the right skill', _plain, _random_of_skill),
        Method(
            'true alignment',
            'upper bound: the demonstration moved by the true motion of the target',
            _true_alignment,
            attempts=1,
        ),
        Method('nothing', 'lower bound: nothing moves', _plain),
    )
}
"""Every method, by name."""


def get(name: str) -> Method:
    """Return a method by its name.

    Raises:
        InvalidInput: No such method.
    """
    if name not in METHODS:
        raise InvalidInput(f'there is no method {name!r}; there are {", ".join(METHODS)}')
    return METHODS[name]
