"""Whether a task of the suite is fair.

Its expert does it, its demonstration does it again, and neither a robot that does nothing nor one that does another
task does it by accident. Every answer is on disk as soon as it is known, so that a check of everything can be ended.
"""

import json
import multiprocessing
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from mt3_common.errors import MT3Error
from mt3_sim.bench.lesson import teaching_scene
from mt3_sim.experts.kinematics import default_arm
from mt3_sim.experts.replay import replay
from mt3_sim.experts.teleop import demonstrate
from mt3_sim.families.family import Family
from mt3_sim.families.task_scene import TaskScene
from mt3_sim.suite.tasks import get
from mt3_sim.world import World

__all__ = ['check_tasks', 'left_out_table', 'other_task_here', 'problem_of', 'read_answers']

# what the other robot does, by the skill that is asked for: as near to it as something can be that is not it
_OTHER_TASK = {
    'push': 'pull.crate',
    'press': 'turn left.stove knob',
    'turn left': 'turn right.stove knob',
    'turn right': 'turn left.stove knob',
    'open': 'press.button',
    'close': 'press.button',
    'place next to': 'place on.can.plate',
}
_WITH_EMPTY_HAND, _WITH_FULL_HAND = 'push.brick', 'place next to.can.mug'


def problem_of(name: str, other: bool = True) -> str:
    """Return what is wrong with a task, empty when nothing is.

    Checked on the scene on which it is taught: the judge says no before anything moved, yes after the expert, whose
    arm touched nothing but with its gripper, yes after the demonstration was replayed from its own bottleneck, and no
    after another task was done there.

    Args:
        name: Of the task.
        other: Do another task there too.
    """
    family, arm = get(name), default_arm()
    try:
        scene = teaching_scene(family)
        world = World(scene.spec, arm.config)
        if family.judge(world, scene).success:
            return 'judged as done before anything moved'
        recording = demonstrate(world, scene, arm, np.random.default_rng(0))
        verdict = family.judge(world, scene)
        if not verdict.success:
            return f'expert: {verdict.reason}'
        if recording.touched:
            return f'expert: the arm itself touches something: {", ".join(recording.touched)}'
        world.reset(scene.spec)
        replay(world, arm, *recording.interaction(arm.config))
        verdict = family.judge(world, scene)
        if not verdict.success:
            return f'replay: {verdict.reason}'
    except MT3Error as error:
        return str(error.status)
    return _done_by_accident(family, scene, world) if other else ''


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
    names: Sequence[str], log: Path, workers: int, progress: Callable[[str, str], None], other: bool = True
) -> None:
    """Check what is not checked yet.

    Args:
        names: Of the tasks.
        log: Where the answers go, one line each.
        workers: Processes.
        progress: Told each task and its problem.
        other: Do another task in each scene too.
    """
    known = read_answers(log)
    todo = [
        (n, other) for n in names if n not in known or (other and not known[n]['other'] and not known[n]['problem'])
    ]
    if not todo:
        return
    log.parent.mkdir(parents=True, exist_ok=True)
    context = multiprocessing.get_context('spawn')
    with context.Pool(min(workers, len(todo))) as pool, log.open('a', encoding='utf-8') as out:
        for name, problem in pool.imap(_answer, todo):
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


def _answer(job: tuple[str, bool]) -> tuple[str, str]:
    name, other = job
    return name, problem_of(name, other)
