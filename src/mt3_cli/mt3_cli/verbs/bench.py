"""`mt3 bench`: measure the method on the suite of tasks, in process."""

import multiprocessing
import os
import time
from pathlib import Path
from typing import Annotated

import typer
from rich import box
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn
from rich.table import Table

from mt3_common.errors import InvalidInput

__all__ = ['app']

app = typer.Typer(help='Measure the method on the suite of tasks.', no_args_is_help=True)

Folder = Annotated[Path, typer.Option('--folder', '-o', help='Rows, library and report; a run that was ended goes on.')]
Workers = Annotated[int, typer.Option('--workers', '-w', help='Processes; 0: one per core.', min=0, max=256)]
_DEFAULT = Path('runs/bench')


def _progress(console: Console) -> Progress:
    return Progress(
        TextColumn('{task.description}'),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TextColumn('left'),
        TimeRemainingColumn(),
        TextColumn('[dim]{task.fields[last]}'),
        console=console,
    )


def _cores(workers: int) -> int:
    return workers or len(os.sched_getaffinity(0))


@app.command('list')
def list_(skill: Annotated[str, typer.Argument(help='Only this skill.')] = '') -> None:
    """Name the tasks of the suite."""
    from mt3_sim.suite.tasks import get, names

    for name in names():
        if not skill or get(name).skill == skill:
            print(f'{name:44s} {get(name).task}')


@app.command()
def tasks(
    count: Annotated[int, typer.Option('--tasks', '-n', help='How many; 0: all of the suite.', min=0)] = 100,
    split: Annotated[list[str] | None, typer.Option('--split', '-s', help='Which splits; again for more.')] = None,
    rollouts: Annotated[int, typer.Option('--rollouts', '-r', help='Per task and split.', min=1)] = 1,
    method: Annotated[list[str] | None, typer.Option('--method', '-m', help='Which methods; again for more.')] = None,
    demos: Annotated[int, typer.Option('--demos', help='Demonstrations per task.', min=1, max=10)] = 1,
    seed: Annotated[int, typer.Option('--seed', help='Of the first rollout.')] = 100,
    workers: Workers = 0,
    folder: Folder = _DEFAULT,
    quick: Annotated[bool, typer.Option('--quick', help='20 tasks, one rollout, seen and unseen.')] = False,
) -> None:
    """Teach tasks once each, do them elsewhere, judge the physics, and write rows and a report.

    What is in the folder already is not done again.
    """
    from mt3_sim.bench import report, runner
    from mt3_sim.bench.school import School
    from mt3_sim.suite.tasks import names, representative

    count = 20 if quick else count
    chosen = representative(count) if count else names()
    wanted_splits, methods = split or ['seen', 'unseen'], method or ['ours']
    folder.mkdir(parents=True, exist_ok=True)
    console = Console()
    school = School(folder)
    runner.jobs(chosen, wanted_splits, rollouts, methods, seed)  # unknown names are refused before an hour of teaching
    with _progress(console) as bar:
        todo = len(chosen) * demos
        line = bar.add_task('teaching', total=todo, completed=todo - _missing(school, chosen, demos), last='')

        def taught(name: str, row: dict) -> None:
            bar.update(line, advance=1, last=name)
            if 'problem' in row:
                bar.console.print(f'[yellow]{name} is left out:[/] {row["problem"]}', highlight=False)

        school.teach(chosen, demos, _cores(workers), taught)
    able = [name for name in chosen if name in set(school.taught())]
    wanted = runner.jobs(able, wanted_splits, rollouts, methods, seed)
    begin, before = time.monotonic(), len(runner.read_rows(folder))
    with _progress(console) as bar:
        done = {(r['task'], r['split'], r['seed'], r['method']) for r in runner.read_rows(folder)}
        ready = sum((j.task, j.split, j.seed, j.method) in done for j in wanted)
        line = bar.add_task('doing', total=len(wanted), completed=ready, last='')

        def finished(row: dict) -> None:
            bar.update(line, advance=1, last=f'{row["task"]}: {"done" if row["success"] else row["stage"]}')

        runner.run_jobs(folder, school, wanted, _cores(workers), finished)
    rows = runner.read_rows(folder)
    hours = (time.monotonic() - begin) / 3600.0
    for title, heads, body in report.tables(rows):
        table = Table(*heads, title=title, box=box.SIMPLE, title_justify='left')
        for cells in body[:12]:
            table.add_row(*cells)
        console.print(table)
    if len(rows) > before:
        console.print(f'{(len(rows) - before) / hours:.0f} rollouts an hour with {_cores(workers)} processes')
    lead = f'{len(able)} tasks, {len(rows)} rollouts; {len(chosen) - len(able)} tasks could not be taught.'
    print(report.write_html(rows, folder, lead))
    print(runner.write_table(folder))


def _missing(school: object, chosen: tuple[str, ...], demos: int) -> int:
    known = school.lessons()
    return sum(f'{name} {number}' not in known for name in chosen for number in range(demos))


@app.command()
def check(
    count: Annotated[int, typer.Option('--tasks', '-n', help='How many; 0: all that were thought of.', min=0)] = 0,
    workers: Workers = 0,
    out: Annotated[Path | None, typer.Option('--out', help='Write the tasks that are left out, as TSV.')] = None,
) -> None:
    """Check that each task's expert does it, that its demonstration does it again, and that doing nothing does not."""
    from mt3_sim.bench.check import problem_of
    from mt3_sim.suite.tasks import candidates, representative

    chosen = representative(count) if count else tuple(candidates())
    console, problems = Console(), {}
    context = multiprocessing.get_context('spawn')
    with _progress(console) as bar, context.Pool(_cores(workers)) as pool:
        line = bar.add_task('checking', total=len(chosen), last='')
        for name, problem in zip(chosen, pool.imap(problem_of, chosen), strict=True):
            bar.update(line, advance=1, last=name)
            if problem:
                problems[name] = problem
                bar.console.print(f'[yellow]{name}:[/] {problem}', highlight=False)
    print(f'{len(chosen) - len(problems)} of {len(chosen)} tasks are fair')
    if out is not None:
        head = '# tasks that were thought of and are not in the suite: name, why; written by `mt3 bench check`\n'
        out.write_text(head + ''.join(f'{n}\t{p}\n' for n, p in problems.items()), encoding='utf-8')


@app.command()
def show(
    task: Annotated[str, typer.Argument(help='Name of the task, as `mt3 bench list` prints it.')],
    split: Annotated[str, typer.Option('--split', '-s')] = 'seen',
    seed: Annotated[int, typer.Option('--seed')] = 100,
    method: Annotated[str, typer.Option('--method', '-m')] = 'ours',
    folder: Folder = _DEFAULT,
) -> None:
    """Do one rollout of a run again and leave its pictures: scene, overlay, before, after."""
    from mt3_retrieval.library import DemoLibrary
    from mt3_retrieval.retrieval import Retriever
    from mt3_sim.bench import splits
    from mt3_sim.bench.rollout import Bench
    from mt3_sim.bench.school import School
    from mt3_sim.suite.tasks import get

    school = School(folder)
    if task not in school.taught():
        raise InvalidInput(f'{task!r} was not taught in {folder}; run `mt3 bench tasks` with this folder first')
    bench = Bench(Retriever(DemoLibrary.open(school.library, create=False)), school.targets())
    pictures = folder / 'shown' / f'{task} {split} {seed}'.replace('/', '_')
    pictures.mkdir(parents=True, exist_ok=True)
    row = bench.run(get(task), splits.get(split), seed, method, pictures)
    print(f'{"done" if row.success else f"failed ({row.stage})"}: {row.reason}')
    print(pictures)
