"""Processes kept together: Ctrl-C, required ones, stubborn ones, and nothing left behind."""

import os
import signal
import subprocess
import sys

import psutil
import pytest

_PROGRAM = """
import sys
from mt3_cli.up import ProcessSpec, run
python = sys.executable
def process(name, code, required=False):
    return ProcessSpec(name, (python, '-u', '-c', code, name), required)
WAIT = 'import time; print("up"); time.sleep(100)'
POLITE = '''
import signal, sys, time
signal.signal(signal.SIGINT, lambda *_: (print("bye"), sys.exit(0)))
print(sys.argv[1] + " up"); time.sleep(100)'''
STUBBORN = '''
import signal, time
for number in (signal.SIGINT, signal.SIGTERM, signal.SIGABRT):
    signal.signal(number, signal.SIG_IGN)
print("up"); time.sleep(100)'''
sys.exit(run([{processes}]))
"""


@pytest.fixture
def start():
    """Start a supervisor over some processes; whatever happens, nothing is left behind."""
    started = []

    def start(processes):
        process = subprocess.Popen(
            [sys.executable, '-u', '-c', _PROGRAM.replace('{processes}', processes)],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        started.append(process)
        return process

    yield start
    for process in started:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)


def _read_until(process, words):
    """Read lines until each of the words was seen; return the children then alive."""
    text, missing = '', list(words)
    while missing:
        line = process.stdout.readline()
        assert line, f'ended before {missing}: {text}'
        text += line
        missing = [word for word in missing if word not in text]
    return psutil.Process(process.pid).children(recursive=True)


def _gone(children):
    _, alive = psutil.wait_procs(children, timeout=5)
    return not alive


def test_ctrl_c_lets_all_end_in_reverse_order(start):
    process = start("process('a', POLITE), process('b', POLITE)")
    children = _read_until(process, ['a up', 'b up'])
    process.send_signal(signal.SIGINT)
    text, _ = process.communicate(timeout=30)
    assert process.returncode == 0
    assert text.index('SIGINT to b') < text.index('SIGINT to a')
    assert text.count('bye') == 2
    assert _gone(children)


def test_end_of_a_required_process_ends_the_rest_with_its_code(start):
    process = start("process('other', POLITE), process('vital', 'import sys, time; time.sleep(1); sys.exit(3)', True)")
    text, _ = process.communicate(timeout=30)
    assert process.returncode == 3
    assert 'vital is required and ended (exit code 3)' in text


def test_end_of_another_process_leaves_the_rest(start):
    process = start(
        "process('short', 'print(1)'), process('long', 'import time; time.sleep(2); print(\"still here\")')"
    )
    text, _ = process.communicate(timeout=30)
    assert 'still here' in text and 'SIGINT to' not in text


def test_stubborn_process_is_killed_and_sigterm_counts_as_ctrl_c(start):
    process = start("process('stubborn', STUBBORN)")
    children = _read_until(process, ['up'])
    process.send_signal(signal.SIGTERM)
    text, _ = process.communicate(timeout=40)
    assert all(f'{name} to stubborn' in text for name in ('SIGTERM', 'SIGABRT', 'SIGKILL'))
    assert process.returncode == 143
    assert _gone(children)


def test_closed_terminal_leaves_nothing_behind(start):
    process = start("process('a', POLITE)")
    children = _read_until(process, ['a up'])
    process.send_signal(signal.SIGHUP)
    process.communicate(timeout=30)
    assert _gone(children)
