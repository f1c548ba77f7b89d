"""The keyboard as a teleoperation device: held keys become twists on `/mt3/teleop/*`, as those of any other device."""

import subprocess
import sys
import tempfile
import time
from types import TracebackType

import numpy as np
from geometry_msgs.msg import TwistStamped
from std_msgs.msg import Float64, String

from mt3_cli.client import StackClient
from mt3_common import conversions
from mt3_common.errors import MT3Error, StatusCode
from mt3_common.robot import RobotConfig
from mt3_common.service_call import poll
from mt3_teach.teleop import topics
from mt3_teach.teleop.config import JogConfig
from mt3_teach.teleop.keys import KEYS, HeldKey, twist_of

__all__ = ['KeyboardDrive']

_SPEEDS = (0.1, 0.25, 0.5, 1.0)
_PERIOD_S = 0.05


class KeyboardDrive:
    """Publishes what the held key wants; a context manager that stops the arm at its end.

    Starts a `teleop` node when none runs.
    """

    def __init__(self, client: StackClient, robot: RobotConfig, robot_file: str, output: str) -> None:
        node, self._robot = client.node, robot
        self._twists = node.create_publisher(TwistStamped, topics.TWIST, 5)
        self._gotos = node.create_publisher(String, topics.GOTO, 5)
        self._grips = node.create_publisher(Float64, topics.GRIPPER, 5)
        node.create_subscription(String, topics.NOTICE, self._on_notice, 5)
        self._clock = node.get_clock()
        self._held, self._sent_at, self._driving = HeldKey(), 0.0, False
        self._speed, self._tool_axes, self._closed = 2, False, False
        self._limits = JogConfig()
        self.notice = ''
        self._log = tempfile.NamedTemporaryFile('w+', prefix='mt3-teleop-', suffix='.log')
        self._process: subprocess.Popen | None = None
        if not poll(lambda: self._twists.get_subscription_count() > 0, 1.0):
            self._start(client, robot_file, output)

    def _start(self, client: StackClient, robot_file: str, output: str) -> None:
        simulated = client.node.count_publishers('/clock') > 0
        words = [f'robot:={robot_file}', f'output:={output}', f'use_sim_time:={str(simulated).lower()}']
        command = [sys.executable, '-m', 'mt3_teach.teleop.node', '--ros-args']
        for word in words:
            command += ['-p', word] if not word.endswith(':=') else []
        self._process = subprocess.Popen(command, stdout=self._log, stderr=self._log, start_new_session=True)
        if not poll(lambda: self._twists.get_subscription_count() > 0, 30.0):
            self.close()
            raise MT3Error(f'the teleop node did not start; see {self._log.name}', StatusCode.HARDWARE)

    def _on_notice(self, message: String) -> None:
        self.notice = message.data

    @property
    def state(self) -> str:
        """Gripper, speed and axes, in words."""
        grip = 'closed' if self._closed else 'open'
        axes = ', tool axes' if self._tool_axes else ''
        return f'gripper {grip} | speed {100 * _SPEEDS[self._speed]:.0f} %{axes}'

    def press(self, key: str) -> bool:
        """Take a key; whether it drives."""
        command = KEYS.get(key.lower() if len(key) == 1 else key)
        if command is None or command.kind == 'button':
            return False
        if command.kind in ('move', 'goto'):
            self._held.press(key, time.monotonic())
        elif command.kind == 'gripper':
            self._closed = not self._closed
            self._grips.publish(Float64(data=0.0 if self._closed else 1.0))
        elif command.kind == 'speed':
            step = 1 if command.value == 'faster' else -1
            self._speed = min(max(self._speed + step, 0), len(_SPEEDS) - 1)
        else:
            self._tool_axes = not self._tool_axes
        return True

    def tick(self) -> None:
        """Publish what is held now; call it all the time."""
        now = time.monotonic()
        key = self._held.at(now)
        if not key:
            if self._driving:  # released: stop now, not when the driver misses us
                self._publish(np.zeros(6))
                self._driving = False
            return
        if now - self._sent_at < _PERIOD_S:
            return
        self._sent_at, self._driving = now, True
        command = KEYS[key.lower() if len(key) == 1 else key]
        if command.kind == 'goto':
            self._gotos.publish(String(data=command.value))
        else:
            limits = self._limits
            self._publish(twist_of(key, _SPEEDS[self._speed], limits.linear_speed, limits.angular_speed))

    def _publish(self, twist: np.ndarray) -> None:
        frame = self._robot.tcp_frame if self._tool_axes else self._robot.base_frame
        message = TwistStamped(header=conversions.header(frame, self._clock.now().nanoseconds * 1e-9))
        v, w = message.twist.linear, message.twist.angular
        v.x, v.y, v.z, w.x, w.y, w.z = map(float, twist)
        self._twists.publish(message)

    def close(self) -> None:
        """Stop the arm, and the node that was started here."""
        self._held.release()
        self._publish(np.zeros(6))
        process, self._process = self._process, None
        if process is not None:
            time.sleep(0.2)  # for the arm to come to rest
            process.terminate()
            try:
                process.wait(8.0)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()

    def __enter__(self) -> 'KeyboardDrive':
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
