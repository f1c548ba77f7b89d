"""Following a checked joint trajectory by twists of the tool, for arms that are driven by MoveIt Servo.

The twist is that of the planned tool path, plus a share of what is missing to it: an arm driven by velocities alone
would drift away. Only the tool's path is followed; which joints the servo moves for it, the monitors watch.
"""

from collections.abc import Callable

import numpy as np

from mt3_common import se3
from mt3_executor.safety_config import ServoConfig
from mt3_executor.trajectory import JointTrajectory

__all__ = ['ToolPath']


class ToolPath:
    """The tool's path of a joint trajectory.

    Args:
        trajectory: The plan.
        fk: Returns T_base_tcp (4, 4) for joints (n,).
        config: Gain and limits.
    """

    def __init__(
        self, trajectory: JointTrajectory, fk: Callable[[np.ndarray], np.ndarray], config: ServoConfig
    ) -> None:
        count = max(2, int(np.ceil(trajectory.duration_s * config.rate_hz)) + 1)
        self._time_s = np.linspace(0.0, trajectory.duration_s, count)
        self._T_base_tcp = np.array([fk(q) for q in trajectory.at(self._time_s)])
        self._config = config

    def wanted(self, time_s: float) -> np.ndarray:
        """Return T_base_tcp (4, 4) at a time, the last one after the end."""
        return se3.interpolate(self._time_s, self._T_base_tcp, np.array([time_s]))[0]

    def twist(self, time_s: float, T_base_tcp_now: np.ndarray) -> np.ndarray:
        """Return the body twist (6,) to command now, linear first, within the limits [m/s, rad/s].

        Both parts of a twist are shortened together, so that its direction stays.
        """
        period = 1.0 / self._config.rate_hz
        ahead = se3.log(se3.inverse(self.wanted(time_s)) @ self.wanted(time_s + period)) / period
        missing = se3.log(se3.inverse(T_base_tcp_now) @ self.wanted(time_s))
        twist = ahead + self._config.gain * missing
        share = max(
            1.0,
            float(np.linalg.norm(twist[:3])) / self._config.max_linear_m_s,
            float(np.linalg.norm(twist[3:])) / self._config.max_angular_rad_s,
        )
        return twist / share

    def missing(self, T_base_tcp_now: np.ndarray) -> tuple[float, float]:
        """Return how far the tool is from the end of the path (distance [m], angle [rad])."""
        return se3.pose_error(T_base_tcp_now, self._T_base_tcp[-1])
