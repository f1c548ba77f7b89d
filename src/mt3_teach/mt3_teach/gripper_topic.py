"""A gripper that is not in the joint states: a topic of its own, or the feedback of its action.

Recognised are std_msgs numbers, booleans and arrays (their first entry), control_msgs/GripperCommand, and the feedback
of a GripperCommand action (`<action>/_action/feedback`). A number is in the driver's unit, as `position_closed` and
`position_open` of the robot settings are; a boolean says open.
"""

from typing import Any

import numpy as np

from mt3_common import messages
from mt3_common.errors import InvalidInput

__all__ = ['gripper_reading', 'is_command']


def is_command(message_type: str) -> bool:
    """Return whether messages of this type command the gripper rather than measure it."""
    return message_type.startswith('std_msgs/') or message_type.endswith('/GripperCommand')


def gripper_reading(message: Any, received_s: float, topic: str) -> tuple[float, float]:
    """Return (time [s], driver position) of one message; a boolean gives infinity for open and minus infinity.

    Raises:
        InvalidInput: A message in which nobody here finds a position.
    """
    header = getattr(message, 'header', None)
    at = messages.stamp_to_seconds(header.stamp) if header is not None else received_s
    inner = message
    for name in ('feedback', 'command', 'goal'):
        inner = getattr(inner, name, inner)
    value = getattr(inner, 'data', getattr(inner, 'position', None))
    if isinstance(value, bool | np.bool_):
        return at, np.inf if value else -np.inf
    if isinstance(value, np.ndarray | list | tuple) and len(value):
        value = value[0]
    if not isinstance(value, int | float | np.number) or not np.isfinite(value):
        kind = getattr(message, '__msgtype__', type(message).__name__)
        raise InvalidInput(
            f'no gripper position in {topic} ({kind}); use a number, a boolean, a GripperCommand, its action '
            'feedback, or a JointState'
        )
    return at, float(value)
