"""Ends of a node process."""

import signal
import sys
import textwrap

import pytest

pytest.importorskip('rclpy')

from mt3_common.testing import NodeProcess, wait_until

SCRIPT = """
import sys, time
from rclpy.node import Node
from mt3_common.errors import MT3Error, StatusCode
from mt3_common.node_runner import run

class Worker(Node):
    def __init__(self):
        super().__init__('worker')
        {body}
        self.create_timer(0.01, self.tick)
        print('up', flush=True)
    def tick(self):
        {tick}
    def close(self):
        print('closed', flush=True)

sys.exit(run(Worker))
"""


def process(body='pass', tick='pass'):
    return NodeProcess([sys.executable, '-c', textwrap.dedent(SCRIPT).format(body=body, tick=tick)])


@pytest.mark.parametrize('number', [signal.SIGINT, signal.SIGTERM])
def test_signals_end_it_cleanly(ros_domain, number):
    with process(tick='time.sleep(0.05)') as worker:
        wait_until(lambda: 'up' in worker.output, 60.0)
        assert worker.stop(number) == 0
        assert 'closed' in worker.output and 'Traceback' not in worker.output and 'terminate' not in worker.output


def test_a_refusal_at_the_start_is_one_line_and_exit_code_1(ros_domain):
    with process(body="raise MT3Error('camera.yaml is missing; run calibrate', StatusCode.CALIBRATION)") as worker:
        assert worker.wait(60.0) == 1
        lines = [line for line in worker.output.splitlines() if line.strip()]
        assert lines == ['Worker: CALIBRATION: camera.yaml is missing; run calibrate']


def test_a_defect_in_a_callback_ends_it_with_its_trace(ros_domain):
    with process(tick="raise ValueError('a defect')") as worker:
        assert worker.wait(60.0) not in (0, None)
        assert 'a defect' in worker.output and 'closed' in worker.output


# a mutex that is locked twice, while Python's own lock is held: nothing but a signal's own code runs any more
DEADLOCK = (
    'import ctypes; lock, mutex = ctypes.PyDLL(None).pthread_mutex_lock, ctypes.create_string_buffer(64); '
    'lock(mutex); print("up", flush=True); lock(mutex)'
)


def test_sigabrt_tells_where_the_threads_of_a_node_that_hangs_are(ros_domain):
    with process(body=DEADLOCK) as worker:
        wait_until(lambda: 'up' in worker.output, 60.0)
        assert worker.stop(timeout_s=1.0) == -signal.SIGABRT
        assert 'in __init__' in worker.output
