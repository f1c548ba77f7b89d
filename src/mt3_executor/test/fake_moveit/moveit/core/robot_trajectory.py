"""moveit.core.robot_trajectory."""

import numpy as np
from moveit_msgs.msg import RobotTrajectory as RobotTrajectoryMsg

from mt3_common.conversions import trajectory_to_msg
from mt3_executor.timing import time_path


class RobotTrajectory:
    """Waypoints; untimed until a time parameterization was applied."""

    def __init__(self, robot_model):
        self._model = robot_model
        self.joint_model_group_name = ''
        self.path = np.zeros((0, robot_model.arm.n))
        self.timed = None

    def apply_totg_time_parameterization(
        self,
        velocity_scaling_factor,
        acceleration_scaling_factor,
        path_tolerance=0.1,
        resample_dt=0.1,
        min_angle_change=0.001,
    ):
        """Time the waypoints within the joint limits."""
        self._model.owner.check()
        assert 0.0 < velocity_scaling_factor <= 1.0 and 0.0 < acceleration_scaling_factor <= 1.0
        self.timed, _ = time_path(self._model.arm, self.path, velocity_scaling_factor, acceleration_scaling_factor)
        return True

    def get_robot_trajectory_msg(self, joint_filter=()):
        """Return the message, in an order of joints that is not ours."""
        self._model.owner.check()
        names = list(self._model.arm.config.arm_joints)[::-1]
        message = RobotTrajectoryMsg()
        if self.timed is None:
            message.joint_trajectory = trajectory_to_msg(names, np.zeros(len(self.path)), self.path[:, ::-1])
            return message
        t = self.timed
        message.joint_trajectory = trajectory_to_msg(
            names, t.time_s, t.position[:, ::-1], t.velocity[:, ::-1], t.acceleration[:, ::-1]
        )
        return message
