"""How fast the demonstration library is at 1,000, 100,000 and 1,000,000 rows.

    python benchmarks/library.py [--rows 1000 100000] [--quick]

Rows are made from one synthetic demonstration with other words, vectors and descriptors; rows of 1,000 carry their
pictures, larger tables do not. A million rows only on demand: `--rows 1000000`.
"""

import argparse
import json
import os
import platform
import shutil
import statistics
import subprocess
import tempfile
import time
from datetime import datetime, timezone
from functools import cache
from pathlib import Path

import numpy as np
import psutil
import pyarrow as pa

from mt3_common.demonstration import new_id
from mt3_retrieval.descriptor import describe, object_points
from mt3_retrieval.language import ParsedTask, parse
from mt3_retrieval.language.vocabulary import NOUN_SYNONYMS
from mt3_retrieval.library import DemoLibrary
from mt3_retrieval.library.encoding import encode
from mt3_retrieval.library.schema import SCHEMA
from mt3_retrieval.task_search import find_tasks
from mt3_retrieval.testing import Placed, make_demo

ROOT = Path(__file__).resolve().parents[1]
SEED = 0
BATCH = 5000
VERBS = ('pick up the {}', 'open the {}', 'push the {}', 'wash the {}', 'press the {}', 'pull the {}')
COLOURS = ('red', 'blue', 'green', 'white', 'black')


def fill(uri: str, rows: int, pictures: bool) -> None:
    """Write rows in batches, as a fleet's import would."""
    rng = np.random.default_rng(SEED)
    demo = make_demo('pick up the mug', Placed('mug'))
    base = encode(
        demo,
        describe(object_points(demo.depth_m, demo.mask, demo.K, demo.T_base_camera)),
        None,
        datetime.now(timezone.utc),
    )
    nouns = list(NOUN_SYNONYMS)
    table = DemoLibrary.open(uri, embed=None)._table
    for start in range(0, rows, BATCH):
        count = min(BATCH, rows - start)
        columns = {name: [value] * count for name, value in base.items()}
        tasks = [
            VERBS[rng.integers(len(VERBS))].format(f'{COLOURS[rng.integers(5)]} {nouns[rng.integers(len(nouns))]}')
            for _ in range(count)
        ]
        parsed = [_parsed(task) for task in tasks]
        columns.update(
            id=[new_id() for _ in range(count)],
            task=tasks,
            skill=[p.skill for p in parsed],
            target=[p.target for p in parsed],
            robot=[('panda', 'ur5', 'xarm')[k] for k in rng.integers(0, 3, count)],
        )
        vectors = rng.normal(size=(count, 384)).astype(np.float16)
        descriptors = (np.array(base['descriptor']) + rng.normal(size=(count, len(base['descriptor'])))).astype(
            np.float32
        )
        if pictures:  # what compresses across rows would flatter; png decoders ignore what follows the picture
            for name in ('rgb_png', 'depth_png', 'mask_png'):
                size = 4 * len(base[name]) // 5
                columns[name] = [base[name] + rng.bytes(size) for _ in range(count)]
        else:
            for name in ('rgb_png', 'depth_png', 'mask_png'):
                columns[name] = [None] * count
        for name, array in (('text_vector', vectors), ('descriptor', descriptors)):
            columns[name] = pa.FixedSizeListArray.from_arrays(pa.array(array.ravel()), array.shape[1])
        table.add(
            pa.table(
                {
                    f.name: pa.array(columns[f.name], f.type) if isinstance(columns[f.name], list) else columns[f.name]
                    for f in SCHEMA
                },
                schema=SCHEMA,
            )
        )


@cache
def _parsed(task: str) -> ParsedTask:
    """Parse a text once."""
    return parse(task)


def milliseconds(action, repeats: int) -> tuple[float, float]:
    """Median and 95th percentile of an action's time [ms]."""
    times = []
    for _ in range(repeats):
        begin = time.perf_counter()
        action()
        times.append(1e3 * (time.perf_counter() - begin))
    return round(statistics.median(times), 2), round(float(np.percentile(times, 95)), 2)


def measure(rows: int, repeats: int) -> dict:
    """Return the numbers of one size."""
    folder = tempfile.mkdtemp(prefix='mt3-library-')
    try:
        begin = time.perf_counter()
        pictures = rows <= 1000
        fill(folder, rows, pictures)
        filled = time.perf_counter() - begin
        library = DemoLibrary.open(folder, embed=None)
        begin = time.perf_counter()
        library.optimise()
        optimised = time.perf_counter() - begin
        size = sum(f.stat().st_size for f in Path(folder).rglob('*') if f.is_file())
        demo = make_demo('pick up the red mug', Placed('mug'))
        query = np.random.default_rng(1).normal(size=384).astype(np.float32)
        result = {'rows': rows, 'pictures': pictures, 'fill_s': round(filled, 1), 'optimise_s': round(optimised, 1)}
        timed = {
            'open': lambda: DemoLibrary.open(folder, embed=None),
            'version': lambda: library.version,
            'filtered_search': lambda: library.search(
                "skill = 'pick_up' AND target = 'mug' AND robot = 'panda'", limit=100
            ),
            'vector_search': lambda: library.search("robot = 'panda'", vector=query, limit=50),
            'task_search': lambda: find_tasks(library, parse('grab the red cup'), "robot = 'panda'"),
            'add': lambda: library.add(make_id(demo)),
        }
        if pictures:
            some = library.list(limit=1)[0].id
            timed['get_with_pictures'] = lambda: library.get(some)
        for name, action in timed.items():
            action()
            result[f'{name}_median_ms'], result[f'{name}_p95_ms'] = milliseconds(action, repeats)
        result['disk_mb'] = round(size / 1e6, 1)
        result['process_memory_mb'] = round(psutil.Process(os.getpid()).memory_info().rss / 1e6)
        return result
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def make_id(demo):
    """Return the demonstration under a fresh id."""
    import dataclasses

    return dataclasses.replace(demo, id=new_id())


def main() -> None:
    """Measure, print, write."""
    arguments = argparse.ArgumentParser(description=__doc__.split('\n')[0])
    arguments.add_argument('--rows', type=int, nargs='+', default=[1000, 100_000])
    arguments.add_argument('--quick', action='store_true', help='1,000 rows, few repeats, nothing written')
    given = arguments.parse_args()
    results = [measure(rows, 5 if given.quick else 30) for rows in ([1000] if given.quick else given.rows)]
    folder = ROOT / 'benchmarks' / 'results'
    written = folder / 'library.json'
    if written.exists() and not given.quick:  # other sizes, measured before, stay
        before = json.loads(written.read_text(encoding='utf-8'))['sizes']
        results = sorted(
            [*results, *(r for r in before if r['rows'] not in {q['rows'] for q in results})], key=lambda r: r['rows']
        )
    names = [n for n in max(results, key=len) if n != 'rows']
    lines = ['| | ' + ' | '.join(f'{r["rows"]:,} rows' for r in results) + ' |', '|---' * (len(results) + 1) + '|']
    lines += [f'| {n.replace("_", " ")} | ' + ' | '.join(str(r.get(n, '')) for r in results) + ' |' for n in names]
    print('\n'.join(lines))
    if given.quick:
        return
    commit = subprocess.run(['git', 'rev-parse', '--short', 'HEAD'], cwd=ROOT, capture_output=True, text=True).stdout
    folder.mkdir(exist_ok=True)
    about = {
        'machine': f'{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}',
        'commit': commit.strip(),
        'seed': SEED,
        'load_average': os.getloadavg()[0],
    }
    (folder / 'library.json').write_text(json.dumps({**about, 'sizes': results}, indent=1) + '\n', encoding='utf-8')
    text = (
        '# The demonstration library\n\nMedian and 95th percentile of single calls from one process; '
        f'{about["machine"]}, load average {about["load_average"]:.1f} while measuring. Rows of the table of 1,000 '
        'carry their pictures.\n\n'
    )
    (folder / 'library.md').write_text(text + '\n'.join(lines) + '\n', encoding='utf-8')


if __name__ == '__main__':
    main()
