"""A collision-free joint path to the bottleneck: OMPL's RRTConnect, shortened, then a straight last stretch."""

import itertools
from collections.abc import Callable
from typing import Protocol

import numpy as np
from ompl import base as ob
from ompl import geometric as og
from ompl import util as ou

from mt3_common import se3
from mt3_common.errors import MT3Error, StatusCode
from mt3_executor.budget import Budget, RefusedError
from mt3_executor.collision import CollisionWorld, Phase, densify
from mt3_executor.config import PlanningConfig
from mt3_executor.interaction_ik import follow
from mt3_executor.robot import ArmModel
from mt3_executor.timing import limit_violation, time_path, torque_violation
from mt3_executor.trajectory import JointTrajectory

__all__ = ['ApproachPlanner', 'check_timed', 'connect', 'plan_approach', 'straight_retreat']

_STEP_M = 0.005
_SHORTCUT_STEPS = 50
_TRIES = 3
_THERE_RAD = 1e-3


class ApproachPlanner(Protocol):
    """Plans the motion to a bottleneck: `plan_approach`, or MoveIt."""

    def __call__(
        self,
        arm: ArmModel,
        world: CollisionWorld,
        q_start: np.ndarray,
        q_goal: np.ndarray,
        config: PlanningConfig,
        speed: float,
        budget: Budget,
        *,
        straight: bool = True,
    ) -> JointTrajectory | None:
        """Return a timed and checked trajectory; see `plan_approach`."""


ou.setLogLevel(ou.LOG_NONE)  # its messages go to stdout, and every outcome is reported by us


def straight_retreat(
    arm: ArmModel, world: CollisionWorld, q_bottleneck: np.ndarray, config: PlanningConfig
) -> np.ndarray:
    """Return the joint path (K, n) from the bottleneck backwards along the tool axis, as far as it is free.

    The far end must be clear of everything, target included, so that the planner needs no exception; the way
    in between may touch what the interaction may touch. A single row when no stretch is possible.
    """
    T_base_bottleneck = arm.fk(q_bottleneck)
    for length in (config.straight_approach_m, 2.0 * config.straight_approach_m, 0.5 * config.straight_approach_m):
        if length <= 0.0:
            break
        back = np.append(np.arange(_STEP_M, length - 1e-9, _STEP_M), length)
        poses = np.array([T_base_bottleneck @ se3.make(None, [0.0, 0.0, -d]) for d in np.append(0.0, back)])
        found = follow(arm, q_bottleneck, poses, np.append(0.0, back), config)
        if not found.ok or not world.is_free(found.path[-1], Phase.FREE):
            continue
        if world.first_contact(found.path, Phase.CONTACT, config.check_resolution_rad) is None:
            return found.path
    return q_bottleneck[None]


def connect(
    arm: ArmModel,
    world: CollisionWorld,
    q_start: np.ndarray,
    q_goal: np.ndarray,
    phase: Phase,
    config: PlanningConfig,
    seed: int,
    should_stop: Callable[[], bool],
) -> np.ndarray | None:
    """Return a joint path (N, n) free of contact, or None when none was found in time.

    The same arguments give the same path: the random numbers follow from `seed`, and looking and shortening are
    limited by steps, not by time.
    """
    space = ob.RealVectorStateSpace(arm.n)
    bounds = ob.RealVectorBounds(arm.n)
    for j in range(arm.n):
        bounds.setLow(j, float(min(arm.lower[j], q_start[j])))
        bounds.setHigh(j, float(max(arm.upper[j], q_start[j])))
    space.setBounds(bounds)
    ou.RNG.setSeed(seed)
    setup = og.SimpleSetup(space)
    q = np.empty(arm.n)
    joints = range(arm.n)

    def valid(state: ob.State) -> bool:
        for j in joints:
            q[j] = state[j]
        return world.is_free(q, phase)

    setup.setStateValidityChecker(valid)
    information = setup.getSpaceInformation()
    information.setStateValidityCheckingResolution(config.edge_resolution)
    start, goal = space.allocState(), space.allocState()
    for j in joints:
        start[j], goal[j] = float(q_start[j]), float(q_goal[j])
    setup.setStartAndGoalStates(start, goal)
    setup.setPlanner(og.RRTConnect(information))
    asked = itertools.count()

    def enough() -> bool:
        return next(asked) > config.approach_iterations or should_stop()

    setup.solve(ob.PlannerTerminationCondition(enough))
    if not setup.haveExactSolutionPath():
        return None
    path = setup.getSolutionPath()
    simplifier = og.PathSimplifier(information)
    simplifier.reduceVertices(path, _SHORTCUT_STEPS)
    simplifier.partialShortcutPath(path, _SHORTCUT_STEPS, _SHORTCUT_STEPS, 0.9)  # 0.9: across most of the path
    simplifier.reduceVertices(path, _SHORTCUT_STEPS)
    simplifier.smoothBSpline(path, 3, 0.02)  # blunt corners need no braking
    return np.array([[state[j] for j in joints] for state in path.getStates()])


def plan_approach(
    arm: ArmModel,
    world: CollisionWorld,
    q_start: np.ndarray,
    q_goal: np.ndarray,
    config: PlanningConfig,
    speed: float,
    budget: Budget,
    *,
    straight: bool = True,
) -> JointTrajectory | None:
    """Return a timed and checked trajectory to q_goal (n,), or None when the arm is there already.

    Args:
        arm: The arm.
        world: What it must not touch.
        q_start: (n,) [rad].
        q_goal: (n,) [rad].
        config: Settings.
        speed: Share of the configured speed, in (0, 1].
        budget: Time and cancelling.
        straight: End with the straight stretch along the tool axis.

    Raises:
        RefusedError: No path, or none that survives timing.
    """
    if np.abs(q_start - q_goal).max() < _THERE_RAD:
        return None
    retreat = q_goal[None]
    if straight:
        with budget.measure('straight_approach'):
            retreat = straight_retreat(arm, world, q_goal, config)
    # Without a clear end of the straight stretch (or a clear start) the gripper may touch the target all the way.
    clear = world.is_free(retreat[-1], Phase.FREE) and world.is_free(q_start, Phase.FREE)
    phase = Phase.FREE if clear else Phase.CONTACT
    reasons = []
    for attempt in range(_TRIES):
        with budget.measure('approach'):
            path = connect(arm, world, q_start, retreat[-1], phase, config, config.seed + 1000 * attempt, budget.over)
        if path is None:
            raise RefusedError(
                '; '.join(
                    [*reasons, f'no path from here to the bottleneck was found in {config.approach_iterations} steps']
                ),
                StatusCode.UNREACHABLE,
            )
        with budget.measure('approach_timing'):
            trajectory, reason = _time_approach(arm, world, path, retreat, phase, config, speed)
        if trajectory is not None:
            return trajectory
        reasons.append(reason)
        config = config.model_copy(update={'edge_resolution': max(0.0005, 0.5 * config.edge_resolution)})
    raise RefusedError('; '.join(reasons), StatusCode.COLLISION)


def _time_approach(
    arm: ArmModel,
    world: CollisionWorld,
    path: np.ndarray,
    retreat: np.ndarray,
    phase: Phase,
    config: PlanningConfig,
    speed: float,
) -> tuple[JointTrajectory | None, str]:
    """Time a path and its straight end, and check the timed result once more; or return why not."""
    whole = np.concatenate([path, retreat[::-1][1:]])
    velocity = min(config.approach_velocity_scale, arm.config.max_velocity_scale) * speed
    try:
        trajectory, index = time_path(arm, whole, velocity, config.approach_acceleration_scale * speed**2)
    except MT3Error as error:
        return None, str(error)
    contact_from = float(np.interp(len(path) - 1.02, index, trajectory.time_s))
    broken = check_timed(arm, world, trajectory, phase, contact_from, velocity, config)
    return (None, broken) if broken else (trajectory, '')


def check_timed(
    arm: ArmModel,
    world: CollisionWorld,
    trajectory: JointTrajectory,
    phase: Phase,
    contact_from_s: float,
    velocity: float,
    config: PlanningConfig,
) -> str:
    """Return in words what is wrong with a timed approach; empty when nothing is.

    Args:
        arm: The arm.
        world: What it must not touch.
        trajectory: As it will be sent.
        phase: What may be touched at first.
        contact_from_s: When the straight last stretch begins, in which the gripper may touch the target [s].
        velocity: Share of the URDF velocity limits that may be used.
        config: Settings.
    """
    broken = limit_violation(arm, trajectory, velocity) or torque_violation(
        arm, trajectory, config.max_torque_share, config.payload_kg
    )
    if broken:
        return broken
    samples = np.linspace(0.0, trajectory.duration_s, 2 * len(trajectory.time_s))
    dense, source = densify(trajectory.at(samples), config.check_resolution_rad)
    for q, time_s in zip(dense, samples[source], strict=True):
        now = phase if time_s < contact_from_s else Phase.CONTACT
        if not world.is_free(q, now):
            return f'the timed approach was in contact: {world.contact(q, now)}'
    return ''
