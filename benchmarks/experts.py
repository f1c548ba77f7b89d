"""How often each task family succeeds: by the expert itself, and by replaying its demonstration elsewhere.

Columns:
    expert          the expert on its own scene, taught and novel instances
    replay          a demonstration on one scene, replayed on another (same instance, new pose) with the TRUE change
                    of the object: what a perfect alignment would reach
    replay +error   the same with an alignment that is wrong by 5 mm in a random direction and by 3 degrees
    replay, novel   the taught demonstration on another instance of the category, placed by its true pose, not scaled

Run it with the project's environment: `python benchmarks/experts.py [--quick] [--seeds N] [--families a,b]`.
"""

import argparse
import json
import platform
import subprocess
import time
from pathlib import Path

import numpy as np

from mt3_common import se3
from mt3_common.errors import MT3Error
from mt3_sim import families
from mt3_sim.experts.kinematics import default_arm
from mt3_sim.experts.replay import alignment_error, replay
from mt3_sim.experts.teleop import demonstrate
from mt3_sim.world import World

RESULTS = Path(__file__).parent / 'results'
COLUMNS = ('expert_taught', 'expert_novel', 'replay', 'replay_5mm_3deg', 'replay_novel')
ERROR = (0.005, np.radians(3.0))


def trial(name: str, column: str, seed: int, demos: dict) -> tuple[bool, str]:
    """Do one episode and return its verdict."""
    family, arm = families.get(name), default_arm()
    instance = 'novel' if column == 'expert_novel' else 'taught'
    if column.startswith('expert'):
        scene = family.sample(np.random.default_rng(seed), instance, instance_seed=seed)
        world = World(scene.spec, arm.config)
        recording = demonstrate(world, scene, arm, np.random.default_rng(seed))
        if instance == 'taught':
            demos[name, seed] = (scene, recording)
    else:
        if (name, seed) not in demos:
            trial(name, 'expert_taught', seed, demos)
        demo, recording = demos[name, seed]
        rng = np.random.default_rng(10_000 + seed)
        scene = family.sample(rng, 'novel' if column == 'replay_novel' else 'taught', instance_seed=seed)
        T_live_demo = scene.T_base_target @ se3.inverse(demo.T_base_target)
        if column == 'replay_5mm_3deg':
            T_live_demo = alignment_error(rng, *ERROR, scene.T_base_target) @ T_live_demo
        T_base_bottleneck, interaction = recording.interaction(arm.config)
        world = World(scene.spec, arm.config)
        replay(world, arm, T_live_demo @ T_base_bottleneck, interaction)
    verdict = family.judge(world, scene)
    return verdict.success, verdict.reason


def run(names: list[str], seeds: int) -> dict:
    """Return successes and failures per family and column."""
    demos: dict = {}
    results: dict = {}
    for name in names:
        for column in COLUMNS:
            done, failures = 0, []
            start = time.perf_counter()
            for seed in range(seeds):
                try:
                    success, reason = trial(name, column, seed, demos)
                except MT3Error as error:
                    success, reason = False, str(error.status)
                done += success
                if not success:
                    failures.append(f'seed {seed}: {reason}')
            results[f'{name}_{column}_success_share'] = done / seeds
            results[f'{name}_{column}_s_per_episode'] = round((time.perf_counter() - start) / seeds, 2)
            results[f'{name}_{column}_failures'] = failures
            print(f'{name:18s} {column:18s} {done:3d}/{seeds}', *failures[:3], sep='  ', flush=True)
    return results


def table(names: list[str], results: dict, seeds: int) -> str:
    """Return the table in markdown."""
    lines = [
        f'Success per family, {seeds} seeds each. Replay: with the true change of the object; '
        '+error: the change is wrong by 5 mm and 3 degrees; novel: onto another instance, by its true pose, unscaled.',
        '',
        '| family | expert, taught | expert, novel | replay | replay +error | replay, novel |',
        '|---|---|---|---|---|---|',
    ]
    for name in names:
        cells = [f'{100 * results[f"{name}_{column}_success_share"]:.0f} %' for column in COLUMNS]
        lines.append(f'| {name} | ' + ' | '.join(cells) + ' |')
    return '\n'.join(lines) + '\n'


def main() -> None:
    """Run and write the results."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--quick', action='store_true', help='3 seeds, nothing is written')
    parser.add_argument('--seeds', type=int, default=25)
    parser.add_argument('--families', default='', help='comma-separated; default all')
    options = parser.parse_args()
    names = options.families.split(',') if options.families else list(families.names())
    seeds = 3 if options.quick else options.seeds
    results = run(names, seeds)
    text = table(names, results, seeds)
    print('\n' + text)
    if options.quick or options.families:
        return
    commit = subprocess.run(['git', 'rev-parse', '--short', 'HEAD'], capture_output=True, text=True, check=False)
    head = {
        'seeds': seeds,
        'machine': f'{platform.machine()}, {platform.system()}, Python {platform.python_version()}',
        'commit': commit.stdout.strip(),
    }
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / 'experts.json').write_text(json.dumps({**head, **results}, indent=1) + '\n', encoding='utf-8')
    (RESULTS / 'experts.md').write_text('# Experts and true-alignment replay\n\n' + text, encoding='utf-8')


if __name__ == '__main__':
    main()
