"""Where the tool may go by hand: a box for the tcp, and a floor for every point of the hand. Knows no ROS.

Limits are soft: towards a limit the speed is at most the distance to it over a time, so that the arm comes to rest at
it, and slides along it, instead of hitting it. Away from a limit, everything is allowed, also from beyond it.
"""

import numpy as np

from mt3_common import se3
from mt3_teach.teleop.config import JogConfig

__all__ = ['Guard']

_AXES = 'xyz'
_SLOWED = 0.5  # a motion slowed to less than this share is worth a word
_TILT_M = 1e-5  # a turn may lower the hand by no more than this beyond the floor


class Guard:
    """Box and floor of one robot."""

    def __init__(self, config: JogConfig) -> None:
        self._low, self._high = np.array(config.workspace_min_m), np.array(config.workspace_max_m)
        self._floor, self._soft_s = config.floor_m, config.soft_s
        self._hand = np.array(config.hand_points_m, dtype=float).reshape(-1, 3)

    def lowest(self, T_base_tcp: np.ndarray) -> float:
        """Return the height of the lowest point of the hand, base frame [m]."""
        return float(se3.transform_points(T_base_tcp, self._hand)[:, 2].min()) if len(self._hand) else np.inf

    def below(self, T_base_tcp: np.ndarray) -> bool:
        """Whether a point of the hand is below the floor."""
        return self.lowest(T_base_tcp) < self._floor - _TILT_M

    def outside(self, T_base_tcp: np.ndarray) -> float:
        """Return how far the tcp is beyond the box, 0 within [m]."""
        p = T_base_tcp[:3, 3]
        return float(max(0.0, (self._low - p).max(), (p - self._high).max()))

    def limit(self, twist: np.ndarray, T_base_tcp: np.ndarray, dt: float) -> tuple[np.ndarray, str]:
        """Return the part of a twist (6,) that is allowed, and what held the rest back.

        Args:
            twist: Of the tcp, base axes, linear first [m/s, rad/s].
            T_base_tcp: (4, 4) where it is [m].
            dt: For how long it will be applied [s].
        """
        p, wanted = T_base_tcp[:3, 3], np.array(twist, dtype=float)
        v = wanted.copy()
        v[:3] = np.minimum(v[:3], np.maximum(self._high - p, 0.0) / self._soft_s)
        v[:3] = np.maximum(v[:3], np.minimum(self._low - p, 0.0) / self._soft_s)
        reason = ''
        for axis in np.flatnonzero(np.abs(v[:3]) < _SLOWED * np.abs(wanted[:3]) - 1e-6):
            bound = self._high[axis] if wanted[axis] > 0.0 else self._low[axis]
            reason = f'the workspace ends at {_AXES[axis]} = {bound:.2f} m'
        room = max(self.lowest(T_base_tcp) - self._floor, 0.0)
        if v[2] < -room / self._soft_s:
            v[2] = -room / self._soft_s
            if v[2] > _SLOWED * wanted[2]:
                reason = f'the hand is {1e3 * room:.0f} mm above the floor of {1e3 * self._floor:.0f} mm'
        after = T_base_tcp.copy()
        after[:3, 3] += v[:3] * dt
        moved = self.lowest(after)
        after[:3, :3] = se3.exp(np.concatenate([np.zeros(3), v[3:] * dt]))[:3, :3] @ after[:3, :3]
        turned = self.lowest(after)
        if turned < min(self._floor, moved) - _TILT_M:
            v[3:] = 0.0
            reason = 'turning would press the hand into the floor'
        return v, reason
