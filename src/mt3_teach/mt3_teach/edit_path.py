"""Cutting, lengthening and re-timing the path of a demonstration; each refusal names the value and the limit."""

import dataclasses

import numpy as np

from mt3_common import se3
from mt3_common.demonstration import Interaction
from mt3_common.errors import InvalidInput

__all__ = ['MAX_BACK_OFF_M', 'MIN_DURATION_S', 'SPEEDS', 'backed_off', 'begun', 'ended', 'faster', 'time_along']

MIN_DURATION_S = 0.3
MAX_BACK_OFF_M = 0.2
SPEEDS = (0.1, 4.0)
_BACK_OFF_SPEED = 0.1  # m/s
_GRIP = 0.05  # a change of the opening that is a command


def time_along(path: Interaction, way_m: float, lead_in: Interaction | None = None) -> float:
    """Return when the tool has come so far along its path [s]; before 0 along the lead-in, for a negative way.

    Raises:
        InvalidInput: It never does, or the lead-in is not known.
    """
    if way_m < 0.0:
        if lead_in is None:
            raise _no_lead_in(f'{100 * way_m:.1f} cm')
        return -time_along(_reversed(lead_in), -way_m)
    way = np.append(0.0, np.cumsum(np.linalg.norm(np.diff(path.T_bottleneck_tcp[:, :3, 3], axis=0), axis=1)))
    if not 0.0 <= way_m <= way[-1]:
        raise InvalidInput(f'the path is {100 * way[-1]:.1f} cm long: got {100 * way_m:.1f} cm along it')
    return float(path.time_s[min(np.searchsorted(way, way_m), len(way) - 1)])


def begun(
    T_base_bottleneck: np.ndarray, path: Interaction, start_s: float, lead_in: Interaction | None
) -> tuple[np.ndarray, Interaction]:
    """Return the bottleneck and the interaction that begin at a time of the path [s]."""
    if start_s < 0.0:
        if lead_in is None:
            raise _no_lead_in(f'{start_s:.2f} s')
        if -start_s > lead_in.duration_s:
            raise InvalidInput(
                f'the recording has {lead_in.duration_s:.2f} s before the bottleneck: got {start_s:.2f} s'
            )
        path, T_base_bottleneck = _joined(T_base_bottleneck, lead_in, path)
        start_s += lead_in.duration_s
    else:
        latest = path.duration_s - MIN_DURATION_S
        closes = np.flatnonzero(path.gripper_opening < path.gripper_opening[0] - _GRIP)
        limit = 'the interaction would be too short'
        if len(closes) and path.time_s[closes[0]] - 1e-3 < latest:
            latest, limit = (
                float(path.time_s[closes[0]]) - 1e-3,
                f'the gripper closes at {path.time_s[closes[0]]:.2f} s',
            )
        if start_s > latest:
            raise InvalidInput(f'the bottleneck must lie before {latest:.2f} s ({limit}): got {start_s:.2f} s')
    if start_s == 0.0:
        return T_base_bottleneck, path
    T = se3.interpolate(path.time_s, path.T_bottleneck_tcp, np.array([start_s]))[0]
    after = path.time_s > start_s + 1e-6
    opening = path.gripper_opening[np.searchsorted(path.time_s, start_s + 1e-9, side='right') - 1]
    return T_base_bottleneck @ T, Interaction(
        np.append(0.0, path.time_s[after] - start_s),
        np.concatenate([np.eye(4)[None], se3.inverse(T) @ path.T_bottleneck_tcp[after]]),
        np.append(opening, path.gripper_opening[after]),
        path.gripper_max_width_m,
    )


def ended(path: Interaction, end_s: float) -> Interaction:
    """Return the path up to a time [s]; a negative one counts from its end."""
    end = end_s + path.duration_s if end_s < 0.0 else end_s
    if not MIN_DURATION_S <= end <= path.duration_s:
        raise InvalidInput(
            f'the interaction must end between {MIN_DURATION_S} and {path.duration_s:.2f} s: got {end:.2f} s'
        )
    if path.duration_s - end < 1e-6:
        raise InvalidInput(f'the interaction ends at {path.duration_s:.2f} s already')
    before = path.time_s < end - 1e-6
    last = int(np.flatnonzero(before)[-1])
    T = se3.interpolate(path.time_s, path.T_bottleneck_tcp, np.array([end]))
    return Interaction(
        np.append(path.time_s[before], end),
        np.concatenate([path.T_bottleneck_tcp[before], T]),
        np.append(path.gripper_opening[before], path.gripper_opening[last]),
        path.gripper_max_width_m,
    )


def backed_off(T_base_bottleneck: np.ndarray, path: Interaction, way_m: float) -> tuple[np.ndarray, Interaction]:
    """Return the bottleneck and the interaction that begin so far back along the tool, straight [m]."""
    if not 0.0 < way_m <= MAX_BACK_OFF_M:
        raise InvalidInput(f'a bottleneck is moved back by 0 to {100 * MAX_BACK_OFF_M:g} cm: got {100 * way_m:.1f} cm')
    time_s = np.linspace(0.0, way_m / _BACK_OFF_SPEED, 10)
    T = np.tile(np.eye(4), (10, 1, 1))
    T[:, 2, 3] = np.linspace(0.0, way_m, 10)  # forward along z of the tool, to where it begins now
    straight = Interaction(time_s, T, np.full(10, path.gripper_opening[0]), path.gripper_max_width_m)
    joined, start = _joined(T_base_bottleneck, straight, path)
    return start, joined


def _joined(T_base_bottleneck: np.ndarray, lead_in: Interaction, path: Interaction) -> tuple[Interaction, np.ndarray]:
    """Return the lead-in with the path after it, and where the lead-in begins (4, 4), base frame."""
    T_start_bottleneck = lead_in.T_bottleneck_tcp[-1]
    joined = Interaction(
        np.append(lead_in.time_s, path.time_s[1:] + lead_in.duration_s),
        np.concatenate([lead_in.T_bottleneck_tcp, T_start_bottleneck @ path.T_bottleneck_tcp[1:]]),
        # the hand is in the approach as the interaction wants it: what it did before is not repeated
        np.append(np.full(len(lead_in.time_s), path.gripper_opening[0]), path.gripper_opening[1:]),
        path.gripper_max_width_m,
    )
    return joined, T_base_bottleneck @ se3.inverse(T_start_bottleneck)


def _reversed(path: Interaction) -> Interaction:
    T = path.T_bottleneck_tcp[::-1]
    time_s = path.duration_s - path.time_s[::-1]
    return Interaction(time_s, se3.inverse(T[0]) @ T, path.gripper_opening[::-1], path.gripper_max_width_m)


def faster(path: Interaction, speed: float) -> Interaction:
    """Return the path played so many times as fast."""
    if not SPEEDS[0] <= speed <= SPEEDS[1]:
        raise InvalidInput(f'the speed must be {SPEEDS[0]} to {SPEEDS[1]} times the present one: got {speed:g}')
    return dataclasses.replace(path, time_s=path.time_s / speed)


def _no_lead_in(wanted: str) -> InvalidInput:
    return InvalidInput(
        f'the stored path begins at the bottleneck, 0 s, and the recording that has what lies before it is not at '
        f'hand: got {wanted}; name its bag, or move the bottleneck straight back along the tool'
    )
