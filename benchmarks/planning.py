"""Planning whole tasks among random clutter: success, time, and an independent check of every plan.

    python benchmarks/planning.py [--quick] [--problems N] [--robots panda ur5] [--seed S]

- Problems (`planning_problems.py`) are known to be possible: each has a witness that is not shown to the planner.
- Every plan is checked again at 4 ms by MuJoCo with the true boxes (`planning_check.py`): contact of the arm and of
  what it carries, limits of position, velocity and acceleration, and the tool path against the demonstrated one.
- The first hundred problems of each robot are also planned with 36 equally right yaws, as a round object has; their
  approaches are also planned by OMPL's default planner (`planning_baseline.py`); twenty replays are driven in physics
  (`planning_physics.py`).
- CPU time is what an idle core would need; wall time on a busy machine is longer.
"""

import argparse
import json
import os
import platform
import subprocess
import time
from pathlib import Path

import numpy as np
from planning_baseline import compare
from planning_check import PlanCheck
from planning_physics import tool_error
from planning_problems import CLOUD_POINTS, make_problem
from rich.progress import track

from mt3_common import se3
from mt3_executor.approach import straight_retreat
from mt3_executor.collision import CollisionWorld, Phase
from mt3_executor.config import PlanningConfig
from mt3_executor.planning import plan_task
from mt3_executor.robot import ArmModel
from mt3_sim.world import World

RESULTS = Path(__file__).parent / 'results'
YAWS = 36
COMPARED, DRIVEN = 100, 20  # problems of each robot that are compared with the baseline, that are driven in physics


def run(name: str, problems: int, seed: int) -> dict[str, float]:
    """Plan the problems of one robot; return its flat results."""
    arm = ArmModel.from_example_robot_data(name)
    cell, checker = World(robot=arm.config), PlanCheck(arm)
    seconds, cpu, round_cpu, checks, compared, driven, missed = [], [], [], [], [], [], {}
    drawn = 0
    for k in track(range(problems), f'{name:6s}'):
        problem = make_problem(arm, (seed, k))
        drawn += problem.drawn
        given = (problem.interaction, problem.obstacles)
        begin, begin_cpu = time.perf_counter(), time.process_time()
        plan = plan_task(arm, problem.q_start, problem.T_base_bottleneck, *given)
        seconds.append(time.perf_counter() - begin)
        cpu.append(time.process_time() - begin_cpu)
        if k < COMPARED:
            round_cpu.append(_round(arm, problem))
        if not plan.status.ok:
            missed[plan.status.code.name] = missed.get(plan.status.code.name, 0) + 1
            print(f'{name} {k}: missed: {plan.status}', flush=True)
            continue
        checks.append(checker.check(problem, plan))
        if checks[-1]['collisions'] or checks[-1]['limit_violations']:
            print(f'{name} {k}: {checks[-1]}', flush=True)
        arm.set_opening(1.0)
        if k < COMPARED:
            world = CollisionWorld(arm, problem.obstacles, PlanningConfig().collision)
            end = straight_retreat(arm, world, plan.segments[0].trajectory.position[0], PlanningConfig())[-1]
            if world.is_free(end, Phase.FREE):
                compared.append(compare(arm, world, problem.q_start, end))
        if len(driven) < DRIVEN:
            driven.append(tool_error(arm, cell, problem, plan))
    return {
        f'{name}_problems': problems,
        f'{name}_drawn_without_witness': drawn,
        f'{name}_success_share': len(checks) / problems,
        f'{name}_plan_task_median_s': float(np.median(seconds)),
        f'{name}_plan_task_p95_s': float(np.percentile(seconds, 95)),
        f'{name}_plan_task_max_s': float(np.max(seconds)),
        f'{name}_plan_task_cpu_median_s': float(np.median(cpu)),
        f'{name}_plan_task_cpu_p95_s': float(np.percentile(cpu, 95)),
        f'{name}_{YAWS}_yaws_cpu_median_s': float(np.median(round_cpu)),
        f'{name}_{YAWS}_yaws_cpu_p95_s': float(np.percentile(round_cpu, 95)),
        f'{name}_collisions': sum(c['collisions'] for c in checks),
        f'{name}_limit_violations': sum(c['limit_violations'] for c in checks),
        f'{name}_tool_error_max_mm': 1e3 * max(c['error_m'] for c in checks),
        f'{name}_tool_error_max_degree': float(np.degrees(max(c['error_rad'] for c in checks))),
        f'{name}_driven_tool_error_max_mm': 1e3 * max(d[0] for d in driven),
        f'{name}_driven_tool_error_max_degree': float(np.degrees(max(d[1] for d in driven))),
        **{f'{name}_{key}': value for key, value in _comparison(compared).items()},
        **{f'{name}_missed_{code.lower()}': count for code, count in missed.items()},
    }


def _round(arm: ArmModel, problem: object) -> float:
    """Return the CPU seconds for the same problem with a target that looks the same from all sides."""
    T = problem.T_base_bottleneck
    yaws = np.stack([T @ se3.from_yaw(angle) for angle in np.linspace(0.0, 2.0 * np.pi, YAWS, endpoint=False)])
    begin = time.process_time()
    plan_task(arm, problem.q_start, yaws, problem.interaction, problem.obstacles)
    return time.process_time() - begin


def _comparison(compared: list[dict[str, float]]) -> dict[str, float]:
    """Return the approach's figures of both planners over the same problems."""
    out: dict[str, float] = {'approaches_compared': len(compared)}
    for who in ('ours', 'default'):
        cpu = [c[f'{who}_cpu_s'] for c in compared]
        out[f'approach_{who}_solved_share'] = float(np.mean([c[f'{who}_solved'] for c in compared]))
        out[f'approach_{who}_cpu_median_s'] = float(np.median(cpu))
        out[f'approach_{who}_cpu_p95_s'] = float(np.percentile(cpu, 95))
        out[f'approach_{who}_in_contact'] = int(sum(c.get(f'{who}_in_contact', 0.0) for c in compared))
        both = [c[f'{who}_length_rad'] for c in compared if c['ours_solved'] and c['default_solved']]
        out[f'approach_{who}_length_median_rad'] = float(np.median(both)) if both else float('nan')
    return out


def main() -> None:
    """Run, print the table, write the results."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument('--problems', type=int, default=500, help='per robot')
    parser.add_argument('--robots', nargs='+', default=['panda', 'ur5'])
    parser.add_argument('--seed', type=int, default=1)
    parser.add_argument('--quick', action='store_true', help='20 problems per robot, nothing written')
    arguments = parser.parse_args()
    problems = 20 if arguments.quick else arguments.problems
    results: dict[str, object] = {
        'machine': f'{platform.machine()}, {_processor()}, one core used',
        'commit': _commit(),
        'seed': arguments.seed,
        'cloud_points': CLOUD_POINTS,
        'load_average_at_start': os.getloadavg()[0],
    }
    for name in arguments.robots:
        results.update(run(name, problems, arguments.seed))
    results['collisions'] = sum(results[f'{n}_collisions'] for n in arguments.robots)
    results['limit_violations'] = sum(results[f'{n}_limit_violations'] for n in arguments.robots)
    table = _table(results, arguments.robots)
    print(table)
    if not arguments.quick:
        RESULTS.mkdir(exist_ok=True)
        (RESULTS / 'planning.json').write_text(json.dumps(results, indent=1) + '\n')
        (RESULTS / 'planning.md').write_text(f'# Planning\n\n{__doc__.split(chr(10), 4)[4].strip()}\n\n{table}\n')


def _table(results: dict, robots: list[str]) -> str:
    keys = list(dict.fromkeys(k[len(r) + 1 :] for r in robots for k in results if k.startswith(f'{r}_')))
    lines = [f'| | {" | ".join(robots)} |', '|---' * (len(robots) + 1) + '|']
    for key in keys:
        cells = [results.get(f'{r}_{key}', 0) for r in robots]
        lines.append(f'| {key} | ' + ' | '.join(f'{c:.4g}' if isinstance(c, float) else str(c) for c in cells) + ' |')
    lines.append('')
    about = ('machine', 'commit', 'seed', 'cloud_points', 'load_average_at_start')
    lines.append(', '.join(f'{k}: {results[k]}' for k in about))
    return '\n'.join(lines)


def _commit() -> str:
    done = subprocess.run(['git', 'rev-parse', '--short', 'HEAD'], capture_output=True, text=True, check=False)
    return done.stdout.strip() or 'unknown'


def _processor() -> str:
    try:
        for line in Path('/proc/cpuinfo').read_text().splitlines():
            if line.startswith('model name'):
                return line.split(':', 1)[1].strip()
    except OSError:
        return 'unknown processor'
    return 'unknown processor'


if __name__ == '__main__':
    main()
