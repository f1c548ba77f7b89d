"""A collision-free joint path to the bottleneck: OMPL's RRTConnect, shortened, then a straight last stretch."""

from collections.abc import Callable

import numpy as np
from ompl import base as ob
from ompl import geometric as og
from ompl import util as ou

from mt3_common import se3
from mt3_executor.collision import CollisionWorld, Phase
from mt3_executor.config import PlanningConfig
from mt3_executor.interaction_ik import follow
from mt3_executor.robot import ArmModel

__all__ = ['connect', 'straight_retreat']

_STEP_M = 0.005
_SHORTCUT_STEPS = 40

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
    """Return a joint path (N, n) free of contact, or None when none was found before `should_stop`.

    The same arguments give the same path: the random numbers follow from `seed`, and shortening is limited by
    steps, not by time.
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
    setup.solve(ob.PlannerTerminationCondition(should_stop))
    if not setup.haveExactSolutionPath():
        return None
    path = setup.getSolutionPath()
    simplifier = og.PathSimplifier(information)
    simplifier.reduceVertices(path, _SHORTCUT_STEPS)
    simplifier.partialShortcutPath(path, _SHORTCUT_STEPS)
    simplifier.reduceVertices(path, _SHORTCUT_STEPS)
    return np.array([[state[j] for j in joints] for state in path.getStates()])
