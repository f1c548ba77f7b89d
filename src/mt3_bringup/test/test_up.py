"""The simulated cell and all nodes through `mt3 up`; test_launch.py does the same through `ros2 launch`."""

import fcntl
import sys
import tempfile
from pathlib import Path

import psutil
import pytest

from mt3_cli.up.prefix import package_share
from mt3_common.errors import InvalidInput
from mt3_common.testing import NodeProcess

pytest.importorskip('rclpy')
try:
    LAUNCH = package_share('mt3_bringup') / 'launch'
except InvalidInput:
    pytest.skip('mt3_bringup is not built', allow_module_level=True)


@pytest.mark.timeout(900)
def test_simulation_comes_up_answers_and_leaves_nothing_behind(stack_answers, tmp_path):
    with (Path(tempfile.gettempdir()) / 'mt3_stack_test.lock').open('w') as one_at_a_time:
        fcntl.flock(one_at_a_time, fcntl.LOCK_EX)  # two whole stacks are too much for a small machine
        _comes_up_and_ends(stack_answers, tmp_path)


def _comes_up_and_ends(stack_answers, tmp_path):
    before = set(psutil.Process().children(recursive=True))  # of other tests in this worker
    folders = [f'{name}:={tmp_path / name}' for name in ('library', 'runs', 'bags')]
    with NodeProcess([sys.executable, '-m', 'mt3_cli.main', 'up', str(LAUNCH / 'sim.launch.xml'), *folders]) as up:
        try:
            stack_answers()
        except BaseException:
            print(up.output)
            raise
        started = set(psutil.Process().children(recursive=True)) - before
        code, output = up.stop(timeout_s=30.0), up.output
    assert code == 0, output
    assert 'Traceback' not in output, output
    _, alive = psutil.wait_procs(list(started), timeout=5)
    assert not alive
