"""Success of the whole loop per task family, through the real nodes: taught once each, then done over and over.

    ./mt3 shell python benchmarks/full_loop.py [--rounds 20] [--novel 5] [--family NAME ...] [--quick]
                                                   [--beside runs/RUN/demo.json]

Prints the table and writes benchmarks/results/full_loop.{json,md}. Success is the cell's verdict from the true state.
"""

import argparse
import json
import os
import platform
import subprocess
import time
from pathlib import Path

import numpy as np

from mt3_cli.demo.plan import make_plan
from mt3_cli.demo.record import DemoRecord
from mt3_cli.demo.runner import run_demo
from mt3_cli.demo.stack import Stack
from mt3_cli.demo.terminal import DemoTerminal
from mt3_cli.up.prefix import package_share
from mt3_common.domain import hold_domain
from mt3_common.run_folder import new_run_folder
from mt3_sim import families
from mt3_sim.bench.statistics import wilson

RESULTS = Path(__file__).parent / 'results'
PHASES = ('perceive', 'retrieve', 'plan', 'approach', 'interact')


def summary(record: DemoRecord) -> dict[str, object]:
    """Return flat numbers per family, units in the names."""
    values: dict[str, object] = {}
    for lesson in record.lessons:
        rounds = [e for e in record.executions if e.family == lesson.family]
        for instance in ('taught', 'novel'):
            chosen = [e for e in rounds if e.instance == instance]
            values[f'{lesson.family}_{instance}_rounds'] = len(chosen)
            values[f'{lesson.family}_{instance}_done'] = sum(e.ok for e in chosen)
        for phase in PHASES:
            seconds = [e.phases[phase] for e in rounds if phase in e.phases]
            values[f'{lesson.family}_{phase}_median_s'] = round(float(np.median(seconds)), 3) if seconds else None
        values[f'{lesson.family}_failures'] = [f'{e.instance} {e.seed}: {e.reason}' for e in rounds if not e.ok]
    return values


def table(record: DemoRecord, values: dict[str, object]) -> str:
    """Return the Markdown table."""
    lines = [
        '| family | same object | 95 % | another one | ' + ' | '.join(f'{p} s' for p in PHASES) + ' |',
        '|---|---|---|---|' + '---|' * len(PHASES),
    ]
    for lesson in record.lessons:
        name = lesson.family
        done, total = values[f'{name}_taught_done'], values[f'{name}_taught_rounds']
        low, high = wilson(done, total)
        phases = ' | '.join(str(values[f'{name}_{phase}_median_s']) for phase in PHASES)
        novel = f'{values[f"{name}_novel_done"]} of {values[f"{name}_novel_rounds"]}'
        lines.append(f'| {name} | {done} of {total} | {100 * low:.0f} to {100 * high:.0f} | {novel} | {phases} |')
    failures = [
        f'- {lesson.family}, {text}' for lesson in record.lessons for text in values[f'{lesson.family}_failures']
    ]
    return '\n'.join([*lines, '', 'What failed:', '', *(failures or ['- nothing'])])


def _put_beside(record: DemoRecord, earlier: DemoRecord) -> None:
    now = {lesson.family for lesson in record.lessons}
    record.lessons = [lesson for lesson in earlier.lessons if lesson.family not in now] + record.lessons
    record.executions = [e for e in earlier.executions if e.family not in now] + record.executions


def run(arguments: argparse.Namespace) -> DemoRecord:
    """Start the nodes and do it all; what happened is on disk after every round."""
    plan = make_plan(tuple(arguments.family), arguments.seed, arguments.rounds, arguments.novel)
    folder = new_run_folder('runs', f'full_loop_{time.strftime("%H-%M-%S")}')
    (folder / 'pictures').mkdir()
    domain, handle = hold_domain()
    os.environ.update(ROS_DOMAIN_ID=str(domain), ROS_AUTOMATIC_DISCOVERY_RANGE='LOCALHOST')
    launch = {name: str(folder / name) for name in ('library', 'bags')}
    launch |= {'runs': str(folder / 'executions'), 'real_time_factor': str(arguments.speed)}
    file = package_share('mt3_bringup') / 'launch' / 'sim.launch.xml'
    with handle, DemoTerminal(plan.steps) as terminal, Stack(file, launch, folder / 'nodes.log', domain) as stack:
        return run_demo(plan, folder, stack, terminal)


def main() -> None:
    """Run, or read a record, and write the files."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--rounds', type=int, default=20, help='with the taught object, per family')
    parser.add_argument('--novel', type=int, default=5, help='with another of its kind, per family')
    parser.add_argument('--family', nargs='*', default=list(families.names()))
    parser.add_argument('--record', type=Path, help='runs/RUN/demo.json: no run, the table of what is recorded there')
    parser.add_argument('--seed', type=int, default=500)
    parser.add_argument('--speed', type=float, default=3.0, help='real-time factor asked of the cell')
    parser.add_argument('--beside', type=Path, help='take the families that are not run now from this earlier record')
    parser.add_argument('--quick', action='store_true', help='two rounds of two families')
    arguments = parser.parse_args()
    if arguments.quick:
        arguments.rounds, arguments.novel, arguments.family = 2, 0, ['press_button', 'pick_box']
    record = DemoRecord.load(arguments.record) if arguments.record else run(arguments)
    if arguments.beside is not None:
        _put_beside(record, DemoRecord.load(arguments.beside))
    values = summary(record)
    text = table(record, values)
    print(text)
    commit = subprocess.run(['git', 'rev-parse', '--short', 'HEAD'], capture_output=True, text=True).stdout.strip()
    machine = f'{os.cpu_count()} cores, {platform.machine()}'
    head = {'commit': commit, 'machine': machine, 'seed': arguments.seed, 'real_time_factor_asked': arguments.speed}
    if not arguments.quick:
        RESULTS.mkdir(exist_ok=True)
        (RESULTS / 'full_loop.json').write_text(json.dumps({**head, **values}, indent=1) + '\n')
        note = f"Commit {commit}, {machine}, seed {arguments.seed}. Seconds are medians of the computer's clock."
        (RESULTS / 'full_loop.md').write_text(f'# The whole loop, through the nodes\n\n{note}\n\n{text}\n')


if __name__ == '__main__':
    main()
