import numpy as np
import pytest

from mt3_common import se3
from mt3_common.demonstration import Interaction
from mt3_executor.effect import Kind, demonstrated_effect
from mt3_executor.testing.scenes import above, box_points, grasp


def path(xyz, opening, duration_s=4.0):
    """Return an interaction through points relative to the bottleneck, in the tool frame of a hand that points down."""
    xyz, opening = np.asarray(xyz, float), np.asarray(opening, float)
    t = np.linspace(0.0, duration_s, 161)
    at = np.linspace(0.0, duration_s, len(xyz))
    position = np.column_stack([np.interp(t, at, xyz[:, k]) for k in range(3)])
    commands = opening[np.minimum((np.searchsorted(at, t, side='right') - 1), len(opening) - 1)]
    return Interaction(t, np.array([se3.make(None, p) for p in position]), commands, 0.08)


def effect(T, interaction, points=()):
    return demonstrated_effect(T, interaction, np.reshape(points, (-1, 3)), 0.03, 0.7)


def test_a_grasp_that_stays_closed_holds_and_lifts():
    points = box_points((0.5, 0.0, 0.05), (0.04, 0.04, 0.1))
    found = effect(above(0.5, 0.0, 0.2), grasp(depth_m=0.12), points)
    assert found.kind is Kind.HELD and found.closed_opening == pytest.approx(0.3)
    assert found.T_after_before[2, 3] == pytest.approx(0.14, abs=0.005)
    assert 0 < len(found.touched) < len(points)
    assert found.moved_m == pytest.approx(0.14, abs=0.005)


def test_a_grasp_that_opens_again_carries():
    pull = path([(0, 0, 0), (0, 0, 0.1), (0.1, 0, 0.1), (0.1, 0, 0.0)], [1.0, 0.0, 1.0, 1.0])
    found = effect(above(0.5, 0.0, 0.2), pull)
    assert found.kind is Kind.CARRIED
    assert np.linalg.norm(found.T_after_before[:3, 3]) == pytest.approx(0.1, abs=0.01)


def test_a_closed_hand_that_opens_puts_something_down():
    place = path([(0, 0, 0), (0, 0, 0.08), (0, 0, 0.0)], [0.0, 0.9, 0.9])
    found = effect(above(0.5, 0.1, 0.2), place)
    assert found.kind is Kind.PLACED
    assert np.allclose(found.T_base_tcp[:3, 3], [0.5, 0.1, 0.12], atol=0.005)


def test_an_open_hand_that_only_opens_shows_nothing():
    assert effect(above(0.5, 0.1, 0.2), path([(0, 0, 0), (0, 0, 0.05)], [0.8, 1.0])).kind is Kind.NONE


def test_a_push_moves_what_the_fingers_meet_along_their_way_and_leaves_it_when_they_go_back():
    box = box_points((0.6, 0.0, 0.04), (0.06, 0.08, 0.08), 0.006)
    # from 8 cm before the middle of the box, down, 15 cm along x, back, up
    push = path([(0, 0, 0), (0, 0, 0.1), (0.15, 0, 0.1), (0.1, 0, 0.1), (0.1, 0, 0)], [0.0] * 5, duration_s=6.0)
    found = effect(above(0.5, 0.0, 0.14), push, box)
    assert found.kind is Kind.PUSHED
    reached = 0.5 + 0.15  # where the fingers turn back; the near face of the box was at 0.57
    assert found.T_after_before[0, 3] == pytest.approx(reached - 0.57, abs=0.02)
    assert np.allclose(found.T_after_before[1:3, 3], 0.0, atol=1e-6)


def test_a_press_and_a_push_beside_the_object_show_nothing():
    box = box_points((0.6, 0.3, 0.04), (0.06, 0.08, 0.08))
    push = path([(0, 0, 0), (0, 0, 0.1), (0.15, 0, 0.1)], [0.0] * 3)
    assert effect(above(0.5, 0.0, 0.14), push, box).kind is Kind.NONE
    press = path([(0, 0, 0), (0, 0, 0.07), (0, 0, 0)], [0.0] * 3)
    assert effect(above(0.6, 0.3, 0.14), press, box).kind is Kind.NONE
