"""`follow_joint_trajectory` as ros2_control's joint_trajectory_controller offers it.

A goal that cannot be followed is rejected, with the reason in the log: a rejected goal has no result. A new goal
replaces the one under way, which is aborted. Cancelling brakes the arm to a stop; it then holds its position. A
trajectory on the topic `joint_trajectory` of the controller is followed likewise, without anybody being told its end.
"""

import numpy as np
from control_msgs.action import FollowJointTrajectory
from control_msgs.msg import JointTolerance
from rclpy.action import ActionServer, CancelResponse, GoalResponse
from rclpy.action.server import ServerGoalHandle
from rclpy.callback_groups import ReentrantCallbackGroup
from rclpy.node import Node
from trajectory_msgs.msg import JointTrajectory as JointTrajectoryMessage
from trajectory_msgs.msg import JointTrajectoryPoint

from mt3_common.conversions import msg_to_joint_trajectory, seconds_to_duration, seconds_to_stamp
from mt3_common.errors import InvalidInput
from mt3_common.executor import InlineGroup
from mt3_common.messages import stamp_to_seconds
from mt3_sim.cell import ArmGoal, Cell, Ending
from mt3_sim.goal_waiting import finish, wait_for_end
from mt3_sim.trajectory_follower import JointTrajectory

__all__ = ['ArmAction']

_FEEDBACK_PERIOD_S = 0.05


class ArmAction:
    """The action server.

    Args:
        start_s: ROS time at the world's time 0 [s].
    """

    def __init__(self, node: Node, cell: Cell, start_s: float) -> None:
        self._node, self._cell, self._start_s = node, cell, start_s
        self._goals: dict[bytes, ArmGoal] = {}
        self._server = ActionServer(
            node,
            FollowJointTrajectory,
            cell.world.robot.arm_action,
            execute_callback=self._execute,
            goal_callback=self._accept,
            cancel_callback=self._cancel,
            callback_group=ReentrantCallbackGroup(),
        )

        self._topic = node.create_subscription(
            JointTrajectoryMessage,
            cell.world.robot.arm_action.rsplit('/', 1)[0] + '/joint_trajectory',
            self._on_trajectory,
            10,
            callback_group=InlineGroup(),
        )

    def destroy(self) -> None:
        """Take the server down."""
        self._server.destroy()

    def _on_trajectory(self, message: JointTrajectoryMessage) -> None:
        try:
            self._cell.start_arm(self._trajectory(FollowJointTrajectory.Goal(trajectory=message)))
        except InvalidInput as error:
            self._node.get_logger().warning(f'ignored a trajectory: {error}', throttle_duration_sec=1.0)

    def _trajectory(self, goal: FollowJointTrajectory.Goal) -> JointTrajectory:
        names, time_s, position, velocity, acceleration = msg_to_joint_trajectory(goal.trajectory)
        stamp = stamp_to_seconds(goal.trajectory.header.stamp)
        return JointTrajectory(
            tuple(names),
            time_s,
            position,
            velocity,
            acceleration,
            None if stamp == 0.0 else stamp - self._start_s,
            _tolerances(goal.path_tolerance),
            _tolerances(goal.goal_tolerance),
            stamp_to_seconds(goal.goal_time_tolerance),
        )

    def _accept(self, goal: FollowJointTrajectory.Goal) -> GoalResponse:
        try:
            if goal.multi_dof_trajectory.points:
                raise InvalidInput('multi_dof_trajectory is not supported')
            problem = self._cell.check_arm(self._trajectory(goal))
        except InvalidInput as error:
            self._node.get_logger().warning(f'rejected a trajectory: {error}')
            return GoalResponse.REJECT
        if problem is not None:
            self._node.get_logger().warning(f'rejected a trajectory: {problem.code.name}: {problem.message}')
            return GoalResponse.REJECT
        return GoalResponse.ACCEPT

    def _cancel(self, handle: ServerGoalHandle) -> CancelResponse:
        goal = self._goals.get(bytes(handle.goal_id.uuid))
        if goal is not None:  # at once; the waiting callback reports it
            self._cell.cancel_arm(goal)
        return CancelResponse.ACCEPT

    def _execute(self, handle: ServerGoalHandle) -> FollowJointTrajectory.Result:
        key = bytes(handle.goal_id.uuid)
        try:
            goal = self._cell.start_arm(self._trajectory(handle.request))
        except InvalidInput as error:  # it became too old between accepting and starting
            handle.abort()
            return FollowJointTrajectory.Result(
                error_code=FollowJointTrajectory.Result.INVALID_GOAL, error_string=str(error)
            )
        self._goals[key] = goal
        try:
            wait_for_end(
                handle,
                goal,
                lambda: self._cell.cancel_arm(goal),
                lambda: handle.publish_feedback(self._feedback()),
                _FEEDBACK_PERIOD_S,
            )
        finally:
            del self._goals[key]
        finish(handle, goal)
        text = '' if goal.ending is Ending.SUCCEEDED else goal.message
        return FollowJointTrajectory.Result(error_code=int(goal.code), error_string=text)

    def _feedback(self) -> FollowJointTrajectory.Feedback:
        desired, position, velocity, at = self._cell.arm_state()
        message = FollowJointTrajectory.Feedback()
        message.header.stamp = seconds_to_stamp(self._start_s + at)
        message.joint_names = list(self._cell.follower.joint_names)
        since = seconds_to_duration(max(0.0, self._cell.follower.progress(at)))
        for field, q, qd in (
            ('desired', desired.position, desired.velocity),
            ('actual', position, velocity),
            ('error', desired.position - position, desired.velocity - velocity),
        ):
            point = JointTrajectoryPoint(positions=np.asarray(q).tolist(), velocities=np.asarray(qd).tolist())
            point.time_from_start = since
            setattr(message, field, point)
        return message


def _tolerances(messages: list[JointTolerance]) -> dict[str, tuple[float, float]]:
    return {message.name: (message.position, message.velocity) for message in messages}
