"""The time that planning may take, where it went, and how one way of doing it is given up."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from mt3_common.errors import MT3Error

__all__ = ['Budget', 'RefusedError']


class RefusedError(MT3Error):
    """One way of doing it is not possible; the next one is tried."""


class Budget:
    """Wall time per step, and the deadline.

    Args:
        limit_s: Time for everything [s].
        cancelled: Asked often; True ends planning.
    """

    def __init__(self, limit_s: float, cancelled: Callable[[], bool]) -> None:
        self.start = time.perf_counter()
        self.limit_s = limit_s
        self.cancelled = cancelled
        self._spent: dict[str, float] = {}

    def out_of_time(self) -> bool:
        """Whether the deadline is over."""
        return time.perf_counter() - self.start > self.limit_s

    def over(self) -> bool:
        """Whether to end now, for either reason."""
        return self.out_of_time() or self.cancelled()

    @contextmanager
    def measure(self, name: str) -> Iterator[None]:
        """Add the time inside to a step."""
        since = time.perf_counter()
        try:
            yield
        finally:
            self._spent[name] = self._spent.get(name, 0.0) + time.perf_counter() - since

    def timing_s(self) -> dict[str, float]:
        """Return the seconds per step, and in total."""
        return {**self._spent, 'total': time.perf_counter() - self.start}
