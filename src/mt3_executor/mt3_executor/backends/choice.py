"""The backend that the configuration names."""

from collections.abc import Callable
from importlib.util import find_spec

from mt3_common.errors import MT3Error, StatusCode
from mt3_common.robot import RobotConfig
from mt3_executor.backends.embedded import ArmPort, EmbeddedBackend
from mt3_executor.backends.moveit import MoveItBackend
from mt3_executor.config import ExecutorConfig
from mt3_executor.robot import ArmModel

__all__ = ['make_backend']


def make_backend(
    config: ExecutorConfig,
    robot: RobotConfig,
    model: Callable[[], ArmModel | None],
    arm: ArmPort,
    problem: Callable[[], str],
) -> EmbeddedBackend:
    """Return the backend; see `EmbeddedBackend` and `MoveItBackend` for the arguments.

    Raises:
        MT3Error: INVALID_INPUT, MoveIt is asked for and not installed.
    """
    if config.backend == 'embedded':
        return EmbeddedBackend(model, arm, config.planning, problem)
    if find_spec('moveit') is None:
        raise MT3Error(
            "backend 'moveit' needs MoveIt 2 with its Python bindings (ros-$ROS_DISTRO-moveit-py), which this Python "
            "does not find; install it, source the workspace, or set backend to 'embedded'",
            StatusCode.INVALID_INPUT,
        )
    return MoveItBackend(model, arm, robot, config.planning, config.moveit, problem)
