"""Who else must agree before and while the arm moves, as topics and services: dead-man, driver, pause, wrench.

Everything that stops is heard in the spinning thread (`InlineGroup`): a stop must not wait for a free thread.
"""

import time
from collections.abc import Callable

import numpy as np
from geometry_msgs.msg import WrenchStamped
from rclpy.callback_groups import CallbackGroup
from rclpy.node import Node
from rclpy.qos import DurabilityPolicy, QoSProfile, qos_profile_sensor_data
from std_msgs.msg import Bool
from std_srvs.srv import Trigger

from mt3_common.errors import Status, StatusCode
from mt3_common.executor import InlineGroup
from mt3_executor.ports import PauseSignal
from mt3_executor.safety_config import MonitorConfig, SafetyConfig

__all__ = ['PauseServices', 'RosGuard']

_WRENCH_AGE_S = 0.5
_LATCHED = QoSProfile(depth=1, durability=DurabilityPolicy.TRANSIENT_LOCAL)


class RosGuard:
    """Implements `mt3_executor.ports.Guard`; topics that are not named are not asked."""

    def __init__(self, node: Node, safety: SafetyConfig, monitors: MonitorConfig) -> None:
        self._safety = safety
        self._pressed_at = float('-inf')  # when the dead-man switch last said true, by the computer's clock [s]
        self._allowed: bool | None = None
        self._wrench: tuple[float, np.ndarray] | None = None
        group = InlineGroup()
        if safety.deadman_topic:
            node.create_subscription(
                Bool, safety.deadman_topic, self._deadman, qos_profile_sensor_data, callback_group=group
            )
        if safety.allowed_topic:
            qos = _LATCHED if safety.allowed_latched else 10
            node.create_subscription(Bool, safety.allowed_topic, self._driver, qos, callback_group=group)
        if monitors.wrench_topic:
            node.create_subscription(
                WrenchStamped, monitors.wrench_topic, self._felt, qos_profile_sensor_data, callback_group=group
            )

    def may_move(self) -> Status:
        """OK, or why nothing may move now."""
        safety = self._safety
        if safety.allowed_topic and not self._allowed:
            what = 'never said anything' if self._allowed is None else 'says false: the robot may not move'
            return Status(
                StatusCode.HARDWARE,
                f'{safety.allowed_topic} {what}; clear the protective stop at the robot, then ask again',
            )
        if safety.deadman_topic:
            silent = time.monotonic() - self._pressed_at
            if silent > safety.deadman_timeout_s:
                since = 'never' if silent == float('inf') else f'{silent:.1f} s ago'
                return Status(
                    StatusCode.CANCELLED,
                    f'the dead-man switch ({safety.deadman_topic}) was last held {since} (limit '
                    f'{safety.deadman_timeout_s:g} s); hold it while the arm moves',
                )
        return Status()

    def wrench(self) -> np.ndarray | None:
        """Measured force and torque (6,) [N, N m], None without a fresh one."""
        if self._wrench is None or time.monotonic() - self._wrench[0] > _WRENCH_AGE_S:
            return None
        return self._wrench[1]

    def _deadman(self, message: Bool) -> None:
        self._pressed_at = time.monotonic() if message.data else float('-inf')

    def _driver(self, message: Bool) -> None:
        self._allowed = message.data

    def _felt(self, message: WrenchStamped) -> None:
        force, torque = message.wrench.force, message.wrench.torque
        self._wrench = (time.monotonic(), np.array([force.x, force.y, force.z, torque.x, torque.y, torque.z]))


class PauseServices:
    """`/mt3/pause` and `/mt3/resume` (std_srvs/Trigger).

    Args:
        running: Whether a task is under way.
    """

    def __init__(self, node: Node, group: CallbackGroup, pause: PauseSignal, running: Callable[[], bool]) -> None:
        self._pause, self._running = pause, running
        node.create_service(Trigger, '/mt3/pause', self._on_pause, callback_group=group)
        node.create_service(Trigger, '/mt3/resume', self._on_resume, callback_group=group)

    def _on_pause(self, request: Trigger.Request, response: Trigger.Response) -> Trigger.Response:
        if not self._running():
            response.message = 'nothing to pause: no task is running'
            return response
        self._pause.pause()
        response.success, response.message = True, 'the arm stops and holds; /mt3/resume goes on'
        return response

    def _on_resume(self, request: Trigger.Request, response: Trigger.Response) -> Trigger.Response:
        response.success = self._pause.is_set()
        response.message = 'goes on' if response.success else 'nothing to resume: the task is not paused'
        self._pause.resume()
        return response
