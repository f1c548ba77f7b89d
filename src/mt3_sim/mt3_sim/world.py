"""The physics of the cell: robot, table and objects in MuJoCo, without ROS and without pictures.

What a controller may do is here in its terms: joint set-points, a gripper position with a force limit, joint states.
What a judge may ask is here too: poses, furniture joints, contacts. Everything is in the robot's base frame, which is
the world frame. One World belongs to one thread; `snapshot` gives another thread what it needs to draw.
"""

from dataclasses import dataclass

import mujoco
import numpy as np

from mt3_common import se3
from mt3_common.errors import InvalidInput
from mt3_common.robot import RobotConfig
from mt3_sim import stage
from mt3_sim.robot_description import RobotDescription, load_description
from mt3_sim.robot_model import ARM_LAG, GRIPPER_ACTUATOR, build_robot
from mt3_sim.scene_spec import CameraSpec, Placement, SceneSpec

__all__ = ['JointState', 'Snapshot', 'World']

_TOUCH_DISTANCE = 5e-4  # geoms nearer than this touch [m]
_SETTLE, _GRASP = 0.25, 0.35  # physics run before time starts after a reset [s]
_FINGER_SPEED = 0.1  # of the gripper's set-point [m/s]
_WELD = 'held'
_SQUEEZE = 0.006  # how far a closing set-point goes below zero, so that thin things get the full force [m]


@dataclass(frozen=True, eq=False)
class JointState:
    """Names and measured values of the joints of arm and gripper: (n,) each [rad or m, per s, N m or N]."""

    names: tuple[str, ...]
    position: np.ndarray
    velocity: np.ndarray
    effort: np.ndarray


@dataclass(frozen=True, eq=False)
class Snapshot:
    """Everything a picture of one instant needs.

    Attributes:
        model: Which model; a reset makes another.
        camera: Of this model.
        qpos: (nq,) generalised positions.
        time: [s].
    """

    model: mujoco.MjModel
    camera: CameraSpec
    qpos: np.ndarray
    time: float


class World:
    """The cell.

    Attributes:
        scene: What stands in it.
        robot: The arm.
        description: Its URDF and SRDF.
        camera: The depth camera.
        timestep: One tick [s].
    """

    def __init__(
        self, scene: SceneSpec | None = None, robot: RobotConfig | None = None, timestep: float = 0.002
    ) -> None:
        self.robot = robot or RobotConfig()
        self.timestep = timestep
        self.description: RobotDescription = load_description(self.robot.name)
        self._robot_spec = build_robot(self.description, self.robot)
        self._start_time = 0.0
        self.reset(scene or SceneSpec())

    # ---------------------------------------------------------------- set up

    def reset(self, scene: SceneSpec | None = None) -> None:
        """Set up a scene (default: the present one again): arm at home, everything at rest. Time goes on.

        Raises:
            InvalidInput: Two bodies of one name, or a held thing without its pose in the hand.
        """
        self._start_time = self.time if hasattr(self, 'data') else 0.0
        self.scene = scene if scene is not None else self.scene
        self.camera = self.scene.camera or stage.default_camera()
        held = [p for p in self.scene.placements if p.held]
        if any(p.T_tcp_object is None for p in held) or len(held) > 1:
            raise InvalidInput('at most one thing starts in the hand, and it needs its pose T_tcp_object there')
        self.model = self._compile()
        self.data = mujoco.MjData(self.model)
        self._index()
        self._place_links()
        self._place_robot(held[0].gripper_position if held else self.robot.gripper.position_open)
        self.set_arm_setpoint(self._home, np.zeros(len(self._home)))
        mujoco.mj_forward(self.model, self.data)
        if held:
            self._grasp(held[0])
        else:
            self.set_gripper(self.robot.gripper.position_open, self.robot.gripper.max_effort)
            self._run(_SETTLE)
        self.data.time = 0.0

    def _compile(self) -> mujoco.MjModel:
        names = [p.name for p in self.scene.placements]
        taken = {body.name for body in self._robot_spec.bodies} | {stage.TABLE}
        if len(set(names)) != len(names) or taken & set(names):
            raise InvalidInput(f'bodies need distinct names, and not those of the robot or the table: got {names}')
        spec = self._robot_spec.copy()
        stage.dress(spec, self.camera, self.scene.table_height, self.timestep)
        for placement in self.scene.placements:
            placement.model.add_to(spec, placement.name, np.asarray(placement.T_base_object, dtype=float))
            if placement.held:
                self._add_weld(spec, placement)
        model = spec.compile()
        model.geom_friction[:, 0] *= self.scene.friction
        return model

    def _add_weld(self, spec: mujoco.MjSpec, placement: Placement) -> None:
        """Bind a thing to the hand, as long as the constraint is active."""
        weld = spec.add_equality(
            name=_WELD,
            type=mujoco.mjtEq.mjEQ_WELD,
            objtype=mujoco.mjtObj.mjOBJ_BODY,
            name1=self.robot.tcp_frame,
            name2=placement.name,
        )
        T = placement.T_tcp_object
        # its anchor, its pose in the hand, and how much a turn counts against a shift
        weld.data[:11] = [0.0, 0.0, 0.0, *T[:3, 3], *np.roll(se3.quaternion(T), 1), 1.0]

    def _index(self) -> None:
        model, config = self.model, self.robot
        self._home = np.asarray(config.home_rad, dtype=float)
        gripper = [config.gripper.joint] if config.gripper.joint else []
        followers = [
            name
            for name, joint in self.description.joints().items()
            if (mimic := joint.find('mimic')) is not None and mimic.get('joint') in gripper
        ]
        self.joint_names = (*config.arm_joints, *gripper, *followers)
        joints = [model.joint(name) for name in self.joint_names]
        self._qpos = np.array([joint.qposadr[0] for joint in joints])
        self._dof = np.array([joint.dofadr[0] for joint in joints])
        self._n_arm = len(config.arm_joints)
        self._arm_qpos, self._arm_dof = self._qpos[: self._n_arm], self._dof[: self._n_arm]
        self._arm_control = np.array([model.actuator(name).id for name in config.arm_joints])
        self._arm_effort = model.actuator_forcerange[self._arm_control, 1]
        self._acceleration, self._torque = np.zeros(model.nv), np.zeros(model.nv)
        self._grip = model.actuator(GRIPPER_ACTUATOR).id if gripper else None
        robot = {body.name for body in self._robot_spec.bodies} - {'world'}
        self._is_robot = np.isin(np.arange(model.nbody), [model.body(name).id for name in robot])
        fingers = [model.body(name).id for name in config.gripper.links if name in robot]
        self._is_arm = self._is_robot & ~np.isin(np.arange(model.nbody), fingers)
        base = model.body(config.base_frame).id
        if np.abs(self.model.body_pos[base]).max() > 1e-9 or model.body_parentid[base] != 0:
            raise InvalidInput(f'the base frame {config.base_frame} must be the root of the URDF')
        self._tcp = model.body(config.tcp_frame).id

    def _place_robot(self, finger: float) -> None:
        self.data.qpos[self._arm_qpos] = self._home
        self.data.qpos[self._qpos[self._n_arm :]] = finger
        self._finger_setpoint = self._finger_target = finger
        if self._grip is not None:
            self.data.ctrl[self._grip] = finger

    def _place_links(self) -> None:
        """Put the moving parts of furniture where they start."""
        for placement in self.scene.placements:
            for link in placement.model.links:
                joint = self.model.joint(f'{placement.name}/{link.name}')
                self.data.qpos[joint.qposadr[0]] = link.start

    def _grasp(self, placement: Placement) -> None:
        """Hold the thing by a constraint while the fingers close on it, then let friction do it.

        Set back to its pose at every step instead, it would have the speed at which the fingers push it each time,
        and throw out what lies in it.
        """
        joint = self.model.joint(f'{placement.name}/free')
        T = self.tcp_pose() @ placement.T_tcp_object
        self.data.qpos[joint.qposadr[0] : joint.qposadr[0] + 7] = [*T[:3, 3], *np.roll(se3.quaternion(T), 1)]
        self.set_gripper(self.robot.gripper.position_closed, self.robot.gripper.max_effort)
        self._run(_GRASP)
        self.data.eq_active[self.model.equality(_WELD).id] = 0
        self._run(_SETTLE)

    def _run(self, seconds: float) -> None:
        for _ in range(round(seconds / self.timestep)):
            self.step()

    # --------------------------------------------------------------- command

    def step(self) -> None:
        """Advance by one tick."""
        if self._grip is not None:
            change = _FINGER_SPEED * self.timestep
            self._finger_setpoint += min(max(self._finger_target - self._finger_setpoint, -change), change)
            self.data.ctrl[self._grip] = self._finger_setpoint
        mujoco.mj_step(self.model, self.data)

    def set_arm_setpoint(self, q: np.ndarray, qd: np.ndarray, qdd: np.ndarray | None = None) -> None:
        """Command positions, velocities and accelerations (n,) of the arm joints; held until the next command.

        The torque that the acceleration takes is applied at once, as the controllers of arms with a model of themselves
        do: without it, a braking arm would go on for a tenth of a second. Together with the actuator's it stays within
        the joint's limit: what no motor can do, a trajectory that is too fast must not get.
        """
        data, dofs, tick = self.data, self._arm_dof, self.timestep
        # one tick more: what is commanded for now shows after the step
        position, speed, torque = q + tick * qd, qd, 0.0
        if qdd is not None and qdd.any():
            position, speed = position + 0.5 * tick**2 * qdd, qd + tick * qdd
            self._acceleration[dofs] = qdd
            mujoco.mj_mulM(self.model, data, self._torque, self._acceleration)
            torque = self._torque[dofs]
        data.ctrl[self._arm_control] = position + ARM_LAG * speed
        now, limit = data.actuator_force[self._arm_control], self._arm_effort
        data.qfrc_applied[dofs] = np.minimum(np.maximum(torque + now, -limit), limit) - now

    def set_gripper(self, position: float, max_effort: float) -> None:
        """Command the fingers.

        Args:
            position: Of one finger, in the driver's unit [m].
            max_effort: Force of each finger on what it meets; 0 or less: the robot's default [N].
        """
        if self._grip is None:
            return
        config = self.robot.gripper
        low, high = sorted((config.position_closed, config.position_open))
        position = float(np.clip(position, low, high))
        now = float(self.data.qpos[self._qpos[self._n_arm]])
        # the set-point starts where the fingers are: a blocked one must not first unwind
        self._finger_setpoint = now if position > now else self._finger_setpoint
        self._finger_target = position - _SQUEEZE if position <= low + 1e-6 else position
        effort = 2.0 * (max_effort if max_effort > 0.0 else config.max_effort)  # one actuator, two fingers
        self.model.actuator_forcerange[self._grip] = (-effort, effort)

    def hold_gripper(self) -> None:
        """Stop the fingers where they are."""
        if self._grip is not None:
            self._finger_target = self._finger_setpoint = float(self.data.qpos[self._qpos[self._n_arm]])

    # ------------------------------------------------------------------ state

    @property
    def time(self) -> float:
        """Seconds since the world was made; a reset does not turn it back [s]."""
        return self._start_time + self.data.time

    def joint_state(self) -> JointState:
        """Return the measured joints of arm and gripper."""
        data = self.data
        effort = data.qfrc_actuator + data.qfrc_gravcomp
        return JointState(
            self.joint_names, data.qpos[self._qpos].copy(), data.qvel[self._dof].copy(), effort[self._dof].copy()
        )

    def arm_position(self) -> np.ndarray:
        """Return the measured arm joints (n,) [rad]."""
        return self.data.qpos[self._arm_qpos]

    def arm_velocity(self) -> np.ndarray:
        """Return the measured arm joint velocities (n,) [rad/s]."""
        return self.data.qvel[self._arm_dof]

    def gripper_state(self) -> tuple[float, float, float]:
        """Return position, velocity and effort of the driven finger [m, m/s, N]."""
        i = self._n_arm
        effort = float(self.data.qfrc_actuator[self._dof[i]])
        return float(self.data.qpos[self._qpos[i]]), float(self.data.qvel[self._dof[i]]), effort

    def tcp_pose(self) -> np.ndarray:
        """Return T_base_tcp (4, 4) [m]."""
        return self._pose(self._tcp)

    def body_pose(self, name: str) -> np.ndarray:
        """Return T_base_body (4, 4) of an object, a link of furniture or of the robot [m].

        Raises:
            InvalidInput: No such body.
        """
        return self._pose(self._body(name))

    def joint_position(self, name: str) -> float:
        """Return the position of a joint, `<object>/<joint>` for furniture [m or rad].

        Raises:
            InvalidInput: No such joint.
        """
        index = mujoco.mj_name2id(self.model, mujoco.mjtObj.mjOBJ_JOINT, name)
        if index < 0:
            joints = [self.model.joint(i).name for i in range(self.model.njnt)]
            raise InvalidInput(f'there is no joint {name!r}; there are {", ".join(joints)}')
        return float(self.data.qpos[self.model.jnt_qposadr[index]])

    def touching(self, body_a: str, body_b: str) -> bool:
        """Return whether two bodies touch; what hangs on a body (fingers on a hand, a drawer) belongs to it."""
        a, b = self._family(body_a), self._family(body_b)
        # the robot never sleeps, nor what it touches
        contact = self.data.contact if (self._is_robot & (a | b)).any() else self._contacts()
        first, second = self.model.geom_bodyid[contact.geom[contact.dist <= _TOUCH_DISTANCE]].T
        return bool(((a[first] & b[second]) | (b[first] & a[second])).any())

    def arm_touches(self) -> tuple[str, ...]:
        """Return, as 'link on body', what the arm touches that is no part of the robot; the gripper does not count."""
        contact = self.data.contact
        pairs = self.model.geom_bodyid[contact.geom[contact.dist <= 0.0]]
        pairs = np.concatenate([pairs, pairs[:, ::-1]])
        pairs = pairs[self._is_arm[pairs[:, 0]] & ~self._is_robot[pairs[:, 1]]]
        return tuple(sorted({f'{self.model.body(a).name} on {self.model.body(b).name}' for a, b in pairs}))

    def _contacts(self) -> mujoco.MjContact:
        """Return all contacts; the physics itself leaves those between sleeping things out."""
        if self.data.ntree_awake == self.model.ntree:
            return self.data.contact
        awake = mujoco.MjData(self.model)
        awake.qpos[:] = self.data.qpos
        mujoco.mj_fwdPosition(self.model, awake)
        return awake.contact

    def snapshot(self) -> Snapshot:
        """Return what another thread needs to draw this instant."""
        return Snapshot(self.model, self.camera, self.data.qpos.copy(), self.time)

    def _pose(self, body: int) -> np.ndarray:
        return se3.make(self.data.xmat[body].reshape(3, 3), self.data.xpos[body])

    def _body(self, name: str) -> int:
        index = mujoco.mj_name2id(self.model, mujoco.mjtObj.mjOBJ_BODY, name)
        if index < 0:
            bodies = [self.model.body(i).name for i in range(1, self.model.nbody)]
            raise InvalidInput(f'there is no body {name!r}; there are {", ".join(bodies)}')
        return index

    def _family(self, name: str) -> np.ndarray:
        """Return which bodies (nbody,) are a body or hang on it."""
        members = np.zeros(self.model.nbody, bool)
        first = self._body(name)
        members[first] = True
        for index in range(first + 1, self.model.nbody):
            members[index] = members[self.model.body_parentid[index]]
        return members
