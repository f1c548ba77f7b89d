"""The node `gamepad` or `spacemouse`: from the device (or a Joy topic of its driver) to `/mt3/teleop/*`.

Its buttons press the same buttons of a teaching session as the keyboard does (`mt3_teach.teleop.topics.BUTTONS`).
"""

import sys
import threading
import time
from typing import Any

import numpy as np
from geometry_msgs.msg import TwistStamped
from rclpy.node import Node
from sensor_msgs.msg import Joy
from std_msgs.msg import Float64, String
from std_srvs.srv import Trigger

from mt3_common import conversions
from mt3_common.errors import MT3Error
from mt3_common.executor import InlineGroup
from mt3_common.node_runner import run
from mt3_common.parameters import declare
from mt3_teach.teleop import topics
from mt3_teach.teleop.config import DeviceConfig
from mt3_teach.teleop.devices import Device, Gamepad, SpaceMouse
from mt3_teach.teleop.joy import JoyCommand, JoyReader

__all__ = ['DeviceNode', 'main']


class DeviceNode(Node):
    """Publishes what the device wants as long as its dead-man is held."""

    def __init__(self, **options: Any) -> None:
        super().__init__('teleop_device', **options)
        self._config = declare(self, DeviceConfig)
        self._reader = JoyReader(self._config.kind, self._config.deadzone)
        self._full = np.array([self._config.linear_speed] * 3 + [self._config.angular_speed] * 3)
        self._command = JoyCommand(None)
        self._heard_at = -float('inf')
        self._driving = self._closed = False
        self._ended = threading.Event()
        self._twists = self.create_publisher(TwistStamped, topics.TWIST, 5)
        self._gotos = self.create_publisher(String, topics.GOTO, 5)
        self._grips = self.create_publisher(Float64, topics.GRIPPER, 5)
        group = InlineGroup()
        self._buttons = {
            b: self.create_client(Trigger, topics.button_service(b), callback_group=group) for b in topics.BUTTONS
        }
        self._device: Device | None = None
        self._thread: threading.Thread | None = None
        if self._config.source == 'device':
            self._device = Gamepad(self._config.path) if self._config.kind == 'gamepad' else SpaceMouse()
            self._thread = threading.Thread(target=self._poll, name='device', daemon=True)
            self._thread.start()
        else:
            self.create_subscription(Joy, self._config.source, self._on_joy, 5, callback_group=group)
        self.create_timer(1.0 / self._config.rate_hz, self._send)
        self.get_logger().info(f'{self._config.kind} from {self._config.source}: hold the dead-man to drive')

    def _poll(self) -> None:
        try:
            while not self._ended.is_set():
                if self._device.poll(0.2):
                    self._take(self._device.axes, self._device.buttons)
                self._heard_at = time.monotonic()  # a device tells changes only: silence is no loss
        except MT3Error as error:
            self._command = JoyCommand(None)
            self.get_logger().error(f'{error}: the arm stops')

    def _on_joy(self, message: Joy) -> None:
        self._heard_at = time.monotonic()
        self._take(message.axes, message.buttons)

    def _take(self, axes: Any, buttons: Any) -> None:
        command = self._command = self._reader.read(axes, buttons)
        if command.gripper:
            self._closed = not self._closed
            self._grips.publish(Float64(data=0.0 if self._closed else 1.0))
        if command.button:
            client = self._buttons[command.button]
            if client.service_is_ready():
                client.call_async(Trigger.Request())
            else:
                self.get_logger().info(f'{command.button}: no teaching session runs (`mt3 teach`)')

    def _send(self) -> None:
        command = self._command
        fresh = time.monotonic() - self._heard_at < self._config.stale_s
        if fresh and command.goto:
            self._gotos.publish(String(data=command.goto))
        elif fresh and command.twist is not None:
            self._publish(command.twist * self._full)
        elif self._driving:
            self._publish(np.zeros(6))  # released: stop now, not when the driver misses us
        self._driving = fresh and (bool(command.goto) or command.twist is not None)

    def _publish(self, twist: np.ndarray) -> None:
        stamp_s = self.get_clock().now().nanoseconds * 1e-9
        message = TwistStamped(header=conversions.header(self._config.base_frame, stamp_s))
        v, w = message.twist.linear, message.twist.angular
        v.x, v.y, v.z, w.x, w.y, w.z = map(float, twist)
        self._twists.publish(message)

    def close(self) -> None:
        """Stop the arm and let go of the device."""
        self._ended.set()
        if self._thread is not None:
            self._thread.join(2.0)
            self._device.close()
        if self._driving:
            self._publish(np.zeros(6))


def main() -> int:
    """Run the node until it is told to end."""
    return run(DeviceNode, threads=2)


if __name__ == '__main__':
    sys.exit(main())
