"""`gripper_cmd` as ros2_control's gripper action controller offers it, with stall detection."""

from control_msgs.action import GripperCommand
from rclpy.action import ActionServer, CancelResponse, GoalResponse
from rclpy.action.server import ServerGoalHandle
from rclpy.callback_groups import ReentrantCallbackGroup
from rclpy.node import Node

from mt3_sim.cell import Cell, GripperGoal
from mt3_sim.goal_waiting import finish, wait_for_end
from mt3_sim.gripper_controller import GripperResult

__all__ = ['GripperAction']

_FEEDBACK_PERIOD_S = 0.05


class GripperAction:
    """The action server."""

    def __init__(self, node: Node, cell: Cell) -> None:
        self._node, self._cell = node, cell
        self._goals: dict[bytes, GripperGoal] = {}
        self._server = ActionServer(
            node,
            GripperCommand,
            cell.world.robot.gripper.action,
            execute_callback=self._execute,
            goal_callback=self._accept,
            cancel_callback=self._cancel,
            callback_group=ReentrantCallbackGroup(),
        )

    def destroy(self) -> None:
        """Take the server down."""
        self._server.destroy()

    def _accept(self, goal: GripperCommand.Goal) -> GoalResponse:
        config = self._cell.world.robot.gripper
        low, high = sorted((config.position_closed, config.position_open))
        position = goal.command.position
        if low - 1e-3 <= position <= high + 1e-3:  # a NaN is not
            return GoalResponse.ACCEPT
        self._node.get_logger().warning(f'rejected a gripper position of {position} m, outside [{low}, {high}]')
        return GoalResponse.REJECT

    def _cancel(self, handle: ServerGoalHandle) -> CancelResponse:
        goal = self._goals.get(bytes(handle.goal_id.uuid))
        if goal is not None:
            self._cell.cancel_gripper(goal)
        return CancelResponse.ACCEPT

    def _execute(self, handle: ServerGoalHandle) -> GripperCommand.Result:
        key = bytes(handle.goal_id.uuid)
        command = handle.request.command
        goal = self._goals[key] = self._cell.start_gripper(command.position, command.max_effort)
        try:
            wait_for_end(
                handle,
                goal,
                lambda: self._cell.cancel_gripper(goal),
                lambda: handle.publish_feedback(_fill(GripperCommand.Feedback(), self._cell.gripper_state())),
                _FEEDBACK_PERIOD_S,
            )
        finally:
            del self._goals[key]
        finish(handle, goal)
        return _fill(GripperCommand.Result(), goal.result)


def _fill(
    message: GripperCommand.Result | GripperCommand.Feedback, state: GripperResult
) -> GripperCommand.Result | GripperCommand.Feedback:
    message.position, message.effort = float(state.position), float(state.effort)
    message.stalled, message.reached_goal = state.stalled, state.reached_goal
    return message
