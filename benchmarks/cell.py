"""How fast the simulated cell is: physics, pictures, depth noise, reset, tracking error. ROS is not needed.

CPU milliseconds are the process's, all threads together; wall milliseconds depend on what else runs.

Run it with the project's environment: `python benchmarks/cell.py [--quick]`.
"""

import argparse
import json
import os
import platform
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from mt3_sim import families
from mt3_sim.depth_noise import add_noise
from mt3_sim.experts.kinematics import default_arm
from mt3_sim.rendering import Renderer
from mt3_sim.world import World

RESULTS = Path(__file__).parent / 'results'
SEED = 1


def measure(name: str, job: Callable[[], object], repeats: int) -> dict[str, float]:
    """Return CPU and wall milliseconds per call."""
    job()
    cpu, wall = time.process_time(), time.perf_counter()
    for _ in range(repeats):
        job()
    return {
        f'{name}_cpu_ms': round(1e3 * (time.process_time() - cpu) / repeats, 2),
        f'{name}_wall_ms': round(1e3 * (time.perf_counter() - wall) / repeats, 2),
    }


def tracking_error_mm(world: World) -> float:
    """Return the largest distance between commanded and measured tool on a sinusoid of up to 0.75 rad/s."""
    arm, home = default_arm(), np.array(world.robot.home_rad)
    amplitude, w, worst = 0.3, 2.5, 0.0
    for k in range(2000):
        t = k * world.timestep
        ramp, rate = min(1.0, t), float(t < 1.0)
        q = home + amplitude * ramp * np.sin(w * t)
        if k % 20 == 0:
            worst = max(worst, float(np.linalg.norm(arm.tcp(q)[:3, 3] - world.tcp_pose()[:3, 3])))
        world.set_arm_setpoint(q, np.full(len(q), amplitude * (ramp * w * np.cos(w * t) + rate * np.sin(w * t))))
        world.step()
    return 1e3 * worst


def run(repeats: int) -> dict[str, float]:
    """Return all numbers."""
    scene = families.set_up('pick_mug', SEED, 'taught', 0, 3)
    world, renderer, rng = World(scene.spec), Renderer(), np.random.default_rng(SEED)
    snapshot = world.snapshot()
    picture = renderer.picture(snapshot)
    step = measure('step', world.step, 200 * repeats)
    results = {
        'steps_per_cpu_s': round(1e3 / step['step_cpu_ms']),
        **measure('reset', lambda: world.reset(scene.spec), max(2, repeats // 4)),
        **measure('rgbd_640x480', lambda: renderer.picture(snapshot), repeats),
        **measure('depth_noise', lambda: add_noise(picture.depth_m, 600.0, rng), repeats),
        **measure('spectator', lambda: renderer.spectator(snapshot, shadows=False), repeats),
        **measure('spectator_with_shadows', lambda: renderer.spectator(snapshot), repeats),
    }
    renderer.close()
    world.reset(scene.spec)
    return {**results, 'tracking_error_max_mm': round(tracking_error_mm(world), 3)}


def main() -> None:
    """Run and write the results."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--quick', action='store_true', help='few repetitions, nothing is written')
    options = parser.parse_args()
    results = run(4 if options.quick else 20)
    text = '\n'.join(['| what | value |', '|---|---|', *(f'| {k} | {v} |' for k, v in results.items())]) + '\n'
    print(text)
    if options.quick:
        return
    commit = subprocess.run(['git', 'rev-parse', '--short', 'HEAD'], capture_output=True, text=True, check=False)
    head = {
        'seed': SEED,
        'machine': f'{platform.machine()}, {platform.system()}, Python {platform.python_version()}, '
        f'{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}',
        'commit': commit.stdout.strip(),
    }
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / 'cell.json').write_text(json.dumps({**head, **results}, indent=1) + '\n', encoding='utf-8')
    (RESULTS / 'cell.md').write_text('# The simulated cell\n\n' + text, encoding='utf-8')


if __name__ == '__main__':
    main()
