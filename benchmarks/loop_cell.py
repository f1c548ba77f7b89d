"""The whole loop in one process: the simulated cell, perception, retrieval, planning and execution without ROS.

The executor's own state machine runs with ports that tick the physics as fast as it goes. So a trial takes seconds, the
same seed gives the same trial, and a benchmark can put a hand into the cell at any tick.
"""

import tempfile
from collections.abc import Callable

import numpy as np

from mt3_common import se3
from mt3_common.demonstration import Demonstration
from mt3_common.errors import MT3Error, Status, StatusCode
from mt3_executor.backends.embedded import EmbeddedBackend
from mt3_executor.config import ExecutorConfig
from mt3_executor.execution import TaskRunner
from mt3_executor.ports import Capture, GripperReading, JointReading, Retrieved, StopSignal
from mt3_executor.robot import ArmModel
from mt3_executor.trajectory import JointTrajectory
from mt3_perception.config import PerceptionConfig
from mt3_perception.observer import Frame, Observer
from mt3_retrieval.config import RetrievalConfig
from mt3_retrieval.library import DemoLibrary
from mt3_retrieval.retrieval import Retriever
from mt3_sim import families
from mt3_sim.bench.ports import goal_tolerance
from mt3_sim.cell import Cell, Ending
from mt3_sim.depth_noise import add_noise
from mt3_sim.experts.kinematics import default_arm
from mt3_sim.experts.teleop import demonstrate
from mt3_sim.families import TaskScene
from mt3_sim.rendering import Renderer, intrinsics
from mt3_sim.trajectory_follower import JointTrajectory as FollowerTrajectory
from mt3_sim.world import World

__all__ = ['LoopCell']

_CHECK_EVERY = 3  # ticks between two looks at the stop signal
_STOP_LIMIT_S, _GRIP_LIMIT_S = 1.0, 5.0


class LoopCell:
    """The cell, the stack, and a hook into every tick.

    Attributes:
        cell: Physics and controllers; `cell.world` is the truth.
        runner: The executor's state machine.
        each_tick: Called after each tick; for disturbances.
        T_error: (4, 4) what is wrong with the camera's calibration: believed = T_error @ true.
        moves: Trajectories that were begun since the scene was set.
    """

    def __init__(self, config: ExecutorConfig | None = None) -> None:
        self.arm_model = ArmModel.from_example_robot_data('panda')
        self.cell = Cell(World(robot=self.arm_model.config))
        self.config = config or ExecutorConfig()
        self.each_tick: Callable[[], None] = lambda: None
        self.T_error = np.eye(4)
        self.moves: list[JointTrajectory] = []
        self.progress = 0.0
        self._renderer = Renderer()
        self._rng = np.random.default_rng(0)
        self._folder = tempfile.TemporaryDirectory(prefix='mt3_loop_')
        self.library = DemoLibrary.open(self._folder.name, embed=None)
        self._retriever = Retriever(self.library, RetrievalConfig(origin='simulated', threads=1), embed=None)
        backend = EmbeddedBackend(lambda: self.arm_model, self, self.config.planning)
        self.runner = TaskRunner(
            backend, _Gripper(self), self, self.config, joint_names=self.arm_model.config.arm_joints, now_s=self._now_s
        )

    def close(self) -> None:
        """Free the graphics memory and the library."""
        self._renderer.close()
        self._folder.cleanup()

    # ------------------------------------------------------------------ direction

    def teach(self, family: str, number: int = 0) -> Demonstration:
        """Let the expert do a task in a scene that a teacher would choose, and store the demonstration.

        Raises:
            MT3Error: The expert did not succeed.
        """
        scene = families.set_up(family, families.teaching_seed(family, number))
        self.set_scene(scene)
        rgb, depth, K, T_base_camera = self._picture()
        mask = scene.target_mask(*self._renderer.segmentation(self.cell.snapshot()))
        arm = default_arm()
        recording = demonstrate(self.cell.world, scene, arm, np.random.default_rng(number))
        verdict = families.get(family).judge(self.cell.world, scene)
        if not verdict.success:
            raise MT3Error(f'the expert failed at {family}: {verdict.reason}', StatusCode.OUTCOME_FAILED)
        T_base_bottleneck, interaction = recording.interaction(arm.config)
        return self.library.add(
            Demonstration(
                task=scene.task,
                robot=arm.config.name,
                T_base_bottleneck=T_base_bottleneck,
                interaction=interaction,
                rgb=rgb,
                depth_m=depth,
                mask=mask & np.isfinite(depth),
                K=K,
                T_base_camera=T_base_camera,
                support_height_m=0.0,
                simulated=True,
            )
        )

    def set_scene(self, scene: TaskScene) -> None:
        """Set up a scene with the arm at home, nothing wrong and nobody's hand in it."""
        self.each_tick, self.T_error = (lambda: None), np.eye(4)
        self.moves.clear()
        self._rng = np.random.default_rng(scene.spec.seed)
        self.runner.held = None
        self.cell.reset(scene.spec)
        self._observer = Observer(PerceptionConfig())

    def tick(self) -> None:
        """Let one tick pass."""
        self.cell.tick()
        self.each_tick()

    def _now_s(self) -> float:
        """Tell the time; asking takes some."""
        for _ in range(5):
            self.tick()
        return self.cell.world.time

    def _picture(self) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
        picture = self._renderer.picture(self.cell.snapshot())
        camera = picture.camera
        millimetres = add_noise(picture.depth_m, camera.focal, self._rng, camera.noise)
        depth = np.where(millimetres > 0, millimetres / 1000.0, np.nan).astype(np.float32)
        return picture.rgb, depth, intrinsics(camera), camera.T_base_camera

    # ------------------------------------------------------------------ perception and retrieval

    def capture(self, stop: StopSignal) -> Capture:
        """Take a scene."""
        rgb, depth, K, T_base_camera = self._picture()
        frame = Frame(self.cell.world.time, 'camera', rgb, depth, K)
        try:
            scene = self._observer.observe([frame], self.T_error @ T_base_camera).scene
        except MT3Error as error:
            return Capture(error.status)
        return Capture(Status(), scene, scene)

    def retrieve(
        self, task: str, demonstration_id: str, capture: Capture, stop: StopSignal, object_id: int = 0
    ) -> Retrieved:
        """Ask the library."""
        found = self._retriever.retrieve(
            task,
            capture.scene,
            demonstration_id=demonstration_id or None,
            object_id=object_id or None,
            robot='panda',
            simulated=True,
        )
        if not found.status.ok:
            return Retrieved(found.status, alignment=found.alignment)
        aligned = [c for c in found.candidates if c.alignment is not None and np.isfinite(c.alignment.score)]
        others = [c for c in aligned[1:] if c.language >= aligned[0].language - 0.02]
        return Retrieved(
            found.status,
            found.demo.id,
            found.demo.task,
            found.object.id,
            np.stack([found.T_base_bottleneck, *found.alternative_bottlenecks]),
            found.demo.interaction,
            found.alignment,
            others=tuple((c.demonstration_id, c.object_id) for c in others),
        )

    # ------------------------------------------------------------------ the arm

    def ready(self) -> Status:
        """Say that the driver is there."""
        return Status()

    def joints(self) -> JointReading:
        """Measured joints."""
        desired, position, velocity, _ = self.cell.arm_state()
        n = len(self.arm_model.config.arm_joints)
        effort = self.cell.world.joint_state().effort[:n]
        return JointReading(position, velocity, 0.0, effort, desired.position - position)

    def move(self, trajectory: JointTrajectory, stop: StopSignal, progress: Callable[[float], None]) -> Status:
        """Follow a trajectory; at a stop request brake and wait until the arm stands."""
        self.moves.append(trajectory)
        self.progress = 0.0
        t = trajectory
        names = self.arm_model.config.arm_joints
        followed = FollowerTrajectory(
            names,
            t.time_s,
            t.position,
            t.velocity,
            t.acceleration,
            goal_tolerance=goal_tolerance(t, names),
        )
        goal = self.cell.start_arm(followed)
        begin, count = self.cell.world.time, 0
        while not goal.over:
            self.tick()
            count += 1
            self.progress = min(1.0, (self.cell.world.time - begin) / max(t.duration_s, 1e-6))
            if count % _CHECK_EVERY:
                continue
            progress(min(0.99, self.progress))
            if stop.is_set():
                self.cell.cancel_arm(goal)
                return self._stand(stop.status)
        if goal.ending is Ending.SUCCEEDED:
            progress(1.0)
            return Status()
        return self._stand(Status(StatusCode.HARDWARE, goal.message))

    def _stand(self, status: Status) -> Status:
        until = self.cell.world.time + _STOP_LIMIT_S
        while np.abs(self.cell.world.arm_velocity()).max() > 0.02 and self.cell.world.time < until:
            self.tick()
        return status


class _Gripper:
    """The gripper of a LoopCell."""

    def __init__(self, loop: LoopCell) -> None:
        self._loop, self._config = loop, loop.arm_model.config.gripper

    def ready(self) -> Status:
        """Say that the driver is there."""
        return Status()

    def opening(self) -> float:
        """Measured opening."""
        return self._config.to_opening(self._loop.cell.gripper_state().position)

    def command(self, opening: float, stop: StopSignal) -> GripperReading:
        """Go to an opening until it is reached or the fingers stall."""
        goal = self._loop.cell.start_gripper(self._config.to_driver(opening), self._config.max_effort)
        until = self._loop.cell.world.time + _GRIP_LIMIT_S
        while not goal.over and self._loop.cell.world.time < until and not stop.is_set():
            self._loop.tick()
        if stop.is_set():
            self._loop.cell.cancel_gripper(goal)
            return GripperReading(stop.status, self.opening())
        if not goal.over:
            return GripperReading(Status(StatusCode.TIMEOUT, 'the fingers move on and on'), self.opening())
        return GripperReading(Status(), self.opening(), goal.result.stalled)


def shift_body(world: World, name: str, T_after_before: np.ndarray) -> None:
    """Put a free body somewhere else, as a person's hand would: T_after_before (4, 4), base frame [m]."""
    joint = world.model.joint(f'{name}/free')
    q, v = joint.qposadr[0], joint.dofadr[0]
    T = T_after_before @ world.body_pose(name)
    world.data.qpos[q : q + 7] = np.concatenate([T[:3, 3], np.roll(se3.quaternion(T), 1)])
    world.data.qvel[v : v + 6] = 0.0
