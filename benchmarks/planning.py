"""Planning whole tasks among random clutter: success, time, and an independent check of every plan.

    python benchmarks/planning.py [--quick] [--problems N] [--robots panda ur5] [--seed S]

Each problem: a table with boxes on it, seen as a cloud of 6,000 points; one of them is the target, grasped from
above at a random yaw, closed upon, lifted and moved aside. The arm starts at random joints that are free.
A problem counts as feasible when the planner finds a plan with many times the effort (60 s, 300 starting points of
inverse kinematics); success is counted among those. Every plan is checked again, independently of the planner: joint,
velocity and acceleration limits at 2 ms, contact at 2 ms with the controllers' interpolation, and the tool path.
CPU time is what an idle core would need; wall time on a busy machine is longer.
"""

import argparse
import json
import os
import platform
import subprocess
import time
from pathlib import Path

import numpy as np

from mt3_common import se3
from mt3_common.demonstration import Interaction
from mt3_executor.collision import CollisionWorld, Phase
from mt3_executor.config import PlanningConfig
from mt3_executor.obstacles import Obstacles, voxel_filter
from mt3_executor.planning import plan_task
from mt3_executor.robot import ArmModel
from mt3_executor.trajectory import TaskPlan

RESULTS = Path(__file__).parent / 'results'
CLOUD_POINTS = 6000
DOWN = np.diag([1.0, -1.0, -1.0])
GENEROUS = PlanningConfig(time_limit_s=60.0, ik_seeds=300, ik_solutions=40, seed=77)
REACH = {'panda': (0.35, 0.70), 'ur5': (0.35, 0.65)}
TIP_M = {'panda': 0.0095, 'ur5': 0.045}  # how far the fingers reach beyond the tcp


def box_surface(rng: np.random.Generator, centre: np.ndarray, size: np.ndarray, count: int) -> np.ndarray:
    """Points (count, 3) on the top and the four sides of a box [m]."""
    points = rng.uniform(-0.5, 0.5, (count, 3))
    face = rng.integers(0, 5, count)
    axis = np.array([2, 0, 0, 1, 1])[face]
    points[np.arange(count), axis] = np.array([0.5, -0.5, 0.5, -0.5, 0.5])[face]
    return centre + points * size


def make_problem(arm: ArmModel, rng: np.random.Generator) -> tuple:
    """Return (q_start, T_base_bottleneck, interaction, obstacles)."""
    near, far = REACH[arm.config.name]
    boxes = []
    for _ in range(200):
        if len(boxes) == 6:
            break
        size = rng.uniform([0.03, 0.03, 0.04], [0.06, 0.12, 0.2])
        radius, angle = rng.uniform(near, far), rng.uniform(-0.7, 0.7)
        centre = np.array([radius * np.cos(angle), radius * np.sin(angle), size[2] / 2])
        if all(np.linalg.norm(centre[:2] - c[:2]) > 0.16 for c, _ in boxes):
            boxes.append((centre, size))
    (target, target_size), rest = boxes[0], boxes[1:]
    share = CLOUD_POINTS // len(boxes)
    resolution = PlanningConfig().collision.cloud_resolution_m
    points = np.concatenate([box_surface(rng, c, s, share) for c, s in rest])
    own = box_surface(rng, target, target_size, share)
    obstacles = Obstacles(
        voxel_filter(points, resolution, fill_down_to_m=0.0), voxel_filter(own, resolution, fill_down_to_m=0.0), 0.0
    )
    above = float(rng.uniform(0.04, 0.10))
    top = target_size[2] + above + TIP_M[arm.config.name] - 0.0095
    yaw = float(rng.uniform(-np.pi, np.pi))
    T_base_bottleneck = se3.make(se3.from_yaw(yaw)[:3, :3] @ DOWN, [target[0], target[1], top])
    down = above + min(0.03, 0.4 * target_size[2])
    t = np.linspace(0.0, 5.0, 151)
    aside = rng.uniform(-0.05, 0.05, 2)
    z = np.interp(t, [0.0, 1.5, 2.3, 5.0], [0.0, down, down, down - 0.15])
    sideways = np.interp(t, [0.0, 3.0, 5.0], [0.0, 0.0, 1.0])
    turn = np.interp(t, [0.0, 3.0, 5.0], [0.0, 0.0, rng.uniform(-0.4, 0.4)])
    poses = np.array([se3.from_yaw(a, [*(s * aside), d]) for a, s, d in zip(turn, sideways, z, strict=True)])
    interaction = Interaction(t, poses, np.where(t < 1.8, 1.0, 0.4), 0.08)
    world = CollisionWorld(arm, obstacles, PlanningConfig().collision)
    arm.set_opening(1.0)
    while True:
        q = arm.home + rng.normal(0.0, 0.35, arm.n)
        if arm.within_limits(q, 0.05) and world.is_free(q, Phase.FREE):
            return q, T_base_bottleneck, interaction, obstacles


def check(arm: ArmModel, plan: TaskPlan, interaction: Interaction, obstacles: Obstacles) -> dict[str, float]:
    """Count contacts and broken limits of a plan at 2 ms, and measure its tool path."""
    world = CollisionWorld(arm, obstacles, PlanningConfig().collision)
    found = {'collisions': 0, 'limit_violations': 0, 'error_m': 0.0, 'error_rad': 0.0}
    parts = [(plan.approach, plan.opening, None)] if plan.approach else []
    parts += [(s.trajectory, s.opening, s) for s in plan.segments]
    for trajectory, opening, segment in parts:
        arm.set_opening(opening)
        t = np.append(np.arange(0.0, trajectory.duration_s, 0.002), trajectory.duration_s)
        q = trajectory.at(t)
        speed = np.abs(np.diff(q, axis=0)) / np.diff(t)[:, None]
        found['collisions'] += int(not all(world.is_free(x, Phase.CONTACT) for x in q))
        # 1 % more than allowed: what the controllers' interpolation adds between samples
        fast = (speed > 1.01 * arm.config.max_velocity_scale * arm.velocity_limit).any()
        hard = (np.abs(trajectory.acceleration) > 1.01 * arm.acceleration_limit).any()
        found['limit_violations'] += int(not arm.within_limits(q)) + int(fast) + int(hard)
        if segment is not None:
            demo = np.interp(t, trajectory.time_s, segment.demo_time_s)[::10]
            path = plan.T_base_bottleneck @ se3.interpolate(interaction.time_s, interaction.T_bottleneck_tcp, demo)
            for x, T_base_tcp in zip(q[::10], path, strict=True):
                distance, angle = se3.pose_error(arm.fk(x), T_base_tcp)
                found['error_m'], found['error_rad'] = max(found['error_m'], distance), max(found['error_rad'], angle)
    arm.set_opening(1.0)
    return found


def run(name: str, problems: int, seed: int) -> dict[str, float]:
    """Plan the problems of one robot; return its flat results."""
    arm = ArmModel.from_example_robot_data(name)
    seconds, cpu, checks, reasons = [], [], [], {}
    solved = infeasible = 0
    for k in range(problems):
        q, T_base_bottleneck, interaction, obstacles = make_problem(arm, np.random.default_rng([seed, k]))
        begin, begin_cpu = time.perf_counter(), time.process_time()
        plan = plan_task(arm, q, T_base_bottleneck, interaction, obstacles)
        seconds.append(time.perf_counter() - begin)
        cpu.append(time.process_time() - begin_cpu)
        if plan.status.ok:
            solved += 1
            checks.append(check(arm, plan, interaction, obstacles))
        elif plan_task(arm, q, T_base_bottleneck, interaction, obstacles, GENEROUS).status.ok:
            reasons[plan.status.code.name] = reasons.get(plan.status.code.name, 0) + 1
            print(f'{name} {k}: missed: {plan.status}')
        else:
            infeasible += 1
    feasible = problems - infeasible
    return {
        f'{name}_problems': problems,
        f'{name}_feasible': feasible,
        f'{name}_success_share': solved / max(1, feasible),
        f'{name}_plan_task_median_s': float(np.median(seconds)),
        f'{name}_plan_task_p95_s': float(np.percentile(seconds, 95)),
        f'{name}_plan_task_max_s': float(np.max(seconds)),
        f'{name}_plan_task_cpu_median_s': float(np.median(cpu)),
        f'{name}_plan_task_cpu_p95_s': float(np.percentile(cpu, 95)),
        f'{name}_collisions': sum(c['collisions'] for c in checks),
        f'{name}_limit_violations': sum(c['limit_violations'] for c in checks),
        f'{name}_tool_error_max_mm': 1e3 * max(c['error_m'] for c in checks),
        f'{name}_tool_error_max_degree': float(np.degrees(max(c['error_rad'] for c in checks))),
        **{f'{name}_missed_{code.lower()}': count for code, count in reasons.items()},
    }


def main() -> None:
    """Run, print the table, write the results."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument('--problems', type=int, default=500, help='per robot')
    parser.add_argument('--robots', nargs='+', default=['panda', 'ur5'])
    parser.add_argument('--seed', type=int, default=1)
    parser.add_argument('--quick', action='store_true', help='30 problems per robot, nothing written')
    arguments = parser.parse_args()
    problems = 30 if arguments.quick else arguments.problems
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
