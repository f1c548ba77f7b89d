"""The demo itself: teach each task once, then do it with the object somewhere else."""

import time
from pathlib import Path

import numpy as np
from PIL import Image

from mt3_cli.client import StackClient
from mt3_cli.demo.cell import Cell
from mt3_cli.demo.plan import DemoPlan, Round, TaskPlan
from mt3_cli.demo.record import DemoRecord, Execution, Lesson
from mt3_cli.demo.stack import Stack
from mt3_cli.demo.terminal import DemoTerminal
from mt3_cli.demo.video import Camcorder
from mt3_cli.outcome import phases_of, status_text, turned_deg
from mt3_common import conversions, se3
from mt3_common.errors import MT3Error, StatusCode
from mt3_interfaces.action import ExecuteTask
from mt3_interfaces.srv import AddDemo, CaptureScene, RetrieveDemo, StartRecording, StopRecording
from mt3_retrieval.library import DemoLibrary
from mt3_teach.overlay import draw_demonstration

__all__ = ['run_demo']

_START_LIMIT_S = 240.0  # the first start compiles kernels
_SPECTATOR = '/sim/spectator/image_raw/compressed'


def run_demo(plan: DemoPlan, folder: Path, stack: Stack, terminal: DemoTerminal, teach: bool = True) -> DemoRecord:
    """Run the whole plan against the stack; a step that fails is recorded and the rest goes on.

    Args:
        folder: The run's folder; bags, pictures, films and the record go there.
        teach: Teach each task first; else the library of the stack knows them.
    """
    record = DemoRecord(started=time.strftime('%Y-%m-%d %H:%M'), seed=plan.seed)
    began = time.monotonic()
    with StackClient('mt3_demo') as client:
        director = _Director(client, folder, stack, terminal)
        director.wait_until_up()
        for task in plan.tasks if teach else ():
            lesson = director.teach(task)
            record.lessons.append(lesson)
            terminal.lesson(lesson)
        for task in plan.tasks:
            for number, round_ in enumerate(task.rounds, start=1):
                execution = director.execute(task, round_, number)
                record.executions.append(execution)
                terminal.execution(execution)
                record.seconds = time.monotonic() - began
                record.save(folder / 'demo.json')
    return record


class _Director:
    """Teaches and executes, one step at a time, and keeps the evidence."""

    def __init__(self, client: StackClient, folder: Path, stack: Stack, terminal: DemoTerminal) -> None:
        self._client, self._folder, self._stack, self._terminal = client, folder, stack, terminal
        self._cell = Cell(client, folder)
        self._camcorder = Camcorder(client.node, _SPECTATOR)
        self._bottlenecks: dict[str, np.ndarray] = {}  # demonstration id -> position in the demo, base frame (3,) [m]

    def wait_until_up(self) -> None:
        """Wait for every node, watching that none dies meanwhile."""
        waiting = [
            (CaptureScene, '/mt3/capture_scene'),
            (RetrieveDemo, '/mt3/retrieve'),
            (StartRecording, '/mt3/start_recording'),
        ]
        deadline = time.monotonic() + _START_LIMIT_S
        for kind, name in waiting:
            while True:
                self._terminal.now(f'starting the nodes: waiting for {name}')
                self._stack.check()
                try:
                    self._client.wait_for_service(kind, name, 1.0)
                    break
                except MT3Error:
                    if time.monotonic() > deadline:
                        raise
        self._cell.wait(_START_LIMIT_S)

    def teach(self, task: TaskPlan) -> Lesson:
        """Record one teleoperated demonstration into a bag and import it into the library."""
        lesson = Lesson(family=task.family, task=task.family, ok=False)
        self._terminal.now(f'{task.family}: setting the scene')
        try:
            self._stack.check()
            lesson.task = self._cell.reset(task.family, task.seed)
            self._camcorder.start()
            began = time.monotonic()
            self._terminal.now(f'{lesson.task}: teleoperating, recording a bag')
            lesson.bag = str(self._record_or_redo(task, lesson.task).relative_to(self._folder))
            lesson.seconds['record'] = time.monotonic() - began
            film = self._camcorder.save(self._folder / 'pictures' / f'{task.family}-taught.mp4')
            lesson.video = self._relative(film)
            began = time.monotonic()
            self._terminal.now(f'{lesson.task}: importing the bag')
            self._import(lesson)
            lesson.seconds['import'] = time.monotonic() - began
            lesson.ok = True
        except MT3Error as error:
            self._camcorder.save(self._folder / 'pictures' / f'{task.family}-not-taught.mp4')
            lesson.message = str(error)
        return lesson

    def _record_or_redo(self, task: TaskPlan, words: str) -> Path:
        """Record; a demonstration that went wrong is discarded and done once more, as a teacher would."""
        try:
            return self._record(task, words, attempt=1)
        except MT3Error as error:
            self._terminal.now(f'{words}: once more, since {error}')
            self._cell.reset(task.family, task.seed)
            self._camcorder.start()
            return self._record(task, words, attempt=2)

    def _record(self, task: TaskPlan, words: str, attempt: int) -> Path:
        request = StartRecording.Request(task=words, directory=str(self._folder / 'bags'))
        started = _checked(self._client.call(StartRecording, '/mt3/start_recording', request))
        status = self._cell.teleoperate(task.family, task.seed, f'{task.family}-{attempt}')
        stopped = _checked(
            self._client.call(StopRecording, '/mt3/stop_recording', StopRecording.Request(discard=not status.ok))
        )
        if not status.ok:
            raise MT3Error(status.message, status.code)
        verdict = self._cell.judge()
        if not verdict.success:
            raise MT3Error(f'the demonstration itself did not succeed: {verdict.reason}', StatusCode.OUTCOME_FAILED)
        return Path(stopped.bag or started.bag)

    def _import(self, lesson: Lesson) -> None:
        request = AddDemo.Request(source=str(self._folder / lesson.bag), task=lesson.task)
        answer = _checked(self._client.call(AddDemo, '/mt3/add_demo', request, timeout_s=60.0))
        lesson.demonstration_id = answer.demonstration.id
        lesson.findings = [finding.message for finding in answer.findings]
        p = answer.demonstration.bottleneck.pose.position
        self._bottlenecks[lesson.demonstration_id] = np.array([p.x, p.y, p.z])
        demonstration = DemoLibrary.open(str(self._folder / 'library')).get(lesson.demonstration_id)
        path = self._folder / 'pictures' / f'{lesson.family}-taught.png'
        Image.fromarray(draw_demonstration(demonstration)).save(path)
        lesson.picture = self._relative(path)

    def execute(self, task: TaskPlan, round_: Round, number: int) -> Execution:
        """Place the object anew, ask for the task in other words, and let the physics judge."""
        name = f'{task.family}-{number}'
        execution = Execution(task.family, round_.words, round_.instance, round_.seed, ok=False)
        self._terminal.now(f'{round_.words}: placing the object anew')
        try:
            self._stack.check()
            self._cell.reset(task.family, round_.seed, round_.instance)
            self._camcorder.start()
            outcome = self._client.execute(
                ExecuteTask.Goal(task=round_.words),
                on_feedback=lambda feedback: self._terminal.now(f'{round_.words}: {feedback.text}'),
                timeout_s=120.0,
            )
            self._fill(execution, outcome.result)
            verdict = self._cell.judge()
            execution.ok = verdict.success
            # A refusal says more than the state of a scene in which nothing moved.
            execution.reason = verdict.reason if outcome.ok or verdict.success else outcome.result.status.message
        except MT3Error as error:
            execution.reason, execution.status = str(error), error.code.name
        execution.video = self._relative(self._camcorder.save(self._folder / 'pictures' / f'{name}.mp4'))
        return execution

    def _fill(self, execution: Execution, result: ExecuteTask.Result) -> None:
        execution.claimed = result.status.code == StatusCode.OK
        execution.status = status_text(result.status)
        execution.attempts = result.attempts
        execution.phases = phases_of(result)
        if result.run_directory:
            folder = Path(result.run_directory)
            execution.folder = self._relative(folder)
            overlay = folder / 'overlay.png'
            execution.overlay = self._relative(overlay) if overlay.exists() else ''
        position = self._bottlenecks.get(result.demonstration_id)
        if position is None:
            return
        execution.demonstration_id = result.demonstration_id
        execution.confidence = float(result.alignment.confidence)
        execution.ambiguous = result.alignment.ambiguous
        execution.turned_deg = turned_deg(result.alignment)
        T_live_demo = conversions.transform_to_matrix(result.alignment.transform)
        moved = se3.transform_points(T_live_demo, position[None])[0] - position
        execution.moved_mm = 1e3 * float(np.linalg.norm(moved[:2]))

    def _relative(self, path: Path | None) -> str:
        return '' if path is None else str(path.resolve().relative_to(self._folder.resolve()))


def _checked(answer: object) -> object:
    """Return the answer of a service whose status is OK.

    Raises:
        MT3Error: With the status of the answer.
    """
    if answer.status.code != StatusCode.OK:
        raise MT3Error(answer.status.message, StatusCode(answer.status.code))
    return answer
