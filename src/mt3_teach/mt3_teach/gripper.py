"""What the gripper was told to do, from what its joint did.

Commands are not recorded: `/joint_states` tells where the fingers are. A finger that closes and stops half way on an
object was told to close further, and only that keeps the force; replaying the measured opening would let go. So:

1. The opening is cut into motions (faster than `gripper_speed`, longer than `gripper_change`) and rests.
2. A motion that opens was a command to the opening at which it rests.
3. A motion that closes was a command to close fully, unless efforts are recorded and nothing was squeezed at the rest
   that follows: then it was a command to that opening.
4. The first opening is the measured one, unless something is held from the start: told by the effort, or without
   efforts by an opening that is partial and whose first change releases.
"""

from dataclasses import dataclass

import numpy as np

from mt3_common.robot import RobotConfig
from mt3_teach.bag_demo import BagDemo
from mt3_teach.config import ImportConfig

__all__ = ['GripperMotion', 'GripperTrack', 'commanded_track', 'gripper_track', 'uses_held_object']

_RATE = 100.0  # [Hz]
_COMMAND_S = 0.5  # that fingers take, where only their command is known [s]
# skills whose other object is in the hand; of the rest it is a place or a thing that stands by
_WITH_HELD_OBJECT = frozenset(
    'place_on place_in place_next_to pour insert scoop stir iron swipe wipe dust hang light wash fill sharpen '
    'stack'.split()
)


@dataclass(frozen=True)
class GripperMotion:
    """One motion of the fingers: from when to when [s], from where to where, and the command behind it."""

    start_s: float
    end_s: float
    opening_before: float
    opening_after: float
    command: float

    @property
    def closing(self) -> bool:
        """Whether the fingers came together."""
        return self.opening_after < self.opening_before


@dataclass(frozen=True)
class GripperTrack:
    """The gripper over the whole recording.

    Attributes:
        first_command: In force before the first motion.
        motions: In order.
        held_at_start: Something was in the hand when the recording began.
        reason: How that was told.
        effort_known: Efforts were recorded.
    """

    first_command: float
    motions: tuple[GripperMotion, ...]
    held_at_start: bool
    reason: str
    effort_known: bool

    def command_at(self, times: np.ndarray) -> np.ndarray:
        """Return the commanded opening (M,) in [0, 1] at times (M,) [s]: constant between commands."""
        commands = np.array([self.first_command, *(m.command for m in self.motions)])
        starts = np.array([m.start_s for m in self.motions])
        return commands[np.searchsorted(starts, np.atleast_1d(times), side='right')]


def uses_held_object(skill: str, other: str) -> bool:
    """Return whether a parsed task speaks of an object in the hand."""
    return bool(other) and skill in _WITH_HELD_OBJECT


def gripper_track(
    demo: BagDemo, robot: RobotConfig, config: ImportConfig, in_hand: bool = False
) -> GripperTrack | None:
    """Return the gripper's commands, or None when its joint was not recorded.

    Args:
        demo: Joint states.
        robot: Gripper joint and its polarity.
        config: Limits.
        in_hand: The task text speaks of an object in the hand.
    """
    gripper = robot.gripper
    span = gripper.position_open - gripper.position_closed
    if demo.gripper is not None and demo.gripper_commanded:
        times, values = demo.gripper
        scaled = np.where(np.isinf(values), values > 0.0, (values - gripper.position_closed) / span)
        scaled = np.clip(scaled, 0.0, 1.0)
        return commanded_track(times, scaled, in_hand and scaled[0] < 0.5)
    if demo.gripper is not None:
        times, position = demo.gripper
    else:
        position = demo.joints.get(gripper.joint)
        if position is None:
            return None
        known = np.isfinite(position)
        times, position = demo.joint_times[known], position[known]
    if len(times) < 2:
        return None
    opening = np.clip((position - gripper.position_closed) / span, 0.0, 1.0)
    effort = demo.efforts.get(gripper.joint) if demo.gripper is None else None
    effort_known = effort is not None and np.nanmax(np.abs(np.nan_to_num(effort))) > 0.0
    squeeze = np.zeros(len(times))
    if effort_known:
        squeeze = -np.sign(span) * np.nan_to_num(effort[known])  # positive when it presses the fingers together
    at = np.arange(times[0], times[-1] + 0.5 / _RATE, 1.0 / _RATE)
    o = np.interp(at, times, opening)
    f = np.interp(at, times, squeeze)

    motions = []
    for first, last in _motions(o, config):
        rest_end = at[-1] if last + 1 >= len(at) else at[min(last + int(0.5 * _RATE), len(at) - 1)]
        resting = (at >= at[last] + 0.05) & (at <= rest_end)
        squeezed = bool(resting.any() and np.median(f[resting]) > config.gripper_effort)
        closes = o[last] < o[first]
        to_end = o[last] < 0.02
        command = float(o[last])
        if closes and (to_end or squeezed or not effort_known):
            command = 0.0
        elif not closes and o[last] > 0.97:
            command = 1.0
        motions.append(GripperMotion(float(at[first]), float(at[last]), float(o[first]), float(o[last]), command))
    held, reason = _held(o, f, at, motions, config, effort_known, in_hand)
    first = 0.0 if held or o[0] < 0.02 else 1.0 if o[0] > 0.97 else float(o[0])
    return GripperTrack(first, tuple(motions), held, reason, effort_known)


def commanded_track(times: np.ndarray, opening: np.ndarray, held_at_start: bool = False) -> GripperTrack:
    """Return the track of commands (G,) in [0, 1] given at times (G,) [s]: each is in force until the next."""
    motions, now = [], float(opening[0])
    for at, wanted in zip(times[1:], opening[1:], strict=True):
        if abs(wanted - now) > 1e-3:
            motions.append(GripperMotion(float(at), float(at) + _COMMAND_S, now, float(wanted), float(wanted)))
            now = float(wanted)
    reason = 'the task speaks of a held object' if held_at_start else ''
    return GripperTrack(float(opening[0]), tuple(motions), held_at_start, reason, False)


def _motions(o: np.ndarray, config: ImportConfig) -> list[tuple[int, int]]:
    """First and last sample of each motion of the opening `o` (K,), sampled at _RATE."""
    half = int(0.03 * _RATE)
    padded = np.pad(o, half, mode='edge')
    speed = (padded[2 * half :] - padded[: -2 * half]) * _RATE / (2 * half)
    sign = np.where(np.abs(speed) > config.gripper_speed, np.sign(speed), 0).astype(int)
    found: list[list[int]] = []
    for k in np.flatnonzero(sign):
        merge = found and sign[found[-1][1]] == sign[k] and k - found[-1][1] <= int(0.15 * _RATE)
        if merge:
            found[-1][1] = int(k)
        else:
            found.append([int(k), int(k)])
    motions = []
    for first, last in found:
        before, after = max(first - half, 0), min(last + half, len(o) - 1)
        if abs(o[after] - o[before]) < config.gripper_change:
            continue
        # the window that takes the speed looks ahead: the command came when the fingers left their rest
        while before < first + half and abs(o[before + 1] - o[max(first - half, 0)]) < 0.004:
            before += 1
        motions.append((before, after))
    return motions


def _held(
    o: np.ndarray,
    f: np.ndarray,
    at: np.ndarray,
    motions: list[GripperMotion],
    config: ImportConfig,
    effort_known: bool,
    in_hand: bool,
) -> tuple[bool, str]:
    """Whether something is in the hand at the start, and how that was told."""
    partial = 0.02 < o[0] < 0.97
    until = motions[0].start_s if motions else at[-1]
    resting = at <= min(until, at[0] + 1.0)
    if effort_known:
        squeezed = float(np.median(f[resting]))
        if partial and squeezed > config.gripper_effort:
            return True, f'the fingers press with {squeezed:.1f} N while half open'
        return False, ''
    if partial and motions and not motions[0].closing:
        return True, 'the fingers start half open and first open further'
    if partial and in_hand and not motions:
        return True, 'the task speaks of a held object and the fingers stay half open'
    return False, ''
