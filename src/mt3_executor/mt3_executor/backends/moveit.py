"""MoveIt plans the approach; everything else is as in the embedded backend.

What MoveIt answers is checked by us before anything moves, as our own plans are: limits, torque, contact. The
interaction is our checked joint trajectory, and both are driven by the arm's trajectory action, so that stopping,
pausing and the monitors work alike.
"""

import time
from collections.abc import Callable
from concurrent.futures import Future

import numpy as np

from mt3_common.demonstration import Interaction
from mt3_common.errors import MT3Error, Status, StatusCode
from mt3_common.robot import RobotConfig
from mt3_executor.approach import check_timed, straight_retreat
from mt3_executor.backends.embedded import ArmPort, EmbeddedBackend
from mt3_executor.backends.moveit_client import ApproachRequest, MoveItOwner
from mt3_executor.backends.moveit_config import MoveItConfig
from mt3_executor.budget import Budget, RefusedError
from mt3_executor.collision import CollisionWorld, Phase
from mt3_executor.config import PlanningConfig
from mt3_executor.obstacles import Obstacles
from mt3_executor.planning import plan_task
from mt3_executor.ports import StopSignal
from mt3_executor.robot import ArmModel
from mt3_executor.timing import time_path
from mt3_executor.trajectory import JointTrajectory, TaskPlan

__all__ = ['MoveItApproach', 'MoveItBackend']

_THERE_RAD = 1e-3
_START_RAD = 0.05
_GRACE_S = 3.0  # beyond the planning time, for MoveIt to answer
_POLL_S = 0.01
_POSE_TRIES = 3


class MoveItApproach:
    """An `ApproachPlanner` that asks MoveIt.

    Args:
        owner: Of MoveItPy.
        config: Of MoveIt.
    """

    def __init__(self, owner: MoveItOwner, config: MoveItConfig) -> None:
        self._owner, self._config = owner, config

    def __call__(
        self,
        arm: ArmModel,
        world: CollisionWorld,
        q_start: np.ndarray,
        q_goal: np.ndarray,
        config: PlanningConfig,
        speed: float,
        budget: Budget,
        *,
        straight: bool = True,
    ) -> JointTrajectory | None:
        """Return MoveIt's motion to the straight last stretch, and that stretch; see `plan_approach`."""
        if np.abs(q_start - q_goal).max() < _THERE_RAD:
            return None
        retreat = straight_retreat(arm, world, q_goal, config) if straight else q_goal[None]
        clear = world.is_free(retreat[-1], Phase.FREE) and world.is_free(q_start, Phase.FREE)
        velocity = min(config.approach_velocity_scale, arm.config.max_velocity_scale) * speed
        acceleration = config.approach_acceleration_scale * speed**2
        with budget.measure('approach'):
            request = ApproachRequest(world.obstacles, retreat[-1], not clear, velocity, acceleration)
            trajectory = self._wait(self._owner.plan(request), budget)
        off = np.abs(trajectory.position[0] - q_start).max()
        if off > _START_RAD:
            raise RefusedError(
                f'MoveIt plans from joints {off:.2f} rad away from the measured ones: does it read the same joint '
                'states?',
                StatusCode.HARDWARE,
            )
        with budget.measure('approach_timing'):
            trajectory = _within(arm, trajectory, velocity)
            contact_from = trajectory.duration_s
            if len(retreat) > 1:
                try:
                    last, _ = time_path(arm, retreat[::-1], velocity, acceleration)
                except MT3Error as error:
                    raise RefusedError(f'the straight last stretch cannot be timed: {error}', error.code) from error
                trajectory = _joined(trajectory, last)
            phase = Phase.FREE if clear else Phase.CONTACT
            broken = check_timed(arm, world, trajectory, phase, contact_from - 0.02, velocity, config)
        if broken:
            raise RefusedError(f"MoveIt's approach: {broken}", StatusCode.COLLISION)
        return trajectory

    def _wait(self, answer: Future, budget: Budget) -> JointTrajectory:
        """Wait for MoveIt with an eye on the budget.

        Raises:
            RefusedError: No motion, or no answer.
        """
        until = time.monotonic() + self._config.planning_time_s * self._config.attempts + _GRACE_S
        while not answer.done():
            if budget.cancelled():
                raise RefusedError('planning was cancelled', StatusCode.CANCELLED)
            if time.monotonic() > until:
                raise RefusedError('MoveIt did not answer in time', StatusCode.TIMEOUT)
            time.sleep(_POLL_S)
        try:
            return JointTrajectory(*answer.result())
        except MT3Error as error:
            raise RefusedError(str(error), error.code) from error
        except (RuntimeError, ValueError, TypeError) as error:  # what the bindings raise
            raise RefusedError(f'MoveIt failed: {error}', StatusCode.INTERNAL) from error

    def joints_at(self, world: CollisionWorld, T_base_tcp: np.ndarray, budget: Budget) -> np.ndarray | None:
        """Return joints (n,) with which MoveIt reaches a pose by its own choice; None when it does not."""
        request = ApproachRequest(world.obstacles, T_base_tcp, True, 0.5, 0.5)
        try:
            return self._wait(self._owner.plan(request), budget).position[-1]
        except RefusedError:
            return None


class MoveItBackend(EmbeddedBackend):
    """Implements `mt3_executor.ports.Backend`.

    Args:
        model: Returns the arm's model, or None while the robot description has not arrived.
        arm: Its driver.
        robot: Of the robot file.
        planning: Settings of planning.
        moveit: Settings of MoveIt.
        problem: Says why there is no model.
    """

    name = 'moveit'

    def __init__(
        self,
        model: Callable[[], ArmModel | None],
        arm: ArmPort,
        robot: RobotConfig,
        planning: PlanningConfig,
        moveit: MoveItConfig,
        problem: Callable[[], str] = lambda: '',
    ) -> None:
        self._owner = MoveItOwner(robot, moveit, planning.collision)
        self._moveit = MoveItApproach(self._owner, moveit)
        super().__init__(model, arm, planning, problem, self._moveit)

    def ready(self) -> Status:
        """Whether the arm can be planned for and moved."""
        if self._owner.problem():
            return Status(StatusCode.HARDWARE, self._owner.problem())
        if not self._owner.started():
            return Status(StatusCode.NO_DATA, 'MoveIt is still starting; ask again in a few seconds')
        return super().ready()

    def plan(
        self,
        T_base_bottleneck: np.ndarray,
        interaction: Interaction,
        obstacles: Obstacles,
        speed_scale: float,
        stop: StopSignal,
        approach_speed: float = 1.0,
    ) -> TaskPlan:
        """Plan with our solutions of inverse kinematics as goals; when MoveIt reaches none, with its own."""
        plan = super().plan(T_base_bottleneck, interaction, obstacles, speed_scale, stop, approach_speed)
        if plan.status.code != StatusCode.UNREACHABLE or not any('MoveIt' in r.reason for r in plan.rejected):
            return plan
        arm, budget = self._need_model(), Budget(self._config.time_limit_s, stop.is_set)
        world = CollisionWorld(arm, obstacles, self._config.collision)
        bottlenecks = np.asarray(T_base_bottleneck).reshape(-1, 4, 4)[:_POSE_TRIES]
        found = [self._moveit.joints_at(world, T, budget) for T in bottlenecks]
        near = [q for q in found if q is not None]
        if not near:
            return plan
        return plan_task(
            arm,
            self._arm.joints().position,
            T_base_bottleneck,
            interaction,
            obstacles,
            self._config,
            speed_scale=speed_scale,
            approach_speed=approach_speed,
            should_stop=stop.is_set,
            approach=self._approach,
            near=near,
        )

    def close(self) -> None:
        """End the owner's thread."""
        self._owner.close()


def _within(arm: ArmModel, trajectory: JointTrajectory, velocity: float) -> JointTrajectory:
    """Slow a trajectory down until it keeps our limits: MoveIt has its own."""
    stretch = max(
        1.0,
        float((np.abs(trajectory.velocity) / (velocity * arm.velocity_limit)).max()),
        float(np.sqrt((np.abs(trajectory.acceleration) / arm.acceleration_limit).max())),
    )
    return JointTrajectory(
        trajectory.time_s * stretch,
        trajectory.position,
        trajectory.velocity / stretch,
        trajectory.acceleration / stretch**2,
    )


def _joined(first: JointTrajectory, then: JointTrajectory) -> JointTrajectory:
    """Return two trajectories from rest to rest as one."""
    return JointTrajectory(
        np.append(first.time_s, first.duration_s + then.time_s[1:]),
        *(
            np.concatenate([getattr(first, name), getattr(then, name)[1:]])
            for name in ('position', 'velocity', 'acceleration')
        ),
    )
