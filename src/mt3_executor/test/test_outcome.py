import numpy as np

from mt3_common import se3
from mt3_common.demonstration import Interaction
from mt3_executor.outcome import check_outcome


def demo(openings):
    t = np.arange(len(openings)) * 0.1
    return Interaction(t, np.repeat(se3.make()[None], len(t), axis=0), np.array(openings, float), 0.08)


def judge(openings, now):
    return check_outcome(demo(openings), now, 0.03, 0.03)


def test_nothing_to_judge_by():
    outcome = judge([0.0] * 5, 0.0)
    assert not outcome.checked and not outcome.ok and 'not judged' in outcome.text
    assert not judge([1.0, 1.0, 0.0, 0.0], None).checked


def test_grasp():
    assert judge([1.0, 1.0, 0.0, 0.0], 0.4).ok
    missed = judge([1.0, 1.0, 0.0, 0.0], 0.0)
    assert missed.checked and not missed.ok


def test_release():
    assert judge([0.0, 0.0, 1.0, 1.0], 0.98).ok
    stuck = judge([0.0, 0.0, 1.0, 1.0], 0.3)
    assert stuck.checked and not stuck.ok and stuck.confidence < 0.5
