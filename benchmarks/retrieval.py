"""Right demonstration among 20 of one skill, right object among 8 in clutter, by shape alone; and how long it takes.

    ./mt3 shell python benchmarks/retrieval.py [--trials 120] [--seed 9000] [--quick] [--service]

- demonstration: a library of 20 demonstrations of picking up, one per category; on the table stands one object of one
  of them; asked is "pick up the object".
- object: the library holds one demonstration; on the table stand its object and seven of other kinds, closely; nothing
  is named that a detector would know.

Pictures are rendered with the noise model of `alignment_scenes` and segmented by `mt3_perception`, as on a table.
Found: it is the one that the answer names, be the answer a refusal, because its pose is in doubt. Acted on: and not
refused. Wrong: another one would have been acted on. Prints the table and writes
benchmarks/results/retrieval.{json,md}.
"""

import argparse
import json
import os
import platform
import subprocess
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import retrieval_service
from alignment_objects import CATEGORIES, Instance, build
from alignment_scenes import WORKSPACE, K, _camera, add_noise, render

from mt3_common import se3
from mt3_common.demonstration import Demonstration, Interaction
from mt3_common.errors import StatusCode
from mt3_common.scene import Scene
from mt3_perception.config import SegmentationConfig
from mt3_perception.scene_builder import build_scene
from mt3_perception.segmentation import segment
from mt3_retrieval.config import RetrievalConfig
from mt3_retrieval.library import DemoLibrary
from mt3_retrieval.retrieval import Retriever

RESULTS = Path(__file__).parent / 'results'
# those that no mistake of segmentation cuts in two, so that what is measured is retrieval
KINDS = [name for name in CATEGORIES if name not in ('mug_tree', 'chair', 'faucet', 'hammer', 'knife', 'wrench')]
LIBRARY_SIZE, OBJECTS = 20, 8


@dataclass
class Tally:
    """How often the right one was found, and acted on; refused and wrong answers; and the seconds of each call."""

    found: int = 0
    right: int = 0
    refused: int = 0
    wrong: int = 0
    seconds: list[float] = field(default_factory=list)
    mistakes: list[str] = field(default_factory=list)

    @property
    def total(self) -> int:
        """Return the number of trials."""
        return self.right + self.refused + self.wrong

    def add(self, found: bool, status, seconds: float, what: str) -> None:
        """Count one answer; `what` is told when it was not right."""
        self.seconds.append(seconds)
        found = found and status.code != StatusCode.OBJECT_NOT_FOUND
        right = found and status.ok
        self.found += found
        self.right += right
        if not right:
            self.refused += not status.ok
            self.wrong += status.ok
            self.mistakes.append(f'{what}: {status}' if not status.ok else what)


def look(bodies: list[tuple[Instance, np.ndarray]], T_base_camera: np.ndarray, rng) -> tuple[Scene, np.ndarray]:
    """Return the scene as perception segments it, and the true label (H, W) of each pixel: i + 1 for bodies[i]."""
    exact, truth = render(bodies, T_base_camera)
    depth = add_noise(exact, rng)
    rgb = np.full((*depth.shape, 3), 150, np.uint8)  # no colour: shape alone
    return build_scene(depth, rgb, K, T_base_camera, segment(depth, K, T_base_camera, rgb, SegmentationConfig())), truth


def demonstrate(instance: Instance, rng) -> Demonstration:
    """Return a demonstration of picking the object up, alone on the table."""
    T = se3.from_yaw(rng.uniform(-np.pi, np.pi), WORKSPACE + np.array([*rng.uniform(-0.08, 0.08, 2), 0.0]))
    T_base_camera = _camera(rng, rng.uniform(-0.4, 0.4))
    exact, truth = render([(instance, T)], T_base_camera)
    path = np.tile(np.eye(4), (2, 1, 1))
    path[1, 2, 3] = 0.08
    return Demonstration(
        task=f'pick up the {instance.category.replace("_", " ")}',
        robot='panda',
        T_base_bottleneck=se3.make(np.diag([1.0, -1.0, -1.0]), T[:3, 3] + [0.0, 0.0, instance.height + 0.1]),
        interaction=Interaction(np.array([0.0, 1.0]), path, np.ones(2), 0.08),
        rgb=np.full((*truth.shape, 3), 150, np.uint8),
        depth_m=add_noise(exact, rng),
        mask=truth == 1,
        K=K,
        T_base_camera=T_base_camera,
        support_height_m=0.0,
        simulated=True,
    )


def spread(instances: list[Instance], rng) -> list[tuple[Instance, np.ndarray]]:
    """Place objects without overlap, two to eight centimetres apart at the closest."""
    while True:
        placed: list[tuple[Instance, np.ndarray]] = []
        for instance in instances:
            for _ in range(200):
                at = WORKSPACE + np.array([rng.uniform(-0.22, 0.22), rng.uniform(-0.3, 0.3), 0.0])
                gap = rng.uniform(0.02, 0.04)
                if all(np.hypot(*(T[:2, 3] - at[:2])) > i.radius + instance.radius + gap for i, T in placed):
                    placed.append((instance, se3.from_yaw(rng.uniform(-np.pi, np.pi), at)))
                    break
        if len(placed) == len(instances):
            return placed
        kinds = [kind for kind in rng.permutation(KINDS) if kind != instances[0].category]
        instances = [
            instances[0],
            *(build(str(kind), rng) for kind in kinds[: len(instances) - 1]),
        ]  # too large: others


def interval_percent(right: int, total: int, z: float = 1.96) -> tuple[float, float]:
    """Return the 95 % interval (Wilson 1927) of a share, in percent."""
    share, n = right / total, total
    middle = (share + z**2 / (2 * n)) / (1 + z**2 / n)
    half = z / (1 + z**2 / n) * np.sqrt(share * (1 - share) / n + z**2 / (4 * n**2))
    return 100.0 * (middle - half), 100.0 * (middle + half)


def live_instance(demonstrated: Instance, novel: bool, rng) -> Instance:
    return build(demonstrated.category, rng) if novel else demonstrated


def right_demonstration(tally: Tally, novel: bool, seed: int) -> None:
    """One scene with one object, against a library of 20."""
    rng = np.random.default_rng([seed, novel, 1])
    kinds = [str(kind) for kind in rng.permutation(KINDS)[:LIBRARY_SIZE]]
    taught = [build(kind, rng) for kind in kinds]
    demos = [demonstrate(instance, rng) for instance in taught]
    wanted = int(rng.integers(LIBRARY_SIZE))
    body = live_instance(taught[wanted], novel, rng)
    scene, _ = look(spread([body], rng), _camera(rng, rng.uniform(-0.4, 0.4)), rng)
    with tempfile.TemporaryDirectory() as folder:
        library = DemoLibrary.open(folder, embed=None)
        stored = library.add_many(demos)
        retriever = Retriever(library, RetrievalConfig(origin='simulated', refuse_ambiguous=False), embed=None)
        begin = time.perf_counter()
        answer = retriever.retrieve('pick up the object', scene)
        seconds = time.perf_counter() - begin
    found = answer.demo is not None and answer.demo.id == stored[wanted].id
    what = f'{kinds[wanted]} taken for {answer.demo.task.removeprefix("pick up the ") if answer.demo else "nothing"}'
    tally.add(found, answer.status, seconds, what)


def right_object(tally: Tally, novel: bool, seed: int) -> None:
    """One demonstration, eight objects."""
    rng = np.random.default_rng([seed, novel, 2])
    kinds = [str(kind) for kind in rng.permutation(KINDS)[:OBJECTS]]
    taught = build(kinds[0], rng)
    demo = demonstrate(taught, rng)
    others = [build(kind, rng) for kind in kinds[1:]]
    bodies = spread([live_instance(taught, novel, rng), *others], rng)
    scene, truth = look(bodies, _camera(rng, rng.uniform(-0.4, 0.4)), rng)
    with tempfile.TemporaryDirectory() as folder:
        library = DemoLibrary.open(folder, embed=None)
        library.add(demo)
        retriever = Retriever(library, RetrievalConfig(origin='simulated', refuse_ambiguous=False), embed=None)
        begin = time.perf_counter()
        answer = retriever.retrieve(demo.task, scene)
        seconds = time.perf_counter() - begin
    chosen, what = '', f'{kinds[0]}: nothing chosen'
    if answer.object is not None:
        votes = np.bincount(truth[scene.mask(answer.object.id)].clip(0), minlength=OBJECTS + 1)
        winner = int(votes[1:].argmax()) + 1
        chosen = bodies[winner - 1][0].category
        what = f'{kinds[0]}: {chosen} chosen'
        tally.add(winner == 1, answer.status, seconds, what)
        return
    tally.add(False, answer.status, seconds, what)


def _head(seed: int) -> dict[str, object]:
    """Return what a result was measured with."""
    commit = subprocess.run(['git', 'rev-parse', '--short', 'HEAD'], capture_output=True, text=True).stdout.strip()
    machine = f'{os.cpu_count()} cores, {platform.machine()}, load average {os.getloadavg()[0]:.1f} at the end'
    return {'commit': commit, 'machine': machine, 'seed': seed}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--trials', type=int, default=120, help='of each kind')
    parser.add_argument('--seed', type=int, default=9000)
    parser.add_argument('--quick', action='store_true', help='six trials of each kind; writes nothing')
    parser.add_argument('--service', action='store_true', help='instead: how long a whole service call takes')
    parser.add_argument('--rows', type=int, nargs='+', default=[1000, 1_000_000], help='--service: library sizes')
    parser.add_argument('--keep', type=Path, help='--service: folder that keeps the libraries for the next run')
    arguments = parser.parse_args()
    if arguments.service:
        calls, rows = (16, [1000]) if arguments.quick else (arguments.trials, arguments.rows)
        where = None if arguments.quick else RESULTS
        retrieval_service.main(rows, calls, arguments.seed, arguments.keep, _head(arguments.seed), where)
        return
    trials = 6 if arguments.quick else arguments.trials
    tallies = {}
    for name, measure in (('demonstration', right_demonstration), ('object', right_object)):
        for novel in (False, True):
            tally = tallies[f'{name}_{"novel" if novel else "same"}'] = Tally()
            for k in range(trials):
                measure(tally, novel, arguments.seed + k)
                print(f'\r{name} {"novel" if novel else "same"} {k + 1}/{trials}', end='', flush=True)
            print()
    goals = {'demonstration_same': 97, 'object_same': 97, 'demonstration_novel': 95, 'object_novel': 95}
    titles = '| question | trials | found | 95 % interval | goal | acted on | refused | wrong | median s |'
    lines = [titles, '|---' * 9 + '|']
    values: dict[str, object] = {}
    for name, t in tallies.items():
        found, right, median = 100.0 * t.found / t.total, 100.0 * t.right / t.total, float(np.median(t.seconds))
        low, high = interval_percent(t.found, t.total)
        lines.append(
            f'| {name} | {t.total} | {found:.1f} % | {low:.1f} to {high:.1f} % | {goals[name]} % | {right:.1f} % | '
            f'{t.refused} | {t.wrong} | {median:.3f} |'
        )
        values |= {f'{name}_found_low_percent': round(low, 2), f'{name}_found_high_percent': round(high, 2)}
        values |= {f'{name}_found_percent': round(found, 2), f'{name}_acted_on_percent': round(right, 2)}
        values |= {f'{name}_refused': t.refused, f'{name}_wrong': t.wrong}
        values |= {f'{name}_median_s': round(median, 4), f'{name}_mistakes': t.mistakes}
    lines += [
        '',
        'The interval is that of Wilson (1927), for independent trials.',
        '',
        'Mistakes:',
        '',
        *(f'- {name}, {m}' for name, t in tallies.items() for m in t.mistakes),
    ]
    text = '\n'.join(lines)
    print(text)
    if arguments.quick:
        return
    head = {**_head(arguments.seed), 'trials': trials}
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / 'retrieval.json').write_text(json.dumps({**head, **values}, indent=1) + '\n')
    note = ', '.join(f'{name} {value}' for name, value in head.items()) + ' of each kind.'
    (RESULTS / 'retrieval.md').write_text(f'# Right demonstration, right object\n\n{note}\n\n{text}\n')


if __name__ == '__main__':
    main()
