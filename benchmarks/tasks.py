"""The result of a run of the task suite, as it is committed.

    ./mt3 bench tasks --quick -o runs/tasks          # or any other selection; see docs/tasks.md
    ./mt3 shell python benchmarks/tasks.py runs/tasks [--name tasks] [--rows]

Reads the rows of the run's folder and writes benchmarks/results/NAME.{json,md}: success with 95 % Wilson intervals by
method, split and skill, failures by stage with the commands that show them, success against confidence, seconds; with
--rows every rollout too, as NAME.parquet.
"""

import argparse
import json
import os
import platform
import shutil
import subprocess
from pathlib import Path

import numpy as np

from mt3_sim.bench import report, runner
from mt3_sim.bench.school import School
from mt3_sim.bench.statistics import wilson

RESULTS = Path(__file__).parent / 'results'


def summary(rows: list[dict], school: School, commit: str) -> dict:
    """Return the numbers of a run."""
    lessons = school.lessons().values()
    found = {
        'commit': commit,
        'machine': f'{platform.machine()}, {os.cpu_count()} cores',
        'tasks': len({row['task'] for row in rows}),
        'not_taught': sum('problem' in row for row in lessons),
        'rollouts': len(rows),
        'seeds': sorted({row['seed'] for row in rows}),
        'seconds_per_rollout_and_core': round(float(np.mean([row['total_s'] for row in rows])), 2),
    }
    for method, part in runner.chunks(rows, 'method'):
        for split, some in runner.chunks(part, 'split'):
            for count, those in runner.chunks(some, 'demonstrations'):
                done = sum(row['success'] for row in those)
                low, high = wilson(done, len(those))
                found[f'{method}, {split}' + (f', {count} demonstrations' if count > 1 else '')] = {
                    'done': done,
                    'rollouts': len(those),
                    'percent': round(100 * done / len(those), 1),
                    'interval_percent': [round(100 * low, 1), round(100 * high, 1)],
                }
    return found


def main() -> None:
    """Write the files."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('folder', type=Path, help='of the run')
    present = subprocess.run(['git', 'rev-parse', '--short', 'HEAD'], capture_output=True, text=True).stdout.strip()
    parser.add_argument('--commit', default=present, help='of the run, when it is not the present one')
    parser.add_argument('--name', default='tasks', help='of the result files')
    parser.add_argument('--rows', action='store_true', help='write the rows too')
    options = parser.parse_args()
    folder = options.folder
    rows = runner.read_rows(folder)
    if not rows:
        parser.error(f'{folder} holds no rollouts; run `mt3 bench tasks -o {folder}` first')
    school = School(folder)
    found = summary(rows, school, options.commit)
    left_out = [f'- {row["task"]}: {row["problem"]}' for row in school.lessons().values() if 'problem' in row]
    seconds = found['seconds_per_rollout_and_core']
    head = (
        f'# The task suite\n\nCommit {found["commit"]}, {found["machine"]}: {found["tasks"]} tasks, '
        f'{len(rows)} rollouts of {seconds} s on one core each, seeds {found["seeds"]}. Every number is the verdict of '
        'the physics. A task that could not be taught is not in the table.\n\n'
    )
    taught = f'## Tasks that could not be taught: {len(left_out)}\n\n' + '\n'.join(left_out[:40]) + '\n'
    (RESULTS / f'{options.name}.md').write_text(head + report.markdown(rows, 30) + '\n' + taught, encoding='utf-8')
    (RESULTS / f'{options.name}.json').write_text(json.dumps(found, indent=1) + '\n', encoding='utf-8')
    if options.rows:
        shutil.copy(runner.write_table(folder), RESULTS / f'{options.name}.parquet')
    print(head + report.markdown(rows, 8))


if __name__ == '__main__':
    main()
