"""The arm as planning sees it: kinematics, limits and collision shapes, from URDF and SRDF text."""

from xml.etree import ElementTree

import coal
import numpy as np
import pinocchio as pin

from mt3_common.errors import InvalidInput
from mt3_common.example_robots import example_robot
from mt3_common.meshes import with_absolute_meshes
from mt3_common.robot import RobotConfig
from mt3_executor.hulls import convex_hull

__all__ = ['ArmModel']

_TURNS = 2.0 * np.pi
_GRAVITY = 9.81  # m/s^2


class ArmModel:
    """Kinematics and shapes of one arm with its gripper. Not for several threads at once.

    Joint vectors q are (n,) in the order of `config.arm_joints` [rad or m]. Poses are of the tcp in the base frame.

    Attributes:
        config: The robot's configuration.
        n: Number of arm joints.
        lower, upper: (n,) position limits [rad].
        velocity_limit: (n,) [rad/s], the URDF's.
        acceleration_limit: (n,) [rad/s^2].
        effort_limit: (n,) [N m], infinite where the URDF gives none.
        model: Pinocchio model of arm and gripper joints; every other joint of the URDF is locked.
        geometry: Its convex collision shapes with the pairs that the SRDF leaves enabled.
        T_root_base: (4, 4) pose of the base frame in the root of the URDF [m].
    """

    def __init__(self, urdf: str, srdf: str, config: RobotConfig) -> None:
        """Build the model.

        Args:
            urdf: Robot description.
            srdf: Semantic description; empty: only neighbouring links may touch.
            config: Names of joints and frames.

        Raises:
            InvalidInput: A joint or frame of the configuration is not in the URDF, or a mesh is missing.
        """
        root = with_absolute_meshes(urdf)
        mimics = _prepare_joints(root)
        xml = ElementTree.tostring(root, encoding='unicode')
        full = pin.buildModelFromXML(xml)
        missing = [name for name in config.arm_joints if not full.existJointName(name)]
        if missing:
            raise InvalidInput(f'arm joints {missing} are not in the URDF; its joints: {list(full.names)[1:]}')
        for name in (config.base_frame, config.tcp_frame):
            if not full.existFrame(name):
                raise InvalidInput(f'frame {name!r} of the robot configuration is not a link of the URDF')
        gripper = [config.gripper.joint] if full.existJointName(config.gripper.joint) else []
        gripper += [name for name, (source, _, _) in mimics.items() if gripper and source == gripper[0]]
        shapes = pin.buildGeomFromUrdfString(full, xml, pin.GeometryType.COLLISION)
        keep = {*config.arm_joints, *gripper}
        locked = [i for i, name in enumerate(full.names) if i > 0 and name not in keep]
        self.model, self.geometry = pin.buildReducedModel(full, shapes, locked, pin.neutral(full))
        self.config = config
        self.n = len(config.arm_joints)
        self._arm_index = np.array([self.model.joints[self.model.getJointId(j)].idx_q for j in config.arm_joints])
        self._gripper = [
            (self.model.joints[self.model.getJointId(name)].idx_q, *(mimics.get(name, ('', 1.0, 0.0))[1:]))
            for name in gripper
        ]
        self.lower = self.model.lowerPositionLimit[self._arm_index].copy()
        self.upper = self.model.upperPositionLimit[self._arm_index].copy()
        self.velocity_limit = self.model.velocityLimit[self._arm_index].copy()
        if not (np.isfinite(self.velocity_limit).all() and (self.velocity_limit > 0.0).all()):
            raise InvalidInput(f'the URDF lacks velocity limits of the arm joints: got {self.velocity_limit.tolist()}')
        self.acceleration_limit = np.full(self.n, config.max_acceleration)
        effort = self.model.effortLimit[self._arm_index]
        self.effort_limit = np.where(np.isfinite(effort) & (effort > 0.0), effort, np.inf)
        self.home = np.array(config.home_rad, dtype=float)
        if self.home.shape != (self.n,):
            raise InvalidInput(f'home_rad has {len(self.home)} values for {self.n} arm joints')
        _make_convex(self.geometry)
        _add_self_pairs(self.model, self.geometry, srdf)
        self._data = self.model.createData()
        self._tcp = self.model.getFrameId(config.tcp_frame)
        self._q_work = pin.neutral(self.model)
        self._arm_index_v = np.array([self.model.joints[self.model.getJointId(j)].idx_v for j in config.arm_joints])
        self._v_work, self._a_work = np.zeros(self.model.nv), np.zeros(self.model.nv)
        self.set_opening(1.0)
        pin.framesForwardKinematics(self.model, self._data, self._q_work)
        placement = self._data.oMf[self.model.getFrameId(config.base_frame)]
        if self.model.frames[self.model.getFrameId(config.base_frame)].parentJoint != 0:
            raise InvalidInput(f"base frame {config.base_frame!r} moves with a joint; choose the arm's fixed base link")
        self.T_root_base = placement.homogeneous.copy()
        self._base_root = placement.inverse()
        self.model.gravity.linear = placement.rotation @ np.array([0.0, 0.0, -_GRAVITY])  # -z of the base frame

    @classmethod
    def from_example_robot_data(cls, name: str, config: RobotConfig | None = None) -> 'ArmModel':
        """Load 'panda' or 'ur5' from the example-robot-data package."""
        robot = example_robot(name)
        return cls(*robot.texts(), config or robot.config)

    def set_opening(self, opening: float) -> None:
        """Set the gripper opening, 0 closed to 1 open, that later collision queries assume."""
        position = self.config.gripper.to_driver(opening)
        for index, factor, offset in self._gripper:
            value = factor * position + offset
            self._q_work[index] = np.clip(
                value, self.model.lowerPositionLimit[index], self.model.upperPositionLimit[index]
            )

    def full(self, q: np.ndarray) -> np.ndarray:
        """Return the configuration of `model` for arm joints q (n,) and the opening set before.

        The array is reused by the next call.
        """
        self._q_work[self._arm_index] = q
        return self._q_work

    def fk(self, q: np.ndarray) -> np.ndarray:
        """Return T_base_tcp (4, 4)."""
        return self.tcp(q).homogeneous

    def tcp(self, q: np.ndarray) -> pin.SE3:
        """Return T_base_tcp as a Pinocchio placement."""
        pin.forwardKinematics(self.model, self._data, self.full(q))
        return self._base_root * pin.updateFramePlacement(self.model, self._data, self._tcp)

    def tcp_and_jacobian(self, q: np.ndarray) -> tuple[pin.SE3, np.ndarray]:
        """Return T_base_tcp and the Jacobian (6, n) of the tcp's body twist, linear part first."""
        pin.computeJointJacobians(self.model, self._data, self.full(q))
        T = self._base_root * pin.updateFramePlacement(self.model, self._data, self._tcp)
        J = pin.getFrameJacobian(self.model, self._data, self._tcp, pin.ReferenceFrame.LOCAL)
        return T, J[:, self._arm_index]

    def torque(
        self,
        q: np.ndarray,
        velocity: np.ndarray | None = None,
        acceleration: np.ndarray | None = None,
        payload_kg: float = 0.0,
    ) -> np.ndarray:
        """Return the motor torques (n,) [N m] that a motion needs, by inverse dynamics; without one, to stand still.

        Args:
            q: (n,) joints [rad].
            velocity: (n,) [rad/s].
            acceleration: (n,) [rad/s^2].
            payload_kg: Mass at the tcp beside what the URDF knows; its weight counts, not its inertia [kg].
        """
        self._v_work[self._arm_index_v] = 0.0 if velocity is None else velocity
        self._a_work[self._arm_index_v] = 0.0 if acceleration is None else acceleration
        torque = pin.rnea(self.model, self._data, self.full(q), self._v_work, self._a_work)[self._arm_index_v]
        if payload_kg:
            T, J = self.tcp_and_jacobian(q)
            up_in_tcp = T.rotation[2]  # third row: z of the base, seen from the tcp
            torque = torque + payload_kg * _GRAVITY * (J[:3].T @ up_in_tcp)
        return torque

    def within_limits(self, q: np.ndarray, margin: float = 0.0) -> bool:
        """Whether q (..., n) keeps `margin` [rad] from every joint limit."""
        return bool(((q >= self.lower + margin) & (q <= self.upper - margin)).all())

    def link_of(self, geometry_index: int) -> str:
        """Return the link name that a collision shape belongs to."""
        return self.model.frames[self.geometry.geometryObjects[geometry_index].parentFrame].name

    def is_gripper(self, geometry_index: int) -> bool:
        """Whether a collision shape belongs to the gripper."""
        return self.link_of(geometry_index) in self.config.gripper.links


def _prepare_joints(root: ElementTree.Element) -> dict[str, tuple[str, float, float]]:
    """Turn continuous joints into bounded ones, and return the mimic joints: name -> (source, factor, offset).

    A continuous joint has no limits; two turns either way keep cables whole and the joint vector plain.
    Mimic joints are taken out of Pinocchio's hands, so that the gripper is set in one place.
    """
    mimics = {}
    for joint in root.findall('joint'):
        if joint.get('type') == 'continuous':
            joint.set('type', 'revolute')
            limit = joint.find('limit')
            if limit is None:
                limit = ElementTree.SubElement(joint, 'limit', {'effort': '100', 'velocity': '1.0'})
            limit.set('lower', str(-_TURNS))
            limit.set('upper', str(_TURNS))
        mimic = joint.find('mimic')
        if mimic is not None:
            factor, offset = float(mimic.get('multiplier', '1')), float(mimic.get('offset', '0'))
            mimics[joint.get('name', '')] = (mimic.get('joint', ''), factor, offset)
            joint.remove(mimic)
    return mimics


def _make_convex(geometry: pin.GeometryModel) -> None:
    """Replace meshes by their convex hulls: conservative, and a hundred times faster to query."""
    for shape in geometry.geometryObjects:
        if isinstance(shape.geometry, coal.BVHModelBase):
            hull = convex_hull(np.array(shape.geometry.vertices()))
            if hull is None:
                raise InvalidInput(f'the collision mesh {shape.name!r} of the URDF is flat; give it a volume')
            shape.geometry = hull


def _add_self_pairs(model: pin.Model, geometry: pin.GeometryModel, srdf: str) -> None:
    """Enable every pair of shapes but those of one link, of neighbours, and those that the SRDF disables."""
    geometry.addAllCollisionPairs()
    neighbours = []
    for pair in geometry.collisionPairs:
        first, second = (geometry.geometryObjects[i].parentJoint for i in (pair.first, pair.second))
        if first == second or model.parents[first] == second or model.parents[second] == first:
            neighbours.append(pin.CollisionPair(pair.first, pair.second))
    for pair in neighbours:
        geometry.removeCollisionPair(pair)
    if srdf.strip():
        pin.removeCollisionPairsFromXML(model, geometry, srdf)
