"""The one thread that touches MoveItPy.

MoveIt's Python bindings keep the interpreter's lock while they plan, so nothing else of this process runs meanwhile:
they are asked only while the arm stands still, with a planning time that is bounded. One MoveItPy lives as long as the
process (its end is known to crash), and every call to it and to what it hands out is made in this thread.
"""

import queue
import threading
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Any

import numpy as np
from geometry_msgs.msg import Pose, PoseStamped
from shape_msgs.msg import SolidPrimitive

from mt3_common.conversions import matrix_to_pose, msg_to_joint_trajectory
from mt3_common.errors import MT3Error, StatusCode
from mt3_common.robot import RobotConfig
from mt3_executor.backends.boxes import boxes_of
from mt3_executor.backends.moveit_config import MoveItConfig
from mt3_executor.config import CollisionConfig
from mt3_executor.obstacles import Obstacles

__all__ = ['ApproachRequest', 'MoveItOwner']

_TABLE, _SCENE, _TARGET, _HELD = 'mt3_table', 'mt3_scene', 'mt3_target', 'mt3_held'
_TABLE_THICKNESS_M = 0.5
_RESAMPLE_S = 0.05


@dataclass(frozen=True, eq=False)
class ApproachRequest:
    """One motion to plan.

    Attributes:
        obstacles: What must not be touched.
        goal: (n,) joints [rad], or (4, 4) T_base_tcp [m].
        touch_target: Whether the gripper may touch the target.
        velocity, acceleration: Shares of MoveIt's own limits.
    """

    obstacles: Obstacles
    goal: np.ndarray
    touch_target: bool
    velocity: float
    acceleration: float


class MoveItOwner:
    """Owns MoveItPy.

    Args:
        robot: Names of joints, frames, links and the planning group.
        config: Of MoveIt.
        collision: Sizes of table and cells.
    """

    def __init__(self, robot: RobotConfig, config: MoveItConfig, collision: CollisionConfig) -> None:
        self._robot, self._config, self._collision = robot, config, collision
        self._jobs: queue.SimpleQueue = queue.SimpleQueue()
        self._known: Obstacles | None = None
        self._thread = threading.Thread(target=self._work, name='moveit', daemon=True)
        self._thread.start()
        self._started: Future = self._submit(self._start)

    def _submit(self, job: Callable[[], Any]) -> Future:
        future: Future = Future()
        self._jobs.put((job, future))
        return future

    def _work(self) -> None:
        while True:
            job, future = self._jobs.get()
            if job is None:
                future.set_result(None)
                return
            try:
                future.set_result(job())
            except Exception as error:  # whatever it is, it belongs to who asked
                future.set_exception(error)

    def _start(self) -> None:
        # Imported here: they are there only where MoveIt is installed, and belong to this thread.
        from moveit.core.robot_state import RobotState
        from moveit.planning import MoveItPy, PlanRequestParameters
        from moveit_msgs.msg import AttachedCollisionObject, CollisionObject

        self._RobotState, self._PlanRequestParameters = RobotState, PlanRequestParameters
        self._CollisionObject, self._AttachedCollisionObject = CollisionObject, AttachedCollisionObject
        given = {'launch_params_filepaths': [self._config.params_file]} if self._config.params_file else {}
        self._moveit = MoveItPy(node_name=self._config.node_name, **given)
        self._component = self._moveit.get_planning_component(self._robot.planning_group)
        self._monitor = self._moveit.get_planning_scene_monitor()

    def problem(self) -> str:
        """Return why MoveIt cannot be asked; empty when it can, or while it starts."""
        if not self._started.done() or self._started.exception() is None:
            return ''
        return f'MoveIt did not start: {self._started.exception()}; see moveit.params_file and docs/moveit.md'

    def started(self) -> bool:
        """Whether it can be asked."""
        return self._started.done() and self._started.exception() is None

    def plan(self, request: ApproachRequest) -> Future:
        """Ask for a motion from where the arm stands; the result is (time_s, position, velocity, acceleration).

        The future's exception is an MT3Error with UNREACHABLE when there is no motion.
        """
        return self._submit(lambda: self._plan(request))

    def close(self) -> None:
        """End the thread after what it is doing. MoveItPy stays until the process ends."""
        self._jobs.put((None, Future()))
        self._thread.join(timeout=self._config.planning_time_s + 2.0)

    # ------------------------------------------------------ in the owner's thread

    def _plan(self, request: ApproachRequest) -> tuple[np.ndarray, ...]:
        if self._started.exception() is not None:
            raise MT3Error(self.problem(), StatusCode.HARDWARE)
        self._show(request.obstacles)
        self._allow(request.touch_target)
        component = self._component
        component.set_start_state_to_current_state()
        if request.goal.ndim == 1:
            state = self._RobotState(self._moveit.get_robot_model())
            state.set_joint_group_positions(self._robot.planning_group, request.goal)
            state.update()
            component.set_goal_state(robot_state=state)
        else:
            pose = PoseStamped(pose=matrix_to_pose(request.goal))
            pose.header.frame_id = self._robot.base_frame
            component.set_goal_state(pose_stamped_msg=pose, pose_link=self._robot.tcp_frame)
        parameters = self._PlanRequestParameters(self._moveit, self._config.pipeline)
        parameters.planning_pipeline = self._config.pipeline
        parameters.planner_id = self._config.planner
        parameters.planning_time = self._config.planning_time_s
        parameters.planning_attempts = self._config.attempts
        parameters.max_velocity_scaling_factor = request.velocity
        parameters.max_acceleration_scaling_factor = request.acceleration
        response = component.plan(single_plan_parameters=parameters)
        if not response:
            raise MT3Error(
                f'MoveIt found no motion (error code {response.error_code.val} of moveit_msgs/MoveItErrorCodes, '
                f'{self._config.planning_time_s:g} s)',
                StatusCode.UNREACHABLE,
            )
        trajectory = response.trajectory
        timed = trajectory.apply_totg_time_parameterization(
            velocity_scaling_factor=request.velocity,
            acceleration_scaling_factor=request.acceleration,
            resample_dt=_RESAMPLE_S,
        )
        if not timed:
            raise MT3Error('MoveIt could not time its motion within its joint limits', StatusCode.LIMITS)
        names, *arrays = msg_to_joint_trajectory(trajectory.get_robot_trajectory_msg().joint_trajectory)
        if any(array is None for array in arrays):
            raise MT3Error('MoveIt timed its motion without velocities or accelerations', StatusCode.INTERNAL)
        missing = [name for name in self._robot.arm_joints if name not in names]
        if missing:
            raise MT3Error(
                f'the motion of group {self._robot.planning_group!r} lacks the joints {missing}; set planning_group '
                'in the robot file',
                StatusCode.INVALID_INPUT,
            )
        order = [names.index(name) for name in self._robot.arm_joints]
        return arrays[0], *(array[:, order] for array in arrays[1:])

    def _show(self, obstacles: Obstacles) -> None:
        """Make MoveIt's scene ours. Outside `read_write`: these calls lock and publish by themselves."""
        if obstacles is self._known:
            return
        size = self._collision
        table = ([], [])
        if np.isfinite(obstacles.support_height_m):
            # Distances to the table are in its height, as in our own checks.
            top = obstacles.support_height_m + size.gripper_table_clearance_m
            span = np.array([size.table_x_max_m - size.table_x_min_m, size.table_y_max_m - size.table_y_min_m])
            centre = 0.5 * np.array([size.table_x_max_m + size.table_x_min_m, size.table_y_max_m + size.table_y_min_m])
            table = ([[*centre, top - 0.5 * _TABLE_THICKNESS_M]], [[*span, _TABLE_THICKNESS_M]])
        cell = size.cloud_resolution_m
        for name, boxes in (
            (_TABLE, table),
            (_SCENE, boxes_of(obstacles.points, cell)),
            (_TARGET, boxes_of(obstacles.target_points, cell)),
        ):
            self._put(self._object(name, self._robot.base_frame, *boxes))
        self._hold(obstacles.held_points)
        self._allow_base_on_table()
        self._known = obstacles

    def _put(self, thing: Any) -> None:
        if not self._monitor.process_collision_object(thing):
            raise MT3Error(
                f'MoveIt did not take {thing.id} into its scene; does it know the frame {thing.header.frame_id!r}?',
                StatusCode.INVALID_INPUT,
            )

    def _object(self, name: str, frame: str, centres: np.ndarray, sizes: np.ndarray) -> Any:
        """Return a thing made of boxes; one without boxes is taken out of the scene."""
        thing = self._CollisionObject(id=name)
        thing.header.frame_id = frame
        thing.pose.orientation.w = 1.0
        thing.operation = self._CollisionObject.ADD if len(centres) else self._CollisionObject.REMOVE
        for centre, size in zip(centres, sizes, strict=True):
            pose = Pose()
            pose.position.x, pose.position.y, pose.position.z = (float(v) for v in centre)
            pose.orientation.w = 1.0
            thing.primitives.append(SolidPrimitive(type=SolidPrimitive.BOX, dimensions=[float(v) for v in size]))
            thing.primitive_poses.append(pose)
        return thing

    def _hold(self, points: np.ndarray) -> None:
        """Attach what is in the hand, as the box around it; detached, it would stay in the scene: it is removed."""
        attached = self._AttachedCollisionObject(link_name=self._robot.tcp_frame)
        low, high = (points.min(axis=0), points.max(axis=0)) if len(points) else (np.zeros(3), np.zeros(3))
        boxes = ([0.5 * (low + high)], [high - low]) if len(points) else ([], [])
        attached.object = self._object(_HELD, self._robot.tcp_frame, *boxes)
        attached.touch_links = list(self._robot.gripper.links)
        before = self._known is not None and len(self._known.held_points) > 0
        if len(points) or before:
            self._monitor.process_attached_collision_object(attached)
            if not len(points):
                self._monitor.process_collision_object(attached.object)

    def _allow(self, touch_target: bool) -> None:
        """Let the gripper touch the target, or not."""
        with self._monitor.read_write() as scene:
            for link in self._robot.gripper.links:
                scene.allowed_collision_matrix.set_entry(_TARGET, link, touch_target)

    def _allow_base_on_table(self) -> None:
        """Let the base link stand on the table: that is where its owner has bolted it."""
        with self._monitor.read_write() as scene:
            scene.allowed_collision_matrix.set_entry(_TABLE, self._robot.base_frame, True)
