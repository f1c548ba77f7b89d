"""Pairs of colour and depth (and whatever else must fit them) by their acquisition stamps."""

from collections import deque
from typing import Any

__all__ = ['StampSynchroniser']


class StampSynchroniser:
    """Keeps a few recent messages of each stream and gives out sets whose stamps agree.

    Time that goes backwards (a simulation reset, a bag that starts over) empties it, so that it recovers
    by itself.
    """

    def __init__(self, streams: tuple[str, ...], tolerance_s: float, length: int = 10) -> None:
        self.tolerance_s = tolerance_s
        self.gap_s = float('nan')  # stamp difference within the last set, or of the last set refused
        self.unmatched = 0  # messages that left the queue without a partner
        self.resets = 0
        self._newest: dict[str, float] = {}  # stamp of the last message of each stream, also of one given out
        self._queues: dict[str, deque] = {name: deque(maxlen=length) for name in streams}

    def add(self, stream: str, stamp_s: float, message: Any) -> dict[str, Any] | None:
        """Take one message; return a set {stream: message} once all streams have one near this stamp."""
        queue = self._queues[stream]
        if stamp_s < self._newest.get(stream, stamp_s) - 1.0:
            self.clear()
            self.resets += 1
        self._newest[stream] = stamp_s
        if len(queue) == queue.maxlen:
            self.unmatched += 1
        queue.append((stamp_s, message))
        found = {}
        for name, others in self._queues.items():
            if not others:
                return None
            nearest = min(others, key=lambda item: abs(item[0] - stamp_s))
            found[name] = nearest
        stamps = [item[0] for item in found.values()]
        self.gap_s = max(stamps) - min(stamps)
        if self.gap_s > self.tolerance_s:
            return None
        oldest = min(stamps)
        for others in self._queues.values():
            while others and others[0][0] <= oldest + self.tolerance_s:
                others.popleft()
        return {name: item[1] for name, item in found.items()}

    def clear(self) -> None:
        """Forget all messages."""
        self._newest.clear()
        for queue in self._queues.values():
            queue.clear()
