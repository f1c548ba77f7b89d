"""Plans driven by the simulated cell's controller and physics: how far the tool leaves the demonstrated path."""

import numpy as np
from planning_problems import Problem

from mt3_common import se3
from mt3_executor.robot import ArmModel
from mt3_executor.trajectory import TaskPlan
from mt3_sim.trajectory_follower import FollowerConfig, JointTrajectory, TrajectoryFollower
from mt3_sim.world import World

__all__ = ['tool_error']


def tool_error(arm: ArmModel, world: World, problem: Problem, plan: TaskPlan) -> tuple[float, float]:
    """Return the largest distance [m] and angle [rad] of the tool from the demonstrated path during the replay."""
    world.reset()
    follower = TrajectoryFollower(arm.config.arm_joints, arm.lower, arm.upper, FollowerConfig())
    start = plan.segments[0].trajectory.position[0]
    addresses = [world.model.joint(name).qposadr[0] for name in arm.config.arm_joints]
    world.data.qpos[addresses] = start
    world.data.qvel[:] = 0.0
    world.set_arm_setpoint(start, np.zeros(arm.n))
    follower.hold_at(start)
    times, poses = [], []
    for segment in plan.segments:
        trajectory = segment.trajectory
        goal = JointTrajectory(
            arm.config.arm_joints,
            trajectory.time_s[1:],
            trajectory.position[1:],
            trajectory.velocity[1:],
            trajectory.acceleration[1:],
        )
        begin = world.time
        follower.start(goal, begin)
        while world.time - begin < trajectory.duration_s:
            follower.update(world.time, world.arm_position(), world.arm_velocity())
            desired = follower.desired
            world.set_arm_setpoint(desired.position, desired.velocity, desired.acceleration)
            world.step()
            times.append(np.interp(world.time - begin, trajectory.time_s, segment.demo_time_s))
            poses.append(world.tcp_pose())
    demo = problem.interaction
    wanted = plan.T_base_bottleneck @ se3.interpolate(demo.time_s, demo.T_bottleneck_tcp, np.array(times))
    errors = np.array([se3.pose_error(a, b) for a, b in zip(poses, wanted, strict=True)])
    return float(errors[:, 0].max()), float(errors[:, 1].max())
