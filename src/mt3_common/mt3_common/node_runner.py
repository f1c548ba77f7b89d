"""Starting and ending a node process: one executor, clean ends, clear refusals.

A node's `main` is `return run(MyNode)`. Ctrl-C and SIGTERM end it with exit code 0; a refusal while it is made
(`MT3Error`) becomes one line on stderr and exit code 1. SIGABRT ends even one whose threads wait for each other, and
prints where each of them was.
"""

import faulthandler
import signal
import sys
import threading
import time
from collections.abc import Callable, Sequence
from types import FrameType

import rclpy
from rclpy.exceptions import InvalidHandle
from rclpy.executors import ExternalShutdownException
from rclpy.node import Node
from rclpy.signals import SignalHandlerOptions

from mt3_common.errors import MT3Error
from mt3_common.executor import NodeExecutor

__all__ = ['run']


def run(make_node: Callable[[], Node], threads: int = 4, args: Sequence[str] | None = None) -> int:
    """Make a node, spin it until the process is told to end, and tidy up.

    Args:
        make_node: Called once, after rclpy is up. If the node has a method `close`, it is called before it is
            destroyed, while other nodes can still be reached.
        threads: Of the executor, for callbacks that wait. A node whose callbacks wait for other callbacks needs more
            than one.
        args: Command line, default sys.argv.

    Returns:
        The exit code.
    """
    faulthandler.enable()
    rclpy.init(args=args, signal_handler_options=SignalHandlerOptions.NO)
    executor = NodeExecutor(num_threads=threads)
    ended = threading.Event()

    def end(_signal: int, _frame: FrameType | None) -> None:
        if ended.is_set():  # asked twice: stop even a constructor that hangs
            raise KeyboardInterrupt
        ended.set()

    previous = {number: signal.signal(number, end) for number in (signal.SIGINT, signal.SIGTERM)}
    node, code, spinner = None, 0, None
    try:
        node = make_node()
        executor.add_node(node)
        spinner = _Spinner(executor, ended)
        spinner.start()
        ended.wait()  # the main thread only waits: Python runs signal handlers in it, and rclpy's wait is not one
        if spinner.error is not None:
            raise spinner.error
    except MT3Error as error:
        print(f'{_name(node, make_node)}: {error.status}', file=sys.stderr, flush=True)
        code = 1
    except KeyboardInterrupt:
        code = 0
    finally:
        if node is not None and hasattr(node, 'close'):
            node.close()
        _finish_callbacks(executor)
        executor.shutdown(timeout_sec=5.0)
        if spinner is not None:
            spinner.join(5.0)
        if node is not None:
            node.destroy_node()
        rclpy.try_shutdown()
        for number, handler in previous.items():
            signal.signal(number, handler)
    return code


class _Spinner(threading.Thread):
    """Spins until the executor is shut down; what a callback raises ends the node.

    Attributes:
        error: What was raised, None if nothing.
    """

    def __init__(self, executor: NodeExecutor, ended: threading.Event) -> None:
        super().__init__(name='spin', daemon=True)
        self._spinning, self._ended = executor, ended
        self.error: BaseException | None = None

    def run(self) -> None:
        try:
            while True:
                try:
                    self._spinning.spin()
                    return
                except InvalidHandle:
                    continue  # a subscription that another thread destroyed just now
        except ExternalShutdownException:
            return
        except BaseException as error:  # handed to the main thread, which raises it
            self.error = error
        finally:
            self._ended.set()


def _finish_callbacks(executor: NodeExecutor, limit_s: float = 5.0) -> None:
    """Wait for callbacks at work: rclpy's own shutdown destroys what they report their end to, and says so loudly."""
    until = time.monotonic() + limit_s
    while time.monotonic() < until and any(not task.done() for task in getattr(executor, '_futures', [])):
        time.sleep(0.01)


def _name(node: Node | None, make_node: Callable[[], Node]) -> str:
    return node.get_name() if node is not None else getattr(make_node, '__name__', 'node')
