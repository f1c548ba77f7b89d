"""OMPL's default planner with OMPL's default settings, through the same states as ours."""

import time

import numpy as np
from ompl import base as ob
from ompl import geometric as og
from ompl import util as ou

from mt3_executor.approach import connect
from mt3_executor.collision import CollisionWorld, Phase
from mt3_executor.config import PlanningConfig
from mt3_executor.robot import ArmModel

__all__ = ['compare']

LIMIT_S = 2.0
CHECK_RAD = 0.004


def compare(arm: ArmModel, world: CollisionWorld, q_start: np.ndarray, q_goal: np.ndarray) -> dict[str, float]:
    """Plan one approach both ways; return CPU seconds, success, contact and length of each."""
    found: dict[str, float] = {}
    config = PlanningConfig()

    def ours() -> np.ndarray | None:
        return connect(arm, world, q_start, q_goal, Phase.FREE, config, config.seed, lambda: False)

    for name, plan in (('ours', ours), ('default', lambda: _default(arm, world, q_start, q_goal))):
        begin = time.process_time()
        path = plan()
        found[f'{name}_cpu_s'] = time.process_time() - begin
        found[f'{name}_solved'] = float(path is not None)
        if path is not None:
            contact = world.first_contact(path, Phase.FREE, CHECK_RAD)
            found[f'{name}_in_contact'] = float(contact is not None)
            found[f'{name}_length_rad'] = float(np.linalg.norm(np.diff(path, axis=0), axis=1).sum())
    return found


def _default(arm: ArmModel, world: CollisionWorld, q_start: np.ndarray, q_goal: np.ndarray) -> np.ndarray | None:
    """Plan as `SimpleSetup` does when nothing is chosen: its own planner, resolution and simplification."""
    space = ob.RealVectorStateSpace(arm.n)
    bounds = ob.RealVectorBounds(arm.n)
    for j in range(arm.n):
        bounds.setLow(j, float(arm.lower[j]))
        bounds.setHigh(j, float(arm.upper[j]))
    space.setBounds(bounds)
    ou.RNG.setSeed(1)
    setup = og.SimpleSetup(space)
    q = np.empty(arm.n)

    def valid(state: ob.State) -> bool:
        for j in range(arm.n):
            q[j] = state[j]
        return world.is_free(q, Phase.FREE)

    setup.setStateValidityChecker(valid)
    start, goal = space.allocState(), space.allocState()
    for j in range(arm.n):
        start[j], goal[j] = float(q_start[j]), float(q_goal[j])
    setup.setStartAndGoalStates(start, goal)
    setup.solve(LIMIT_S)
    if not setup.haveExactSolutionPath():
        return None
    setup.simplifySolution()
    return np.array([[state[j] for j in range(arm.n)] for state in setup.getSolutionPath().getStates()])
