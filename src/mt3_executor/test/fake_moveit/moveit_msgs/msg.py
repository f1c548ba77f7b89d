"""The messages that the MoveIt backend sends, with the fields of the real ones and no others."""

from geometry_msgs.msg import Pose
from std_msgs.msg import Header
from trajectory_msgs.msg import JointTrajectory


class _Message:
    __slots__ = ()

    def __init__(self, **fields):
        for name, make in self._defaults().items():
            setattr(self, name, make())
        for name, value in fields.items():
            if name not in self.__slots__:
                raise AssertionError(f'Invalid arguments passed to constructor: {name}')
            setattr(self, name, value)


class CollisionObject(_Message):
    """moveit_msgs/CollisionObject; operations are of type byte, as rosidl generates them."""

    ADD, REMOVE, APPEND, MOVE = b'\x00', b'\x01', b'\x02', b'\x03'
    __slots__ = ('header', 'id', 'operation', 'pose', 'primitive_poses', 'primitives')

    @staticmethod
    def _defaults():
        return {
            'header': Header,
            'id': str,
            'operation': lambda: b'\x00',
            'pose': Pose,
            'primitive_poses': list,
            'primitives': list,
        }


class AttachedCollisionObject(_Message):
    """moveit_msgs/AttachedCollisionObject."""

    __slots__ = ('link_name', 'object', 'touch_links', 'weight')

    @staticmethod
    def _defaults():
        return {'link_name': str, 'object': CollisionObject, 'touch_links': list, 'weight': float}


class RobotTrajectory(_Message):
    """moveit_msgs/RobotTrajectory."""

    __slots__ = ('joint_trajectory',)

    @staticmethod
    def _defaults():
        return {'joint_trajectory': JointTrajectory}


class MoveItErrorCodes(_Message):
    """moveit_msgs/MoveItErrorCodes."""

    SUCCESS, PLANNING_FAILED, FRAME_TRANSFORM_FAILURE, NO_IK_SOLUTION = 1, -1, -21, -31
    GOAL_IN_COLLISION, START_STATE_IN_COLLISION, INVALID_GROUP_NAME = -12, -10, -13
    __slots__ = ('val',)

    @staticmethod
    def _defaults():
        return {'val': int}
