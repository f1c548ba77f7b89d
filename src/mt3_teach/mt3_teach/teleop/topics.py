"""The topics through which any device drives: names, and what the words on them mean."""

__all__ = [
    'BUTTONS',
    'EMERGENCY_STOP',
    'GOTO',
    'GRIPPER',
    'HOME',
    'NOTICE',
    'POSE',
    'TWIST',
    'UPRIGHT',
    'button_service',
]

TWIST = '/mt3/teleop/twist'  # TwistStamped: of the tcp, in the axes of header.frame_id (base or tcp frame)
POSE = '/mt3/teleop/pose'  # PoseStamped: T_base_tcp that is moved to, within the speed limits
GOTO = '/mt3/teleop/goto'  # String: HOME or UPRIGHT, repeated as long as the key is held
GRIPPER = '/mt3/teleop/gripper'  # Float64: opening, 0 closed to 1 open
NOTICE = '/mt3/teleop/notice'  # String, published: what holds the motion back; empty: nothing does
EMERGENCY_STOP = '/mt3/emergency_stop'  # Bool, listened to: nothing moves by hand while it is true
HOME, UPRIGHT = 'home', 'upright'

#: What the buttons of a device do in a teaching session; each is a service of it.
BUTTONS = ('next', 'redo', 'discard', 'yes', 'no')


def button_service(button: str) -> str:
    """Return the name of a button's service (std_srvs/Trigger)."""
    return f'/mt3/teach/{button}'
