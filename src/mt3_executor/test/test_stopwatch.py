import time

from mt3_executor.stopwatch import Stopwatch


def test_it_runs_by_the_clock_it_is_given():
    now = [100.0]
    watch = Stopwatch(lambda: now[0], watchdog_s=60.0)
    now[0] = 103.0
    assert watch.elapsed_s() == 3.0 and not watch.dead()


def test_a_clock_that_stands_still_is_dead_and_one_that_moves_is_not():
    now = [100.0]
    watch = Stopwatch(lambda: now[0], watchdog_s=0.05)
    time.sleep(0.06)
    assert watch.dead() and watch.elapsed_s() == 0.0
    now[0] += 0.001
    assert not watch.dead()
