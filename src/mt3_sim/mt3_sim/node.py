"""The simulated cell: what a real arm, its gripper and a depth camera offer, and nothing more.

Threads: one lets time pass (physics, controllers, state topics), one draws (camera topics), and the executor's serve
actions and services. They meet at the lock of `mt3_sim.cell.Cell`. The clock starts at the computer's time of day and
never goes back, a reset included. The services under `/sim` are the only thing that a real cell lacks.
"""

import sys
import time

from rclpy.node import Node

from mt3_common.config import load_config
from mt3_common.node_runner import run
from mt3_common.parameters import declare
from mt3_common.robot import RobotConfig
from mt3_sim.arm_action import ArmAction
from mt3_sim.camera_publisher import CameraPublisher
from mt3_sim.cell import Cell
from mt3_sim.config import CellConfig
from mt3_sim.gripper_action import GripperAction
from mt3_sim.pacer import Due, Pacer
from mt3_sim.sim_services import SimServices
from mt3_sim.state_publisher import StatePublisher
from mt3_sim.window import Window
from mt3_sim.world import World

__all__ = ['CellNode', 'main']

_THREADS = 6  # an arm goal, a gripper goal, and what comes meanwhile
_WINDOW_PERIOD_S = 1.0 / 30.0


class CellNode(Node):
    """The node `cell`."""

    def __init__(self, **arguments: object) -> None:
        super().__init__('cell', **arguments)
        self.config = config = declare(self, CellConfig)
        robot = load_config(RobotConfig, config.robot) if config.robot else RobotConfig()
        start_s = time.time()
        self.cell = Cell(World(robot=robot, timestep=config.timestep), config.arm, config.gripper)
        self._window = Window(self.cell.world) if config.window else None
        self._state = StatePublisher(self, self.cell.world, config.camera_frame, start_s)
        self._camera = CameraPublisher(self, self.cell, config, self._state.stamp_s)
        self._camera.start()
        self._tasks = SimServices(self, self.cell, self._was_reset)
        if config.family:
            self._tasks.set_up(config.family, config.seed, 'taught', 0, config.distractors)
        else:
            self._was_reset(config.seed)
        self._actions = [ArmAction(self, self.cell, start_s), GripperAction(self, self.cell)]
        self._pacer = Pacer(self.cell, self._dues(), config.real_time_factor, self._physics_failed)
        self._pacer.start()
        self.get_logger().info(f'the cell is up: {robot.name}, {config.camera_rate:g} pictures a second')

    def _dues(self) -> list[Due]:
        config, state = self.config, self._state
        dues = [
            Due(1.0 / config.clock_rate, state.publish_clock),
            Due(1.0 / config.joint_rate, state.publish_joints),
            Due(1.0 / config.tf_rate, state.publish_tf),
            Due(1.0 / config.camera_rate, self._camera.take),
        ]
        if config.spectator_rate > 0.0:
            dues.append(Due(1.0 / config.spectator_rate, self._camera.take_spectator))
        if self._window is not None:
            dues.append(Due(_WINDOW_PERIOD_S, self._window.show))
        return dues

    def _was_reset(self, seed: int) -> None:
        self._camera.drain()  # no picture of the old scene comes after the answer
        self._camera.seed(seed)
        with self.cell.lock:
            self._state.publish_tf_static()

    def _physics_failed(self, error: Exception) -> None:
        self.get_logger().fatal(f'the physics stopped: {type(error).__name__}: {error}')
        self.cell.abort_all('the physics stopped')

    def close(self) -> None:
        """Stop time, drawing and goals; called before the node is destroyed."""
        self._pacer.close()
        self.cell.abort_all('the cell shuts down')
        self._camera.close()
        if self._window is not None:
            self._window.close()
        for action in self._actions:
            action.destroy()


def main() -> int:
    """Run the node until it is told to end."""
    return run(CellNode, threads=_THREADS)


if __name__ == '__main__':
    sys.exit(main())
