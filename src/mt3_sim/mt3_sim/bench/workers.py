"""Who does the rollouts: processes of this machine, or a Ray cluster. Either way rows come as they are finished."""

import functools
import multiprocessing
import os
from collections.abc import Iterator, Sequence
from pathlib import Path

from mt3_common.errors import InvalidInput
from mt3_executor.config import ExecutorConfig
from mt3_retrieval.config import RetrievalConfig
from mt3_retrieval.library import DemoLibrary
from mt3_retrieval.retrieval import Retriever
from mt3_sim.bench import splits
from mt3_sim.bench.rollout import Bench
from mt3_sim.bench.school import School
from mt3_sim.suite.tasks import get

__all__ = ['bench_of', 'on_ray', 'on_this_machine']

_ONE_THREAD = dict.fromkeys(('OMP_NUM_THREADS', 'NUMBA_NUM_THREADS', 'OPENBLAS_NUM_THREADS'), '1')
_AHEAD = 4  # rollouts per core that a cluster is given before the first comes back


def on_this_machine(processes: int, school: str, todo: Sequence[dict]) -> Iterator[dict]:
    """Yield the rows of rollouts done in processes of one core each.

    Args:
        processes: How many.
        school: Folder of what was taught.
        todo: Rollouts, as the fields of a `runner.Job`.
    """
    before = {name: os.environ.get(name) for name in _ONE_THREAD}
    os.environ.update(_ONE_THREAD)
    context = multiprocessing.get_context('spawn')
    try:
        with context.Pool(min(processes, len(todo)), bench_of, (school,)) as pool:
            yield from pool.imap_unordered(functools.partial(_rollout, school), todo)
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name)
            else:
                os.environ[name] = value


def on_ray(address: str, school: str, todo: Sequence[dict]) -> Iterator[dict]:
    """Yield the rows of rollouts done by a Ray cluster, one core each.

    Args:
        address: As `ray.init` takes it: `host:port`, `auto`, or `local` for a cluster that is started here.
        school: Folder of what was taught, at the same path on every machine.
        todo: Rollouts, as the fields of a `runner.Job`.

    Raises:
        InvalidInput: Ray is not installed.
    """
    try:
        import ray
    except ImportError as error:
        raise InvalidInput(
            'rollouts on a cluster need the package ray, which is not installed: `pip install ray`, or leave --ray away'
        ) from error
    ray.init(address=address, runtime_env={'env_vars': _ONE_THREAD}, log_to_driver=False)
    try:
        remote = ray.remote(num_cpus=1)(_rollout)
        limit = max(1, _AHEAD * int(ray.cluster_resources().get('CPU', 1)))
        left, running = list(reversed(todo)), []
        while left or running:
            while left and len(running) < limit:
                running.append(remote.remote(school, left.pop()))
            finished, running = ray.wait(running)
            yield from ray.get(finished)
    finally:
        ray.shutdown()


@functools.lru_cache(maxsize=1)
def bench_of(school: str) -> Bench:
    """Return what the rollouts of one process share; made when a worker starts.

    Args:
        school: Folder of what was taught.
    """
    taught = School(Path(school))
    retriever = Retriever(
        DemoLibrary.open(taught.library, create=False), RetrievalConfig(threads=1, origin='simulated')
    )
    retriever.warm_up()
    return Bench(retriever, taught.demonstrations(), ExecutorConfig())


def _rollout(school: str, job: dict) -> dict:
    bench = bench_of(school)
    row = bench.run(
        get(job['task']), splits.get(job['split']), job['seed'], job['method'], demonstrations=job['demonstrations']
    )
    return row.values()
