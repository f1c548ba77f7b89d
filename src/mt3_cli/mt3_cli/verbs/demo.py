"""`mt3 demo`: the simulated cell learns tasks from one demonstration each and does them elsewhere."""

import json
import os
import platform
import time
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from mt3_common.errors import InvalidInput

__all__ = ['demo']


def demo(
    task: Annotated[str, typer.Option(help='Only this task, in your own words.')] = '',
    family: Annotated[
        list[str] | None, typer.Option(help='Only these task families (repeat it); "all" for all.')
    ] = None,
    seed: Annotated[int, typer.Option(min=0, help='Of every scene: the same seed shows the same demo.')] = 1,
    same: Annotated[int, typer.Option(min=0, help='Rounds per task with the taught object.')] = 2,
    novel: Annotated[int, typer.Option(min=0, help='Rounds per task with another object of its kind.')] = 1,
    speed: Annotated[float, typer.Option(min=0.1, max=20.0, help='How fast simulated time may run.')] = 3.0,
    window: Annotated[bool, typer.Option('--window/--headless', help='Show the cell in a window.')] = False,
    runs: Annotated[Path, typer.Option(help='Folder for runs/<time>.')] = Path('runs'),
    as_json: Annotated[bool, typer.Option('--json', help='Print the record as JSON at the end.')] = False,
) -> None:
    """Teach a simulated cell tasks by teleoperating once each, then do them with the objects somewhere else."""
    from mt3_cli.demo import plan as plans
    from mt3_cli.demo.report import write_report
    from mt3_cli.demo.runner import run_demo
    from mt3_cli.demo.stack import Stack
    from mt3_cli.demo.terminal import DemoTerminal
    from mt3_cli.up.prefix import package_share
    from mt3_common.domain import hold_domain
    from mt3_common.run_folder import new_run_folder
    from mt3_sim import families
    from mt3_sim.window import require_display

    console = Console(stderr=as_json)
    if task and family:
        raise InvalidInput('give either --task or --family, not both')
    if window:
        require_display()
    names = (plans.family_for(task),) if task else tuple(family or plans.DEFAULT_FAMILIES)
    names = families.names() if names == ('all',) else names
    for name in names:
        families.get(name)
    plan = plans.make_plan(names, seed, same, novel, task)
    folder = new_run_folder(runs)
    console.print(
        f'One demonstration each, then anywhere. Everything goes to {folder}', highlight=False, soft_wrap=True
    )
    began = time.monotonic()
    domain, handle = hold_domain()
    os.environ.update(ROS_DOMAIN_ID=str(domain), ROS_AUTOMATIC_DISCOVERY_RANGE='LOCALHOST')
    arguments = {
        'real_time_factor': str(speed),
        'spectator_rate': '5.0',
        'window': str(window).lower(),
        'library': str(folder / 'library'),
        'runs': str(folder / 'executions'),
        'bags': str(folder / 'bags'),
    }
    (folder / 'pictures').mkdir()
    launch_file = package_share('mt3_bringup') / 'launch' / 'sim.launch.xml'
    with handle, DemoTerminal(plan.steps, console) as terminal:
        try:
            with Stack(launch_file, arguments, folder / 'nodes.log', domain) as stack:
                record = run_demo(plan, folder, stack, terminal)
        except KeyboardInterrupt:
            terminal.say(f'Stopped; bags, films and pictures so far are in {folder}')
            raise
        record.seconds = time.monotonic() - began
        record.machine = f'{os.cpu_count()} cores, {platform.machine()}, Python {platform.python_version()}'
        record.save(folder / 'demo.json')
        report = write_report(record, folder)
    terminal.table(record)
    console.print(f'Report: {report}', highlight=False, soft_wrap=True)
    if as_json:
        print(json.dumps(json.loads((folder / 'demo.json').read_text())))
    same_done, same_all = record.rate('taught')
    if not all(lesson.ok for lesson in record.lessons) or same_done < 0.9 * same_all:
        raise typer.Exit(1)
