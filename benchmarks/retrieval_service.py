"""How long a whole `/mt3/retrieve` call takes over DDS: `benchmarks/retrieval.py --service`.

A library of 1,000 and one of 1,000,000 demonstrations; eight objects on the table, each task in turn and every eighth
time another placement; the retrieval node is a process of its own with its default settings, the caller another. The
time is what the caller waits: scene there, answer with the overlay picture back. Nobody changes the library meanwhile,
so that after the first call for a task its demonstrations are known; `language_first_median_ms` is what that call took.
"""

import json
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timezone
from functools import cache
from pathlib import Path

import numpy as np
import pyarrow as pa

from mt3_common.demonstration import new_id
from mt3_retrieval.descriptor import describe, object_points
from mt3_retrieval.language import parse
from mt3_retrieval.language.embedding import default_embedder
from mt3_retrieval.language.vocabulary import NOUN_SYNONYMS
from mt3_retrieval.library import DemoLibrary
from mt3_retrieval.library.encoding import encode
from mt3_retrieval.library.schema import SCHEMA
from mt3_retrieval.testing import Placed, make_demo, make_scene

ASKED = {  # task: shape on the table
    'pick up the mug': 'mug', 'pick up the bottle': 'bottle', 'push the box': 'box', 'open the drawer': 'drawer',
    'wash the plate': 'plate', 'press the button': 'button', 'pick up the can': 'can', 'push the block': 'lblock',
}  # fmt: skip
VERBS = ('pick up the {}', 'open the {}', 'push the {}', 'wash the {}', 'press the {}', 'pull the {}')
COLOURS = ('red', 'blue', 'green', 'white', 'black')
VARIANTS = 6  # instances of each kind: other sizes, turns, cameras
BATCH = 5000
GOALS_MS = {1000: 150.0, 1_000_000: 250.0}


def teach(uri: str, rows: int, seed: int) -> None:
    """Fill a library; the demonstrations that can be asked for carry pictures, of the rest only those of small ones."""
    rng = np.random.default_rng(seed)
    variants = {task: [_row(task, shape, rng) for _ in range(VARIANTS)] for task, shape in ASKED.items()}
    nouns, base = list(NOUN_SYNONYMS), variants['pick up the mug'][0]
    embed = default_embedder()
    table = DemoLibrary.open(uri, embed=None)._table
    columns: dict[str, list] = {name: [] for name in SCHEMA.names}
    for k in range(rows):
        verb, noun = VERBS[rng.integers(len(VERBS))], nouns[rng.integers(len(nouns))]
        task, robot = f'{COLOURS[rng.integers(5)]} {noun}', ('panda', 'ur5', 'xarm')[rng.integers(3)]
        kind = verb.format(noun)
        if k < 20 * len(ASKED):  # twenty of each at least, however small the library is
            kind, robot = list(ASKED)[k % len(ASKED)], 'panda'
            verb, noun = 'x {}', kind
        row = dict(base)
        if kind in ASKED:
            row |= variants[kind][rng.integers(VARIANTS)]
        elif rows > 1000:
            row |= {'rgb_png': None, 'depth_png': None, 'mask_png': None}
        if kind in ASKED and robot != 'panda' and rows > 1000:
            row |= {'rgb_png': None, 'depth_png': None, 'mask_png': None}
        text = kind if verb == 'x {}' else verb.format(task)
        parsed = _parsed(text)
        row |= {'id': new_id(), 'task': text, 'skill': parsed.skill, 'target': parsed.target, 'robot': robot}
        if kind not in ASKED:
            row |= {'descriptor': np.array(row['descriptor']) + rng.normal(0.0, 0.3, len(row['descriptor']))}
        row |= {'text_vector': None if embed is None else embed(text).astype(np.float16)}
        for name, values in columns.items():
            values.append(row[name])
        if len(columns['id']) == BATCH or k == rows - 1:
            table.add(pa.table({f.name: pa.array(columns[f.name], f.type) for f in SCHEMA}, schema=SCHEMA))
            columns = {name: [] for name in SCHEMA.names}
            print(f'\rteaching {k + 1:,}/{rows:,}', end='', flush=True)
    print()
    DemoLibrary.open(uri, embed=None).optimise()


@cache
def _parsed(task: str):
    return parse(task)


def _row(task: str, shape: str, rng) -> dict:
    """Return the row of one rendered demonstration."""
    size = tuple(rng.uniform(0.85, 1.2, 3))
    placed = Placed(shape, 0.5, rng.uniform(-0.1, 0.1), rng.uniform(-np.pi, np.pi), size)
    demo = make_demo(task, placed, int(rng.integers(1 << 30)), simulated=True)
    points = object_points(demo.depth_m, demo.mask, demo.K, demo.T_base_camera)
    return encode(demo, describe(points, demo.support_height_m), None, datetime.now(timezone.utc))


def scenes(count: int, seed: int) -> Iterator[tuple[str, object]]:
    """Give tasks with scenes of all eight shapes in two rows: each task in turn, each scene for every task."""
    rng, scene = np.random.default_rng(seed), None
    for k in range(count):
        if k % len(ASKED) == 0:
            places = [(0.4 + 0.22 * (i % 2), -0.36 + 0.24 * (i // 2)) for i in rng.permutation(8)]
            things = [
                Placed(shape, x, y + rng.uniform(-0.02, 0.02), rng.uniform(-np.pi, np.pi), rng.uniform(0.9, 1.1, 3))
                for shape, (x, y) in zip(ASKED.values(), places, strict=True)
            ]
            scene = make_scene(things, int(rng.integers(1 << 30)))
        yield list(ASKED)[k % len(ASKED)], scene


@contextmanager
def running_node(uri: str):
    """Give a function that asks a retrieval node in a process and domain of its own."""
    import os

    import rclpy

    from mt3_common.domain import hold_domain
    from mt3_common.testing import NodeProcess
    from mt3_interfaces.srv import RetrieveDemo

    domain, held = hold_domain()
    os.environ.update(ROS_DOMAIN_ID=str(domain), ROS_AUTOMATIC_DISCOVERY_RANGE='LOCALHOST')
    values = {'library': uri, 'origin': 'simulated', 'alignment.min_confidence': 0.0}
    parameters = [word for name, value in values.items() for word in ('-p', f'{name}:={value}')]
    rclpy.init()
    node = rclpy.create_node('asker')
    client = node.create_client(RetrieveDemo, '/mt3/retrieve')

    def ask(**fields):
        for _ in range(4):  # the reply to the first call may be lost: see mt3_common.service_call
            future = client.call_async(RetrieveDemo.Request(**fields))
            rclpy.spin_until_future_complete(node, future, timeout_sec=30.0)
            if future.done():
                return future.result()
        raise RuntimeError(f'no answer from the node, which said: {process.output}')

    with NodeProcess([sys.executable, '-m', 'mt3_retrieval.node', '--ros-args', *parameters]) as process:
        try:
            if not client.wait_for_service(180.0):
                raise RuntimeError(f'the retrieval node did not come up: {process.output}')
            yield ask
        finally:
            node.destroy_node()
            rclpy.try_shutdown()
            held.close()


def measure(rows: int, calls: int, seed: int, kept: Path | None) -> dict:
    """Return the times of one size of library; `kept` is a folder to keep it in for the next run."""
    from mt3_common.conversions import scene_to_msg

    folder = (kept or Path(tempfile.mkdtemp(prefix='mt3-service-'))) / str(rows)
    try:
        if not folder.exists():
            teach(str(folder), rows, seed)
        seconds, steps, first, right, answered = [], {}, [], 0, 0
        with running_node(str(folder)) as ask:
            for k, (task, scene) in enumerate(scenes(calls + 8, seed + 1)):
                message = scene_to_msg(scene)
                begin = time.perf_counter()
                answer = ask(task=task, use_given_scene=True, scene=message, robot='panda')
                if k < 8:  # each task once: the first calls meet cold files
                    first += [step.seconds for step in answer.timings if step.name == 'language']
                    continue
                seconds.append(time.perf_counter() - begin)
                answered += answer.status.code == 0
                right += answer.object_id == list(ASKED).index(task) + 1
                for step in answer.timings:
                    steps.setdefault(step.name, []).append(step.seconds)
        result = {
            'rows': rows, 'calls': calls, 'right_object_percent': round(100.0 * right / calls, 1),
            'ok_percent': round(100.0 * answered / calls, 1),
            'p50_ms': round(1e3 * float(np.median(seconds)), 1),
            'p95_ms': round(1e3 * float(np.percentile(seconds, 95)), 1),
            'goal_p50_ms': GOALS_MS.get(rows),
            'language_first_median_ms': round(1e3 * float(np.median(first)), 1),
        }  # fmt: skip
        return result | {f'{name}_median_ms': round(1e3 * float(np.median(x)), 1) for name, x in steps.items()}
    finally:
        if kept is None:
            shutil.rmtree(folder.parent, ignore_errors=True)


def main(sizes: list[int], calls: int, seed: int, kept: Path | None, head: dict, results: Path | None) -> None:
    """Measure, print, write."""
    found = [measure(rows, calls, seed, kept) for rows in sizes]
    names = list(dict.fromkeys(name for one in found for name in one if name != 'rows'))
    lines = ['| | ' + ' | '.join(f'{one["rows"]:,}' for one in found) + ' |', '|---' * (len(found) + 1) + '|']
    lines += [f'| {name.replace("_", " ")} | ' + ' | '.join(str(one.get(name, '')) for one in found) + ' |'
              for name in names]  # fmt: skip
    print('\n'.join(lines))
    if results is None:
        return
    (results / 'retrieval_service.json').write_text(json.dumps({**head, 'sizes': found}, indent=1) + '\n')
    note = ', '.join(f'{name} {value}' for name, value in head.items())
    text = f'# The whole retrieval service over DDS\n\n{note}.\n{__doc__.split(chr(10), 2)[2]}\n'
    (results / 'retrieval_service.md').write_text(text + '\n'.join(lines) + '\n')
