"""Health of the camera and of the scenes made from it, as numbers for diagnostics."""

from collections import deque
from dataclasses import dataclass

import numpy as np

__all__ = ['CameraMonitor', 'Health']

OK, WARN, ERROR, STALE = 0, 1, 2, 3  # as in diagnostic_msgs/DiagnosticStatus


@dataclass(frozen=True)
class Health:
    """One line of diagnostics.

    Attributes:
        level: 0 ok, 1 warning, 2 error, 3 stale.
        message: One sentence.
        values: Names (units in them) and values as text.
    """

    level: int
    message: str
    values: dict[str, str]


class CameraMonitor:
    """Collects what arrives; tells how the camera does.

    Times are seconds of one steady clock, except stamps, which are of the ROS clock.
    """

    def __init__(self, max_age_s: float, length: int = 30) -> None:
        self._max_age_s = max_age_s
        self._arrivals: deque[float] = deque(maxlen=length)
        self._latencies: deque[float] = deque(maxlen=length)
        self._gaps: deque[float] = deque(maxlen=length)
        self._busy: deque[float] = deque(maxlen=length)
        self._valid_share = float('nan')
        self._residual_m = float('nan')
        self._objects = 0
        self._problem = ''
        self._extra: dict[str, str] = {}

    def arrived(self, now_s: float, latency_s: float, gap_s: float) -> None:
        """Note one synchronised set: its latency (arrival minus stamp) and the difference of its stamps."""
        self._arrivals.append(now_s)
        self._latencies.append(latency_s)
        self._gaps.append(gap_s)

    def observed(self, duration_s: float, valid_share: float, residual_m: float, objects: int) -> None:
        """Note one scene."""
        self._busy.append(duration_s)
        self._valid_share, self._residual_m, self._objects = valid_share, residual_m, objects
        self._problem = ''

    def note(self, values: dict[str, str]) -> None:
        """Note further values to report."""
        self._extra.update(values)

    def troubled(self, reason: str) -> None:
        """Note that no scene could be made, or only one that nobody may act on."""
        self._problem = reason

    def health(self, now_s: float) -> Health:
        """Return how things are."""
        if not self._arrivals:
            return Health(STALE, self._problem or 'no synchronised colour and depth has arrived yet', dict(self._extra))
        age = now_s - self._arrivals[-1]
        span = self._arrivals[-1] - self._arrivals[0]
        rate = (len(self._arrivals) - 1) / span if span > 0 else 0.0
        values = {
            'rate [Hz]': f'{rate:.1f}',
            'age [s]': f'{age:.2f}',
            'latency [s]': f'{np.median(self._latencies):.3f}',
            'stamp difference, median [s]': f'{np.median(self._gaps):.4f}',
            'stamp difference, largest [s]': f'{np.max(self._gaps):.4f}',
            'valid depth [%]': f'{100 * self._valid_share:.1f}',
            'plane residual [mm]': f'{1000 * self._residual_m:.2f}',
            'objects': str(self._objects),
            'time per scene [s]': f'{np.median(self._busy):.3f}' if self._busy else '',
            **self._extra,
        }
        if age > self._max_age_s:
            return Health(ERROR, f'the camera has been silent for {age:.1f} s', values)
        if self._problem:
            return Health(WARN, self._problem, values)
        if np.isfinite(self._valid_share) and self._valid_share < 0.5:
            return Health(WARN, f'only {100 * self._valid_share:.0f} % of the depth pixels have a reading', values)
        return Health(OK, 'images arrive', values)
