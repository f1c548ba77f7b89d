import numpy as np
import pytest

from mt3_common.demonstration import Interaction
from mt3_executor.gripper_events import gripper_events, starts_held


def events(opening, period=0.05):
    opening = np.asarray(opening, dtype=float)
    return [
        (round(e.time_s, 3), round(e.opening, 3))
        for e in gripper_events(np.arange(len(opening)) * period, opening, 0.03)
    ]


def test_constant_and_noisy_openings_are_no_event():
    assert events([1.0] * 20) == []
    assert events(1.0 - 0.02 * np.random.default_rng(0).random(50)) == []


def test_step_is_one_event_at_its_time():
    assert events([1.0] * 10 + [0.0] * 10) == [(0.45, 0.0)]


def test_ramp_is_one_event_to_its_end():
    assert events([1.0] * 5 + [0.8, 0.6, 0.4, 0.35, 0.35, 0.35]) == [(0.2, 0.35)]


def test_close_and_open_are_two_events():
    assert [o for _, o in events([1.0] * 5 + [0.0] * 10 + [1.0] * 5)] == [0.0, 1.0]
    assert [o for _, o in events([1.0, 1.0, 0.5, 0.0, 0.5, 1.0, 1.0])] == [0.0, 1.0]


@pytest.mark.parametrize(
    'opening, held',
    [
        ([1.0] * 5 + [0.0] * 5, False),
        ([0.4] * 5 + [0.0] * 5 + [0.4] * 5, False),  # opened no further than what it takes is wide
        ([0.4] * 10, True),
        ([0.4] * 5 + [1.0] * 5, True),
        ([0.0] * 10, True),
    ],
)
def test_a_narrow_hand_that_closes_next_holds_nothing(opening, held):
    poses = np.tile(np.eye(4), (len(opening), 1, 1))
    path = Interaction(np.arange(len(opening)) * 0.05, poses, np.array(opening, dtype=float), 0.08)
    assert starts_held(path, 0.7, 0.03) == held
