"""Calling a service from a thread that does not spin: wait for the server, ask, wait for the answer, all with limits.

A reply can be lost for good: the server may send it before it has discovered the reader of a client that has just
started (rmw_fastrtps waits 100 ms for it, then reports "failed to send response (timeout)" on its own side). So what
may be asked twice is asked again.
"""

import time
from collections.abc import Callable
from typing import Any

from mt3_common.errors import MT3Error, Status, StatusCode

__all__ = ['call_service', 'poll']

_POLL_S = 0.005


def poll(ready: Callable[[], bool], timeout_s: float, stopped: Callable[[], Status | None] | None = None) -> bool:
    """Poll until ready, so that Ctrl-C gets through; False after the time [s].

    Raises:
        MT3Error: With the status that `stopped` returned.
    """
    deadline = time.monotonic() + timeout_s
    while not ready():
        reason = stopped() if stopped is not None else None
        if reason is not None:
            raise MT3Error(reason.message, reason.code)
        if time.monotonic() > deadline:
            return ready()
        time.sleep(_POLL_S)
    return True


def call_service(
    client: Any,
    request: Any,
    *,
    wait_s: float,
    timeout_s: float,
    repeat_s: float | None = None,
    advice: str = '`mt3 doctor` shows what is running',
    stopped: Callable[[], Status | None] | None = None,
) -> Any:
    """Call a service whose node spins in another thread, and return its response.

    Args:
        client: The rclpy service client.
        request: The request message.
        wait_s: How long the server may take to appear [s].
        timeout_s: How long it may take to answer [s].
        repeat_s: Ask again after so long without an answer [s]; only for requests that have no effect or whose effect
            is the same when they come twice.
        advice: What to do when nobody offers it.
        stopped: Polled meanwhile; a status ends the wait.

    Raises:
        MT3Error: NO_DATA nobody offers it, TIMEOUT it does not answer, or what `stopped` returned.
    """
    name = client.srv_name
    if not poll(client.service_is_ready, wait_s, stopped):
        raise MT3Error(f'nobody offers {name} within {wait_s:g} s; {advice}', StatusCode.NO_DATA)
    deadline = time.monotonic() + timeout_s
    futures = []
    try:
        while (left := deadline - time.monotonic()) > 0.0:
            future = client.call_async(request)
            futures.append(future)
            poll(lambda: any(f.done() for f in futures), left if repeat_s is None else min(left, repeat_s), stopped)
            for future in futures:
                if future.done():
                    return future.result()
        raise MT3Error(f'{name} did not answer within {timeout_s:g} s; {advice}', StatusCode.TIMEOUT)
    finally:
        for future in futures:
            client.remove_pending_request(future)
