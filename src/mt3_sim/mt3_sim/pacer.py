"""The thread that lets time pass in the cell: ticks, paced against the computer's clock, and what is due at each."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

from mt3_sim.cell import Cell

__all__ = ['Due', 'Pacer']

_LARGEST_DEBT = 0.1  # time that a slow computer may catch up [s]
_NAP = 0.002  # shortest sleep [s]
_LONGEST_NAP = 0.02  # so that the end is noticed [s]


@dataclass
class Due:
    """Something that happens periodically in the cell's time.

    Attributes:
        period: [s].
        action: Called in the pacer's thread, with the cell's lock held.
        next: When it is due [s].
    """

    period: float
    action: Callable[[], None]
    next: float = 0.0


class Pacer:
    """Runs a cell until closed.

    Args:
        real_time_factor: Speed; 0: as fast as possible.
        failed: Called once if the thread dies of an exception.
    """

    def __init__(
        self,
        cell: Cell,
        dues: list[Due],
        real_time_factor: float = 1.0,
        failed: Callable[[Exception], None] | None = None,
    ) -> None:
        self._cell, self._dues, self._factor, self._failed = cell, dues, real_time_factor, failed
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name='physics', daemon=True)
        self.measured_factor = 0.0

    def start(self) -> None:
        """Let time pass."""
        self._thread.start()

    def close(self) -> None:
        """Stop time."""
        self._stop.set()
        if self._thread.is_alive() and self._thread is not threading.current_thread():
            self._thread.join()

    def _run(self) -> None:
        try:
            self._loop()
        except Exception as error:  # a dead thread must not look like a standing robot
            if self._failed is None:
                raise
            self._failed(error)

    def _loop(self) -> None:
        cell = self._cell
        wall, simulated = time.monotonic(), cell.world.time
        marked = (wall, simulated)
        while not self._stop.is_set():
            now = time.monotonic()
            if self._factor > 0.0:
                with cell.lock:  # in the middle of a reset the world's time means nothing
                    behind = (now - wall) * self._factor - (cell.world.time - simulated)
                if behind < cell.world.timestep:
                    time.sleep(min(max(_NAP, -behind / self._factor), _LONGEST_NAP))
                    continue
                if behind > _LARGEST_DEBT * self._factor:  # too slow a computer: let go of the rest
                    wall, simulated = now, cell.world.time
            else:
                time.sleep(0.0)  # let others have the lock
            with cell.lock:
                cell.tick()
                at = cell.world.time
                for due in self._dues:
                    if at >= due.next - 1e-9:
                        due.action()
                        due.next = max(due.next + due.period, at + 0.5 * cell.world.timestep)
            if now - marked[0] > 2.0:
                self.measured_factor = (at - marked[1]) / (now - marked[0])
                marked = (now, at)
