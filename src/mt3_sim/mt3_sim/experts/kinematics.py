"""Kinematics of the arm for the experts: forward, inverse by damped least squares, and following a tool path."""

import functools

import numpy as np
import pinocchio as pin

from mt3_common.errors import InvalidInput
from mt3_common.example_robots import example_robot
from mt3_common.robot import RobotConfig
from mt3_sim.robot_description import load_description

__all__ = ['Arm', 'default_arm']

_MARGIN = 0.03  # kept to every joint limit [rad]
_STEP = 0.25  # largest change of a joint in one iteration [rad]


class Arm:
    """One arm; joint vectors q (n,) in the order of the configuration [rad], poses of the tcp in the base frame [m].

    Attributes:
        config: The robot.
        lower, upper: (n,) position limits [rad].
        velocity: (n,) velocity limits that are used [rad/s].
    """

    def __init__(self, urdf: str, config: RobotConfig) -> None:
        full = pin.buildModelFromXML(urdf)
        arm = set(config.arm_joints)
        locked = [full.getJointId(name) for name in full.names[1:] if name not in arm]
        self.config = config
        self._model = pin.buildReducedModel(full, locked, pin.neutral(full))
        self._data = self._model.createData()
        self._tcp = self._model.getFrameId(config.tcp_frame)
        base = pin.Data(self._model)
        pin.framesForwardKinematics(self._model, base, pin.neutral(self._model))
        self._root_base = base.oMf[self._model.getFrameId(config.base_frame)].copy()
        if list(self._model.names)[1:] != list(config.arm_joints):
            raise InvalidInput(f'the URDF orders the arm joints as {list(self._model.names)[1:]}')
        self.lower, self.upper = self._model.lowerPositionLimit, self._model.upperPositionLimit
        self.velocity = config.max_velocity_scale * self._model.velocityLimit
        self._middle = 0.5 * (self.lower + self.upper)
        x, y = self.tcp(np.array(config.home_rad))[:2, 3]
        self._home_heading = np.arctan2(y, x)

    def tcp(self, q: np.ndarray) -> np.ndarray:
        """Return T_base_tcp (4, 4) at q."""
        pin.forwardKinematics(self._model, self._data, np.asarray(q, dtype=float))
        pin.updateFramePlacement(self._model, self._data, self._tcp)
        return (self._root_base.actInv(self._data.oMf[self._tcp])).homogeneous

    def margin(self, q: np.ndarray) -> float:
        """Return the distance to the nearest joint limit [rad]."""
        return float(np.minimum(q - self.lower, self.upper - q).min())

    def solve(
        self, T_base_tcp: np.ndarray, q: np.ndarray, iterations: int = 60, pull: float = 0.0
    ) -> np.ndarray | None:
        """Return joint positions (n,) near `q` that reach the pose within 0.1 mm and 0.001 rad, or None.

        Args:
            pull: How strongly the redundant degree of freedom moves away from the limits, per iteration.
        """
        goal = self._root_base * pin.SE3(T_base_tcp)
        q = np.array(q, dtype=float)
        model, data, tcp = self._model, self._data, self._tcp
        for _ in range(iterations):
            pin.computeJointJacobians(model, data, q)
            pin.updateFramePlacement(model, data, tcp)
            error = pin.log6(data.oMf[tcp].actInv(goal)).vector
            if np.linalg.norm(error[:3]) < 1e-4 and np.linalg.norm(error[3:]) < 1e-3:
                return q
            J = pin.getFrameJacobian(model, data, tcp, pin.LOCAL)
            JJ = J @ J.T
            JJ.flat[::7] += 1e-5
            away = pull * (self._middle - q)
            dq = J.T @ np.linalg.solve(JJ, error - J @ away) + away
            largest = np.abs(dq).max()
            if largest > _STEP:
                dq *= _STEP / largest
            q = np.clip(q + dq, self.lower + _MARGIN, self.upper - _MARGIN)
        return None

    def follow(self, T_base_tcp: np.ndarray, q: np.ndarray, jump: float = 0.5) -> np.ndarray | None:
        """Return joint positions (K, n) along a tool path (K, 4, 4), starting near q; None where it breaks off.

        Args:
            jump: Largest change of a joint between two poses [rad].
        """
        path = []
        for T in T_base_tcp:
            solution = self.solve(T, q, 40)
            if solution is None or (path and np.abs(solution - path[-1]).max() > jump):
                return None
            q = solution
            path.append(q)
        return np.array(path)

    def starts(self, T_base_tcp: np.ndarray) -> list[np.ndarray]:
        """Return distinct joint positions that reach a pose, those far from the limits first."""
        x, y = T_base_tcp[:2, 3]
        heading = np.arctan2(y, x)
        found: list[np.ndarray] = []
        for turn in (0.0, -1.2, 1.2, -2.3, 2.3):
            for swing in (0.0, -0.7, 0.7) if len(self.lower) == 7 else (0.0,):
                seed = np.array(self.config.home_rad)
                seed[0] += heading - self._home_heading - swing
                seed[-1] += turn
                if swing:
                    seed[2] = swing
                q = self.solve(T_base_tcp, np.clip(seed, self.lower + _MARGIN, self.upper - _MARGIN), pull=0.05)
                if q is not None and all(np.abs(q - other).max() > 0.15 for other in found):
                    found.append(q)
        return sorted(found, key=self.margin, reverse=True)


@functools.lru_cache(maxsize=4)
def default_arm(robot: str = 'panda') -> Arm:
    """Return an arm of the cell, built once per process. Not for several threads at once."""
    return Arm(load_description(robot).urdf, example_robot(robot).config)
