"""moveit.core.robot_state."""

import numpy as np


class RobotState:
    """Joints of a robot model."""

    def __init__(self, robot_model):
        self._model = robot_model
        robot_model.owner.check()
        self.q = robot_model.arm.home.copy()
        self._fresh = False

    def set_joint_group_positions(self, joint_model_group_name, position_values):
        """Set the joints of a group; transforms are old until `update`."""
        self._model.owner.check()
        self._model.need_group(joint_model_group_name)
        values = np.asarray(position_values, dtype=float)
        if values.shape != (self._model.arm.n,):
            raise RuntimeError(f'group has {self._model.arm.n} variables, got {values.shape}')
        self.q, self._fresh = values.copy(), False

    def get_joint_group_positions(self, joint_model_group_name):
        """Return the joints of a group."""
        self._model.need_group(joint_model_group_name)
        return self.q.copy()

    def update(self, force=False, type='all'):
        """Compute transforms."""
        self._fresh = True

    def get_frame_transform(self, frame_id):
        """Return a transform; the identity for an unknown frame, as MoveIt does, without a word."""
        assert self._fresh, 'call update() after changing joints: MoveIt would answer with old transforms'
        if frame_id != self._model.arm.config.tcp_frame:
            return np.eye(4)
        return self._model.arm.fk(self.q)
