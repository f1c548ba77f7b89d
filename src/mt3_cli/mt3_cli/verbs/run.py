"""`mt3 run`: have the running stack do tasks by their words."""

import json
from typing import Annotated

import typer
from rich.console import Console

from mt3_cli.outcome import outcome_as_dict, outcome_line

__all__ = ['run']


def run(
    tasks: Annotated[list[str], typer.Argument(help='What to do, in your own words; several are done in order.')],
    plan_only: Annotated[bool, typer.Option('--plan-only', help='Plan and check everything, move nothing.')] = False,
    demo: Annotated[str, typer.Option('--demo', metavar='ID', help='Use this demonstration.')] = '',
    attempts: Annotated[int, typer.Option(min=0, max=20, help='How often to try; 0: as the executor is set.')] = 0,
    speed: Annotated[float, typer.Option(min=0.0, max=1.0, help='Speed scale; 0: as the executor is set.')] = 0.0,
    timeout: Annotated[float, typer.Option(min=1.0, help='Seconds after which a task is cancelled.')] = 300.0,
    as_json: Annotated[bool, typer.Option('--json', help='One JSON object per task.')] = False,
) -> None:
    """Do tasks that were demonstrated, stopping at the first failure. Ctrl-C stops the arm.

    What a task leaves in the hand is known to the next one: "pick up the mug" "place it on the rack".
    """
    # Imported here so that `mt3 --help` works without a ROS environment.
    from mt3_cli.client import StackClient
    from mt3_interfaces.action import ExecuteTask

    console = Console(stderr=as_json)
    with StackClient('mt3_run') as client:
        for number, task in enumerate(tasks):
            goal = ExecuteTask.Goal(
                task=task, demonstration_id=demo, plan_only=plan_only, max_attempts=attempts, speed_scale=speed
            )
            with console.status(task) as status:

                def show(feedback: ExecuteTask.Feedback, task: str = task) -> None:
                    status.update(f'{task}: {feedback.text} ({100 * feedback.progress:.0f}%)')

                outcome = client.execute(goal, on_feedback=show, timeout_s=timeout)
            if as_json:
                print(json.dumps(outcome_as_dict(task, outcome.result)))
            else:
                console.print(outcome_line(task, outcome.result), highlight=False)
            if not outcome.ok:
                left = tasks[number + 1 :]
                if left and not as_json:
                    console.print(
                        f'{number} of {len(tasks)} tasks done; stopped at "{task}". Not begun: {", ".join(left)}.',
                        highlight=False,
                    )
                raise typer.Exit(1)
        if len(tasks) > 1 and not as_json:
            console.print(f'all {len(tasks)} tasks done', highlight=False)
