"""`expert`: teleoperates the task that is set up in the cell once, through the interfaces of a real arm, and exits.

    expert [--family NAME] [--seed N]

Which arm it is, the names in /joint_states tell. It sends `follow_joint_trajectory` goals and `gripper_cmd` goals and
marks the moments of the demonstration with `/mt3/mark_event`, as a person at a teleop device would; it looks at the
scene through `/sim/state`, which is not recorded. One thread spins the node; the main thread does the steps one after
the other and waits for each.
"""

import argparse
import sys
import threading
from collections.abc import Callable
from typing import Any

import numpy as np
import rclpy
from builtin_interfaces.msg import Duration
from control_msgs.action import FollowJointTrajectory, GripperCommand
from rclpy.duration import Duration as RclpyDuration
from rclpy.executors import ExternalShutdownException, SingleThreadedExecutor
from rclpy.node import Node
from rclpy.parameter import Parameter
from sensor_msgs.msg import JointState
from trajectory_msgs.msg import JointTrajectoryPoint

from mt3_common.action_client import ActionClient
from mt3_common.conversions import pose_to_matrix
from mt3_common.errors import InvalidInput, MT3Error, StatusCode
from mt3_common.example_robots import EXAMPLE_ROBOTS
from mt3_common.service_call import call_service
from mt3_interfaces.srv import MarkEvent, SimState
from mt3_sim import families
from mt3_sim.experts.kinematics import Arm, default_arm
from mt3_sim.experts.motion import Grip, Mark, Motion, Move, Wait, hand_like, plan
from mt3_sim.families.task_scene import TaskScene

__all__ = ['ExpertNode', 'main']

_WAIT_S = 30.0  # for a server to appear or a short answer [s]


class ExpertNode(Node):
    """A client of the arm, the gripper, the recorder and the simulation's true state."""

    def __init__(self, context: rclpy.Context) -> None:
        super().__init__(
            'expert', context=context, parameter_overrides=[Parameter('use_sim_time', Parameter.Type.BOOL, True)]
        )
        self._arm: Arm | None = None
        self._mark = self.create_client(MarkEvent, '/mt3/mark_event')
        self._state = self.create_client(SimState, '/sim/state')
        self._joints: np.ndarray | None = None
        self._joints_known = threading.Event()
        self.create_subscription(JointState, '/joint_states', self._on_joints, 10)

    def look(self, family: str = '') -> tuple[TaskScene, np.ndarray]:
        """Return the scene that is set up, and the true pose (4, 4) of its target.

        Raises:
            MT3Error: The cell does not answer, or another family is set up.
        """
        answer = self._call(self._state, SimState.Request(), repeat_s=5.0)
        if answer.status.code != StatusCode.OK:
            raise MT3Error(answer.status.message, StatusCode(answer.status.code))
        if family and answer.family != family:
            raise InvalidInput(f'the cell is set up for {answer.family!r}, not for {family!r}; reset it first')
        scene = families.set_up(answer.family, answer.seed, answer.instance, answer.instance_seed, answer.distractors)
        poses = dict(zip(answer.names, answer.poses, strict=True))
        if scene.target not in poses:
            raise InvalidInput(f'the cell has no body {scene.target!r}; it has {list(answer.names)}')
        return scene, pose_to_matrix(poses[scene.target])

    def teleoperate(self, family: str, seed: int) -> Motion:
        """Do the task once.

        Args:
            family: Must be the one that is set up; empty: any.
            seed: Of the variations of the hand.

        Raises:
            MT3Error: Something did not answer, refused, or cannot be reached.
        """
        scene, T_base_target = self.look(family)
        if not self._joints_known.wait(_WAIT_S):
            known = ', '.join(sorted(EXAMPLE_ROBOTS))
            text = f'no /joint_states of {known} within {_WAIT_S:.0f} s; is the cell running?'
            raise MT3Error(text, StatusCode.NO_DATA)
        rng = np.random.default_rng(seed)
        motion = plan(self._arm, hand_like(scene.waypoints, rng), T_base_target, self._joints, rng)
        self.get_logger().info(f'{scene.task}: {len(motion.steps)} steps, about {motion.duration_s:.0f} s')
        for step in motion.steps:
            if isinstance(step, Move):
                self._move(step)
            elif isinstance(step, Grip):
                self._grip(step)
            elif isinstance(step, Mark):
                self._event(step.name)
            elif isinstance(step, Wait):
                self.get_clock().sleep_for(RclpyDuration(seconds=step.seconds), self.context)
        return motion

    def _on_joints(self, message: JointState) -> None:
        position = dict(zip(message.name, message.position, strict=True))
        if self._arm is None:
            known = [r.config for r in EXAMPLE_ROBOTS.values() if set(r.config.arm_joints) <= set(position)]
            if not known:
                return
            self._arm = default_arm(known[0].name)
            self._trajectory = ActionClient(self, FollowJointTrajectory, known[0].arm_action)
            self._gripper = ActionClient(self, GripperCommand, known[0].gripper.action)
        if all(name in position for name in self._arm.config.arm_joints):
            self._joints = np.array([position[name] for name in self._arm.config.arm_joints])
            self._joints_known.set()

    def _move(self, move: Move) -> None:
        goal = FollowJointTrajectory.Goal()
        goal.trajectory.joint_names = list(self._arm.config.arm_joints)
        for at, q, qd in zip(move.time_s[1:], move.q[1:], move.qd[1:], strict=True):
            goal.trajectory.points.append(
                JointTrajectoryPoint(positions=q.tolist(), velocities=qd.tolist(), time_from_start=_duration(at))
            )
        name = self._arm.config.arm_action
        result = self._act(self._trajectory, goal, name, 20.0 + 5.0 * float(move.time_s[-1]))
        if result.error_code != FollowJointTrajectory.Result.SUCCESSFUL:
            raise MT3Error(f'{name} ended with {result.error_code}: {result.error_string}', StatusCode.HARDWARE)

    def _grip(self, grip: Grip) -> None:
        gripper, goal = self._arm.config.gripper, GripperCommand.Goal()
        goal.command.position = gripper.to_driver(grip.opening)
        goal.command.max_effort = gripper.max_effort
        # it stalls on whatever is gripped: that is what is wanted, so the result is not looked at
        self._act(self._gripper, goal, gripper.action, 20.0)

    def _event(self, name: str) -> None:
        if not self._mark.wait_for_service(timeout_sec=1.0):
            self.get_logger().info(f'{name}: nobody records, nothing is marked')
            return
        answer = self._call(self._mark, MarkEvent.Request(name=name))
        if answer.status.code != StatusCode.OK:
            self.get_logger().warning(f'{name} was not marked: {answer.status.message}')

    def _act(self, client: ActionClient, goal: Any, name: str, limit_s: float) -> Any:
        if not client.wait_for_server(timeout_sec=_WAIT_S):
            raise MT3Error(f'nobody offers {name}', StatusCode.NO_DATA)
        handle = _await(client.send_goal_async(goal), _WAIT_S, f'{name} did not answer the goal')
        if not handle.accepted:
            raise MT3Error(f'{name} rejected the goal', StatusCode.HARDWARE)
        return _await(handle.get_result_async(), limit_s, f'{name} did not finish').result

    def _call(self, client: Any, request: Any, repeat_s: float | None = None) -> Any:
        return call_service(client, request, wait_s=_WAIT_S, timeout_s=_WAIT_S, repeat_s=repeat_s)


def _duration(seconds: float) -> Duration:
    nanoseconds = round(seconds * 1e9)
    return Duration(sec=nanoseconds // 10**9, nanosec=nanoseconds % 10**9)


def _await(future: Any, limit_s: float, complaint: str) -> Any:
    """Return the result of a future that the spinning thread completes.

    Raises:
        MT3Error: With code TIMEOUT.
    """
    done = threading.Event()
    future.add_done_callback(lambda _: done.set())
    if not done.wait(limit_s):
        raise MT3Error(f'{complaint} within {limit_s:.0f} s', StatusCode.TIMEOUT)
    return future.result()


def _spin(executor: SingleThreadedExecutor) -> Callable[[], None]:
    def run() -> None:
        try:
            executor.spin()
        except ExternalShutdownException:
            return  # that is how main ends it

    return run


def main(arguments: list[str] | None = None) -> int:
    """Teleoperate once; return 0 when every step was done."""
    parser = argparse.ArgumentParser(prog='expert', description='Teleoperate the task that is set up in the cell.')
    parser.add_argument('--family', default='', help='the task family that must be set up; default: any')
    parser.add_argument('--seed', type=int, default=0, help='of the small variations of a hand')
    options, _ = parser.parse_known_args(arguments)  # what is left are ROS arguments
    context = rclpy.Context()
    rclpy.init(context=context)
    node = ExpertNode(context)
    executor = SingleThreadedExecutor(context=context)
    executor.add_node(node)
    thread = threading.Thread(target=_spin(executor), name='ros', daemon=True)
    thread.start()
    try:
        node.teleoperate(options.family, options.seed)
    except MT3Error as error:
        print(f'expert: {error.status}', file=sys.stderr, flush=True)
        return 1
    except KeyboardInterrupt:
        return 130
    finally:
        executor.shutdown()
        thread.join(timeout=5.0)
        node.destroy_node()
        rclpy.try_shutdown(context=context)
    return 0


if __name__ == '__main__':
    sys.exit(main())
