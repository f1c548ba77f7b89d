"""The robot's recent joint positions, and what they were at the time of an image."""

import threading
from collections import deque
from collections.abc import Mapping

import numpy as np

from mt3_common.errors import MT3Error, StatusCode

__all__ = ['JointHistory']


class JointHistory:
    """Keeps a few seconds of joint states, by joint: several drivers may publish their own. Safe for several threads.

    Args:
        tolerance_s: How far beyond the samples, or within a gap between two of them, an image may have been taken [s].
        keep_s: How long a sample is kept [s].
    """

    def __init__(self, tolerance_s: float, keep_s: float = 5.0) -> None:
        self._tolerance_s, self._keep_s = tolerance_s, keep_s
        self._lock = threading.Lock()
        self._samples: dict[str, deque[tuple[float, float]]] = {}

    def add(self, stamp_s: float, positions: Mapping[str, float]) -> None:
        """Take one joint state; time that goes backwards (a simulation reset) starts the joint over."""
        with self._lock:
            for name, position in positions.items():
                if not np.isfinite(position):
                    continue
                samples = self._samples.setdefault(name, deque())
                if samples and stamp_s <= samples[-1][0]:
                    if stamp_s > samples[-1][0] - self._tolerance_s:
                        continue
                    samples.clear()
                samples.append((stamp_s, float(position)))
                while samples[0][0] < stamp_s - self._keep_s:
                    samples.popleft()

    def newest(self, names: tuple[str, ...]) -> float:
        """Return the time [s] up to which all joints are known; -inf: one was never heard of."""
        with self._lock:
            return min((self._samples[n][-1][0] if self._samples.get(n) else -np.inf for n in names), default=np.inf)

    def at(self, names: tuple[str, ...], stamp_s: float) -> dict[str, float]:
        """Return the positions at a time [s], linear between samples.

        Raises:
            MT3Error: NO_DATA, a joint was never heard of, or its samples are too far from that time.
        """
        with self._lock:
            never = [name for name in names if not self._samples.get(name)]
            if never:
                raise MT3Error(
                    f'no joint state names {", ".join(never)}, so that the robot cannot be taken out of the picture; '
                    'start the driver of the arm, or set robot.remove to false',
                    StatusCode.NO_DATA,
                )
            return {name: self._one(name, stamp_s) for name in names}

    def _one(self, name: str, stamp_s: float) -> float:
        times, values = np.array(self._samples[name]).T
        after = int(np.searchsorted(times, stamp_s))
        if after == 0:
            gap, where = times[0] - stamp_s, 'after'
        elif after == len(times):
            gap, where = stamp_s - times[-1], 'before'
        else:
            gap, where = min(stamp_s - times[after - 1], times[after] - stamp_s), 'from'
        if gap > self._tolerance_s:
            raise MT3Error(
                f'the nearest joint state of {name} is of {gap:.2f} s {where} the image, the limit is '
                f'{self._tolerance_s} s (robot.joint_tolerance_s); does the driver of the arm run, on the same clock?',
                StatusCode.NO_DATA,
            )
        return float(np.interp(stamp_s, times, values))
