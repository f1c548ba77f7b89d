"""Whether the arm that was recorded kept within its own limits (of /robot_description) during the interaction.

Only what was recorded is judged: another arm, or another place of the object, is checked when a motion is planned.
"""

import xml.etree.ElementTree as ElementTree

import numpy as np

from mt3_common.demonstration import Demonstration
from mt3_teach.config import LintConfig
from mt3_teach.findings import Finding, Severity
from mt3_teach.lint.subject import Recording

__all__ = ['joint_limits', 'out_of_limits']


def joint_limits(urdf: str) -> dict[str, tuple[float, float, float]]:
    """Return {joint: (lowest [rad], highest [rad], velocity [rad/s])} of a URDF; infinite where it says nothing."""
    try:
        root = ElementTree.fromstring(urdf)
    except ElementTree.ParseError:
        return {}
    found = {}
    for joint in root.iter('joint'):
        limit = joint.find('limit')
        if limit is None:
            continue
        continuous = joint.get('type') == 'continuous'
        try:
            low = -np.inf if continuous else float(limit.get('lower', 0.0))
            high = np.inf if continuous else float(limit.get('upper', 0.0))
            found[joint.get('name', '')] = low, high, float(limit.get('velocity', 'inf'))
        except ValueError:
            continue
    return found


def out_of_limits(recording: Recording, _: Demonstration, config: LintConfig) -> Finding | None:
    """Find the joint that was worst, in position before speed."""
    demo = recording.demo
    limits = joint_limits(demo.urdf) if demo.urdf else {}
    inside = (demo.joint_times >= recording.bottleneck_s) & (demo.joint_times <= recording.end_s)
    for name in recording.robot.arm_joints:
        if name not in limits or name not in demo.joints:
            continue
        low, high, fastest = limits[name]
        known = inside & np.isfinite(demo.joints[name])
        at, q = demo.joint_times[known], demo.joints[name][known]
        if not len(q):
            continue
        room = np.minimum(q - low, high - q)
        k = int(np.argmin(room))
        since = at[k] - recording.bottleneck_s
        if room[k] < -1e-3:
            return Finding(
                Severity.ERROR,
                'out_of_limits',
                f'{name} is {q[k]:.3f} rad at {since:.1f} s of the '
                f'interaction, outside of [{low:.3f}, {high:.3f}]: is the URDF that of this arm?',
            )
        if room[k] < config.limit_margin_rad:
            return Finding(
                Severity.WARNING,
                'near_limits',
                f'{name} comes within {np.degrees(room[k]):.1f} degrees of '
                f'its limit at {since:.1f} s of the interaction, so the object may hardly be turned; teach '
                'it from a more comfortable posture',
            )
        if len(q) > 2:
            speed = np.abs(np.diff(q)) / np.maximum(np.diff(at), 1e-3)
            if np.median(np.sort(speed)[-3:]) > 1.05 * fastest:
                return Finding(
                    Severity.WARNING,
                    'too_fast',
                    f'{name} turns at {speed.max():.2f} rad/s, over its limit of {fastest:.2f}; replays will be slower',
                )
    return None
