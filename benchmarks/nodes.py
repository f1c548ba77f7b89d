"""Do the nodes do what the code in process does? The same scenes of the task suite, with the same demonstrations.

    ./mt3 bench tasks -n 150 -o runs/tasks
    ./mt3 shell python benchmarks/nodes.py runs/tasks [--tasks 150]

Starts the nodes with the library of that run, sets up its scenes one after the other in the simulated cell, asks
`/mt3/execute_task` in the same words, and puts the verdict of the physics beside that of the run. Writes
benchmarks/results/nodes.{json,md}. A run that was ended is read by --record.
"""

import argparse
import json
import os
import platform
import subprocess
import time
from pathlib import Path

import numpy as np

from mt3_cli.demo.plan import DemoPlan, Round, TaskPlan
from mt3_cli.demo.record import DemoRecord, Execution
from mt3_cli.demo.runner import run_demo
from mt3_cli.demo.stack import Stack
from mt3_cli.demo.terminal import DemoTerminal
from mt3_cli.up.prefix import package_share
from mt3_common.domain import hold_domain
from mt3_common.run_folder import new_run_folder
from mt3_sim.bench import report, runner
from mt3_sim.suite import tasks

RESULTS = Path(__file__).parent / 'results'
SPLITS = ('seen', 'unseen')

Rows = dict[tuple[str, str, int], dict]


def rows_in_process(folder: Path, seed: int) -> Rows:
    """Return the rows of the method itself, one demonstration each, by task, split and seed."""
    rows = runner.read_rows(folder)
    ours = [r for r in rows if (r['method'], r['demonstrations'], r['seed']) == ('ours', 1, seed)]
    return {(r['task'], r['split'], r['seed']): r for r in ours if r['split'] in SPLITS}


def plan(rows: Rows, count: int, seed: int) -> DemoPlan:
    """Return the same rollouts for the nodes, of so many representative tasks."""
    both = [name for name, split, _ in rows if split == SPLITS[0] and (name, SPLITS[1], seed) in rows]
    chosen = tasks.representative(count, both)
    rounds = {n: tuple(Round(rows[n, s, seed]['wording'], s, seed) for s in SPLITS) for n in chosen}
    return DemoPlan(tuple(TaskPlan(name, seed, rounds[name]) for name in chosen), seed)


def run(rollouts: DemoPlan, library: Path, speed: float) -> DemoRecord:
    """Start the nodes and do it all; what happened is on disk after every round."""
    folder = new_run_folder('runs', f'nodes_{time.strftime("%H-%M-%S")}')
    (folder / 'pictures').mkdir()
    domain, handle = hold_domain()
    os.environ.update(ROS_DOMAIN_ID=str(domain), ROS_AUTOMATIC_DISCOVERY_RANGE='LOCALHOST')
    launch = {'library': str(library), 'bags': str(folder / 'bags'), 'runs': str(folder / 'executions')}
    launch['real_time_factor'] = str(speed)
    file = package_share('mt3_bringup') / 'launch' / 'sim.launch.xml'
    steps = sum(len(task.rounds) for task in rollouts.tasks)
    with handle, DemoTerminal(steps) as terminal, Stack(file, launch, folder / 'nodes.log', domain) as stack:
        return run_demo(rollouts, folder, stack, terminal, teach=False)


def summary(record: DemoRecord, rows: Rows) -> tuple[dict[str, object], str]:
    """Return the numbers and the Markdown text."""
    pairs = [(e, rows[key]) for e in record.executions if (key := (e.family, e.instance, e.seed)) in rows]
    values: dict[str, object] = {'tasks': len({e.family for e, _ in pairs}), 'rollouts': len(pairs)}
    lines = [
        '| | through the nodes | in process | both | only the nodes | only in process | neither |',
        '|' + '---|' * 7,
    ]
    for split in SPLITS:
        mine = [(e.ok, row['success']) for e, row in pairs if e.instance == split]
        counts = [mine.count(kind) for kind in ((True, True), (True, False), (False, True), (False, False))]
        rates = [report.rate([{'success': pair[k]} for pair in mine]) for k in (0, 1)]
        lines.append(f'| {split} | ' + ' | '.join([*rates, *map(str, counts)]) + ' |')
        names = ('both', 'only_nodes', 'only_process', 'neither')
        values |= {f'{split}_{name}': n for name, n in zip(names, counts, strict=True)}
    for phase in ('perceive', 'retrieve', 'plan'):
        seconds = [[e.phases[phase] for e, _ in pairs if phase in e.phases], [row[f'{phase}_s'] for _, row in pairs]]
        medians = [round(float(np.median(some)), 3) if some else None for some in seconds]
        values |= {f'{phase}_nodes_median_s': medians[0], f'{phase}_process_median_s': medians[1]}
        lines += [''] if phase == 'perceive' else []
        lines.append(f'Median seconds to {phase}: {medians[0]} through the nodes, {medians[1]} in process.')
    differ = [_difference(e, row) for e, row in pairs if e.ok != row['success']]
    return values, '\n'.join([*lines, '', 'Where they differ:', '', *(differ or ['- nowhere'])])


def _difference(e: Execution, row: dict) -> str:
    way, reason = ('in process', row['reason']) if e.ok else ('through the nodes', e.reason)
    return f'- {e.family}, {e.instance}: failed {way}: {reason}'


def main() -> None:
    """Run, or read a record, and write the files."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('folder', type=Path, help='of a run of `mt3 bench tasks`')
    parser.add_argument('--tasks', type=int, default=150, help='so many representative ones of that run')
    parser.add_argument('--seed', type=int, default=100, help='of the rollouts')
    parser.add_argument('--speed', type=float, default=3.0, help='real-time factor asked of the cell')
    parser.add_argument('--record', type=Path, help='runs/RUN/demo.json: no run, the table of what is recorded there')
    arguments = parser.parse_args()
    rows = rows_in_process(arguments.folder, arguments.seed)
    if not rows:
        parser.error(f'{arguments.folder} has no rollouts of seed {arguments.seed}; run `mt3 bench tasks` first')
    if arguments.record:
        record = DemoRecord.load(arguments.record)
    else:
        rollouts = plan(rows, arguments.tasks, arguments.seed)
        record = run(rollouts, (arguments.folder / 'library').resolve(), arguments.speed)
    values, text = summary(record, rows)
    print(text)
    commit = subprocess.run(['git', 'rev-parse', '--short', 'HEAD'], capture_output=True, text=True).stdout.strip()
    machine = f'{os.cpu_count()} cores, {platform.machine()}'
    head = {'commit': commit, 'machine': machine, 'seed': arguments.seed, 'real_time_factor_asked': arguments.speed}
    (RESULTS / 'nodes.json').write_text(json.dumps({**head, **values}, indent=1) + '\n')
    note = f'Commit {commit}, {machine}: the same scenes and demonstrations, other noise of the depth image.'
    (RESULTS / 'nodes.md').write_text(f'# The task suite through the nodes and in process\n\n{note}\n\n{text}\n')


if __name__ == '__main__':
    main()
