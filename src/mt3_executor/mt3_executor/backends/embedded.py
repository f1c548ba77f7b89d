"""The package's own planner, and the arm's trajectory action."""

from collections.abc import Callable
from typing import Protocol

import numpy as np

from mt3_common.demonstration import Interaction
from mt3_common.errors import InvalidInput, Status, StatusCode
from mt3_common.scene import Scene
from mt3_executor.approach import ApproachPlanner, plan_approach
from mt3_executor.budget import Budget, RefusedError
from mt3_executor.collision import CollisionWorld
from mt3_executor.config import PlanningConfig
from mt3_executor.obstacles import Obstacles, obstacles_from_scene
from mt3_executor.planning import plan_task
from mt3_executor.ports import JointReading, StopSignal
from mt3_executor.robot import ArmModel
from mt3_executor.trajectory import JointTrajectory, TaskPlan

__all__ = ['ArmPort', 'EmbeddedBackend']


class ArmPort(Protocol):
    """The arm's driver and its joint states."""

    def ready(self) -> Status:
        """Whether the driver is there."""

    def joints(self) -> JointReading | None:
        """Measured joints, None when none ever arrived."""

    def move(self, trajectory: JointTrajectory, stop: StopSignal, progress: Callable[[float], None]) -> Status:
        """Run a trajectory to its end, or stop and wait until the arm stands still."""


class EmbeddedBackend:
    """Implements `mt3_executor.ports.Backend`.

    Args:
        model: Returns the arm's model, or None while the robot description has not arrived.
        arm: Its driver.
        config: Of planning.
        problem: Says why there is no model.
        approach: Who plans the motions to a bottleneck and home.
    """

    name = 'embedded'

    def __init__(
        self,
        model: Callable[[], ArmModel | None],
        arm: ArmPort,
        config: PlanningConfig,
        problem: Callable[[], str] = lambda: '',
        approach: ApproachPlanner = plan_approach,
    ) -> None:
        self._approach = approach
        self._model, self._arm, self._config, self._problem = model, arm, config, problem
        self._last: Obstacles | None = None

    def ready(self) -> Status:
        """Whether the arm can be planned for and moved."""
        if self._model() is None:
            return Status(
                StatusCode.NO_DATA,
                self._problem()
                or 'no robot description arrived on /robot_description (and /robot_description_semantic); '
                'start robot_state_publisher or set the parameters of the same names',
            )
        return self._arm.ready()

    def joints(self) -> JointReading | None:
        """Measured joints."""
        return self._arm.joints()

    def move(self, trajectory: JointTrajectory, stop: StopSignal, progress: Callable[[float], None]) -> Status:
        """Run a trajectory."""
        return self._arm.move(trajectory, stop, progress)

    def obstacles(
        self,
        scene: Scene,
        object_id: int,
        opening: float,
        held_points: np.ndarray | None = None,
        target_mask: np.ndarray | None = None,
    ) -> Obstacles:
        """Turn a scene into obstacles, the arm itself and what it holds left out."""
        arm = self._need_model()
        if scene.base_frame != arm.config.base_frame:
            raise InvalidInput(
                f'the scene is in frame {scene.base_frame!r}, the robot plans in {arm.config.base_frame!r}; '
                'set the same base frame in perception and in the robot file'
            )
        q = self._arm.joints().position
        config = self._config.collision
        self._last = obstacles_from_scene(scene, object_id, arm, q, opening, config, held_points, target_mask)
        return self._last

    def plan(
        self,
        T_base_bottleneck: np.ndarray,
        interaction: Interaction,
        obstacles: Obstacles,
        speed_scale: float,
        stop: StopSignal,
        approach_speed: float = 1.0,
    ) -> TaskPlan:
        """Plan approach and interaction from where the arm stands."""
        return plan_task(
            self._need_model(),
            self._arm.joints().position,
            T_base_bottleneck,
            interaction,
            obstacles,
            self._config,
            speed_scale=speed_scale,
            approach_speed=approach_speed,
            should_stop=stop.is_set,
            approach=self._approach,
        )

    def plan_home(self, speed_scale: float, stop: StopSignal) -> TaskPlan:
        """Plan a motion to the home joints, among the obstacles of the last scene, or else above the table."""
        arm = self._need_model()
        budget = Budget(self._config.time_limit_s, stop.is_set)
        obstacles = self._last or Obstacles(support_height_m=self._config.collision.table_height_m)
        world = CollisionWorld(arm, obstacles, self._config.collision)
        try:
            q = self._arm.joints().position
            trajectory = self._approach(arm, world, q, arm.home, self._config, speed_scale, budget, straight=False)
        except RefusedError as refused:
            return TaskPlan(Status(refused.code, f'no way home: {refused}'), timing_s=budget.timing_s())
        return TaskPlan(Status(), trajectory, timing_s=budget.timing_s())

    def close(self) -> None:
        """Let go of what planning holds: nothing here."""

    def _need_model(self) -> ArmModel:
        model = self._model()
        if model is None:
            raise InvalidInput('the robot description has not arrived', StatusCode.NO_DATA)
        return model
