"""A check of plans that shares nothing with the planner but the robot's files: MuJoCo's kinematics and collision.

The boxes are the true ones, not the cells of the cloud; the target moves with the tool once it is lifted.
Positions are taken every 4 ms as a controller interpolates them.
"""

import mujoco
import numpy as np
from planning_problems import Box, Problem

from mt3_common import se3
from mt3_executor.robot import ArmModel
from mt3_executor.trajectory import TaskPlan
from mt3_sim.robot_description import load_description
from mt3_sim.robot_model import build_robot

__all__ = ['PERIOD_S', 'PlanCheck']

PERIOD_S = 0.004
TABLE, TARGET = 'table', 'box0'
LIFTED_M = 0.035
TABLE_GIVE_M = 0.003  # grippers may press this far into the table (planning.collision.gripper_table_penetration_m)


class PlanCheck:
    """Robot, table and boxes in MuJoCo, for collision only; one for all problems of an arm."""

    def __init__(self, arm: ArmModel, boxes: int = 6) -> None:
        self._arm = arm
        spec = build_robot(load_description(arm.config.name), arm.config)
        table = spec.worldbody.add_geom(type=mujoco.mjtGeom.mjGEOM_BOX, name=TABLE)
        table.size, table.pos = [1.5, 1.5, 0.5], [0.3, 0.0, -0.5]
        for k in range(boxes):
            body = spec.worldbody.add_body(name=f'box{k}')
            body.add_geom(type=mujoco.mjtGeom.mjGEOM_BOX, size=[0.1, 0.1, 0.1], name=f'box{k}')
            body.add_freejoint()
        self._model = spec.compile()
        self._data = mujoco.MjData(self._model)
        self._arm_index = [self._model.joint(name).qposadr[0] for name in arm.config.arm_joints]
        joints = [self._model.joint(k) for k in range(self._model.njnt)]
        self._fingers = [joint.qposadr[0] for joint in joints if 'finger' in joint.name]
        bodies = [self._model.body(int(b)).name for b in self._model.geom_bodyid]
        self._owner = [TABLE if self._model.geom(g).name == TABLE else name for g, name in enumerate(bodies)]
        self._grippers = set(arm.config.gripper.links)
        self._target_pose = np.zeros(7)

    def _place(self, boxes: tuple[Box, ...]) -> None:
        model = self._model
        for k in range(sum(name.startswith('box') for name in self._owner)):
            there = k < len(boxes)
            size = boxes[k].size / 2 if there else np.full(3, 0.01)
            centre = boxes[k].centre if there else np.array([10.0, k, 10.0])
            geom = model.geom(f'box{k}').id
            model.geom_size[geom], model.geom_rbound[geom] = size, np.linalg.norm(size)
            model.geom_aabb[geom] = [0.0, 0.0, 0.0, *size]
            self._data.qpos[self._of_box(k)] = [*centre, 1.0, 0.0, 0.0, 0.0]
        self._target_pose = self._data.qpos[self._of_box(0)].copy()

    def _of_box(self, k: int) -> slice:
        address = self._model.joint(int(self._model.body(f'box{k}').jntadr[0])).qposadr[0]
        return slice(address, address + 7)

    def check(self, problem: Problem, plan: TaskPlan) -> dict[str, float]:
        """Return contacts and broken limits of a plan (stretches that have any), and the largest tool error."""
        self._place(problem.boxes)
        arm, interaction = self._arm, problem.interaction
        found = {'collisions': 0, 'limit_violations': 0, 'error_m': 0.0, 'error_rad': 0.0}
        parts = [(plan.approach, plan.opening, None)] if plan.approach else []
        parts += [(s.trajectory, s.opening, s) for s in plan.segments]
        grasp = None
        for trajectory, opening, segment in parts:
            t = np.append(np.arange(0.0, trajectory.duration_s, PERIOD_S), trajectory.duration_s)
            q = trajectory.at(t)
            speed = np.abs(np.diff(q, axis=0)) / np.diff(t)[:, None]
            if opening < plan.opening and grasp is None:
                grasp = arm.fk(q[0])
            found['collisions'] += int(any(self.touches(x, opening, grasp) for x in q))
            # 1 % more than allowed: what the controllers' interpolation adds between samples
            fast = (speed > 1.01 * arm.config.max_velocity_scale * arm.velocity_limit).any()
            hard = (np.abs(trajectory.acceleration) > 1.01 * arm.acceleration_limit).any()
            found['limit_violations'] += int(not arm.within_limits(q)) + int(fast) + int(hard)
            if segment is not None:
                demo = np.interp(t, trajectory.time_s, segment.demo_time_s)[::5]
                path = plan.T_base_bottleneck @ se3.interpolate(interaction.time_s, interaction.T_bottleneck_tcp, demo)
                for x, T_base_tcp in zip(q[::5], path, strict=True):
                    errors = se3.pose_error(arm.fk(x), T_base_tcp)
                    found['error_m'] = max(found['error_m'], errors[0])
                    found['error_rad'] = max(found['error_rad'], errors[1])
        return found

    def touches(self, q: np.ndarray, opening: float, grasp: np.ndarray | None) -> bool:
        """Whether something touches what it must not; `grasp` is T_base_tcp when the target was grasped."""
        data = self._data
        data.qpos[self._arm_index] = q
        data.qpos[self._fingers] = self._arm.config.gripper.to_driver(opening)
        lifted, target = False, self._of_box(0)
        data.qpos[target] = self._target_pose
        if grasp is not None:
            T = self._arm.fk(q)
            lifted = T[2, 3] > grasp[2, 3] + LIFTED_M
            if lifted:
                moved = T @ se3.inverse(grasp) @ se3.make(None, self._target_pose[:3])
                data.qpos[target] = np.concatenate([moved[:3, 3], np.roll(se3.quaternion(moved), 1)])
        mujoco.mj_kinematics(self._model, data)
        mujoco.mj_collision(self._model, data)
        pairs = zip(data.contact.geom, data.contact.dist, strict=True)
        return any(self._forbidden(*(self._owner[g] for g in pair), distance, lifted) for pair, distance in pairs)

    def _forbidden(self, a: str, b: str, distance: float, lifted: bool) -> bool:
        pair = {a, b}
        things = {name for name in pair if name == TABLE or name.startswith('box')}
        if distance >= 0.0 or pair <= self._grippers:
            return False
        if pair == things:  # what stands there stands there; what is carried must not hit it, the table apart
            return lifted and TARGET in pair and TABLE not in pair
        gripper = bool(pair & self._grippers)
        if TABLE in pair:
            return not (gripper and distance > -TABLE_GIVE_M)
        return not (gripper and TARGET in pair)
