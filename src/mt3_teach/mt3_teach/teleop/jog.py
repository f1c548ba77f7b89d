"""From twists of the tool to joint positions, one small step after another, within every limit. Knows no ROS.

The pose that is aimed at is integrated from the limited twist and followed by damped least squares (Nakamura and
Hanafusa 1986). It does not run away: what the joints cannot follow is taken back, so that a key that was held against
a limit does not have to be paid back.
"""

from dataclasses import dataclass

import numpy as np

from mt3_common import se3
from mt3_common.kinematics import ArmKinematics
from mt3_teach.teleop.config import JogConfig
from mt3_teach.teleop.guard import Guard

__all__ = ['Jog', 'JogStep']

_DAMPING = 2e-4
_CENTRING = 0.3  # of a redundant joint towards the middle of its range [1/s]
_LEASH_M, _LEASH_RAD = 0.004, 0.03  # how far the aim may be ahead of the joints
_UPRIGHT_S = 0.3  # time constant of the last of a turn to upright
_LIMIT_NEAR = 1e-4  # [rad]
_BEYOND_M = 0.005  # the box may be passed by so much, or the tool would stick to its wall


@dataclass(frozen=True, eq=False)
class JogStep:
    """What to command now.

    Attributes:
        q: (n,) joint positions [rad].
        qd: (n,) joint velocities [rad/s].
        T_base_tcp: (4, 4) where the tool is with them [m].
        twist: (6,) allowed twist of the tcp, base axes, linear first [m/s, rad/s].
        reason: What held the motion back; empty: nothing.
        moving: Whether anything moves.
    """

    q: np.ndarray
    qd: np.ndarray
    T_base_tcp: np.ndarray
    twist: np.ndarray
    reason: str
    moving: bool


class Jog:
    """One arm under manual control. Starts at rest wherever `reset` puts it."""

    def __init__(self, arm: ArmKinematics, config: JogConfig) -> None:
        self._arm, self._config, self.guard = arm, config, Guard(config)
        self._lower, self._upper = arm.lower + config.joint_margin, arm.upper - config.joint_margin
        self._middle = 0.5 * (arm.lower + arm.upper)
        limit = np.where(arm.velocity_limit > 0.0, arm.velocity_limit, np.inf)
        self._speed = np.minimum(limit * arm.config.max_velocity_scale, config.joint_speed)
        self._full = np.array([config.linear_speed] * 3 + [config.angular_speed] * 3)
        self.reset(np.array(arm.config.home_rad))

    def reset(self, q: np.ndarray) -> None:
        """Stand at q (n,) [rad], at rest."""
        self.q = np.array(q, dtype=float)
        self._twist = np.zeros(6)
        self._home_share = 0.0
        self._aim = self._arm.tcp(self.q)

    @property
    def T_base_tcp(self) -> np.ndarray:
        """(4, 4) where the tool is commanded to be [m]."""
        return self._arm.tcp(self.q)

    def rest(self, step: JogStep, seconds: float) -> np.ndarray:
        """Return where the joints (n,) come to rest when they brake for so long after a step [rad]."""
        return np.clip(step.q + 0.5 * seconds * step.qd, self._arm.lower, self._arm.upper)

    def step(self, twist: np.ndarray, dt: float) -> JogStep:
        """Move for a moment.

        Args:
            twist: (6,) wanted at the tcp, base axes, linear first [m/s, rad/s]; zeros stop.
            dt: How long [s].
        """
        config, wanted = self._config, np.array(twist, dtype=float)
        for part, most in ((slice(0, 3), config.linear_speed), (slice(3, 6), config.angular_speed)):
            size = float(np.linalg.norm(wanted[part]))
            if size > most:
                wanted[part] *= most / size
        slower = np.abs(wanted) < np.abs(self._twist)
        ramp = self._full * dt / np.where(slower, config.fall_s, config.rise_s)
        self._twist = self._twist + np.clip(wanted - self._twist, -ramp, ramp)
        self._home_share = 0.0
        if not self._twist.any():
            return JogStep(self.q.copy(), np.zeros_like(self.q), self.T_base_tcp, np.zeros(6), '', False)
        allowed, reason = self.guard.limit(self._twist, self._aim, dt)
        aim = self._aim.copy()
        aim[:3, 3] += allowed[:3] * dt
        aim[:3, :3] = se3.exp(np.concatenate([np.zeros(3), allowed[3:] * dt]))[:3, :3] @ aim[:3, :3]
        q, at_limit = self._follow(aim, dt)
        T = self._arm.tcp(q)
        if self.guard.below(T) and self.guard.lowest(T) < self.guard.lowest(self.T_base_tcp):
            q, T, reason = self.q.copy(), self.T_base_tcp, 'the hand would go below the floor'
        elif self.guard.outside(T) > max(_BEYOND_M, self.guard.outside(self.T_base_tcp)):
            # joints at their limits may carry the tool elsewhere than aimed
            q, T, reason = self.q.copy(), self.T_base_tcp, 'the workspace ends here'
        distance, angle = se3.pose_error(T, aim)
        if distance > _LEASH_M or angle > _LEASH_RAD:
            aim = T
            reason = reason or at_limit or 'the arm reaches no farther this way'
        qd = (q - self.q) / dt
        self.q, self._aim = q, aim
        return JogStep(q.copy(), qd, T, allowed, reason, True)

    def step_upright(self, dt: float) -> JogStep:
        """Turn the tool for a moment until it points straight down, keeping its place."""
        z = self._aim[:3, 2]
        axis = np.cross(z, (0.0, 0.0, -1.0))
        sine = float(np.linalg.norm(axis))
        if sine < 1e-4:
            return self.step(np.zeros(6), dt)
        turn = axis / sine * np.arctan2(sine, -z[2]) / _UPRIGHT_S
        return self.step(np.concatenate([np.zeros(3), turn]), dt)

    def step_home(self, dt: float) -> JogStep:
        """Move all joints straight towards home for a moment; the floor stops it."""
        self._twist[:] = 0.0
        gap = np.array(self._arm.config.home_rad) - self.q
        self._home_share = min(1.0, self._home_share + dt / self._config.rise_s)
        longest = float(np.max(np.abs(gap) / self._speed))
        if longest < 1e-6:
            return JogStep(self.q.copy(), np.zeros_like(self.q), self.T_base_tcp, np.zeros(6), '', False)
        # slower near the end, so that it stops there without a jerk
        share = min(1.0, self._home_share * dt / max(longest, self._config.rise_s))
        q = self.q + gap * share
        T, before = self._arm.tcp(q), self.T_base_tcp
        if self.guard.below(T) and self.guard.lowest(T) < self.guard.lowest(before):
            self._home_share = 0.0
            reason = 'the way home goes through the floor; lift the tool first'
            return JogStep(self.q.copy(), np.zeros_like(self.q), before, np.zeros(6), reason, False)
        qd = (q - self.q) / dt
        self.q, self._aim = q, T
        return JogStep(q.copy(), qd, T, np.zeros(6), '', True)

    def _follow(self, aim: np.ndarray, dt: float) -> tuple[np.ndarray, str]:
        """Return joints (n,) nearer to the aim, and which joint is at its limit."""
        T, J = self._arm.tcp_and_jacobian(self.q)
        error = se3.log(se3.inverse(T) @ aim)
        secondary = _CENTRING * dt * (self._middle - self.q) if len(self.q) > 6 else np.zeros_like(self.q)
        free = np.ones(len(self.q), dtype=bool)
        for _ in range(2):  # second pass: without the joints that would leave their range
            Jf = J * free
            wanted = secondary * free
            A = Jf @ Jf.T + _DAMPING * np.eye(6)
            dq = wanted + Jf.T @ np.linalg.solve(A, error - Jf @ wanted)
            out = ((self.q <= self._lower + _LIMIT_NEAR) & (dq < 0.0)) | (
                (self.q >= self._upper - _LIMIT_NEAR) & (dq > 0.0)
            )
            if not out.any():
                break
            free &= ~out
            dq = dq * free
        excess = float(np.max(np.abs(dq) / (self._speed * dt)))
        if excess > 1.0:
            dq /= excess
        at = '' if free.all() else f'{self._arm.config.arm_joints[int(np.argmin(free))]} is at its limit'
        # a joint that is already beyond the margin may stay there, but go no farther
        low, high = np.minimum(self._lower, self.q), np.maximum(self._upper, self.q)
        return np.clip(self.q + dq, low, high), at
