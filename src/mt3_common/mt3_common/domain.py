"""A ROS domain of one's own: for tests, and for a simulated cell that must never reach a real arm."""

import fcntl
import itertools
import os
import tempfile
import time
from pathlib import Path
from typing import IO

__all__ = ['hold_domain']

_DOMAINS = range(1, 101)
_turn = itertools.count(os.getpid() * 37)


def hold_domain() -> tuple[int, IO[str]]:
    """Lock a free domain among all processes of this machine; it is free again when the file is closed.

    Each call begins its search one further: what a killed process left in the shared memory of its domain (a port that
    nobody empties, a locked mutex) can hold up those who come into that domain right after it for many seconds.
    """
    folder = Path(tempfile.gettempdir()) / 'mt3_ros_domains'
    folder.mkdir(exist_ok=True)
    start = next(_turn) % len(_DOMAINS)
    until = time.monotonic() + 120.0
    while time.monotonic() < until:
        for offset in range(len(_DOMAINS)):
            domain = _DOMAINS[(start + offset) % len(_DOMAINS)]
            handle = (folder / str(domain)).open('w')
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                return domain, handle
            except BlockingIOError:
                handle.close()
        time.sleep(0.2)
    raise RuntimeError('no free ROS domain in 1..100')
