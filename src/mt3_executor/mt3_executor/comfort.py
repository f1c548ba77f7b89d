"""How comfortable joint configurations are: how far from joint limits, singularities, motor torques and obstacles."""

from dataclasses import dataclass, fields

import numpy as np

from mt3_executor.robot import ArmModel

__all__ = ['Comfort', 'comfort_at']

# Beyond these, more is not better.
_LIMIT_MARGIN_RAD = 0.3
_SINGULAR_VALUE = 0.15
_FREE_TORQUE_SHARE = 0.4
_CLEARANCE_M = 0.04


@dataclass(frozen=True)
class Comfort:
    """The worst of some configurations; what was not looked at is infinitely good, so a guess is never pessimistic.

    Attributes:
        limit_margin_rad: Least distance to a joint limit.
        singular_value: Least singular value of the tool Jacobian.
        free_torque_share: Least share of a motor's torque that is left after carrying the arm.
        clearance_m: Least distance to the scene, in the steps of `CollisionWorld.clearance`.
    """

    limit_margin_rad: float = np.inf
    singular_value: float = np.inf
    free_torque_share: float = np.inf
    clearance_m: float = np.inf

    def score(self) -> float:
        """How comfortable, in [0, 1]: the worst counts. Nearness to the scene at most halves it."""
        return max(
            0.0,
            min(
                1.0,
                self.limit_margin_rad / _LIMIT_MARGIN_RAD,
                self.singular_value / _SINGULAR_VALUE,
                self.free_torque_share / _FREE_TORQUE_SHARE,
                0.5 + 0.5 * self.clearance_m / _CLEARANCE_M,
            ),
        )

    def worst(self, other: 'Comfort') -> 'Comfort':
        """Return the worse of both, measure by measure."""
        return Comfort(*(min(getattr(self, f.name), getattr(other, f.name)) for f in fields(self)))


def comfort_at(arm: ArmModel, q: np.ndarray, payload_kg: float = 0.0) -> Comfort:
    """Return the comfort of standing still at joints q (n,), the scene left out."""
    return Comfort(
        float(np.minimum(q - arm.lower, arm.upper - q).min()),
        float(np.linalg.svd(arm.tcp_and_jacobian(q)[1], compute_uv=False)[-1]),
        1.0 - float((np.abs(arm.torque(q, payload_kg=payload_kg)) / arm.effort_limit).max()),
    )
