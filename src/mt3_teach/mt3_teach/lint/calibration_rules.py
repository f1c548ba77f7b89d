"""Where the camera is, and whether it still is there."""

from datetime import datetime

import numpy as np

from mt3_common import se3
from mt3_common.demonstration import Demonstration
from mt3_teach.config import LintConfig
from mt3_teach.findings import Finding, Severity
from mt3_teach.lint.subject import Recording
from mt3_teach.scene_view import camera_pose

__all__ = ['bad_transforms', 'calibration_old', 'camera_moved', 'intrinsics_changed', 'tilted']


def camera_moved(recording: Recording, _: Demonstration, config: LintConfig) -> Finding | None:
    """Find a camera that moves while it records."""
    demo, robot = recording.demo, recording.robot
    first, last = demo.transforms.span(robot.base_frame, demo.camera_frame)
    if not np.isfinite(first):
        return None
    poses = [camera_pose(demo, robot, t) for t in np.linspace(first, last, 5)]
    moved = max(se3.pose_error(poses[0], T)[0] for T in poses)
    if moved > config.camera_moved_m:
        return Finding(
            Severity.WARNING,
            'camera_moved',
            f'the camera moves by {1e3 * moved:.0f} mm in the base frame during '
            'the '
            'recording; is it mounted on the arm, or loose?',
        )
    return None


def intrinsics_changed(recording: Recording, _: Demonstration, __: LintConfig) -> Finding | None:
    """Find a camera that changes its resolution."""
    if recording.demo.intrinsics_changed:
        return Finding(
            Severity.ERROR, 'intrinsics_changed', 'camera_info changes during the recording; keep the resolution'
        )
    return None


def tilted(recording: Recording, _: Demonstration, config: LintConfig) -> Finding | None:
    """Find a support that is not level."""
    plane = recording.segmentation.plane
    if plane is None:
        return None
    tilt = float(np.degrees(np.arccos(np.clip(plane.normal[2], -1.0, 1.0))))
    if tilt > config.max_tilt_deg:
        return Finding(
            Severity.WARNING,
            'calibration_suspect',
            f'the support is tilted by {tilt:.1f} degrees in the base frame '
            f'(limit {config.max_tilt_deg}); the camera has moved since its calibration, or the table is '
            'not '
            'level; calibrate again',
        )
    return None


def bad_transforms(recording: Recording, _: Demonstration, __: LintConfig) -> Finding | None:
    """Find a node that publishes broken transforms."""
    count = recording.demo.bad_transforms
    if count:
        return Finding(
            Severity.WARNING,
            'bad_transforms',
            f'{count} transforms in TF are not rigid (unset quaternions?) and '
            'were '
            'left out; find the node that publishes them',
        )
    return None


def calibration_old(recording: Recording, _: Demonstration, __: LintConfig) -> Finding | None:
    """Compare the dates that the recorder, or whoever calibrates, put into the bag: calibrated_at, camera_moved_at."""
    data = recording.demo.custom_data
    dates = {name: data.get(name, '') for name in ('calibrated_at', 'camera_moved_at')}
    if not all(dates.values()):
        return None
    try:
        calibrated, moved = (datetime.fromisoformat(text) for text in dates.values())
        older = calibrated < moved
    except (ValueError, TypeError):  # no ISO date, or only one of them with a time zone
        return Finding(
            Severity.WARNING,
            'calibration_undated',
            f'the bag says calibrated_at {dates["calibrated_at"]!r} '
            f'and camera_moved_at {dates["camera_moved_at"]!r}: write ISO dates, both with a time zone',
        )
    if older:
        return Finding(
            Severity.ERROR,
            'calibration_old',
            f'the camera was moved on {moved:%Y-%m-%d %H:%M} and '
            f'calibrated before, on {calibrated:%Y-%m-%d %H:%M}; calibrate and record again',
        )
    return None
