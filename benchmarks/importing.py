"""From a bag to a stored demonstration, and a thousand of them.

One bag of 20 s with 640 x 480 colour and depth at 30 Hz, as our recorder writes it (MCAP, zstd), is imported into a
library, pictures, linter and all. Baseline in the same run: decoding every message of the bag once, which is what an
import costs that does not choose what it reads.

Then many at once, in two processes, with the progress that `mt3 teach import` shows. All are that one bag under other
names (links), so they come from the page cache; the check for bags that are there already would pass over all but the
first, so here it goes by name instead of by content. It stops after `--bags` or `--seconds`, whichever comes first;
when it stopped early, the time for 1,000 is an extrapolation and is called so.

Run it with the project's environment: `python benchmarks/importing.py [--quick] [--bags N] [--seconds S]`.
"""

import argparse
import json
import os
import platform
import subprocess
import tempfile
import time
from pathlib import Path
from unittest import mock

import numpy as np
from rich.progress import Progress

from mt3_common.bags import BagReader
from mt3_common.robot import RobotConfig
from mt3_retrieval.library import DemoLibrary
from mt3_teach.batch import Job, import_many
from mt3_teach.config import ImportConfig
from mt3_teach.import_part import Wanted
from mt3_teach.importer import import_bag
from mt3_teach.sources import Kind
from mt3_teach.testing import BOX, Script, write_bag

RESULTS = Path(__file__).parent / 'results'
REPEATS = 5
PROCESSES = 2


def twenty_seconds(image_rate: float) -> Script:
    """Return the script of a demonstration that takes 20 s."""
    x, y, _ = BOX
    home = (0.30, -0.35, 0.50)
    way = [(0.0, home), (3.0, home), (7.0, (x, y, 0.14)), (8.5, (x, y, 0.14)), (11.5, (x, y, 0.045))]
    way += [(13.0, (x, y, 0.045)), (16.0, (x, y, 0.20)), (20.0, (x, y, 0.20))]
    return Script(
        way=way,
        grips=[(12.0, 1.0, 0.5)],
        events={'scene': 1.5, 'bottleneck': 8.0, 'end': 16.5},
        image_rate=image_rate,
        state_rate=100.0,
        picture_scale=2,
    )


def timed(action) -> tuple[float, float]:
    """Return the wall time and the CPU time of an action [s]."""
    wall, cpu = time.perf_counter(), time.process_time()
    action()
    return time.perf_counter() - wall, time.process_time() - cpu


def decode_all(bag: Path) -> None:
    """Decode every message of a bag."""
    with BagReader(bag) as reader:
        for _ in reader.messages():
            pass


def one(bag: Path, folder: Path, repeats: int) -> dict[str, float]:
    """Measure one import, and the baseline."""
    library = DemoLibrary.open(folder / 'one')
    import_bag(bag, robot=RobotConfig(), library=library)  # the kernels are compiled, the text model is loaded
    runs = [timed(lambda: import_bag(bag, robot=RobotConfig(), library=library)) for _ in range(repeats)]
    baseline = timed(lambda: decode_all(bag))
    result = import_bag(bag, robot=RobotConfig())
    assert library.count() == repeats + 1 and result.status.ok
    wall, cpu = np.median(runs, axis=0)
    return {
        'bag_mb': sum(f.stat().st_size for f in bag.iterdir()) / 1e6,
        'import_median_s': wall,
        'import_worst_s': max(w for w, _ in runs),
        'import_cpu_median_s': cpu,
        'decode_all_s': baseline[0],
        'decode_all_cpu_s': baseline[1],
        **{f'step_{name}_s': seconds for name, seconds in result.timing_s.items()},
    }


def many(bag: Path, folder: Path, count: int, limit_s: float) -> dict[str, float]:
    """Import one bag under many names until all are in, or the time is over."""
    names = folder / 'bags'
    names.mkdir()
    for k in range(count):
        (names / f'{k:04d}').symlink_to(bag, target_is_directory=True)
    jobs = [Job(p, Kind.BAG, Wanted(), RobotConfig(), ImportConfig(), False) for p in sorted(names.iterdir())]
    library = DemoLibrary.open(folder / 'many')
    done, begin = 0, time.perf_counter()
    with mock.patch('mt3_teach.batch.source_key', lambda path: Path(path).name), Progress(disable=None) as progress:
        bar = progress.add_task('importing', total=count)
        for outcome in import_many(jobs, library, PROCESSES):
            assert not outcome.refusal and not outcome.before, outcome.refusal
            done += 1
            progress.advance(bar)
            if time.perf_counter() - begin > limit_s:
                break
    seconds = time.perf_counter() - begin
    assert library.count() == done
    return {'many_imported': done, 'many_s': seconds, 'many_s_per_bag': seconds / done, 'processes': PROCESSES}


def main() -> None:
    """Run and write the results."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--quick', action='store_true', help='4 bags, 2 repeats; nothing is written')
    parser.add_argument('--bags', type=int, default=1000)
    parser.add_argument('--seconds', type=float, default=480.0, help='longest time for the many')
    options = parser.parse_args()
    count, repeats = (4, 2) if options.quick else (options.bags, REPEATS)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        bag = write_bag(folder / 'bag', twenty_seconds(30.0))
        numbers = one(bag, folder, repeats) | many(bag, folder, count, options.seconds)
    per_thousand = 1000.0 * numbers['many_s_per_bag'] / 60.0
    measured = numbers['many_imported'] >= 1000
    numbers['thousand_min_measured' if measured else 'thousand_min_extrapolated'] = per_thousand
    numbers = {key: round(float(value), 3) for key, value in numbers.items()}
    text = (
        '| | |\n|---|---|\n'
        f'| the bag | 20 s, 640 x 480 colour and depth at 30 Hz, {numbers["bag_mb"]:.0f} MB |\n'
        f'| bag to stored demonstration, median of {repeats} | {numbers["import_median_s"]:.2f} s '
        f'({numbers["import_cpu_median_s"]:.2f} s of CPU) |\n'
        f'| decoding the whole bag once, for comparison | {numbers["decode_all_s"]:.2f} s '
        f'({numbers["decode_all_cpu_s"]:.2f} s of CPU) |\n'
        f'| many, {PROCESSES} processes | {numbers["many_imported"]:.0f} in {numbers["many_s"]:.0f} s |\n'
        f'| 1,000 of them, {"measured" if measured else "extrapolated"} | {per_thousand:.1f} minutes |\n'
    )
    print(text)
    if options.quick:
        return
    commit = subprocess.run(['git', 'rev-parse', '--short', 'HEAD'], capture_output=True, text=True, check=False)
    head = {
        'machine': f'{platform.machine()}, {platform.system()}, Python {platform.python_version()}, '
        f'{len(os.sched_getaffinity(0))} cores, load {os.getloadavg()[0]:.1f}',
        'commit': commit.stdout.strip(),
    }
    (RESULTS / 'importing.json').write_text(json.dumps({**head, **numbers}, indent=1) + '\n', encoding='utf-8')
    note = f'\nMachine: {head["machine"]}. Written by `benchmarks/importing.py`, which says how it is measured.\n'
    (RESULTS / 'importing.md').write_text('# Importing\n\n' + text + note, encoding='utf-8')


if __name__ == '__main__':
    main()
