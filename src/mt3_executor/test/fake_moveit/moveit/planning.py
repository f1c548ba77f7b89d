"""moveit.planning: MoveItPy, PlanningComponent, PlanRequestParameters."""

import threading
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import rclpy
import yaml
from moveit_msgs.msg import MoveItErrorCodes
from rclpy.executors import SingleThreadedExecutor
from sensor_msgs.msg import JointState

from mt3_common.conversions import pose_to_matrix
from mt3_common.robot import RobotConfig
from mt3_executor.approach import connect
from mt3_executor.config import PlanningConfig
from mt3_executor.ik import solve_many
from mt3_executor.robot import ArmModel

from .core.robot_state import RobotState
from .core.robot_trajectory import RobotTrajectory
from .world import FakeWorld

CALLS = []  # names of what was called, for tests
ANSWER = {'fail': None}  # 'all': find nothing; 'joints before a pose': no joint goal before a pose goal was planned


class _Owner:
    def __init__(self):
        self._thread = threading.get_ident()

    def check(self):
        """The fake is stricter than MoveIt: all calls from one thread."""
        assert threading.get_ident() == self._thread, 'MoveItPy was called from a thread that does not own it'


class _RobotModel:
    def __init__(self, arm, groups, owner):
        self.arm, self.groups, self.owner = arm, groups, owner

    def need_group(self, name):
        if name not in self.groups:
            raise RuntimeError(f"Group '{name}' not found in model")


class MoveItPy:
    """The node, its scene and its state monitor."""

    def __init__(
        self,
        node_name='moveit_py',
        name_space='',
        launch_params_filepaths=(),
        config_dict=None,
        provide_planning_service=True,
        remappings=None,
    ):
        parameters = dict(config_dict or {})
        for path in launch_params_filepaths:
            tree = yaml.safe_load(Path(path).read_text())
            for head in (node_name, '/**'):
                parameters.update(tree.get(head, {}).get('ros__parameters', {}))
        for needed in ('robot_description', 'robot_description_semantic'):
            if not parameters.get(needed):
                raise RuntimeError(f'Could not find parameter {needed} and did not receive it on a topic')
        if not parameters.get('planning_pipelines', {}).get('pipeline_names'):
            raise RuntimeError('Failed to load planning pipelines from parameter server')
        self.owner = _Owner()
        self.parameters = parameters
        semantic = parameters['robot_description_semantic']
        groups = {part.split('"')[0] for part in semantic.split('<group name="')[1:]}
        arm = ArmModel(parameters['robot_description'], semantic, RobotConfig())
        self._model = _RobotModel(arm, groups, self.owner)
        self._monitor = _Monitor(FakeWorld(arm), self.owner)
        self.q = None
        self._context = rclpy.Context()
        rclpy.init(context=self._context, args=[])
        self._node = rclpy.create_node(node_name, context=self._context)
        self._node.create_subscription(JointState, '/joint_states', self._state, 10)
        self._ended = threading.Event()
        self._executor = SingleThreadedExecutor(context=self._context)
        self._executor.add_node(self._node)
        self._thread = threading.Thread(target=self._spin, daemon=True)
        self._thread.start()

    def _spin(self):
        while not self._ended.is_set():
            self._executor.spin_once(timeout_sec=0.1)

    def _state(self, message):
        known = dict(zip(message.name, message.position, strict=True))
        names = self._model.arm.config.arm_joints
        if all(name in known for name in names):
            self.q = np.array([known[name] for name in names])

    def get_planning_component(self, planning_component_name):
        """Return a component for a group."""
        self.owner.check()
        self._model.need_group(planning_component_name)
        return PlanningComponent(planning_component_name, self)

    def get_planning_scene_monitor(self):
        """Return the monitor."""
        return self._monitor

    def get_robot_model(self):
        """Return the model."""
        return self._model

    def execute(self, robot_trajectory, controllers, blocking=True):
        """Execute; `controllers` has no default."""
        raise AssertionError('the executor drives the arm itself, so that stops and monitors are its own')

    def shutdown(self):
        """End the node."""
        self._ended.set()
        self._thread.join(timeout=5.0)
        self._executor.shutdown(timeout_sec=5.0)
        self._node.destroy_node()
        rclpy.try_shutdown(context=self._context)


class _Monitor:
    def __init__(self, world, owner):
        self.world, self._owner, self._locked = world, owner, False

    def process_collision_object(self, collision_object_msg, color_msg=None):
        self._outside()
        CALLS.append(f'object {collision_object_msg.id}')
        return self.world.process(collision_object_msg)

    def process_attached_collision_object(self, attached_collision_object_msg):
        self._outside()
        CALLS.append('attach')
        return self.world.attach(attached_collision_object_msg)

    def _outside(self):
        self._owner.check()
        assert not self._locked, 'MoveIt would deadlock: this call locks the scene that is locked already'

    def read_write(self):
        self._owner.check()
        return _Locked(self)


class _Locked:
    def __init__(self, monitor):
        self._monitor = monitor

    def __enter__(self):
        self._monitor._locked = True
        self._scene = _Scene(self._monitor.world)
        return self._scene

    def __exit__(self, *_):
        self._monitor._locked = False
        self._scene.open = False


class _Scene:
    def __init__(self, world):
        self._world, self.open = world, True

    @property
    def allowed_collision_matrix(self):
        assert self.open, 'the planning scene was used after its `with` block: MoveIt would crash'
        return self

    def set_entry(self, name1, name2, allowed):
        assert self.open, 'the planning scene was used after its `with` block: MoveIt would crash'
        self._world.allowed[(name1, name2)] = self._world.allowed[(name2, name1)] = bool(allowed)


class PlanRequestParameters:
    """What a plan may take; a wrong attribute fails as on a pybind11 class."""

    __slots__ = (
        'max_acceleration_scaling_factor',
        'max_velocity_scaling_factor',
        'planner_id',
        'planning_attempts',
        'planning_pipeline',
        'planning_time',
    )

    def __init__(self, moveit, namespace):
        if not isinstance(moveit, MoveItPy) or not isinstance(namespace, str):
            raise TypeError('__init__(): incompatible constructor arguments')
        self.planning_pipeline, self.planner_id, self.planning_attempts = '', '', 1
        self.planning_time = self.max_velocity_scaling_factor = self.max_acceleration_scaling_factor = 1.0


class PlanningComponent:
    """Start, goal, plan."""

    def __init__(self, joint_model_group_name, moveit_py_instance):
        self.planning_group_name, self._moveit = joint_model_group_name, moveit_py_instance
        self._start = self._goal = None

    def set_start_state_to_current_state(self):
        """Start where the joint states say."""
        self._moveit.owner.check()
        self._start = self._moveit.q
        return self._start is not None

    def set_goal_state(
        self,
        configuration_name=None,
        robot_state=None,
        pose_stamped_msg=None,
        pose_link=None,
        motion_plan_constraints=None,
    ):
        """Set exactly one kind of goal."""
        self._moveit.owner.check()
        kinds = [configuration_name, robot_state, pose_stamped_msg, motion_plan_constraints]
        if sum(kind is not None for kind in kinds) > 1:
            raise ValueError('Cannot specify both')
        if (pose_stamped_msg is None) != (pose_link is None):
            raise ValueError('Must specify both message and corresponding link')
        if all(kind is None for kind in kinds):
            raise ValueError('Must specify at least one argument')
        if robot_state is not None and not isinstance(robot_state, RobotState):
            raise TypeError('set_goal_state(): incompatible function arguments')
        self._goal = robot_state.q if robot_state is not None else (pose_stamped_msg, pose_link)
        return True

    def plan(
        self,
        single_plan_parameters=None,
        multi_plan_parameters=None,
        planning_scene=None,
        solution_selection_function=None,
        stopping_criterion_callback=None,
    ):
        """Plan with the embedded planner."""
        self._moveit.owner.check()
        if single_plan_parameters is not None and multi_plan_parameters is not None:
            raise ValueError('Cannot specify both single and multi plan parameters')
        pipeline = single_plan_parameters.planning_pipeline
        if pipeline not in self._moveit.parameters['planning_pipelines']['pipeline_names']:
            return _response(MoveItErrorCodes.PLANNING_FAILED)
        model, world = self._moveit.get_robot_model(), self._moveit.get_planning_scene_monitor().world
        arm = model.arm
        CALLS.append('plan to joints' if isinstance(self._goal, np.ndarray) else 'plan to pose')
        if ANSWER['fail'] == 'all' or (ANSWER['fail'] and 'plan to pose' not in CALLS):
            return _response(MoveItErrorCodes.PLANNING_FAILED)
        world.freeze()
        if self._start is None or not world.is_free(self._start):
            return _response(MoveItErrorCodes.START_STATE_IN_COLLISION)
        goal = self._goal
        if not isinstance(goal, np.ndarray):
            pose, link = goal
            if not arm.model.existFrame(pose.header.frame_id):
                return _response(MoveItErrorCodes.FRAME_TRANSFORM_FAILURE)
            if link != arm.config.tcp_frame:
                return _response(MoveItErrorCodes.NO_IK_SOLUTION)
            found = solve_many(arm, pose_to_matrix(pose.pose), self._start, np.random.default_rng(5))
            free = [q for q in found if world.is_free(q)]
            if not free:
                return _response(MoveItErrorCodes.NO_IK_SOLUTION)
            goal = free[-1]
        if not world.is_free(goal):
            return _response(MoveItErrorCodes.GOAL_IN_COLLISION)
        path = connect(arm, world, self._start, goal, None, PlanningConfig(), 3, lambda: False)
        if path is None:
            return _response(MoveItErrorCodes.PLANNING_FAILED)
        trajectory = RobotTrajectory(model)
        trajectory.path, trajectory.joint_model_group_name = path, self.planning_group_name
        return _response(MoveItErrorCodes.SUCCESS, trajectory)


class MotionPlanResponse(SimpleNamespace):
    """planning_interface::MotionPlanResponse; true when it succeeded."""

    def __bool__(self):
        return self.error_code.val == MoveItErrorCodes.SUCCESS


def _response(code, trajectory=None):
    return MotionPlanResponse(
        trajectory=trajectory, error_code=MoveItErrorCodes(val=code), planning_time=0.0, planner_id='fake'
    )
