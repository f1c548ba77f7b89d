"""A step: its log, its end, and that one call waits for another."""

import sys
import threading

import pytest

from mt3_env import stamps, steps


@pytest.fixture(autouse=True)
def log_folder(monkeypatch, tmp_path):
    monkeypatch.setattr(steps, 'SETUP_LOG', tmp_path)
    return tmp_path


def test_output_goes_to_the_log(log_folder, capsys):
    steps.run_step('saying hello', [sys.executable, '-c', 'print("hello")'])
    assert (log_folder / 'saying-hello.log').read_text() == 'hello\n'
    assert 'saying hello ... done' in capsys.readouterr().err


def test_failure_shows_the_end_of_the_log_and_names_it(log_folder):
    with pytest.raises(steps.SetupError) as error:
        steps.run_step('failing', [sys.executable, '-c', 'print("the reason"); raise SystemExit(3)'])
    assert 'exit code 3' in str(error.value) and 'the reason' in str(error.value)
    assert str(log_folder / 'failing.log') in str(error.value)


def test_a_second_call_waits(capsys):
    order = []

    def second():
        with steps.alone():
            order.append('second')

    with steps.alone():
        thread = threading.Thread(target=second)
        thread.start()
        thread.join(0.3)
        order.append('first')
    thread.join(5)
    assert order == ['first', 'second']
    assert 'waiting for another' in capsys.readouterr().err


def test_stamp_holds_until_a_file_changes(tmp_path):
    file, stamp = tmp_path / 'input', tmp_path / 'deep' / 'stamp'
    file.write_text('a')
    before = stamps.digest([file], 'word')
    stamps.write(stamp, before)
    assert stamps.is_current(stamp, stamps.digest([file], 'word'))
    file.write_text('b')
    assert not stamps.is_current(stamp, stamps.digest([file], 'word'))
