"""Doing a motion in the physics, without ROS: what the controllers of the cell do with the same commands."""

import bisect
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from mt3_common import se3
from mt3_common.demonstration import Interaction
from mt3_common.robot import RobotConfig
from mt3_sim.experts.kinematics import Arm
from mt3_sim.experts.motion import Grip, Mark, Motion, Move, Wait, hand_like, plan
from mt3_sim.families.task_scene import PhysicsState, TaskScene

__all__ = ['ArmPhysics', 'Recording', 'demonstrate', 'execute']

RATE = 30.0  # of the recorded tool poses [Hz]


class ArmPhysics(PhysicsState, Protocol):
    """What is needed to move; `mt3_sim.world.World` is one."""

    time: float

    def step(self) -> None:
        """Advance by one tick."""

    def set_arm_setpoint(self, q: np.ndarray, qd: np.ndarray) -> None:
        """Command joint positions and velocities."""

    def set_gripper(self, position: float, max_effort: float) -> None:
        """Command the fingers [driver unit, N]."""

    def tcp_pose(self) -> np.ndarray:
        """Return T_base_tcp (4, 4) [m]."""

    def arm_touches(self) -> tuple[str, ...]:
        """Return what the arm touches now, but for its gripper."""


@dataclass(frozen=True, eq=False)
class Recording:
    """What was recorded while a motion was done.

    Attributes:
        time_s: (K,) [s].
        T_base_tcp: (K, 4, 4) measured [m].
        opening: (K,) commanded, 0 closed to 1 open.
        events: Time of each mark [s].
        touched: What the arm touched on the way, but for its gripper, as 'link on body'.
    """

    time_s: np.ndarray
    T_base_tcp: np.ndarray
    opening: np.ndarray
    events: dict[str, float]
    touched: tuple[str, ...] = ()

    def interaction(self, config: RobotConfig) -> tuple[np.ndarray, Interaction]:
        """Return T_base_bottleneck (4, 4) and the path from the mark 'bottleneck' to the mark 'end'."""
        inside = (self.time_s >= self.events['bottleneck'] - 1e-9) & (self.time_s <= self.events['end'] + 1e-9)
        T, time_s = self.T_base_tcp[inside], self.time_s[inside]
        path = Interaction(time_s - time_s[0], se3.inverse(T[0]) @ T, self.opening[inside], config.gripper.max_width_m)
        return T[0], path


def execute(world: ArmPhysics, motion: Motion, config: RobotConfig, opening: float = 1.0) -> Recording:
    """Do a motion and record it.

    Args:
        opening: Command that the gripper has at the start.
    """
    times, poses, openings, events, touched = [], [], [], {}, set()
    next_sample = world.time
    q_hold: np.ndarray | None = None

    def run(seconds: float, move: Move | None) -> None:
        nonlocal next_sample
        start = world.time
        while world.time - start < seconds - 1e-9:
            if move is not None:
                q, qd = sample_move(move, world.time - start)
                world.set_arm_setpoint(q, qd)
            if world.time >= next_sample - 1e-9:
                times.append(world.time)
                poses.append(world.tcp_pose())
                openings.append(opening)
                touched.update(world.arm_touches())
                next_sample += 1.0 / RATE
            world.step()

    for step in motion.steps:
        if isinstance(step, Move):
            run(float(step.time_s[-1]), step)
            q_hold = step.q[-1]
            world.set_arm_setpoint(q_hold, np.zeros(len(q_hold)))
        elif isinstance(step, Wait):
            run(step.seconds, None)
        elif isinstance(step, Grip):
            opening = step.opening
            world.set_gripper(config.gripper.to_driver(opening), config.gripper.max_effort)
        elif isinstance(step, Mark):
            events[step.name] = world.time
    run(0.2, None)
    return Recording(np.array(times), np.array(poses), np.array(openings), events, tuple(sorted(touched)))


def sample_move(move: Move, at: float) -> tuple[np.ndarray, np.ndarray]:
    """Return position and velocity (n,) of a trajectory at a time, linearly between its points."""
    # called for every tick of the physics: `bisect`, `min` and `max` take a tenth of what NumPy does for one number
    index = min(max(bisect.bisect_right(move.time_s, at) - 1, 0), len(move.time_s) - 2)
    span = move.time_s[index + 1] - move.time_s[index]
    a = min(max((at - move.time_s[index]) / span, 0.0), 1.0)
    return (1.0 - a) * move.q[index] + a * move.q[index + 1], (1.0 - a) * move.qd[index] + a * move.qd[index + 1]


def demonstrate(
    world: ArmPhysics, scene: TaskScene, arm: Arm, rng: np.random.Generator | None, settle: float = 0.2
) -> Recording:
    """Teleoperate a task from where its things truly are; the world has just been reset to the scene."""
    start = world.time
    while world.time - start < settle:
        world.step()
    way = scene.waypoints if rng is None else hand_like(scene.waypoints, rng)
    motion = plan(arm, way, world.body_pose(scene.target), np.array(arm.config.home_rad), rng)
    # what is held is being squeezed: the command is 'closed', though the fingers stand apart
    return execute(world, motion, arm.config, 1.0 if scene.held is None else 0.0)
