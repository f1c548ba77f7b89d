"""Making a recorded interaction worth replaying: dead time out, and on request a smoother path. Both say what they did.

Dead time is a rest of the tool longer than `max_pause_s` while the gripper rests too; what exceeds it is cut out of the
middle. The time for a grip to close and settle (`hold_after_s`) is never cut. Smoothing is a Savitzky-Golay filter of
second order (Savitzky and Golay, 1964) over positions and rotation vectors.
"""

from dataclasses import dataclass

import numpy as np
from scipy.signal import savgol_filter
from scipy.spatial.transform import Rotation

from mt3_common import se3
from mt3_teach.config import ImportConfig
from mt3_teach.gripper import GripperTrack
from mt3_teach.phases import pauses
from mt3_teach.tool_path import ToolPath

__all__ = ['Smoothed', 'dead_time', 'smooth', 'without']


@dataclass(frozen=True, eq=False)
class Smoothed:
    """A smoothed path T (K, 4, 4) [m], and how far it lies from the recorded one at most [m], [rad]."""

    T: np.ndarray
    deviation_m: float
    deviation_rad: float


def dead_time(
    path: ToolPath, track: GripperTrack | None, begin: float, end: float, config: ImportConfig
) -> list[tuple[float, float]]:
    """Return the spans within an interaction [s] that a replay can do without."""
    busy = [(begin, begin), (end, end)]
    if track is not None:
        busy += [(m.start_s - 0.1, m.end_s + config.hold_after_s) for m in track.motions]
    found = []
    for rest_begin, rest_end in pauses(path, config):
        free = [(max(rest_begin, begin), min(rest_end, end))]
        for b, e in busy:
            free = [piece for a, z in free for piece in ((a, min(z, b)), (max(a, e), z)) if piece[1] > piece[0]]
        for a, z in free:
            excess = (z - a) - config.max_pause_s
            if excess > 0.0:
                middle = 0.5 * (a + z)
                found.append((middle - 0.5 * excess, middle + 0.5 * excess))
    return sorted(found)


def without(times: np.ndarray, spans: list[tuple[float, float]]) -> np.ndarray:
    """Return the recorded times [s] that play at `times` (K,) [s] once the spans are cut out."""
    recorded = np.array(times, np.float64)
    for begin, end in spans:
        recorded[recorded >= begin] += end - begin
    return recorded


def smooth(T: np.ndarray, window: int) -> Smoothed:
    """Smooth poses (K, 4, 4), evenly spaced in time, over an odd number of samples; the ends keep their poses."""
    window = min(window, len(T) - 1 + len(T) % 2)
    if window < 5:
        return Smoothed(T, 0.0, 0.0)
    turn = Rotation.from_matrix(T[:, :3, :3])
    steps = (turn[:-1].inv() * turn[1:]).as_rotvec()
    # rotation vectors relative to a neighbour never wrap; filtered steps are chained again and tied to both ends
    smoother = np.array(T)
    smoother[:, :3, 3] = savgol_filter(T[:, :3, 3], window, 2, axis=0, mode='interp')
    if window <= len(steps):
        filtered = savgol_filter(steps, window, 2, axis=0, mode='interp')
        chained = [turn[0]]
        for step in filtered:
            chained.append(chained[-1] * Rotation.from_rotvec(step))
        lost = (chained[-1].inv() * turn[-1]).as_rotvec()
        shares = np.linspace(0.0, 1.0, len(T))
        tied = [r * Rotation.from_rotvec(s * lost) for r, s in zip(chained, shares, strict=True)]
        smoother[:, :3, :3] = [r.as_matrix() for r in tied]
    smoother[0], smoother[-1] = T[0], T[-1]
    errors = np.array([se3.pose_error(a, b) for a, b in zip(T, smoother, strict=True)])
    return Smoothed(smoother, float(errors[:, 0].max()), float(errors[:, 1].max()))
