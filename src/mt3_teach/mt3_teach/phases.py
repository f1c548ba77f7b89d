"""When the interaction begins and ends.

Bottleneck: the mark `bottleneck`. Without one: contact is the first time that the tool comes within `contact_m` of the
object or moves the gripper within `max_reach_m` of it; the bottleneck is the last pause before contact in which the
tool was still outside twice `contact_m` (with an object in the hand, which reaches farther: outside `clearance_m`).
Without a pause, it is the last time that the tool was at least `clearance_m` away.

End: the mark `end`. Without one, after a gripper motion: when the tool has left the place of the last one by `leave_m`
or pauses at least half as far from it; without gripper motions: when the tool last comes to rest.

Rest at the bottleneck is trimmed, so that a replay does not wait.
"""

from dataclasses import dataclass

import numpy as np

from mt3_common.errors import MT3Error, StatusCode
from mt3_teach.bag_demo import BagDemo
from mt3_teach.config import ImportConfig
from mt3_teach.gripper import GripperTrack
from mt3_teach.tool_path import ToolPath

__all__ = ['Phases', 'find_bottleneck', 'find_end', 'grips_between', 'pauses']


@dataclass(frozen=True)
class Phases:
    """Start and end of the interaction [s], and how each was found."""

    bottleneck_s: float
    end_s: float
    bottleneck_rule: str
    end_rule: str


def grips_between(track: GripperTrack | None, start_s: float, end_s: float) -> list[float]:
    """Return when the gripper began to move within a time span [s]."""
    return [] if track is None else [m.start_s for m in track.motions if start_s <= m.start_s <= end_s]


def pauses(path: ToolPath, config: ImportConfig) -> list[tuple[float, float]]:
    """Return (begin, end) of each rest of the tool [s]."""
    still = path.speed < config.still_speed
    edges = np.flatnonzero(np.diff(np.concatenate([[0], still.astype(int), [0]])))
    spans = [(float(path.time_s[a]), float(path.time_s[b - 1])) for a, b in zip(edges[::2], edges[1::2], strict=True)]
    return [(a, b) for a, b in spans if b - a >= config.still_s]


def find_bottleneck(
    demo: BagDemo, path: ToolPath, track: GripperTrack | None, near: np.ndarray, start_s: float, config: ImportConfig
) -> tuple[float, str]:
    """Return when the interaction begins [s], and the rule that told.

    Args:
        near: (K,) distance of the tool to the object at `path.time_s`, as the object lies in the scene [m].
        start_s: When the arm begins to move [s].

    Raises:
        MT3Error: NO_DATA; the tool never acts on the object.
    """
    marked = demo.event('bottleneck')
    if marked is not None:
        return _trim(path, track, marked, config), 'the mark "bottleneck"'
    later = path.time_s >= start_s
    touching = path.time_s[later & (near < config.contact_m)]
    grips = [
        at for at in grips_between(track, start_s, np.inf) if np.interp(at, path.time_s, near) < config.max_reach_m
    ]
    contacts = [*touching[:1], *grips[:1]]
    if not contacts:
        contacts = [float(path.time_s[later][np.argmin(near[later])])]  # e.g. an object that the tool only nears
    contact = float(min(contacts))
    held = track is not None and track.held_at_start
    outside = config.clearance_m if held else 2.0 * config.contact_m
    for begin, end in reversed(pauses(path, config)):
        moment = min(end, contact)
        if (
            begin < contact
            and moment > start_s
            and np.interp(begin, path.time_s, near) > outside
            and (np.interp(moment, path.time_s, near) > outside)
        ):
            return _trim(path, track, begin, config), 'the last pause before contact'
    away = path.time_s[(path.time_s < contact) & (near >= config.clearance_m)]
    if len(away):
        return float(away[-1]), f'no pause: the last time the tool was {config.clearance_m} m from the object'
    raise MT3Error(
        f'the tool is never {config.clearance_m} m away from the object before it acts on it, so no bottleneck can be '
        'found; mark one while recording',
        StatusCode.NO_DATA,
    )


def find_end(
    demo: BagDemo, path: ToolPath, track: GripperTrack | None, bottleneck_s: float, config: ImportConfig
) -> tuple[float, str]:
    """Return when the interaction ends [s], and the rule that told."""
    marked = demo.event('end')
    last = float(path.time_s[-1])
    if marked is not None and marked > bottleneck_s:
        return min(marked, last), 'the mark "end"'
    rests = [(a, b) for a, b in pauses(path, config) if b > bottleneck_s + config.still_s]
    grips = grips_between(track, bottleneck_s, last)
    if not grips:
        if rests and rests[-1][1] >= last - 1e-6:
            return rests[-1][0], 'the last rest of the tool'
        return last, 'the end of the recording'
    motion = next(m for m in reversed(track.motions) if m.start_s == grips[-1])
    earliest = min(motion.end_s + config.hold_after_s, last)
    after = path.time_s > earliest
    gone = np.linalg.norm(path.T_base_tcp[:, :3, 3] - path.at(np.array([motion.end_s]))[0, :3, 3], axis=1)
    left = path.time_s[after & (gone > config.leave_m)]
    until = float(left[0]) if len(left) else last
    for begin, end in rests:
        if end > earliest and earliest < begin < until and np.interp(begin, path.time_s, gone) > 0.5 * config.leave_m:
            return begin, 'the first rest after the last gripper motion'
    if len(left):
        return until, f'the tool left the place of the last gripper motion by {config.leave_m} m'
    if rests and rests[-1][0] > earliest and rests[-1][1] >= last - 1e-6:
        return rests[-1][0], 'the last rest of the tool'
    return last, 'the end of the recording'


def _trim(path: ToolPath, track: GripperTrack | None, begin: float, config: ImportConfig) -> float:
    """Move `begin` [s] to where the tool leaves its place there, unless the gripper moves before."""
    T = path.at(np.array([begin]))[0]
    later = path.time_s > begin
    off = np.linalg.norm(path.T_base_tcp[later, :3, 3] - T[:3, 3], axis=1) > 0.002
    leaves = float(path.time_s[later][np.argmax(off)]) if off.any() else begin
    for at in grips_between(track, begin, leaves):
        return max(begin, at - 0.1)
    return max(begin, leaves - 0.1)
