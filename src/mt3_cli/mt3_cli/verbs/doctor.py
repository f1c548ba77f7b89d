"""`mt3 doctor`: what is installed and what is running, and what is missing."""

import json
import os
import platform
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console

__all__ = ['doctor']


def doctor(
    seconds: Annotated[float, typer.Option(min=0.5, max=60.0, help='How long to listen.')] = 3.0,
    robot: Annotated[Path | None, typer.Option(help='A file of config/robots; default: the Panda.')] = None,
    camera: Annotated[str, typer.Option(help="Namespace of the camera's topics.")] = '/camera/camera',
    camera_frame: Annotated[str, typer.Option(help='Its optical frame.')] = 'camera_color_optical_frame',
    as_json: Annotated[bool, typer.Option('--json', help='Print JSON.')] = False,
) -> None:
    """Show what is installed, which services, actions, topics and frames are there, and what is missing."""
    # Imported here so that `mt3 --help` works without a ROS environment.
    from mt3_cli.health import look
    from mt3_common.config import load_config
    from mt3_common.robot import RobotConfig

    health = look(load_config(RobotConfig, robot) if robot else RobotConfig(), camera, camera_frame, seconds)
    if as_json:
        print(json.dumps({**asdict(health), 'missing': health.missing}))
    else:
        _print(Console(), health)
    if health.missing:
        raise typer.Exit(1)


def _print(console: Console, health: Any) -> None:
    console.print(f'Python {platform.python_version()}, ROS domain {os.environ.get("ROS_DOMAIN_ID", "0")}')
    rows = [(f'{name} {version or ""}', bool(version)) for name, version in health.packages.items()]
    rows += [*health.services.items(), *health.actions.items()]
    rows += [
        (f'{topic}  {f"{rate:g} Hz" if rate else "nothing heard"}', rate > 0) for topic, rate in health.rates_hz.items()
    ]
    rows += [*health.descriptions.items(), *((f'transform {name}', there) for name, there in health.frames.items())]
    for text, there in rows:
        console.print(f'  {"[green]ok[/]     " if there else "[red]missing[/]"} {text}', highlight=False)
    if health.missing:
        console.print(
            f'{health.missing} missing. On a robot: ros2 launch mt3_bringup mt3.launch.xml; '
            'without one: ./mt3 up launch/sim.launch.xml',
            highlight=False,
            soft_wrap=True,
        )
