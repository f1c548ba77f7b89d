"""Starting and ending a node process: one executor, clean ends, clear refusals.

A node's `main` is `return run(MyNode)`. Ctrl-C and SIGTERM end it with exit code 0; a refusal while it is made
(`MT3Error`) becomes one line on stderr and exit code 1.
"""

import signal
import sys
import time
from collections.abc import Callable, Sequence
from types import FrameType

import rclpy
from rclpy.exceptions import InvalidHandle
from rclpy.executors import ExternalShutdownException, MultiThreadedExecutor
from rclpy.node import Node
from rclpy.signals import SignalHandlerOptions

from mt3_common.errors import MT3Error

__all__ = ['run']


def run(make_node: Callable[[], Node], threads: int = 4, args: Sequence[str] | None = None) -> int:
    """Make a node, spin it until the process is told to end, and tidy up.

    Args:
        make_node: Called once, after rclpy is up. If the node has a method `close`, it is called before it is
            destroyed, while other nodes can still be reached.
        threads: Of the executor. A node whose callbacks wait for other callbacks needs more than one.
        args: Command line, default sys.argv.

    Returns:
        The exit code.
    """
    rclpy.init(args=args, signal_handler_options=SignalHandlerOptions.NO)
    executor = MultiThreadedExecutor(num_threads=threads)
    ended = False

    def end(_signal: int, _frame: FrameType | None) -> None:
        nonlocal ended
        if ended:  # asked twice: stop even a constructor that hangs
            raise KeyboardInterrupt
        ended = True
        executor.wake()

    previous = {number: signal.signal(number, end) for number in (signal.SIGINT, signal.SIGTERM)}
    node, code = None, 0
    try:
        node = make_node()
        executor.add_node(node)
        while not ended and rclpy.ok():
            try:
                executor.spin_once(timeout_sec=0.5)
            except InvalidHandle:
                continue  # a subscription that another thread destroyed just now
    except MT3Error as error:
        print(f'{_name(node, make_node)}: {error.status}', file=sys.stderr, flush=True)
        code = 1
    except (KeyboardInterrupt, ExternalShutdownException):
        code = 0
    finally:
        if node is not None:
            if hasattr(node, 'close'):
                node.close()
            executor.remove_node(node)
        _finish_callbacks(executor)
        executor.shutdown(timeout_sec=5.0)
        if node is not None:
            node.destroy_node()
        rclpy.try_shutdown()
        for number, handler in previous.items():
            signal.signal(number, handler)
    return code


def _finish_callbacks(executor: MultiThreadedExecutor, limit_s: float = 5.0) -> None:
    """Wait for callbacks at work: rclpy's own shutdown destroys what they report their end to, and says so loudly."""
    until = time.monotonic() + limit_s
    while time.monotonic() < until and any(not task.done() for task in getattr(executor, '_futures', [])):
        time.sleep(0.01)


def _name(node: Node | None, make_node: Callable[[], Node]) -> str:
    return node.get_name() if node is not None else getattr(make_node, '__name__', 'node')
