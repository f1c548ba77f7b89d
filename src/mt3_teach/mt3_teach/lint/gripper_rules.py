"""What the gripper does."""

import numpy as np

from mt3_common.demonstration import Demonstration
from mt3_teach.config import LintConfig
from mt3_teach.findings import Finding, Severity
from mt3_teach.lint.subject import Recording, Shape

__all__ = ['gripper_never_moves', 'gripper_unknown']

_GRASPING = ('pick_up', 'place', 'insert', 'open', 'close', 'pull', 'hang', 'stack', 'remove', 'pour')


def gripper_never_moves(shape: Shape, _: LintConfig) -> Finding | None:
    """Find a task of gripping without a grip."""
    if np.ptp(shape.demo.interaction.gripper_opening) < 0.02:
        grasping = any(shape.demo.skill.startswith(skill) for skill in _GRASPING)
        text = f'the gripper never moves during "{shape.demo.task}"'
        if grasping:
            return Finding(
                Severity.WARNING,
                'gripper_never_moves',
                f'{text}, which usually needs it; is the gripper joint of the robot settings the one in /joint_states?',
            )
        return Finding(Severity.INFO, 'gripper_never_moves', text)
    return None


def gripper_unknown(recording: Recording, _: Demonstration, __: LintConfig) -> Finding | None:
    """Find a recording without a gripper."""
    if recording.track is None:
        joint = recording.robot.gripper.joint
        return Finding(
            Severity.WARNING,
            'gripper_unknown',
            f'the joint states hold no gripper joint {joint}; the gripper is '
            'taken '
            'as open throughout. Set the joint in the robot settings',
        )
    return None
