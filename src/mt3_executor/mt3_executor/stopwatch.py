"""Time limits by the node's clock, which a simulation may run slower than the computer's; and a watchdog beside them.

A limit in the computer's time takes a slow simulation for a broken robot; one in the node's time alone waits forever
when the clock stands still.
"""

import time
from collections.abc import Callable

__all__ = ['Stopwatch']


class Stopwatch:
    """Measures from when it was made.

    Args:
        now_s: The node's clock [s].
        watchdog_s: The clock standing still for so long of the computer's time means that it is dead [s].
    """

    def __init__(self, now_s: Callable[[], float] = time.monotonic, watchdog_s: float = 5.0) -> None:
        self._now_s, self._watchdog_s = now_s, watchdog_s
        self._begin = self._last = now_s()
        self._changed = time.monotonic()

    def elapsed_s(self) -> float:
        """Return the time that has passed on the node's clock [s]."""
        now = self._now_s()
        if now != self._last:
            self._last, self._changed = now, time.monotonic()
        return now - self._begin

    def dead(self) -> bool:
        """Whether the node's clock stands still."""
        self.elapsed_s()
        return time.monotonic() - self._changed > self._watchdog_s
