"""One demonstration made of several noisy ones, against single ones, in the cell's physics.

A careless hand (millimetres and degrees off at every waypoint, less where something is near) teaches each task ten
times, with the object somewhere else each time; what failed is taught again, as a person would. Then each way of using
the first 1, 3, 5 and 10 of them is replayed in new scenes, in process, with the true change of the object and an error
of 4 mm and 3 degrees on top, the same for all:

    single    any one of them: the mean over all
    nearest   the one whose object stood and lay most alike, as retrieval chooses by default
    best      the one that did best in these very scenes: known only afterwards, so an upper bound for choosing one
    blend     `mt3 library blend` of them; their objects are aligned from their pictures as it does

Beside success, the error at the crucial moment: how far the tool is from where an exact hand would have it when the
gripper acts (or at the lowest point, when it does not), in the target's frame.

Run it with the project's environment: `python benchmarks/blending.py [--quick] [--scenes N] [--families a,b]`.
"""

import argparse
import json
import platform
import subprocess
import time
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from mt3_common import se3
from mt3_common.demonstration import Demonstration, Interaction
from mt3_common.errors import MT3Error, StatusCode
from mt3_sim import families
from mt3_sim.bench.lesson import teaching_scene
from mt3_sim.bench.senses import Eyes
from mt3_sim.cell import Cell
from mt3_sim.experts.kinematics import default_arm
from mt3_sim.experts.replay import alignment_error, replay
from mt3_sim.experts.teleop import demonstrate
from mt3_sim.families import TaskScene
from mt3_sim.rendering import Renderer, intrinsics
from mt3_sim.world import World
from mt3_teach.blending import blend_demonstrations

RESULTS = Path(__file__).parent / 'results'
FAMILIES = ('insert_peg', 'press_button', 'pick_mug_handle')
COUNTS = (1, 3, 5, 10)
NOISE = {True: (0.005, np.radians(4.0)), False: (0.012, np.radians(6.0))}  # by whether something is near
ERROR = (0.004, np.radians(3.0))
TRIES = 12


@dataclass(frozen=True, eq=False)
class Taught:
    """A demonstration, where its target truly stood, and how often it had to be given until it succeeded."""

    demo: Demonstration
    T_base_target: np.ndarray
    tries: int


def careless(scene: TaskScene, rng: np.random.Generator) -> TaskScene:
    """Return the scene with the expert's waypoints as a careless hand meets them."""
    varied = []
    for w in scene.waypoints:
        metres, radians = NOISE[w.tight]
        off = se3.exp(
            np.concatenate([rng.normal(0, metres, 3), rng.normal(0, 0.5 * radians, 2), [rng.normal(0, radians)]])
        )
        varied.append(replace(w, T_target_tcp=w.T_target_tcp @ off, speed=w.speed * rng.uniform(0.7, 1.3)))
    return replace(scene, waypoints=tuple(varied))


def teach(name: str, number: int, renderer: Renderer) -> Taught:
    """Teach a task once more, until it succeeds."""
    family, arm = families.get(name), default_arm()
    scene = teaching_scene(family, number)
    for attempt in range(TRIES):
        world = World(scene.spec, arm.config)
        cell = Cell(world)
        picture, depth = Eyes(cell, renderer, seed=1000 + number).picture()
        mask = scene.target_mask(*renderer.segmentation(cell.snapshot()))
        try:
            recording = demonstrate(world, careless(scene, np.random.default_rng([number, attempt])), arm, None)
        except MT3Error:
            continue
        if not family.judge(world, scene).success:
            continue
        T_base_bottleneck, interaction = recording.interaction(arm.config)
        demo = Demonstration(
            task=family.task,
            robot=arm.config.name,
            T_base_bottleneck=T_base_bottleneck,
            interaction=interaction,
            rgb=picture.rgb,
            depth_m=depth,
            mask=mask,
            K=intrinsics(picture.camera),
            T_base_camera=picture.camera.T_base_camera,
            support_height_m=0.0,
            simulated=True,
            success=True,
        )
        return Taught(demo, scene.T_base_target, attempt + 1)
    raise MT3Error(f'{name} {number}: the careless hand fails {TRIES} times', StatusCode.OUTCOME_FAILED)


def teach_all(name: str, count: int, renderer: Renderer) -> list[Taught]:
    """Teach so many; a place at which the careless hand never succeeds is given up for another."""
    lessons: list[Taught] = []
    for number in range(4 * count):
        try:
            lessons.append(teach(name, number, renderer))
        except MT3Error as error:
            print(error, flush=True)
        if len(lessons) == count:
            return lessons
    raise MT3Error(f'{name}: {len(lessons)} of {count} demonstrations succeed', StatusCode.OUTCOME_FAILED)


def exact(name: str, number: int) -> tuple[np.ndarray, Interaction]:
    """Return T_target_bottleneck and the interaction of an exact hand."""
    arm, scene = default_arm(), teaching_scene(families.get(name), number)
    T_base_bottleneck, path = demonstrate(World(scene.spec, arm.config), scene, arm, None).interaction(arm.config)
    return se3.inverse(scene.T_base_target) @ T_base_bottleneck, path


def crucial(T_target_bottleneck: np.ndarray, path: Interaction) -> np.ndarray:
    """Return the tool's position (3,) in the target's frame when the gripper acts, or at its lowest [m]."""
    way = (T_target_bottleneck @ path.T_bottleneck_tcp)[:, :3, 3]
    acts = np.flatnonzero(np.abs(np.diff(path.gripper_opening)) > 0.05)
    return way[acts[0]] if len(acts) else way[np.argmin(way[:, 2])]


def attempt(name: str, seed: int, taught: Taught) -> bool:
    """Replay a demonstration in a new scene; the alignment is wrong by as much for all of one seed."""
    family, arm = families.get(name), default_arm()
    scene = family.sample(np.random.default_rng(50_000 + seed))
    wrong = alignment_error(np.random.default_rng(60_000 + seed), *ERROR, scene.T_base_target)
    T_live_demo = wrong @ scene.T_base_target @ se3.inverse(taught.T_base_target)
    world = World(scene.spec, arm.config)
    try:
        replay(world, arm, T_live_demo @ taught.demo.T_base_bottleneck, taught.demo.interaction)
    except MT3Error:
        return False
    return bool(family.judge(world, scene).success)


def nearest(name: str, seed: int, lessons: list[Taught]) -> int:
    """Return the lesson whose target stood and lay most like that of a scene; 0.1 m count as much as a radian."""
    T = families.get(name).sample(np.random.default_rng(50_000 + seed)).T_base_target
    errors = [se3.pose_error(T, lesson.T_base_target) for lesson in lessons]
    return int(np.argmin([distance + 0.1 * angle for distance, angle in errors]))


def run(name: str, counts: tuple[int, ...], scenes: int, renderer: Renderer) -> dict[str, float]:
    """Measure one family."""
    lessons = teach_all(name, max(counts), renderer)
    reference = crucial(*exact(name, 0))

    def error_mm(taught: Taught) -> float:
        T = se3.inverse(taught.T_base_target) @ taught.demo.T_base_bottleneck
        return 1e3 * float(np.linalg.norm(crucial(T, taught.demo.interaction) - reference))

    done = np.array([[attempt(name, seed, lesson) for seed in range(scenes)] for lesson in lessons])
    numbers: dict[str, float] = {'teaching_tries_mean': float(np.mean([lesson.tries for lesson in lessons]))}
    for count in counts:
        own = [error_mm(lesson) for lesson in lessons[:count]]
        chosen = [nearest(name, seed, lessons[:count]) for seed in range(scenes)]
        numbers |= {
            f'single_{count}_success_percent': 100.0 * done[:count].mean(),
            f'nearest_{count}_success_percent': 100.0 * np.mean([done[k, seed] for seed, k in enumerate(chosen)]),
            f'best_{count}_success_percent': 100.0 * done[:count].mean(axis=1).max(),
            f'single_{count}_crucial_error_mm': float(np.mean(own)),
        }
        if count < 3:
            continue
        begin = time.process_time()
        made = blend_demonstrations([lesson.demo for lesson in lessons[:count]])
        seconds = time.process_time() - begin
        T = next(lesson.T_base_target for lesson in lessons if lesson.demo.id == made.reference)
        mean = Taught(made.demonstration, T, 0)
        wins = [attempt(name, seed, mean) for seed in range(scenes)]
        numbers |= {
            f'blend_{count}_success_percent': 100.0 * float(np.mean(wins)),
            f'blend_{count}_crucial_error_mm': error_mm(mean),
            f'blend_{count}_left_out': len(made.left_out),
            f'blend_{count}_cpu_s': seconds,
            f'blend_{count}_slower_times': made.demonstration.interaction.duration_s
            / next(lesson.demo for lesson in lessons if lesson.demo.id == made.reference).interaction.duration_s,
        }
    return {key: round(float(value), 2) for key, value in numbers.items()}


def table(results: dict[str, dict], counts: tuple[int, ...], scenes: int) -> str:
    """Return the tables in markdown."""
    lines = [
        f'Success in {scenes} new scenes, percent; in brackets the error of the tool when it matters, mm.',
        '',
        '| family | demonstrations | single (mean) | nearest | best, known afterwards | blend |',
        '|---|---|---|---|---|---|',
    ]
    for name, n in results.items():
        for count in counts:
            blend = '-'
            if count >= 3:
                blend = f'{n[f"blend_{count}_success_percent"]:.0f} ({n[f"blend_{count}_crucial_error_mm"]:.1f})'
                if n[f'blend_{count}_left_out']:
                    blend += f', {n[f"blend_{count}_left_out"]:.0f} left out'
            lines.append(
                f'| {name} | {count} | {n[f"single_{count}_success_percent"]:.0f} '
                f'({n[f"single_{count}_crucial_error_mm"]:.1f}) | {n[f"nearest_{count}_success_percent"]:.0f} | '
                f'{n[f"best_{count}_success_percent"]:.0f} | {blend} |'
            )
    return '\n'.join(lines) + '\n'


def main() -> None:
    """Run and write the results."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        '--quick', action='store_true', help='one family, 3 demonstrations, 2 scenes; nothing is written'
    )
    parser.add_argument('--scenes', type=int, default=10)
    parser.add_argument('--families', default=','.join(FAMILIES), help='comma-separated; only all of them are written')
    options = parser.parse_args()
    names = ['press_button'] if options.quick else options.families.split(',')
    counts, scenes = ((1, 3), 2) if options.quick else (COUNTS, options.scenes)
    renderer, results = Renderer(), {}
    for name in names:
        begin = time.process_time()
        results[name] = run(name, counts, scenes, renderer)
        print(f'{name}: {time.process_time() - begin:.0f} s of CPU', flush=True)
        print(table({name: results[name]}, counts, scenes), flush=True)
        if names == list(FAMILIES):
            write(results, counts, scenes)


def write(results: dict[str, dict], counts: tuple[int, ...], scenes: int) -> None:
    """Write what is measured so far."""
    text = (
        '# Several noisy demonstrations, blended and not\n\n'
        + table(results, counts, scenes)
        + '\nWritten by `benchmarks/blending.py`, which says what each column is. Replays with the true change of the '
        f'object, wrong by {1e3 * ERROR[0]:g} mm and {np.degrees(ERROR[1]):g} degrees; the same ten demonstrations '
        'and the same scenes for all columns.\n'
    )
    commit = subprocess.run(['git', 'rev-parse', '--short', 'HEAD'], capture_output=True, text=True, check=False)
    head = {
        'scenes': scenes,
        'machine': f'{platform.machine()}, {platform.system()}, Python {platform.python_version()}',
        'commit': commit.stdout.strip(),
    }
    flat = {f'{name}_{key}': value for name, numbers in results.items() for key, value in numbers.items()}
    (RESULTS / 'blending.json').write_text(json.dumps({**head, **flat}, indent=1) + '\n', encoding='utf-8')
    (RESULTS / 'blending.md').write_text(text, encoding='utf-8')


if __name__ == '__main__':
    main()
