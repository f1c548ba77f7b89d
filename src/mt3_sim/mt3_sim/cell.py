"""The cell as its drivers see it: physics, arm controller and gripper controller behind one lock, without ROS.

`tick` is called by one thread; everything else may be called by any thread and takes effect at the next tick.
A goal is a small object that its owner waits on; it ends once, for one reason.
"""

import threading
from enum import Enum

import numpy as np

from mt3_common.errors import InvalidInput
from mt3_sim.gripper_controller import GripperConfig, GripperController, GripperResult
from mt3_sim.scene_spec import SceneSpec
from mt3_sim.trajectory_follower import Ended, ErrorCode, FollowerConfig, JointTrajectory, State, TrajectoryFollower
from mt3_sim.world import Snapshot, World

__all__ = ['ArmGoal', 'Cell', 'Ending', 'GripperGoal']


class Ending(Enum):
    """Why a goal is over."""

    SUCCEEDED = 'succeeded'
    ABORTED = 'aborted'
    CANCELLED = 'cancelled'


class _Goal:
    """Something that ends once."""

    def __init__(self) -> None:
        self._over = threading.Event()
        self.ending: Ending | None = None
        self.message = ''

    @property
    def over(self) -> bool:
        """Whether it has ended."""
        return self._over.is_set()

    def wait(self, timeout_s: float) -> bool:
        """Wait for the end at most so long [s of the computer's clock]; return whether it has come."""
        return self._over.wait(timeout_s)

    def _end(self, ending: Ending, message: str) -> None:
        if not self.over:
            self.ending, self.message = ending, message
            self._over.set()


class ArmGoal(_Goal):
    """A trajectory that is being followed.

    Attributes:
        trajectory: What was asked for.
        code: Error code when over.
    """

    def __init__(self, trajectory: JointTrajectory) -> None:
        super().__init__()
        self.trajectory = trajectory
        self.code = ErrorCode.SUCCESSFUL

    def end(self, ending: Ending, code: ErrorCode, message: str) -> None:
        """End it, unless it has ended."""
        if not self.over:
            self.code = code
        self._end(ending, message)


class GripperGoal(_Goal):
    """A gripper command under way.

    Attributes:
        position: Commanded [m].
        result: Last state of the gripper.
    """

    def __init__(self, position: float) -> None:
        super().__init__()
        self.position = position
        self.result = GripperResult(False, float('nan'), 0.0, False, False)

    def end(self, ending: Ending, result: GripperResult, message: str) -> None:
        """End it, unless it has ended."""
        if not self.over:
            self.result = result
        self._end(ending, message)


class Cell:
    """Physics and controllers.

    Attributes:
        lock: Held during a tick; take it to look at `world` from another thread.
        world: The physics.
    """

    def __init__(
        self, world: World, follower: FollowerConfig | None = None, gripper: GripperConfig | None = None
    ) -> None:
        self.lock = threading.RLock()
        self.world = world
        names = world.robot.arm_joints
        limits = np.array([world.model.joint(name).range for name in names])
        self.follower = TrajectoryFollower(names, limits[:, 0], limits[:, 1], follower)
        self.follower.hold_at(np.asarray(world.robot.home_rad))
        self.gripper = GripperController(gripper)
        self._arm_goal: ArmGoal | None = None
        self._gripper_goal: GripperGoal | None = None

    def tick(self) -> None:
        """Run the controllers once and advance the physics by one tick."""
        with self.lock:
            world, follower = self.world, self.follower
            ended = follower.update(world.time, world.arm_position(), world.arm_velocity())
            desired = follower.desired
            world.set_arm_setpoint(desired.position, desired.velocity, desired.acceleration)
            if ended is not None and self._arm_goal is not None:
                ending = Ending.SUCCEEDED if ended.code == ErrorCode.SUCCESSFUL else Ending.ABORTED
                self._arm_goal.end(ending, ended.code, ended.message)
                self._arm_goal = None
            if self.gripper.active:
                position, _, effort = world.gripper_state()
                result = self.gripper.update(world.time, position, effort)
                if result is not None and self._gripper_goal is not None:
                    ending = Ending.SUCCEEDED if result.succeeded else Ending.ABORTED
                    self._gripper_goal.end(ending, result, 'stalled' if result.stalled else 'reached')
                    self._gripper_goal = None
            world.step()

    def check_arm(self, trajectory: JointTrajectory) -> Ended | None:
        """Return why a trajectory cannot be followed, or None."""
        with self.lock:
            return self.follower.validate(trajectory, self.world.time)

    def start_arm(self, trajectory: JointTrajectory) -> ArmGoal:
        """Follow a trajectory from now on; one that is being followed is aborted.

        Raises:
            InvalidInput: `check_arm` says no.
        """
        with self.lock:
            problem = self.follower.validate(trajectory, self.world.time)
            if problem is not None:
                raise InvalidInput(problem.message)
            self._drop_arm(Ending.ABORTED, ErrorCode.INVALID_GOAL, 'replaced by a new goal')
            self.follower.start(trajectory, self.world.time)
            self._arm_goal = ArmGoal(trajectory)
            return self._arm_goal

    def cancel_arm(self, goal: ArmGoal) -> None:
        """Brake to a stop and hold there, if this goal is the one that is being followed."""
        with self.lock:
            if self._arm_goal is goal:
                self._drop_arm(Ending.CANCELLED, ErrorCode.SUCCESSFUL, 'cancelled: the arm stops and holds')
                self.follower.stop(self.world.time)

    def start_gripper(self, position: float, max_effort: float) -> GripperGoal:
        """Move the fingers [m, N]; a command under way is aborted."""
        with self.lock:
            self._drop_gripper(Ending.ABORTED, 'replaced by a new command')
            self.world.set_gripper(position, max_effort)
            self.gripper.start(position, self.world.time)
            self._gripper_goal = GripperGoal(position)
            return self._gripper_goal

    def cancel_gripper(self, goal: GripperGoal) -> None:
        """Stop the fingers where they are, keeping the force limit, if this command is under way."""
        with self.lock:
            if self._gripper_goal is goal:
                self.world.hold_gripper()
                self._drop_gripper(Ending.CANCELLED, 'cancelled')

    def gripper_state(self) -> GripperResult:
        """Return position and effort of the gripper now."""
        with self.lock:
            position, _, effort = self.world.gripper_state()
        return GripperResult(False, position, effort, False, False)

    def arm_state(self) -> tuple[State, np.ndarray, np.ndarray, float]:
        """Return what is commanded, measured position and velocity (n,), and the time [rad, rad/s, s]."""
        with self.lock:
            return self.follower.desired, self.world.arm_position(), self.world.arm_velocity(), self.world.time

    def reset(self, scene: SceneSpec | None = None) -> None:
        """Set up a scene (default: the present one again) with the arm at home; whatever is under way is aborted."""
        with self.lock:
            self.abort_all('the cell was reset')
            self.world.reset(scene)
            self.follower.hold_at(np.asarray(self.world.robot.home_rad))

    def abort_all(self, reason: str) -> None:
        """Abort what is under way and hold the arm where it is commanded."""
        with self.lock:
            self._drop_arm(Ending.ABORTED, ErrorCode.INVALID_GOAL, reason)
            self._drop_gripper(Ending.ABORTED, reason)
            self.follower.hold_at(self.follower.desired.position)

    def snapshot(self) -> Snapshot:
        """Return what a renderer needs to draw this instant."""
        with self.lock:
            return self.world.snapshot()

    def _drop_arm(self, ending: Ending, code: ErrorCode, reason: str) -> None:
        if self._arm_goal is not None:
            self._arm_goal.end(ending, code, reason)
            self._arm_goal = None

    def _drop_gripper(self, ending: Ending, reason: str) -> None:
        self.gripper.drop()
        if self._gripper_goal is not None:
            self._gripper_goal.end(ending, self.gripper_state(), reason)
            self._gripper_goal = None
