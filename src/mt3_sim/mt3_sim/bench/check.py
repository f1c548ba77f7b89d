"""Whether a task of the suite is fair.

Its expert does it, its demonstration does it again, and neither a robot that does nothing nor one that does another
task does it by accident. Every answer is on disk as soon as it is known, so that a check of everything can be ended.
What the expert shows on the way can be kept as the lesson of a run, which need not teach it again.
"""

import functools
import json
import multiprocessing
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from mt3_common.errors import MT3Error
from mt3_sim.bench.lesson import Lesson, View, lesson, perform, teaching_scene, view
from mt3_sim.bench.school import School, classroom, noted
from mt3_sim.experts.kinematics import default_arm
from mt3_sim.experts.replay import replay
from mt3_sim.experts.teleop import demonstrate
from mt3_sim.families.family import Family
from mt3_sim.families.task_scene import TaskScene
from mt3_sim.rendering import Renderer
from mt3_sim.suite.tasks import get
from mt3_sim.world import World

__all__ = ['Examined', 'check_tasks', 'examine', 'left_out_table', 'other_task_here', 'read_answers']

# what the other robot does, by the skill that is asked for: as near to it as something can be that is not it
_OTHER_TASK = {
    'push': 'pick up.brick',  # not pull: what looks the same from both sides moves the same way
    'pull': 'pick up.brick',
    'press': 'turn left.stove knob',
    'turn left': 'turn right.stove knob',
    'turn right': 'turn left.stove knob',
    'open': 'press.button',
    'close': 'press.button',
    'place next to': 'place on.can.plate',
}
_WITH_EMPTY_HAND, _WITH_FULL_HAND = 'push.brick', 'place next to.can.mug'


@dataclass(frozen=True, eq=False)
class Examined:
    """What is known of a task.

    Attributes:
        problem: What is wrong with it, empty when nothing is.
        lesson: What the expert taught on the way, or why perception could not take it; None when nobody looked.
    """

    problem: str
    lesson: Lesson | MT3Error | None = None


def examine(name: str, other: bool = True, renderer: Renderer | None = None) -> Examined:
    """Find out whether a task is fair.

    Checked on the scene on which it is taught: the judge says no before anything moved, yes after the expert, whose
    arm touched nothing but with its gripper, yes after the demonstration was replayed from its own bottleneck, and no
    after another task was done there.

    Args:
        name: Of the task.
        other: Do another task there too.
        renderer: Looks at the scene, for the lesson of a fair task.
    """
    family, arm = get(name), default_arm()
    try:
        scene = teaching_scene(family)
        world = World(scene.spec, arm.config)
        if family.judge(world, scene).success:
            return Examined('judged as done before anything moved')
        viewed = _viewed(world, scene, renderer) if renderer is not None else None
        recording = perform(world, family, scene, arm)
        world.reset(scene.spec)
        replay(world, arm, *recording.interaction(arm.config))
        verdict = family.judge(world, scene)
        if not verdict.success:
            return Examined(f'replay: {verdict.reason}')
    except MT3Error as error:
        return Examined(str(error.status))
    problem = _done_by_accident(family, scene, world) if other else ''
    if isinstance(viewed, View):
        return Examined(problem, lesson(family, scene, arm, viewed, recording))
    return Examined(problem, viewed)


def _viewed(world: World, scene: TaskScene, renderer: Renderer) -> View | MT3Error:
    try:
        return view(world, scene, renderer)
    except MT3Error as error:
        return error


def other_task_here(family: Family, scene: TaskScene) -> TaskScene:
    """Return the scene with the way of another task than the one that is asked for."""
    usual = _WITH_EMPTY_HAND if scene.held is None else _WITH_FULL_HAND
    other = get(_OTHER_TASK.get(family.skill, usual))
    return replace(scene, waypoints=other.sample(np.random.default_rng(0)).waypoints)


def _done_by_accident(family: Family, scene: TaskScene, world: World) -> str:
    arm = default_arm()
    world.reset(scene.spec)
    try:
        demonstrate(world, other_task_here(family, scene), arm, None)
    except MT3Error:  # the arm cannot even try
        return ''
    verdict = family.judge(world, scene)
    return f'another task does it: {verdict.reason}' if verdict.success else ''


def read_answers(log: Path) -> dict[str, dict]:
    """Return what is known of each task, by its name: `problem`, and whether `other` was tried."""
    if not log.exists():
        return {}
    lines = log.read_text(encoding='utf-8').splitlines()
    return {row['task']: row for row in (json.loads(line) for line in lines if line.endswith('}'))}


def check_tasks(
    names: Sequence[str],
    log: Path,
    workers: int,
    progress: Callable[[str, str], None],
    other: bool = True,
    school: School | None = None,
) -> None:
    """Check what is not checked yet.

    Args:
        names: Of the tasks.
        log: Where the answers go, one line each.
        workers: Processes.
        progress: Told each task and its problem.
        other: Do another task in each scene too.
        school: Keeps the demonstrations of fair tasks, if any.
    """
    known = read_answers(log)
    todo = [
        (n, other) for n in names if n not in known or (other and not known[n]['other'] and not known[n]['problem'])
    ]
    if not todo:
        return
    log.parent.mkdir(parents=True, exist_ok=True)
    place, taught = '', {}
    if school is not None:
        school.found()
        place, taught = school.library, school.lessons()
    context = multiprocessing.get_context('spawn')
    with context.Pool(min(workers, len(todo))) as pool, log.open('a', encoding='utf-8') as out:
        for name, problem, row in pool.imap_unordered(functools.partial(_answer, place), todo):
            if row is not None and f'{name} 0' not in taught:
                school.record(row)
            out.write(json.dumps({'task': name, 'problem': problem, 'other': other}) + '\n')
            out.flush()
            progress(name, problem)


def left_out_table(answers: dict[str, dict], candidates: Sequence[str]) -> str:
    """Return the tasks that are not in the suite as lines of name and reason, and how many were checked at its head."""
    checked = [answers[name] for name in candidates if name in answers]
    bad = [row for row in checked if row['problem']]
    with_other = sum(row['other'] for row in checked)
    head = (
        '# tasks that were thought of and are not in the suite: name, why; written by `mt3 bench check --write`\n'
        f'# checked: {len(checked)} of {len(candidates)}, {with_other} of them with a robot that does another task; '
        f'left out: {len(bad)}\n'
    )
    return head + ''.join(f'{row["task"]}\t{row["problem"]}\n' for row in bad)


def _answer(library: str, job: tuple[str, bool]) -> tuple[str, str, dict | None]:
    """Return name, problem, and what is to be noted of its lesson."""
    name, other = job
    if not library:
        return name, examine(name, other).problem, None
    renderer, demos = classroom(library)
    found = examine(name, other, renderer)
    if found.problem or found.lesson is None:
        return name, found.problem, None
    return name, '', noted(demos, name, 0, found.lesson)
