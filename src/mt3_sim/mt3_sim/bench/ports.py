"""The cell as the executor sees it, in process: arm, gripper, and time that passes when somebody waits.

These stand where the ROS adapters stand in the executor's node; the controllers are the cell's own. What is left out
is the middleware: no message is lost, nothing is late.
"""

from collections.abc import Callable

import numpy as np

from mt3_common.errors import InvalidInput, Status, StatusCode
from mt3_executor.ports import GripperReading, JointReading, StopSignal
from mt3_executor.trajectory import JointTrajectory
from mt3_sim.cell import Cell, Ending
from mt3_sim.trajectory_follower import JointTrajectory as FollowerTrajectory

__all__ = ['CellArm', 'CellClock', 'CellGripper', 'goal_tolerance']

_WAIT_S = 0.02  # of physics per look at the clock [s]
_LOOK_TICKS = 10  # between two looks at the stop signal
_LATEST_S = 120.0  # no motion takes longer [s]


class CellClock:
    """The time of the physics; each look lets some of it pass, or waiting would never end."""

    def __init__(self, cell: Cell) -> None:
        self._cell = cell

    def __call__(self) -> float:
        """Return the time [s]."""
        for _ in range(round(_WAIT_S / self._cell.world.timestep)):
            self._cell.tick()
        return self._cell.world.time


class CellArm:
    """Implements `mt3_executor.backends.embedded.ArmPort`.

    Args:
        cell: Physics and controllers.
        disturb: Called every few milliseconds while the arm moves, for benchmarks that push things about.
    """

    def __init__(self, cell: Cell, disturb: Callable[[Cell], None] = lambda cell: None) -> None:
        self._cell, self._disturb = cell, disturb

    def ready(self) -> Status:
        """Return that it always is."""
        return Status()

    def joints(self) -> JointReading:
        """Return the measured joints."""
        desired, position, velocity, _ = self._cell.arm_state()
        return JointReading(position, velocity, 0.0, tracking_error=desired.position - position)

    def move(self, trajectory: JointTrajectory, stop: StopSignal, progress: Callable[[float], None]) -> Status:
        """Follow a trajectory to its end, or brake and wait until the arm stands."""
        cell = self._cell
        try:
            goal = cell.start_arm(
                FollowerTrajectory(
                    cell.world.robot.arm_joints,
                    trajectory.time_s,
                    trajectory.position,
                    trajectory.velocity,
                    trajectory.acceleration,
                    goal_tolerance=goal_tolerance(trajectory, cell.world.robot.arm_joints),
                )
            )
        except InvalidInput as error:
            return error.status
        begin = cell.world.time
        while not goal.over:
            for _ in range(_LOOK_TICKS):
                cell.tick()
            self._disturb(cell)
            passed = cell.world.time - begin
            progress(min(1.0, passed / max(trajectory.duration_s, 1e-6)))
            if stop.is_set() or passed > trajectory.duration_s + _LATEST_S:
                cell.cancel_arm(goal)
                self._come_to_rest()
                return stop.status or Status(StatusCode.TIMEOUT, f'the motion did not end within {passed:.0f} s')
        if goal.ending is Ending.SUCCEEDED:
            return Status()
        return Status(StatusCode.HARDWARE, f'the arm gave up: {goal.message}')

    def _come_to_rest(self) -> None:
        for _ in range(round(1.0 / self._cell.world.timestep)):
            self._cell.tick()
            if np.abs(self._cell.world.arm_velocity()).max() < 0.01:
                return


def goal_tolerance(trajectory: JointTrajectory, names: tuple[str, ...]) -> dict[str, tuple[float, float]]:
    """Return how far off each joint may end, as the cell's controller takes it [rad]."""
    return {name: (trajectory.goal_tolerance_rad, 0.0) for name in names}


class CellGripper:
    """Implements `mt3_executor.ports.GripperPort`."""

    def __init__(self, cell: Cell) -> None:
        self._cell, self._config = cell, cell.world.robot.gripper

    def ready(self) -> Status:
        """Return that it always is."""
        return Status()

    def opening(self) -> float:
        """Return the measured opening."""
        return self._config.to_opening(self._cell.gripper_state().position)

    def command(self, opening: float, stop: StopSignal) -> GripperReading:
        """Move the fingers until they are there or stall."""
        goal = self._cell.start_gripper(self._config.to_driver(opening), self._config.max_effort)
        while not goal.over:
            for _ in range(_LOOK_TICKS):
                self._cell.tick()
            if stop.is_set():
                self._cell.cancel_gripper(goal)
                return GripperReading(stop.status, self.opening())
        return GripperReading(Status(), self.opening(), goal.result.stalled)
