"""Opening and closing the gripper by hand: one command per key press, nobody waits for the fingers.

The same kinds of driver as the executor's, which waits and judges; a person sees what the fingers do.
"""

from importlib import import_module
from typing import Any

from control_msgs.action import GripperCommand, ParallelGripperCommand
from rclpy.callback_groups import CallbackGroup
from rclpy.node import Node
from std_msgs.msg import Bool
from std_srvs.srv import SetBool

from mt3_common.action_client import ActionClient
from mt3_common.errors import MT3Error, StatusCode
from mt3_common.robot import GripperConfig

__all__ = ['GripperOutput']

_HALF = 0.5  # openings below are closed, for drivers that know no more


class GripperOutput:
    """Sends openings to the gripper of a robot file.

    Raises:
        MT3Error: INVALID_INPUT, the messages of its driver are not installed.
    """

    def __init__(self, node: Node, config: GripperConfig, group: CallbackGroup) -> None:
        self._config, self._last = config, 1.0
        self._ends: dict[str, Any] = {}  # what is sent to, by its name on the graph
        name, kind = config.action, config.interface
        if kind == 'digital_topic':
            self._ends[name] = node.create_publisher(Bool, name, 1)
        elif kind == 'digital_service':
            self._ends[name] = node.create_client(SetBool, name, callback_group=group)
        elif kind == 'franka':
            try:
                self._franka = import_module('franka_msgs.action')
            except ImportError as error:
                raise MT3Error(
                    "the gripper interface 'franka' needs the package franka_msgs (franka_ros2), which is not "
                    'installed or not sourced',
                    StatusCode.INVALID_INPUT,
                ) from error
            for part in ('Grasp', 'Move'):
                there = f'{name}/{part.lower()}'
                self._ends[there] = ActionClient(node, getattr(self._franka, part), there, callback_group=group)
        else:
            action = GripperCommand if kind == 'gripper_command' else ParallelGripperCommand
            self._ends[name] = ActionClient(node, action, name, callback_group=group)

    def send(self, opening: float) -> str:
        """Send an opening, 0 closed to 1 open; return why it could not be sent, else nothing."""
        config, name = self._config, self._config.action
        closes, self._last = opening < self._last, opening
        value = config.digital_close if opening < _HALF else not config.digital_close
        goal: Any
        if config.interface == 'digital_topic':
            if not self._ends[name].get_subscription_count():
                return f'nobody listens to {name}: is the gripper driver running?'
            self._ends[name].publish(Bool(data=value))
            return ''
        if config.interface == 'digital_service':
            if not self._ends[name].service_is_ready():
                return f'nobody offers {name}: is the gripper driver running?'
            self._ends[name].call_async(SetBool.Request(data=value))
            return ''
        if config.interface == 'franka':
            name = f'{name}/{"grasp" if closes else "move"}'
            width = float(opening) * config.max_width_m
            if closes:
                goal = self._franka.Grasp.Goal(width=width, speed=config.speed, force=config.max_effort)
                goal.epsilon.inner = goal.epsilon.outer = config.max_width_m  # whatever is between the fingers
            else:
                goal = self._franka.Move.Goal(width=width, speed=config.speed)
        elif config.interface == 'gripper_command':
            goal = GripperCommand.Goal()
            goal.command.position, goal.command.max_effort = config.to_driver(opening), config.max_effort
        else:
            goal = ParallelGripperCommand.Goal()
            goal.command.name, goal.command.effort = [config.joint], [config.max_effort]
            goal.command.position = [config.to_driver(opening)]
        if not self._ends[name].server_is_ready():
            return f'nobody offers {name}: is the gripper driver running?'
        self._ends[name].send_goal_async(goal)  # it stalls on what it grips: that is no failure
        return ''
