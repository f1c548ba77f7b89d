"""Replaying a demonstration with a given alignment: the method without its perception.

With the true change of the object this is the upper bound of what any alignment can reach; with a known error put
in, it tells how much error the grasps forgive.
"""

import itertools

import numpy as np

from mt3_common import se3
from mt3_common.demonstration import Interaction
from mt3_common.errors import MT3Error, StatusCode
from mt3_sim.experts.kinematics import Arm
from mt3_sim.experts.motion import Grip, Mark, Motion, Move, Wait, joint_move
from mt3_sim.experts.teleop import ArmPhysics, Recording, execute

__all__ = ['alignment_error', 'replay', 'replay_motion']


def alignment_error(rng: np.random.Generator, metres: float, radians: float, T_base_object: np.ndarray) -> np.ndarray:
    """Return a change (4, 4), base frame, that moves an object by so much in a random direction and turns it.

    The turn is about the object's own origin, to either side.
    """
    direction = rng.uniform(-np.pi, np.pi)
    centre = se3.make(None, T_base_object[:3, 3])
    turn = se3.from_yaw(radians * rng.choice([-1.0, 1.0]))
    shift = se3.make(None, (metres * np.cos(direction), metres * np.sin(direction), 0.0))
    return shift @ centre @ turn @ se3.inverse(centre)


def replay_motion(arm: Arm, T_base_bottleneck: np.ndarray, interaction: Interaction, q_start: np.ndarray) -> Motion:
    """Return the motion that goes to a bottleneck and repeats the interaction from there at its own pace.

    Raises:
        MT3Error: With code UNREACHABLE, no inverse kinematics along the path.
    """
    path = T_base_bottleneck @ interaction.T_bottleneck_tcp
    best: tuple[float, np.ndarray] | None = None
    for q in arm.starts(path[0]):
        joints = arm.follow(path, q)
        if joints is None:
            continue
        margin = min(arm.margin(p) for p in joints)
        if best is None or margin > best[0]:
            best = (margin, joints)
        if margin > 0.35:
            break
    if best is None:
        raise MT3Error('the arm cannot follow the replayed path from this bottleneck', StatusCode.UNREACHABLE)
    joints = best[1]
    time_s, opening = interaction.time_s, interaction.gripper_opening
    qd = np.gradient(joints, time_s, axis=0)
    steps: list = [Grip(float(opening[0])), joint_move(q_start, joints[0]), Wait(0.3), Mark('bottleneck')]
    changes = [0, *(np.flatnonzero(np.diff(opening)) + 1), len(time_s) - 1]
    for first, last in itertools.pairwise(changes):
        if first:
            steps.append(Grip(float(opening[first])))
        if last > first:
            part = slice(first, last + 1)
            steps.append(Move(time_s[part] - time_s[first], joints[part], qd[part]))
    return Motion((*steps, Mark('end')))


def replay(
    world: ArmPhysics,
    arm: Arm,
    T_base_bottleneck: np.ndarray,
    interaction: Interaction,
) -> Recording:
    """Go from home to the bottleneck and repeat the interaction; the world has just been reset."""
    motion = replay_motion(arm, T_base_bottleneck, interaction, np.array(arm.config.home_rad))
    return execute(world, motion, arm.config, float(interaction.gripper_opening[0]))
