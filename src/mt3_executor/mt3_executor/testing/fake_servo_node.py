"""MoveIt Servo as far as an arm feels it: twists of the tool become joint velocities, until none comes any more."""

import time

import numpy as np
from geometry_msgs.msg import TwistStamped
from rclpy.node import Node

from mt3_executor.robot import ArmModel
from mt3_executor.testing.fake_drivers import FakeCell

__all__ = ['FakeServo']

_PERIOD_S, _TIMEOUT_S = 0.01, 0.2
_SAMPLE_S = 0.05  # no step is longer, however late the timer comes


class FakeServo(Node):
    """Moves the arm of a fake cell.

    Attributes:
        twists: All that came, linear part first.
        obeys: False: it halts, as at a singularity.
    """

    def __init__(self, cell: FakeCell, arm: ArmModel, topic: str, **arguments: object) -> None:
        super().__init__('servo_node', **arguments)
        self._cell, self._arm = cell, arm
        self.twists: list[np.ndarray] = []
        self.obeys = True
        self._heard = self._last = 0.0
        self.create_subscription(TwistStamped, topic, self._take, 10)
        self.create_timer(_PERIOD_S, self._move)

    def _take(self, message: TwistStamped) -> None:
        assert message.header.frame_id == self._arm.config.tcp_frame
        linear, angular = message.twist.linear, message.twist.angular
        self.twists.append(np.array([linear.x, linear.y, linear.z, angular.x, angular.y, angular.z]))
        self._heard = time.monotonic()

    def _move(self) -> None:
        now = time.monotonic()
        passed, self._last = min(now - self._last, _SAMPLE_S), now
        if not self.twists or now - self._heard > _TIMEOUT_S:
            return
        J = self._arm.tcp_and_jacobian(self._cell.q)[1]
        self._cell.qd = np.linalg.pinv(J) @ self.twists[-1] * float(self.obeys)
        self._cell.q = self._cell.q + self._cell.qd * passed
