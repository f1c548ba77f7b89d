"""The guided session: its steps in order, again, thrown away, and when the world refuses."""

import pytest

from mt3_common.errors import MT3Error
from mt3_teach.guided import GuidedSession, Stage


class Log:
    """Ports that note what is done, and refuse what they are told to."""

    def __init__(self, refuse=()):
        self.done, self.said, self.refuse = [], [], set(refuse)

    def _do(self, what):
        if what in self.refuse:
            raise MT3Error(f'no {what}')
        self.done.append(what)

    def start(self, task):
        self._do(f'start {task}')

    def mark(self, name, text=''):
        self._do(f'{name} {text}'.strip())

    def stop(self, discard):
        self._do('drop' if discard else 'keep')

    def store(self):
        self._do('store')

    def say(self, text):
        self.said.append(text)


def run(*buttons, refuse=()):
    log = Log(refuse)
    session = GuidedSession('wipe', log)
    meant = [session.press(b) for b in buttons]
    return session, log, meant


def test_a_demonstration_from_start_to_end():
    session, log, meant = run('next', 'next', 'next', 'yes', 'next')
    assert log.done == ['start wipe', 'bottleneck', 'end', 'success yes', 'keep', 'store'] and all(meant)
    assert session.stage is Stage.ENDED


def test_a_failed_one_is_kept_as_failed_and_next_means_yes():
    assert 'success no' in run('next', 'next', 'next', 'no')[1].done
    assert 'success yes' in run('next', 'next', 'next', 'next')[1].done


@pytest.mark.parametrize('count', [1, 2, 3])
def test_again_and_thrown_away_at_every_step(count):
    session, log, _ = run(*['next'] * count, 'redo')
    assert log.done[-1] == 'drop' and session.stage is Stage.CLEAR
    session, log, _ = run(*['next'] * count, 'discard')
    assert log.done[-1] == 'drop' and session.stage is Stage.ENDED
    session, log, _ = run(*['next'] * count)
    session.abandon()
    assert log.done[-1] == 'drop' and not session.recording


def test_what_means_nothing_here_does_nothing():
    session, log, meant = run('yes', 'no', 'help', 'nonsense', '_next')
    assert log.done == [] and not any(meant) and session.stage is Stage.CLEAR


@pytest.mark.parametrize(
    ('refused', 'buttons', 'stage'),
    [
        ('start wipe', ['next'], Stage.CLEAR),
        ('bottleneck', ['next', 'next'], Stage.APPROACH),
        ('end', ['next'] * 3, Stage.INTERACT),
        ('store', ['next'] * 4, Stage.CLEAR),
    ],
)
def test_a_refusal_is_told_and_the_session_stays(refused, buttons, stage):
    session, log, _ = run(*buttons, refuse={refused})
    assert session.stage is stage and log.said == [f'no {refused}']
    log.refuse.clear()
    assert session.press('next')  # and it goes on when what was missing is there
