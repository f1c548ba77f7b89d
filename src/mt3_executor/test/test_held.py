import numpy as np

from mt3_common import se3
from mt3_common.errors import Status
from mt3_executor.held import HeldObject, corrected, points_in_hand, still_held
from mt3_executor.ports import Retrieved
from mt3_executor.testing.scenes import above, grasp


def test_the_thing_in_the_hand_goes_where_it_was_demonstrated():
    asked = Retrieved(Status(), 'demo', 'place', 1, above(0.5, 0.1, 0.3, 0.7)[None], grasp())
    shift = np.array([0.004, -0.007, 0.002])
    found = corrected(asked, HeldObject('pick', 'p', 0.4, shift))
    T_tcp_object = se3.from_yaw(0.3, (0.0, 0.01, 0.03))
    wanted = asked.T_base_bottleneck[0] @ asked.interaction.T_bottleneck_tcp @ T_tcp_object
    got = found.T_base_bottleneck[0] @ found.interaction.T_bottleneck_tcp @ se3.make(None, shift) @ T_tcp_object
    assert np.allclose(got, wanted, atol=1e-9)
    assert np.allclose(found.interaction.T_bottleneck_tcp[0], np.eye(4))


def test_the_points_of_what_is_held_are_those_of_the_grasp_with_its_shift():
    T, points = above(0.5, 0.1, 0.1), np.array([[0.5, 0.1, 0.08], [0.52, 0.1, 0.08]])
    found = points_in_hand(points, T, np.array([0.001, 0.0, 0.0]))
    assert np.allclose(found, [[0.001, 0.0, 0.02], [0.021, 0.0, 0.02]])
    assert len(points_in_hand(np.array([[0.0, 0.0, 0.0], [0.5, 0.0, 0.0]]), T, None)) == 0  # no cabinet is carried


def test_a_hand_that_changed_no_longer_holds_it():
    held = HeldObject('pick', 'p', 0.4)
    assert still_held(held, 0.42) and not still_held(held, 0.1) and not still_held(held, None)
    assert not still_held(None, 0.4) and held.shift_m == 0.0
