"""The emergency stop of the stack: a topic that latches, a service that resets.

It is a software stop in addition to the hardware's, never instead of it.
"""

from collections.abc import Callable

from rclpy.callback_groups import CallbackGroup
from rclpy.node import Node
from std_msgs.msg import Bool
from std_srvs.srv import Trigger

from mt3_common.errors import Status, StatusCode
from mt3_common.executor import InlineGroup

__all__ = ['EmergencyStop']


class EmergencyStop:
    """Latches at the first True on `/mt3/emergency_stop`; a False does not reset it, only the service does.

    Args:
        pressed: Called at once when it latches, in the thread that spins: it must not wait.
    """

    def __init__(self, node: Node, group: CallbackGroup, pressed: Callable[[Status], None]) -> None:
        self._log, self._pressed = node.get_logger(), pressed
        self._latched, self._topic_is_true = False, False
        # inline: a stop must not wait until a thread of the pool is free
        node.create_subscription(Bool, '/mt3/emergency_stop', self._arrived, 10, callback_group=InlineGroup())
        node.create_service(Trigger, '/mt3/reset_emergency_stop', self._reset, callback_group=group)

    @property
    def status(self) -> Status:
        """OK, or EMERGENCY_STOP while latched."""
        if not self._latched:
            return Status()
        return Status(
            StatusCode.EMERGENCY_STOP,
            'the emergency stop is latched; when it is safe, call /mt3/reset_emergency_stop (std_srvs/Trigger)',
        )

    def _arrived(self, message: Bool) -> None:
        self._topic_is_true = message.data
        if message.data and not self._latched:
            self._latched = True
            self._log.error('emergency stop')
            self._pressed(self.status)

    def _reset(self, request: Trigger.Request, response: Trigger.Response) -> Trigger.Response:
        if self._topic_is_true:
            response.message = 'refused: the last message on /mt3/emergency_stop is still True; release it first'
        else:
            response.success, self._latched = True, False
            response.message = 'reset'
            self._log.warning('emergency stop reset')
        return response
