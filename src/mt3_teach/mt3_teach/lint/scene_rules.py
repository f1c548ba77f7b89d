"""The picture of the scene."""

import numpy as np

from mt3_common import se3
from mt3_common.cameras import backproject, project
from mt3_common.demonstration import Demonstration
from mt3_teach.choose_object import distances
from mt3_teach.config import LintConfig
from mt3_teach.findings import Finding, Severity
from mt3_teach.lint.subject import Recording

__all__ = ['arm_in_scene', 'few_frames']


def arm_in_scene(recording: Recording, demo: Demonstration, config: LintConfig) -> Finding | None:
    """Take the tcp and the gripper's links as points; one near the object may be part of its mask."""
    robot, view = recording.robot, recording.view
    points = se3.transform_points(demo.T_base_camera, backproject(demo.depth_m, demo.K, demo.mask))
    joints = []
    for name in dict.fromkeys((robot.tcp_frame, *robot.gripper.links)):
        if name in recording.demo.transforms.frames:
            first, last = recording.demo.transforms.span(robot.base_frame, name)
            at = float(np.clip(view.stamp_s, first, last))
            T = recording.demo.transforms.lookup(robot.base_frame, name, at if np.isfinite(at) else None)
            joints.append((name, T[:3, 3]))
    if not joints:
        joints = [(robot.tcp_frame, recording.path.at(np.array([view.stamp_s]))[0, :3, 3])]
    where = np.array([p for _, p in joints])
    gap = distances(points, where)
    if len(points) and gap.min() < config.arm_clearance_m:
        return Finding(
            Severity.ERROR,
            'arm_in_scene',
            f'{joints[int(np.argmin(gap))][0]} is {1e3 * gap.min():.0f} mm from the '
            'object when the scene is taken; take it before the arm enters the view, mark it with "scene"',
        )
    in_camera = se3.transform_points(se3.inverse(view.T_base_camera), where)
    for (name, _), pixel, point in zip(joints, project(in_camera, view.K), in_camera, strict=True):
        if not np.isfinite(pixel).all():
            continue
        u, v = round(pixel[0]), round(pixel[1])
        if 0 <= u < view.depth_m.shape[1] and 0 <= v < view.depth_m.shape[0]:
            seen = view.depth_m[v, u]
            if np.isfinite(seen) and point[2] - 0.15 < seen < point[2] + 0.03:
                return Finding(
                    Severity.WARNING,
                    'arm_in_view',
                    f'{name} is in the picture of the scene at pixel ({u}, {v}); '
                    'take the scene before the arm enters the view',
                )
    return None


def few_frames(recording: Recording, _: Demonstration, __: LintConfig) -> Finding | None:
    """Find a scene of few images."""
    if recording.view.frames < 3:
        return Finding(
            Severity.INFO,
            'few_frames',
            f'the scene is made of {recording.view.frames} depth image(s); wait a '
            'second '
            'before the arm moves for a less noisy one',
        )
    return None
