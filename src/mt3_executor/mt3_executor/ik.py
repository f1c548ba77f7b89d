"""Inverse kinematics: damped least squares from many starting points, within joint limits.

The damped step is that of Nakamura and Hanafusa (1986) with the damping shrinking with the error
(Sugihara 2011), so that it converges quadratically near a solution and stays calm far from one.
"""

from collections.abc import Sequence

import numpy as np
import pinocchio as pin
from scipy.linalg.lapack import dposv

from mt3_executor.robot import ArmModel

__all__ = ['damped_step', 'solve', 'solve_many']

_MAX_STEP_RAD = 0.4
_DISTINCT_RAD = 0.3
_DIAGONAL = np.diag_indices(6)


def damped_step(
    J: np.ndarray,
    error: np.ndarray,
    q: np.ndarray,
    lower: np.ndarray,
    upper: np.ndarray,
    secondary: np.ndarray | None = None,
) -> np.ndarray:
    """Return a joint step that reduces a tool error and does not push joints past their limits.

    Args:
        J: (6, n) body Jacobian.
        error: (6,) body twist from here to the goal [m, rad].
        q: (n,) current joints [rad].
        lower: (n,) limits to keep [rad].
        upper: (n,) limits to keep [rad].
        secondary: (n,) wanted joint motion where the tool leaves freedom, or None.

    Returns:
        (n,) step [rad], not yet scaled.
    """
    damping = 0.5 * float(error @ error) + 1e-8
    free = None  # all joints; later a mask
    for _ in range(2):  # second pass: without the joints that would leave their range
        Jf = J if free is None else J * free
        A = Jf @ Jf.T
        A[_DIAGONAL] += damping  # positive definite: Cholesky
        if secondary is None:
            step = Jf.T @ dposv(A, error)[1]
        else:
            wanted = secondary if free is None else secondary * free
            step = wanted + Jf.T @ dposv(A, error - Jf @ wanted)[1]
        out = ((q <= lower) & (step < 0.0)) | ((q >= upper) & (step > 0.0))
        if not out.any():
            break
        free = ~out
        step = step * free
    return step


def solve(
    arm: ArmModel,
    T_base_tcp: pin.SE3,
    q_start: np.ndarray,
    margin: float,
    tolerance: float = 1e-5,
    max_iterations: int = 30,
) -> np.ndarray | None:
    """Return joints (n,) that put the tcp at T_base_tcp, `margin` [rad] within limits, or None."""
    lower, upper = arm.lower + margin, arm.upper - margin
    q = np.clip(q_start, lower, upper)
    for _ in range(max_iterations):
        T, J = arm.tcp_and_jacobian(q)
        error = pin.log6(T.actInv(T_base_tcp)).vector
        if np.abs(error).max() < tolerance:
            return q
        step = damped_step(J, error, q, lower, upper)
        largest = np.abs(step).max()
        if largest > _MAX_STEP_RAD:
            step *= _MAX_STEP_RAD / largest
        if largest < 1e-9:
            return None
        q = np.minimum(np.maximum(q + step, lower), upper)
    return None


def solve_many(
    arm: ArmModel,
    T_base_tcp: np.ndarray,
    q_start: np.ndarray,
    rng: np.random.Generator,
    *,
    near: Sequence[np.ndarray] = (),
    seeds: int = 24,
    solutions: int = 6,
    margin: float = 0.02,
) -> list[np.ndarray]:
    """Return up to `solutions` distinct joint vectors that reach one pose.

    The current joints and home come first as starting points (they give the shortest motions), then `near`, then
    random ones from `rng`: the same generator state gives the same answer.

    Args:
        arm: The arm.
        T_base_tcp: (4, 4) wanted pose [m].
        q_start: (n,) current joints [rad].
        rng: Random starting points.
        near: Solutions of a similar pose. When they lead to any, no random ones are tried.
        seeds: How many starting points are tried.
        solutions: When to stop.
        margin: Distance kept from joint limits [rad].
    """
    goal = pin.SE3(np.asarray(T_base_tcp, dtype=float))
    found: list[np.ndarray] = []
    given = [q_start, arm.home, *near]
    for k in range(max(seeds, len(given))):
        if k == len(given) and near and found:
            break
        start = given[k] if k < len(given) else rng.uniform(arm.lower, arm.upper)
        q = solve(arm, goal, start, margin)
        if q is None or any(np.abs(q - other).max() < _DISTINCT_RAD for other in found):
            continue
        found.append(q)
        if len(found) == solutions:
            break
    return found
