"""One rollout: set up a scene of a task, let the method do it, judge the physics."""

import time
import zlib
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from PIL import Image

from mt3_common.errors import MT3Error, StatusCode
from mt3_executor.backends.embedded import EmbeddedBackend
from mt3_executor.config import ExecutorConfig
from mt3_executor.execution import TaskGoal, TaskResult, TaskRunner
from mt3_executor.ports import StopSignal
from mt3_executor.record import RunRecord
from mt3_executor.recovery import AttemptReport
from mt3_executor.robot import ArmModel
from mt3_retrieval.retrieval import Retriever
from mt3_sim.bench import methods
from mt3_sim.bench.answers import Taught, Truth
from mt3_sim.bench.lesson import count_tag
from mt3_sim.bench.methods import Method
from mt3_sim.bench.ports import CellArm, CellClock, CellGripper
from mt3_sim.bench.senses import Eyes, RetrievalSense
from mt3_sim.bench.splits import Split
from mt3_sim.cell import Cell
from mt3_sim.families.family import Family
from mt3_sim.families.task_scene import TaskScene
from mt3_sim.rendering import Renderer
from mt3_sim.robot_description import load_description
from mt3_sim.world import World

__all__ = ['Bench', 'Row']

_NOT_ALIGNED = (StatusCode.LOW_CONFIDENCE, StatusCode.OBJECT_NOT_FOUND)


@dataclass(frozen=True)
class Row:
    """One rollout, as it is stored.

    Attributes:
        task, skill, category: What was asked, by its name in the suite.
        wording: In these words.
        split, seed, method, demonstrations: Which rollout; how many demonstrations of each task there are.
        success: By the judge.
        stage: Where it failed: scene (there is none), perceive, retrieve, align, plan, approach, interact, verify,
            judged; empty on success.
        reason: In one sentence.
        refused: The method itself said no, or said that it failed.
        confidence: Of the alignment; NaN without.
        attempts: Made.
        perceive_s, retrieve_s, plan_s: Seconds of the computer.
        physics_s: Seconds that passed in the physics.
        total_s: Seconds of the computer for all of it.
    """

    task: str
    skill: str
    category: str
    wording: str
    split: str
    seed: int
    method: str
    demonstrations: int
    success: bool
    stage: str
    reason: str
    refused: bool
    confidence: float
    attempts: int
    perceive_s: float
    retrieve_s: float
    plan_s: float
    physics_s: float
    total_s: float

    def values(self) -> dict:
        """Return it as plain values."""
        return asdict(self)


class Bench:
    """What rollouts share in one process.

    Args:
        retriever: Of the taught library.
        taught: What is known of each demonstration, by its id.
        config: Of the executor.
    """

    def __init__(self, retriever: Retriever, taught: dict[str, Taught], config: ExecutorConfig | None = None) -> None:
        self.retriever, self.taught = retriever, taught
        self.config = config or ExecutorConfig()
        self.renderer = Renderer()
        self._model: ArmModel | None = None

    def run(
        self,
        family: Family,
        split: Split,
        seed: int,
        method: str = 'ours',
        demonstrations: int = 1,
        pictures: Path | None = None,
    ) -> Row:
        """Do one rollout; a failure of any kind is a row, never an exception.

        Args:
            family: The task.
            split: What is different from when it was taught.
            seed: Of the scene and the wording.
            method: Name of one of `methods.METHODS`.
            demonstrations: Of each task, one of `lesson.COUNTS`.
            pictures: Folder for what the executor records, and views before and after; None: nothing.
        """
        begin = time.perf_counter()
        rng = np.random.default_rng([seed, 11, zlib.crc32(family.name.encode())])
        wordings = (family.task, *family.wordings)
        wording = wordings[int(rng.integers(len(wordings)))]
        common = {
            'task': family.name,
            'skill': family.skill,
            'category': family.category,
            'wording': wording,
            'split': split.name,
            'seed': seed,
            'method': method,
            'demonstrations': demonstrations,
        }
        blank = {'confidence': float('nan'), 'attempts': 0, 'perceive_s': 0.0, 'retrieve_s': 0.0, 'plan_s': 0.0}
        try:
            scene = split.scene(family, seed)
            return self._do(family, scene, wording, common, begin, pictures)
        except MT3Error as error:
            return Row(
                **common,
                **blank,
                success=False,
                stage='scene',
                reason=str(error.status),
                refused=True,
                physics_s=0.0,
                total_s=time.perf_counter() - begin,
            )

    def _do(
        self, family: Family, scene: TaskScene, wording: str, common: dict, begin: float, pictures: Path | None
    ) -> Row:
        world = World(scene.spec)
        cell = Cell(world)
        started = world.time
        self._view(cell, pictures, 'before')
        result = None
        if common['method'] != 'nothing':
            method = methods.get(common['method'])
            runner = self._runner(cell, family, scene, method, common['demonstrations'], pictures is not None)
            goal = TaskGoal(wording, max_attempts=method.attempts)
            result = runner.run(goal, StopSignal(), _quiet, RunRecord(pictures))
        for _ in range(round(0.5 / world.timestep)):  # things come to rest
            cell.tick()
        verdict = family.judge(world, scene)
        self._view(cell, pictures, 'after')
        phases = {} if result is None else result.phases_s
        last = _decisive(result)
        refused = result is not None and not result.status.ok
        if verdict.success:
            stage, reason = '', verdict.reason
        elif refused and result.status.code != StatusCode.OUTCOME_FAILED:
            stage, reason = _stage(last, result), str(result.status)
        else:
            stage, reason = 'judged', verdict.reason
        return Row(
            **common,
            success=bool(verdict.success),
            stage=stage,
            reason=reason,
            refused=refused,
            confidence=float('nan') if last is None else last.alignment_confidence,
            attempts=0 if result is None else result.attempts,
            perceive_s=phases.get('perceive', 0.0),
            retrieve_s=phases.get('retrieve', 0.0),
            plan_s=phases.get('plan', 0.0),
            physics_s=world.time - started,
            total_s=time.perf_counter() - begin,
        )

    def _view(self, cell: Cell, pictures: Path | None, name: str) -> None:
        if pictures is not None:
            Image.fromarray(self.renderer.spectator(cell.snapshot())).save(pictures / f'{name}.png')

    def _runner(
        self, cell: Cell, family: Family, scene: TaskScene, method: Method, demonstrations: int, overlay: bool
    ) -> TaskRunner:
        def where() -> np.ndarray:
            return cell.world.body_pose(scene.target)

        truth = Truth(family.name, family.skill, where, self.taught, scene.spec.seed)
        sense = RetrievalSense(
            Eyes(cell, self.renderer, scene.spec.seed),
            self.retriever,
            method.choose(truth),
            cell.world.robot.name,
            (count_tag(demonstrations),),
            method.demonstration(truth),
            overlay,
        )
        backend = EmbeddedBackend(lambda: self._arm_model(cell), CellArm(cell), self.config.planning)
        names = cell.world.robot.arm_joints
        return TaskRunner(backend, CellGripper(cell), sense, self.config, joint_names=names, now_s=CellClock(cell))

    def _arm_model(self, cell: Cell) -> ArmModel:
        if self._model is None:
            description = load_description(cell.world.robot.name)
            self._model = ArmModel(description.urdf, description.srdf, cell.world.robot)
        return self._model


def _decisive(result: TaskResult | None) -> AttemptReport | None:
    """Return the attempt whose end was the task's: not always the last, when another object was tried in vain."""
    if result is None or not result.history:
        return None
    return next((h for h in reversed(result.history) if h.status is result.status), result.history[-1])


def _stage(last: AttemptReport | None, result: TaskResult) -> str:
    """Return where a task was refused; retrieval chose, but nothing it chose could be aligned: that is alignment."""
    if last is None:
        return 'request'
    aligned = last.phase == 'retrieve' and result.status.code in _NOT_ALIGNED
    return 'align' if aligned else last.phase


def _quiet(*_: object) -> None:
    """Take feedback and say nothing."""
