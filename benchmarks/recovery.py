"""What a second attempt gains: success with and without recovery, on the same scenes, with things that go wrong.

    ./mt3 shell python benchmarks/recovery.py [--rounds 10] [--attempts 3] [--jobs 2] [--quick]

Conditions, each injected into the physics of the simulated cell and unknown to the stack:
- none: nothing is wrong;
- slip: in the first attempt, what is gripped loses all friction for half a second once it is 3 cm up;
- push: in the first attempt, somebody moves the object by 4 to 6 cm and turns it while the arm approaches;
- calibration: the camera's pose is believed 8 mm from where it is, in a random direction, in every attempt.

Success is the cell's verdict from the true state. "Without" is the verdict at the end of the first attempt of the very
same run, before anything is recovered: up to there both are the same. A false alarm is a first attempt that had
succeeded and was recovered all the same. Prints the table and writes benchmarks/results/recovery.{json,md}.
"""

import argparse
import json
import multiprocessing
import os
import platform
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from loop_cell import LoopCell, shift_body

from mt3_common import se3
from mt3_common.errors import StatusCode
from mt3_executor.config import ExecutorConfig
from mt3_executor.execution import TaskGoal
from mt3_executor.ports import StopSignal
from mt3_executor.record import RunRecord
from mt3_sim import families
from mt3_sim.families import TaskScene

RESULTS = Path(__file__).parent / 'results'
FAMILIES = ('pick_mug', 'pick_mug_handle', 'pick_box', 'pick_bottle', 'push_to_spot')
CONDITIONS = ('none', 'slip', 'push', 'calibration')
CALIBRATION_ERROR_M = 0.008
SLIP_S, SLIP_HEIGHT_M, SLIP_FRICTION = 0.5, 0.03, 0.01


@dataclass(frozen=True)
class Trial:
    """One run: what the physics says after the first attempt and at the end, and what the executor believes."""

    family: str
    condition: str
    seed: int
    first: bool
    last: bool
    claimed: bool
    attempts: int
    seconds: float
    cpu_s: float
    history: tuple[str, ...]
    reason: str


class Disturbance:
    """Somebody who puts a hand into the cell, in the first attempt only."""

    def __init__(self, loop: LoopCell, scene: TaskScene, condition: str, seed: int) -> None:
        self._loop, self._scene, self._rng = loop, scene, np.random.default_rng([seed, 8])
        self._done, self._slipping_until = False, None
        if condition == 'calibration':
            direction = self._rng.normal(size=3)
            loop.T_error = se3.make(None, CALIBRATION_ERROR_M * direction / np.linalg.norm(direction))
        elif condition == 'push':
            loop.each_tick = self._push
        elif condition == 'slip':
            loop.each_tick = self._slip

    def _push(self) -> None:
        """Move the object in the middle of the approach."""
        if self._done or len(self._loop.moves) != 1 or self._loop.progress < 0.5:
            return
        self._done = True
        world = self._loop.cell.world
        at = world.body_pose(self._scene.target)[:3, 3]
        middle = np.array([0.52, 0.0])  # of the workspace: pushed towards it, so that it stays in reach
        towards = np.arctan2(*(middle - at[:2])[::-1]) + self._rng.uniform(-0.8, 0.8)
        way = self._rng.uniform(0.04, 0.06)
        turn = se3.make(None, at) @ se3.from_yaw(self._rng.uniform(-0.5, 0.5)) @ se3.make(None, -at)
        shift_body(
            world, self._scene.target, se3.make(None, [way * np.cos(towards), way * np.sin(towards), 0.0]) @ turn
        )

    def _slip(self) -> None:
        """Take the friction away for a moment in the lift."""
        world = self._loop.cell.world
        if self._slipping_until is not None:
            if world.time >= self._slipping_until:
                world.model.geom_friction[:] = self._friction
                self._slipping_until = None
            return
        lifted = world.body_pose(self._scene.target)[2, 3] - self._scene.T_base_target[2, 3]
        if self._done or lifted < SLIP_HEIGHT_M:
            return
        self._done, self._slipping_until = True, world.time + SLIP_S
        self._friction = world.model.geom_friction.copy()
        world.model.geom_friction[:, 0] = SLIP_FRICTION

    def end(self) -> None:
        """Take the hand out of the cell."""
        self._loop.each_tick = lambda: None
        if self._slipping_until is not None:
            self._loop.cell.world.model.geom_friction[:] = self._friction


def run_trial(loop: LoopCell, family: str, condition: str, seed: int, attempts: int) -> Trial:
    """Set up a scene, disturb it, and have the stack do its task."""
    scene = families.set_up(family, seed)
    loop.set_scene(scene)
    disturbance = Disturbance(loop, scene, condition, seed)
    judge = families.get(family).judge
    first: list[bool] = []
    recover = loop.runner._recover

    def judged(*arguments: object) -> bool:
        if not first:
            first.append(judge(loop.cell.world, scene).success)
            disturbance.end()
        return recover(*arguments)

    loop.runner._recover = judged
    begin, cpu = time.perf_counter(), time.process_time()
    try:
        goal = TaskGoal(task=scene.task, max_attempts=attempts)
        result = loop.runner.run(goal, StopSignal(), lambda *_: None, RunRecord(None))
    finally:
        loop.runner._recover = recover
    verdict = judge(loop.cell.world, scene)
    return Trial(
        family,
        condition,
        seed,
        first[0] if first else verdict.success,
        verdict.success,
        result.status.code == StatusCode.OK,
        result.attempts,
        time.perf_counter() - begin,
        time.process_time() - cpu,
        tuple(str(report) for report in result.history),
        verdict.reason,
    )


def run_family(job: tuple[str, tuple[str, ...], int, int, int]) -> list[Trial]:
    """Teach one family once and run its trials; a job of the pool."""
    family, conditions, rounds, attempts, seed = job
    loop = LoopCell(ExecutorConfig())
    try:
        loop.teach(family)
        trials = []
        for condition in conditions:
            if condition == 'slip' and not family.startswith('pick'):
                continue  # nothing is gripped
            for number in range(rounds):
                trials.append(run_trial(loop, family, condition, seed + number, attempts))
                trial = trials[-1]
                history = ' | '.join(trial.history)
                print(
                    f'{family} {condition} {trial.seed}: first {"ok" if trial.first else "no"}, in the end '
                    f'{"ok" if trial.last else "no"} ({trial.attempts}), {trial.cpu_s:.0f} s: {history}',
                    flush=True,
                )
        return trials
    finally:
        loop.close()


def summary(trials: list[Trial]) -> tuple[dict[str, object], str]:
    """Return flat numbers, and the Markdown tables."""
    values: dict[str, object] = {}
    lines = [
        '| condition | trials | without recovery | with recovery | attempts | executor right | false alarms |',
        '|---|---|---|---|---|---|---|',
    ]
    for condition in (*CONDITIONS, 'all'):
        chosen = [t for t in trials if condition in (t.condition, 'all')]
        if not chosen:
            continue
        n, first, last = len(chosen), sum(t.first for t in chosen), sum(t.last for t in chosen)
        right = sum(t.claimed == t.last for t in chosen)
        alarms = sum(t.first and t.attempts > 1 for t in chosen)
        mean = float(np.mean([t.attempts for t in chosen]))
        values |= {
            f'{condition}_trials': n,
            f'{condition}_without_recovery_done': first,
            f'{condition}_with_recovery_done': last,
            f'{condition}_attempts_mean': round(mean, 2),
            f'{condition}_executor_right': right,
            f'{condition}_false_alarms': alarms,
        }
        lines.append(
            f'| {condition} | {n} | {first} ({100 * first / n:.0f} %) | {last} ({100 * last / n:.0f} %) | {mean:.2f} | '
            f'{right} | {alarms} |'
        )
    lines += ['', '| family | ' + ' | '.join(CONDITIONS) + ' |', '|---|' + '---|' * len(CONDITIONS)]
    for family in dict.fromkeys(t.family for t in trials):
        cells = []
        for condition in CONDITIONS:
            chosen = [t for t in trials if (t.family, t.condition) == (family, condition)]
            first, last = sum(t.first for t in chosen), sum(t.last for t in chosen)
            cells.append(f'{first} -> {last} of {len(chosen)}' if chosen else '')
            if chosen:
                values |= {f'{family}_{condition}_without_recovery_done': first}
                values |= {f'{family}_{condition}_with_recovery_done': last}
        lines.append(f'| {family} | ' + ' | '.join(cells) + ' |')
    failures = [
        f'- {t.family}, {t.condition}, {t.seed}: {t.reason}; {" | ".join(t.history)}' for t in trials if not t.last
    ]
    return values, '\n'.join([*lines, '', 'What still fails:', '', *(failures or ['- nothing'])])


def main() -> None:
    """Run and write the results."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--rounds', type=int, default=10, help='scenes per family and condition')
    parser.add_argument('--attempts', type=int, default=3)
    parser.add_argument('--family', nargs='*', default=list(FAMILIES))
    parser.add_argument('--condition', nargs='*', default=list(CONDITIONS), choices=CONDITIONS)
    parser.add_argument('--seed', type=int, default=7000)
    parser.add_argument('--jobs', type=int, default=2, help='processes')
    parser.add_argument('--quick', action='store_true', help='two scenes of two families; nothing is written')
    options = parser.parse_args()
    if options.quick:
        options.rounds, options.family = 2, ['pick_mug', 'pick_box']
    jobs = [(f, tuple(options.condition), options.rounds, options.attempts, options.seed) for f in options.family]
    begin = time.perf_counter()
    if options.jobs > 1:
        with multiprocessing.get_context('spawn').Pool(options.jobs) as pool:
            trials = [trial for chunk in pool.imap(run_family, jobs, 1) for trial in chunk]
    else:
        trials = [trial for job in jobs for trial in run_family(job)]
    values, text = summary(trials)
    print(f'\n{text}\n\n{time.perf_counter() - begin:.0f} s')
    if options.quick:
        return
    commit = subprocess.run(['git', 'rev-parse', '--short', 'HEAD'], capture_output=True, text=True).stdout.strip()
    machine = f'{os.cpu_count()} cores, {platform.machine()}'
    head = {'commit': commit, 'machine': machine, 'seed': options.seed, 'attempts_allowed': options.attempts}
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / 'recovery.json').write_text(json.dumps({**head, **values}, indent=1) + '\n')
    note = f'Commit {commit}, {machine}, seed {options.seed}, at most {options.attempts} attempts.'
    (RESULTS / 'recovery.md').write_text(f'# What recovery gains\n\n{note}\n\n{text}\n')


if __name__ == '__main__':
    main()
