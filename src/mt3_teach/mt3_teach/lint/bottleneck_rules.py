"""Where the bottleneck lies."""

import numpy as np
from scipy.spatial import ConvexHull

from mt3_teach.config import LintConfig
from mt3_teach.findings import Finding, Severity
from mt3_teach.lint.subject import Shape

__all__ = ['bottleneck_far', 'bottleneck_inside', 'bottleneck_moves_gripper']


def bottleneck_inside(shape: Shape, config: LintConfig) -> Finding | None:
    """Find a bottleneck that touches the object."""
    tcp = shape.demo.T_base_bottleneck[:3, 3]
    inside = shape.near[0] < config.bottleneck_near_m
    if not inside and len(shape.points) >= 20:
        spread = shape.points[:: max(1, len(shape.points) // 800)]
        if np.ptp(spread, axis=0).min() > 0.002:
            inside = bool((ConvexHull(spread).equations @ [*tcp, 1.0] <= 0.0).all())
    if inside:
        return Finding(
            Severity.ERROR,
            'bottleneck_inside',
            f'the bottleneck is {1e3 * shape.near[0]:.0f} mm from the object or '
            'within it, so the approach would collide; mark it 5 to 15 cm before anything is touched',
        )
    return None


def bottleneck_far(shape: Shape, config: LintConfig) -> Finding | None:
    """Find a bottleneck far from the object."""
    if shape.near[0] > config.bottleneck_far_m:
        return Finding(
            Severity.WARNING,
            'bottleneck_far',
            f'the bottleneck is {shape.near[0]:.2f} m from the object, over '
            f'{config.bottleneck_far_m} m: a yaw error moves the tool more the farther it is; mark it '
            'nearer',
        )
    return None


def bottleneck_moves_gripper(shape: Shape, _: LintConfig) -> Finding | None:
    """Find a bottleneck that was marked at the grasp."""
    path = shape.demo.interaction
    changes = np.flatnonzero(np.abs(np.diff(path.gripper_opening)) > 0.05)
    if len(changes):
        T = path.T_bottleneck_tcp[: changes[0] + 1, :3, 3]
        travelled = float(np.linalg.norm(np.diff(T, axis=0), axis=1).sum()) if len(T) > 1 else 0.0
        if path.gripper_opening[changes[0] + 1] < path.gripper_opening[0] and travelled < 0.01:
            return Finding(
                Severity.WARNING,
                'bottleneck_late',
                'the gripper closes before the tool has moved 1 cm from the '
                'bottleneck: was it marked at the grasp instead of before it?',
            )
    return None
