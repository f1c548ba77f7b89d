"""The ways of doing a task, most comfortable first, at little cost.

A way is one of the equally right bottlenecks, one solution of its inverse kinematics, and the joint path of the
whole interaction from there. A round object offers some 35 yaws with six solutions each: following the interaction
for all of them takes seconds. So a way is judged in three steps, each an upper bound of the next: at the bottleneck,
at a few samples of the interaction, along the whole of it. The best guess is always the next to be judged better;
a way that leads with its whole interaction known is therefore the best one.

Bottlenecks are taken in rounds: the preferred one and some that differ much from each other and from it, then
those between. The next round begins when no way of the rounds before could be done.
"""

import heapq
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from enum import IntEnum

import numpy as np
import pinocchio as pin

from mt3_common.errors import StatusCode
from mt3_executor.budget import Budget
from mt3_executor.collision import CollisionWorld, Phase
from mt3_executor.comfort import Comfort, comfort_at
from mt3_executor.config import PlanningConfig
from mt3_executor.ik import solve, solve_many
from mt3_executor.interaction_ik import FollowResult, follow
from mt3_executor.robot import ArmModel
from mt3_executor.trajectory import Rejection

__all__ = ['Way', 'WaySearch', 'rounds']

_DISTANCE_WEIGHT = 0.15  # per radian of the joint that has the farthest way: near and good before far and best
_RAD_PER_M = 5.0  # poses that differ by a metre or by this many radians differ alike
_ROUGH_STEP_M = 0.04  # between the samples of the second step
_ROUGH_SAMPLES = (4, 10)  # at least, at most
_ROUGH_TOLERANCE = 1e-3
_FINE_EVERY = 8  # samples of the whole interaction at which torque and clearance are looked at
_DOUBTED = 10.0  # taken off the score of a way that failed at a rough sample: it comes after all others


class _Known(IntEnum):
    """How much of a way was looked at."""

    BOTTLENECK = 0
    ROUGHLY = 1
    WHOLLY = 2


@dataclass(frozen=True, eq=False)
class Way:
    """One way of doing it.

    Attributes:
        alternative: Index of the bottleneck.
        solution: Index of its solution.
        q: (n,) joints at the bottleneck [rad].
        comfort: Of what was looked at.
        score: Comfort minus the distance from the start; higher is better.
        follow: The whole interaction; None until it was looked at.
    """

    alternative: int
    solution: int
    q: np.ndarray
    comfort: Comfort
    score: float
    known: _Known = _Known.BOTTLENECK
    follow: FollowResult | None = None


class WaySearch:
    """Iterates over the ways that follow the whole interaction; leaves the reason of every other one.

    Args:
        arm: The arm.
        world: What it must not touch.
        q_start: (n,) where it stands [rad].
        bottlenecks: (M, 4, 4) equally right T_base_bottleneck, preferred first [m].
        time_s: (K,) of the interaction's samples [s].
        T_bottleneck_tcp: (K, 4, 4) its poses.
        config: Settings.
        budget: Time and cancelling.
        rejected: Grows by the ways that were given up.
        near: Joints (n,) that are known to reach a bottleneck [rad].
    """

    def __init__(
        self,
        arm: ArmModel,
        world: CollisionWorld,
        q_start: np.ndarray,
        bottlenecks: np.ndarray,
        time_s: np.ndarray,
        T_bottleneck_tcp: np.ndarray,
        config: PlanningConfig,
        budget: Budget,
        rejected: list[Rejection],
        near: Sequence[np.ndarray] = (),
    ) -> None:
        self._arm, self._world, self._q_start, self._config = arm, world, q_start, config
        self._bottlenecks, self._time_s, self._T_bottleneck_tcp = bottlenecks, time_s, T_bottleneck_tcp
        self._budget, self._rejected, self._near = budget, rejected, list(near)
        self._rng = np.random.default_rng(config.seed)
        self._solved: dict[int, list[np.ndarray]] = {}
        self._rough = _rough_samples(T_bottleneck_tcp)
        self._queue: list[tuple[float, int, Way]] = []  # by score; equal ones in order of appearance
        self._count = 0
        self.followed = 0

    def __iter__(self) -> Iterator[Way]:
        """Give the ways, best first within a round."""
        refine = {_Known.BOTTLENECK: self._roughly, _Known.ROUGHLY: self._wholly}
        for alternatives in rounds(self._bottlenecks, self._config.alternatives_at_once):
            for a in alternatives:
                if self._budget.over():
                    return
                self._begin(a)
            while self._queue:
                if self._budget.over():
                    return
                way = heapq.heappop(self._queue)[2]
                if way.known is _Known.WHOLLY:
                    yield way
                else:
                    self._push(refine[way.known](way))

    def _push(self, way: Way | None) -> None:
        if way is not None:
            heapq.heappush(self._queue, (-way.score, self._count, way))
            self._count += 1

    def _reject(self, way: Way, code: StatusCode, reason: str) -> None:
        self._rejected.append(Rejection(way.alternative, way.solution, code, reason))

    def _begin(self, a: int) -> None:
        """Solve one bottleneck and queue its solutions."""
        config = self._config
        with self._budget.measure('inverse_kinematics'):
            solutions = solve_many(
                self._arm,
                self._bottlenecks[a],
                self._q_start,
                self._rng,
                near=[*self._near, *self._nearest_solved(a)],
                seeds=config.ik_seeds,
                solutions=config.ik_solutions,
                margin=config.joint_margin_rad,
            )
        self._solved[a] = solutions
        if not solutions:
            x, y, z = self._bottlenecks[a][:3, 3]
            reason = f'no joints reach the bottleneck at ({x:.3f}, {y:.3f}, {z:.3f}) m ({config.ik_seeds} starts tried)'
            self._rejected.append(Rejection(a, -1, StatusCode.UNREACHABLE, reason))
        with self._budget.measure('ranking'):
            for s, q in enumerate(solutions):
                comfort = comfort_at(self._arm, q, config.payload_kg)
                way = Way(a, s, q, comfort, self._score(q, comfort))
                contact = self._world.contact(q, Phase.CONTACT)
                if contact:
                    self._reject(way, StatusCode.COLLISION, f'at the bottleneck {contact}')
                elif comfort.free_torque_share < 1.0 - config.max_torque_share:
                    self._reject(way, StatusCode.LIMITS, f'at the bottleneck {self._overload(q)}')
                else:
                    self._push(way)

    def _nearest_solved(self, a: int) -> list[np.ndarray]:
        """Return the solutions of the bottleneck most like this one: good starting points."""
        known = [b for b, solutions in self._solved.items() if solutions]
        if not known:
            return []
        difference = _difference(self._bottlenecks[a], self._bottlenecks[known])
        return self._solved[known[int(difference.argmin())]]

    def _score(self, q: np.ndarray, comfort: Comfort) -> float:
        return comfort.score() - _DISTANCE_WEIGHT * float(np.abs(q - self._q_start).max())

    def _torque_share(self, q: np.ndarray) -> np.ndarray:
        """Return how much of each motor's torque (n,) it takes to stand still."""
        return np.abs(self._arm.torque(q, payload_kg=self._config.payload_kg)) / self._arm.effort_limit

    def _overload(self, q: np.ndarray) -> str:
        share = self._torque_share(q)
        j = int(share.argmax())
        return (
            f'{self._arm.config.arm_joints[j]} would need {100.0 * share[j]:.0f} % of its torque to stand still '
            f'(limit {100.0 * self._config.max_torque_share:.0f} %, max_torque_share)'
        )

    def _roughly(self, way: Way) -> Way:
        """Look at a few samples of the interaction."""
        with self._budget.measure('ranking'):
            comfort, q = way.comfort, way.q
            comfort = comfort.worst(Comfort(clearance_m=self._world.clearance(q)))
            for k in self._rough:
                T_base_tcp = pin.SE3(self._bottlenecks[way.alternative] @ self._T_bottleneck_tcp[k])
                q = solve(self._arm, T_base_tcp, q, self._config.joint_margin_rad, _ROUGH_TOLERANCE, 15)
                # Steps this long may fail where short ones succeed: no reason to reject, but to try others before.
                if q is None or not self._world.is_free(q, Phase.CONTACT):
                    return replace(way, known=_Known.ROUGHLY, score=way.score - _DOUBTED)
                comfort = comfort.worst(comfort_at(self._arm, q, self._config.payload_kg))
                comfort = comfort.worst(Comfort(clearance_m=self._world.clearance(q)))
            return replace(way, known=_Known.ROUGHLY, comfort=comfort, score=self._score(way.q, comfort))

    def _wholly(self, way: Way) -> Way | None:
        """Follow the whole interaction; None when it cannot be followed."""
        if self.followed >= self._config.interactions_followed:
            limit = f'{self.followed} better ones were looked at before (interactions_followed)'
            self._reject(way, StatusCode.TIMEOUT, f'not looked at: {limit}')
            return None
        self.followed += 1
        with self._budget.measure('interaction'):
            T_base_tcp = self._bottlenecks[way.alternative] @ self._T_bottleneck_tcp
            found = follow(self._arm, way.q, T_base_tcp, self._time_s, self._config)
        if not found.ok:
            self._reject(way, found.code, found.reason)
            return None
        with self._budget.measure('ranking'):
            comfort = Comfort(found.limit_margin_rad, found.singular_value)
            for q in found.path[::_FINE_EVERY]:
                free = 1.0 - float(self._torque_share(q).max())
                comfort = comfort.worst(Comfort(free_torque_share=free, clearance_m=self._world.clearance(q)))
        return replace(way, known=_Known.WHOLLY, follow=found, comfort=comfort, score=self._score(way.q, comfort))


def rounds(bottlenecks: np.ndarray, at_once: int) -> Iterator[list[int]]:
    """Give the indices of poses (M, 4, 4) in rounds: the first pose, then each time the one farthest from all given."""
    difference = np.full(len(bottlenecks), np.inf)
    order, k = [], 0
    for _ in range(len(bottlenecks)):
        order.append(k)
        difference = np.minimum(difference, _difference(bottlenecks[k], bottlenecks))
        difference[k] = -1.0
        k = int(difference.argmax())
    for begin in range(0, len(order), at_once):
        yield order[begin : begin + at_once]


def _difference(T_a: np.ndarray, T_b: np.ndarray) -> np.ndarray:
    """Return how much poses (..., 4, 4) differ (...): radians, and five per metre."""
    cosine = 0.5 * (np.einsum('...ij,...ij->...', T_a[..., :3, :3], T_b[..., :3, :3]) - 1.0)
    distance = np.linalg.norm(T_a[..., :3, 3] - T_b[..., :3, 3], axis=-1)
    return np.arccos(np.clip(cosine, -1.0, 1.0)) + _RAD_PER_M * distance


def _rough_samples(T_bottleneck_tcp: np.ndarray) -> np.ndarray:
    """Return indices of samples that lie about evenly along the way of the tool; the last is among them."""
    length = np.append(0.0, np.cumsum(_difference(T_bottleneck_tcp[:-1], T_bottleneck_tcp[1:])))
    count = int(np.clip(length[-1] / (_RAD_PER_M * _ROUGH_STEP_M), *_ROUGH_SAMPLES))
    return np.unique(np.searchsorted(length, np.linspace(0.0, length[-1], count + 1)[1:] - 1e-12))
