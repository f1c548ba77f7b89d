"""Reaching, stalling with and without permission, and replacing a command."""

import math

from mt3_sim.gripper_controller import GripperConfig, GripperController


def run(controller, path, seconds=2.0):
    for k in range(int(seconds / 0.01)):
        now = 0.01 * k
        result = controller.update(now, path(now), -30.0)
        if result is not None:
            return result, now
    return None, seconds


def test_a_reached_position_ends_at_once():
    controller = GripperController()
    controller.start(0.0, 0.0)
    result, at = run(controller, lambda t: max(0.0, 0.04 - 0.1 * t))
    assert result.succeeded
    assert result.reached_goal
    assert not result.stalled
    assert at < 0.42
    assert not controller.active


def test_fingers_that_stand_before_the_goal_stall():
    for allowed in (True, False):
        controller = GripperController(GripperConfig(allow_stalling=allowed))
        controller.start(0.0, 0.0)
        result, at = run(controller, lambda t: max(0.02, 0.04 - 0.1 * t))
        assert result.stalled
        assert not result.reached_goal
        assert result.succeeded == allowed
        assert 0.45 < at < 0.55
        assert result.effort == -30.0


def test_fingers_that_tremble_on_something_hard_stall():
    controller = GripperController()
    controller.start(0.0, 0.0)
    result, at = run(controller, lambda t: max(0.003, 0.04 - 0.1 * t) + 4e-5 * math.sin(60.0 * t))  # up to 2.4 mm/s
    assert result.stalled and 0.6 < at < 0.8


def test_fingers_that_creep_on_are_not_stalled():
    controller = GripperController()
    controller.start(0.0, 0.0)
    result, _ = run(controller, lambda t: 0.04 - 0.002 * t)
    assert result is None and controller.active


def test_without_a_command_nothing_happens():
    controller = GripperController()
    assert controller.update(0.0, 0.0, 0.0) is None
    controller.start(0.0, 0.0)
    controller.drop()
    assert run(controller, lambda t: 0.0)[0] is None
