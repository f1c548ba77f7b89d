"""How the tool moves."""

import numpy as np
from scipy.spatial.transform import Rotation

from mt3_common.demonstration import Demonstration
from mt3_teach.config import LintConfig
from mt3_teach.findings import Finding, Severity
from mt3_teach.gripper import uses_held_object
from mt3_teach.lint.subject import Recording, Shape

__all__ = ['below_support', 'gap', 'jump', 'low_rate', 'never_touched', 'raw_jump', 'too_long', 'too_short']


def never_touched(shape: Shape, config: LintConfig) -> Finding | None:
    """Find a tool that stays away from its object."""
    nearest, opening = float(shape.near.min()), shape.demo.interaction.gripper_opening
    in_hand = uses_held_object(shape.demo.skill, shape.demo.other) or opening[0] < 0.02 < opening[-1]
    limit = config.touch_in_hand_m if in_hand else config.touch_m
    if nearest > limit:
        far = nearest > 3.0 * limit
        return Finding(
            Severity.ERROR if far else Severity.WARNING,
            'object_never_touched',
            f'the tool stays {1e3 * nearest:.0f} mm or '
            'more '
            'from the object; is it the right object, is the tcp right, is the camera calibrated?',
        )
    return None


def too_short(shape: Shape, config: LintConfig) -> Finding | None:
    """Find an interaction of nothing."""
    path = shape.demo.interaction
    way = float(np.linalg.norm(np.diff(path.T_bottleneck_tcp[:, :3, 3], axis=0), axis=1).sum())
    if path.duration_s < config.min_duration_s or way < config.min_travel_m:
        return Finding(
            Severity.ERROR,
            'interaction_short',
            f'the interaction lasts {path.duration_s:.2f} s and moves the tool '
            f'{1e3 * way:.0f} mm: nothing to replay; check the marks "bottleneck" and "end"',
        )
    return None


def too_long(shape: Shape, config: LintConfig) -> Finding | None:
    """Find an interaction without end."""
    duration = shape.demo.interaction.duration_s
    if duration > config.max_duration_s:
        return Finding(
            Severity.WARNING,
            'interaction_long',
            f'the interaction lasts {duration:.0f} s, over '
            f'{config.max_duration_s:.0f} s; mark the bottleneck later or the end earlier',
        )
    return None


def jump(shape: Shape, config: LintConfig) -> Finding | None:
    """Find a jump in what is stored."""
    path = shape.demo.interaction
    return _jump_in(path.time_s, path.T_bottleneck_tcp, config, 'of the stored interaction')


def low_rate(shape: Shape, config: LintConfig) -> Finding | None:
    """Find a path of few poses."""
    path = shape.demo.interaction
    rate = (len(path.time_s) - 1) / path.duration_s
    if rate < config.min_rate_hz:
        return Finding(
            Severity.WARNING,
            'low_rate',
            f'the tool path has {rate:.1f} poses per second, below '
            f'{config.min_rate_hz}; '
            'publish joint states and TF faster',
        )
    return None


def below_support(shape: Shape, _: LintConfig) -> Finding | None:
    """Find a tool within the table."""
    height = shape.demo.support_height_m
    depth = height - float(shape.demo.path_base()[:, 2, 3].min())
    if np.isfinite(height) and depth > 0.01:
        return Finding(
            Severity.WARNING,
            'tool_below_support',
            f'the tcp goes {1e3 * depth:.0f} mm below the surface that the '
            'object stands on: the tcp or the calibration is wrong by about that',
        )
    return None


def gap(recording: Recording, _: Demonstration, config: LintConfig) -> Finding | None:
    """Find a time without poses."""
    times = recording.path.time_s
    inside = times[(times >= recording.bottleneck_s) & (times <= recording.end_s)]
    steps = np.diff(np.concatenate([[recording.bottleneck_s], inside, [recording.end_s]]))
    if steps.max() > config.max_gap_s:
        at = float(np.concatenate([[recording.bottleneck_s], inside])[np.argmax(steps)] - recording.bottleneck_s)
        return Finding(
            Severity.ERROR,
            'gap',
            f'no tool pose for {steps.max():.2f} s, {at:.1f} s into the interaction '
            f'(limit {config.max_gap_s} s): messages were lost; record again, with less load or less data',
        )
    return None


def raw_jump(recording: Recording, _: Demonstration, config: LintConfig) -> Finding | None:
    """Find a jump in what was recorded."""
    times = recording.path.time_s
    inside = (times >= recording.bottleneck_s) & (times <= recording.end_s)
    if np.count_nonzero(inside) < 2:
        return None
    since = times[inside] - recording.bottleneck_s
    return _jump_in(since, recording.path.T_base_tcp[inside], config, 'of the recording')


def _jump_in(time_s: np.ndarray, T: np.ndarray, config: LintConfig, where: str) -> Finding | None:
    step = np.maximum(np.diff(time_s), 1e-3)
    speed = np.linalg.norm(np.diff(T[:, :3, 3], axis=0), axis=1) / step
    turn = (Rotation.from_matrix(T[:-1, :3, :3]).inv() * Rotation.from_matrix(T[1:, :3, :3])).magnitude() / step
    worst = np.maximum(speed / config.max_speed, turn / config.max_turn)
    k = int(np.argmax(worst))
    if worst[k] > 1.0:
        return Finding(
            Severity.ERROR,
            'tcp_jump',
            f'the tool moves at {speed[k]:.1f} m/s and {turn[k]:.1f} rad/s at '
            f'{time_s[k]:.2f} s '
            f'{where} (limits {config.max_speed} and {config.max_turn}): a glitch of TF or the clock; '
            'record again',
        )
    return None
