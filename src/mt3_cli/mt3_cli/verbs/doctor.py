"""`mt3 doctor`: what is installed and what is running, and what is missing."""

import importlib.metadata
import os
import platform
import time
from typing import Annotated, Any

import typer
from rich.console import Console

__all__ = ['doctor']

_PACKAGES = ('numpy', 'mujoco', 'pin', 'coal', 'ompl', 'toppra', 'lancedb', 'rosbags', 'opencv-python-headless')
_SERVICES = ('/mt3/capture_scene', '/mt3/retrieve', '/mt3/start_recording', '/mt3/add_demo')
_ACTIONS = ('/mt3/execute',)
_TOPICS = {  # topic: (package of its type, type)
    '/joint_states': ('sensor_msgs', 'JointState'),
    '/tf': ('tf2_msgs', 'TFMessage'),
    '/camera/camera/color/image_raw': ('sensor_msgs', 'Image'),
    '/camera/camera/aligned_depth_to_color/image_raw': ('sensor_msgs', 'Image'),
    '/camera/camera/aligned_depth_to_color/camera_info': ('sensor_msgs', 'CameraInfo'),
}


def doctor(
    seconds: Annotated[float, typer.Option(min=0.5, max=60.0, help='How long to listen.')] = 3.0,
) -> None:
    """Show what is installed, which services, actions and topics are there, at which rate, and what is missing."""
    console = Console()
    console.print(f'Python {platform.python_version()}, ROS domain {os.environ.get("ROS_DOMAIN_ID", "0")}')
    for name in _PACKAGES:
        try:
            console.print(f'  [green]ok[/]      {name} {importlib.metadata.version(name)}', highlight=False)
        except importlib.metadata.PackageNotFoundError:
            console.print(f'  [red]missing[/] {name}', highlight=False)
    missing = _look_at_graph(console, seconds)
    if missing:
        console.print(
            f'{missing} missing. On a robot: ros2 launch mt3_bringup mt3.launch.xml; '
            'without one: ./mt3 up launch/sim.launch.xml',
            highlight=False,
        )
        raise typer.Exit(1)


def _look_at_graph(console: Console, seconds: float) -> int:
    """Print services, actions and topic rates; return how many are missing."""
    import importlib

    from rclpy.action import get_action_names_and_types
    from rclpy.qos import qos_profile_sensor_data

    from mt3_cli.client import StackClient

    missing = 0
    counts = dict.fromkeys(_TOPICS, 0)

    def count(topic: str) -> Any:
        def add(_: Any) -> None:
            counts[topic] += 1

        return add

    with StackClient('mt3_doctor') as client:
        for topic, (package, kind) in _TOPICS.items():
            message = getattr(importlib.import_module(f'{package}.msg'), kind)
            client.node.create_subscription(message, topic, count(topic), qos_profile_sensor_data, raw=True)
        time.sleep(seconds)
        services = {name for name, _ in client.node.get_service_names_and_types()}
        actions = {name for name, _ in get_action_names_and_types(client.node)}
    for name, there in [*((s, s in services) for s in _SERVICES), *((a, a in actions) for a in _ACTIONS)]:
        missing += not there
        console.print(f'  {"[green]ok[/]     " if there else "[red]missing[/]"} {name}', highlight=False)
    for topic, number in counts.items():
        missing += not number
        rate = f'{number / seconds:.1f} Hz' if number else 'nothing heard'
        console.print(f'  {"[green]ok[/]     " if number else "[red]missing[/]"} {topic}  {rate}', highlight=False)
    return missing
