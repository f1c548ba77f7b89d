"""A tool path as one continuous joint path: differential inverse kinematics with limits.

Each pose is solved from the solution before it, with joints held within their limits; what freedom the
tool leaves is used to stay away from the limits. Nothing is repeated or skipped when a pose cannot be
reached: the path is refused with the joint, the time and the value.
"""

from dataclasses import dataclass

import numpy as np
import pinocchio as pin

from mt3_common import se3
from mt3_common.demonstration import Interaction
from mt3_common.errors import StatusCode
from mt3_executor.config import PlanningConfig
from mt3_executor.ik import damped_step
from mt3_executor.robot import ArmModel

__all__ = ['FollowResult', 'follow', 'sample_interaction']

_MAX_STEP_M = 0.004
_MAX_STEP_RAD = 0.03
_MAX_JOINT_JUMP_RAD = 0.35
_ITERATIONS = 12
_CENTRING = 0.02
_NEAR = 0.005  # m, rad


@dataclass(frozen=True, eq=False)
class FollowResult:
    """A joint path along a tool path, or why there is none.

    Attributes:
        path: (K, n) joints [rad]; up to the failure.
        code, reason: OK and empty, or why not.
        limit_margin_rad: Least distance to a joint limit.
        singular_value: Least singular value of the tool Jacobian.
        error_m, error_rad: Largest tracking error at the samples.
    """

    path: np.ndarray
    code: StatusCode
    reason: str
    limit_margin_rad: float
    singular_value: float
    error_m: float
    error_rad: float

    @property
    def ok(self) -> bool:
        """Whether the whole path was followed."""
        return self.code == StatusCode.OK


def sample_interaction(interaction: Interaction, config: PlanningConfig) -> tuple[np.ndarray, np.ndarray]:
    """Return times (K,) [s] and poses T_bottleneck_tcp (K, 4, 4), dense enough for following and for collision checks.

    Samples are `interaction_period_s` apart, closer where the tool moves fast.
    """
    period = config.interaction_period_s
    time_s = np.append(np.arange(0.0, interaction.duration_s - 0.5 * period, period), interaction.duration_s)
    poses = se3.interpolate(interaction.time_s, interaction.T_bottleneck_tcp, time_s)
    distance = np.linalg.norm(np.diff(poses[:, :3, 3], axis=0), axis=1)
    relative = np.einsum('kji,kjl->kil', poses[:-1, :3, :3], poses[1:, :3, :3])
    angle = np.arccos(np.clip((np.trace(relative, axis1=1, axis2=2) - 1.0) / 2.0, -1.0, 1.0))
    pieces = np.maximum(1, np.ceil(np.maximum(distance / _MAX_STEP_M, angle / _MAX_STEP_RAD)).astype(int))
    if pieces.max() > 1:
        starts = [np.linspace(time_s[k], time_s[k + 1], n, endpoint=False) for k, n in enumerate(pieces)]
        time_s = np.append(np.concatenate(starts), time_s[-1])
        poses = se3.interpolate(interaction.time_s, interaction.T_bottleneck_tcp, time_s)
    return time_s, poses


def follow(
    arm: ArmModel,
    q_start: np.ndarray,
    T_base_tcp: np.ndarray,
    time_s: np.ndarray,
    config: PlanningConfig,
) -> FollowResult:
    """Follow a tool path from a solution of its first pose.

    Args:
        arm: The arm.
        q_start: (n,) joints at the first pose [rad].
        T_base_tcp: (K, 4, 4) poses, close to each other [m].
        time_s: (K,) their times, for messages [s].
        config: Tolerances and limits.
    """
    lower, upper = arm.lower + config.joint_margin_rad, arm.upper - config.joint_margin_rad
    centre, span = 0.5 * (arm.lower + arm.upper), arm.upper - arm.lower
    redundant = arm.n > 6
    path = np.empty((len(T_base_tcp), arm.n))
    q = np.clip(q_start, lower, upper)
    J = arm.tcp_and_jacobian(q)[1]
    singular, worst_m, worst_rad = np.inf, 0.0, 0.0

    def result(count: int, code: StatusCode = StatusCode.OK, reason: str = '') -> FollowResult:
        done = path[:count]
        margin = float(np.minimum(done - arm.lower, arm.upper - done).min()) if count else 0.0
        return FollowResult(done, code, reason, margin, float(singular), worst_m, worst_rad)

    for k in range(len(T_base_tcp)):
        goal = pin.SE3(T_base_tcp[k])
        before = q
        if k > 1:  # keep going as before: mostly one step is then enough
            share = (time_s[k] - time_s[k - 1]) / (time_s[k - 1] - time_s[k - 2])
            # Towards the middle of the joint ranges, stronger near their ends, as far as the tool leaves freedom.
            secondary = _CENTRING * (2.0 * (centre - q) / span) ** 3 if redundant else None
            q = q + damped_step(J, share * (J @ (q - path[k - 2])), q, lower, upper, secondary)
            q = np.minimum(np.maximum(q, lower), upper)
        for _ in range(_ITERATIONS):
            T, J = arm.tcp_and_jacobian(q)
            error = pin.log6(T.actInv(goal)).vector
            linear, angular = _norm(error[:3]), _norm(error[3:])
            if linear < 0.1 * config.tracking_tolerance_m and angular < 0.1 * config.tracking_tolerance_rad:
                break
            wanted = q + damped_step(J, error, q, lower, upper)
            q = np.minimum(np.maximum(wanted, lower), upper)
            if linear < _NEAR and angular < _NEAR and np.abs(q - wanted).max() == 0.0:
                # One step from this near leaves micrometres (its error is of second order); checked again when timed.
                linear, angular = linear * _NEAR, angular * _NEAR
                break
        else:
            T, J = arm.tcp_and_jacobian(q)
            error = pin.log6(T.actInv(goal)).vector
            linear, angular = _norm(error[:3]), _norm(error[3:])
        path[k] = q
        if k % 5 == 0:
            singular = min(singular, float(np.linalg.svd(J, compute_uv=False)[-1]))
        if linear > config.tracking_tolerance_m or angular > config.tracking_tolerance_rad:
            return result(k, *_why_lost(arm, q, J, lower, upper, linear, angular, float(time_s[k])))
        worst_m, worst_rad = max(worst_m, float(linear)), max(worst_rad, float(angular))
        jump = np.abs(q - before)
        if k > 0 and jump.max() > _MAX_JOINT_JUMP_RAD:
            j = int(jump.argmax())
            return result(
                k,
                StatusCode.LIMITS,
                f'{arm.config.arm_joints[j]} would have to jump by {jump[j]:.2f} rad at t = {time_s[k]:.2f} s '
                f'of the interaction (limit {_MAX_JOINT_JUMP_RAD} rad per sample)',
            )
    if singular < config.min_singular_value:
        return result(
            len(path),
            StatusCode.LIMITS,
            f'the arm comes too near to a singularity in the interaction (least singular value {singular:.3f}, '
            f'limit {config.min_singular_value:g})',
        )
    return result(len(path))


def _norm(v: np.ndarray) -> float:
    return float(v @ v) ** 0.5


def _why_lost(
    arm: ArmModel,
    q: np.ndarray,
    J: np.ndarray,
    lower: np.ndarray,
    upper: np.ndarray,
    linear: float,
    angular: float,
    time_s: float,
) -> tuple[StatusCode, str]:
    """Return the code and the sentence for a pose that could not be reached."""
    at_limit = np.nonzero((q <= lower + 1e-6) | (q >= upper - 1e-6))[0]
    missed = f'the tool would be off by {linear * 1e3:.1f} mm, {np.degrees(angular):.1f} degrees'
    if len(at_limit):
        j = int(at_limit[0])
        side, limit = ('lower', arm.lower[j]) if q[j] <= lower[j] + 1e-6 else ('upper', arm.upper[j])
        return StatusCode.LIMITS, (
            f'{arm.config.arm_joints[j]} reaches its {side} limit ({limit:.2f} rad) at t = {time_s:.2f} s '
            f'of the interaction; {missed}'
        )
    singular = float(np.linalg.svd(J, compute_uv=False)[-1])
    return StatusCode.UNREACHABLE, (
        f'the arm cannot follow at t = {time_s:.2f} s of the interaction: {missed} '
        f'(least singular value {singular:.3f})'
    )
