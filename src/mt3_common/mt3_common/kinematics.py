"""Kinematics of an arm from its URDF alone: where the tool is, how it moves, and how far the joints go. No meshes."""

import numpy as np
import pinocchio as pin

from mt3_common.errors import InvalidInput
from mt3_common.robot import RobotConfig

__all__ = ['ArmKinematics']


class ArmKinematics:
    """One arm; joint vectors q (n,) in the order of `config.arm_joints` [rad]. Not for several threads at once.

    Attributes:
        config: The robot.
        lower, upper: (n,) position limits, infinite for continuous joints [rad].
        velocity_limit: (n,) the URDF's [rad/s].

    Raises:
        InvalidInput: No valid URDF, or a joint or frame of the configuration is not in it.
    """

    def __init__(self, urdf: str, config: RobotConfig) -> None:
        try:
            full = pin.buildModelFromXML(urdf)
        except (ValueError, RuntimeError) as error:  # what Pinocchio makes of a bad URDF
            raise InvalidInput(f'the robot description cannot be used: {error}') from error
        missing = [name for name in config.arm_joints if not full.existJointName(name)]
        missing += [name for name in (config.base_frame, config.tcp_frame) if not full.existFrame(name)]
        if missing:
            raise InvalidInput(f'{", ".join(missing)} of robot {config.name!r} are not in its description')
        locked = [i for i, name in enumerate(full.names) if i > 0 and name not in config.arm_joints]
        self.config = config
        self._model = pin.buildReducedModel(full, locked, pin.neutral(full))
        self._data = self._model.createData()
        self._tcp = self._model.getFrameId(config.tcp_frame)
        joints = [self._model.joints[self._model.getJointId(name)] for name in config.arm_joints]
        if any(joint.nq != 1 for joint in joints):
            # Pinocchio gives unbounded joints a cosine and a sine
            raise InvalidInput(f'a joint of {config.name!r} is continuous: give it limits in its description')
        self._index = np.array([joint.idx_q for joint in joints])
        self.lower = self._model.lowerPositionLimit[self._index].copy()
        self.upper = self._model.upperPositionLimit[self._index].copy()
        self.velocity_limit = self._model.velocityLimit[self._index].copy()
        pin.framesForwardKinematics(self._model, self._data, pin.neutral(self._model))
        self._base_root = self._data.oMf[self._model.getFrameId(config.base_frame)].inverse()

    def tcp(self, q: np.ndarray) -> np.ndarray:
        """Return T_base_tcp (4, 4) [m]."""
        return self.tcp_and_jacobian(q)[0]

    def tcp_and_jacobian(self, q: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return T_base_tcp (4, 4) and the Jacobian (6, n) of the tcp's body twist, linear part first [m, rad]."""
        full = np.zeros(self._model.nq)
        full[self._index] = q
        pin.computeJointJacobians(self._model, self._data, full)
        T = self._base_root * pin.updateFramePlacement(self._model, self._data, self._tcp)
        return T.homogeneous, pin.getFrameJacobian(self._model, self._data, self._tcp, pin.LOCAL)[:, self._index]
