import numpy as np
import pytest

from mt3_common.errors import StatusCode
from mt3_executor.monitors import Hand, MotionMonitor
from mt3_executor.ports import JointReading
from mt3_executor.safety_config import MonitorConfig
from mt3_executor.trajectory import JointTrajectory

T = np.linspace(0.0, 2.0, 101)
PATH = JointTrajectory(T, np.column_stack([0.5 * T, -0.2 * T]), np.tile([0.5, -0.2], (101, 1)), np.zeros((101, 2)))


class Arm:
    """What is measured, set by the test."""

    def __init__(self, config, hand=None):
        self.q, self.effort, self.error = np.zeros(2), None, None
        self.felt, self.opening = None, 0.5
        self.monitor = MotionMonitor(
            config, ('shoulder', 'elbow'), PATH, self.joints, lambda: self.felt, lambda: self.opening, hand
        )

    def joints(self):
        return JointReading(self.q, np.zeros(2), 0.0, self.effort, self.error)

    def run(self, **at):
        """Follow the path; from its middle on, with what is given."""
        for k in range(0, 101, 5):
            self.q = PATH.position[k].copy()
            if k >= 50:
                for name, value in at.items():
                    setattr(self, name, value(self) if callable(value) else value)
            found = self.monitor.check()
            if found is not None:
                return found
        return None


def started(config=None, hand=None, **first):
    """Return an arm whose first readings are given before the monitor is made."""
    config = config or MonitorConfig()
    arm = Arm(config, hand)
    for name, value in first.items():
        setattr(arm, name, value)
    arm.monitor = MotionMonitor(
        config, ('shoulder', 'elbow'), PATH, arm.joints, lambda: arm.felt, lambda: arm.opening, hand
    )
    return arm


def test_a_motion_as_planned_is_left_alone():
    arm = started(
        MonitorConfig(effort_limits_nm=(50.0,), effort_rise_nm=10.0),
        Hand(0.5, True),
        effort=np.array([20.0, 5.0]),
        felt=np.full(6, 40.0),
        error=np.full(2, 0.01),
    )
    assert arm.run() is None


@pytest.mark.parametrize(
    ('config', 'at', 'words'),
    [
        (
            {},
            {'q': lambda arm: arm.q + np.array([0.15, 0.0])},
            ('shoulder', 'off the planned path', 'path_error_rad 0.1'),
        ),
        ({}, {'error': np.array([0.0, -0.4])}, ('elbow', '0.400', 'tracking_error_rad 0.25')),
        ({'effort_limits_nm': (30.0, 8.0)}, {'effort': np.array([29.0, -9.0])}, ('elbow', '9.0', 'limits_nm 8')),
        ({'effort_limits_nm': (30.0,)}, {'effort': np.array([31.0, 0.0])}, ('shoulder', '31.0', 'limits_nm 30')),
        ({'effort_rise_nm': 6.0}, {'effort': np.array([20.0, 12.0])}, ('elbow', '7.0', 'effort_rise_nm 6')),
        ({}, {'felt': np.array([40.0, 40.0, 5.0, 40.0, 40.0, 40.0])}, ('35.0 N at the wrist', 'force_limit_n 30')),
        ({}, {'felt': np.array([40.0, 40.0, 40.0, 40.0, 40.0, 46.0])}, ('6.00 N m', 'torque_limit_nm 5')),
    ],
)
def test_each_limit_stops_and_is_named(config, at, words):
    arm = started(MonitorConfig(**config), None, effort=np.array([20.0, 5.0]), felt=np.full(6, 40.0))
    found = arm.run(**at)
    assert found.code == StatusCode.HARDWARE and all(word in found.message for word in words), found


def test_zero_switches_a_limit_off():
    off = MonitorConfig(path_error_rad=0.0, tracking_error_rad=0.0, force_limit_n=0.0, torque_limit_nm=0.0)
    arm = started(off, felt=np.zeros(6))
    assert arm.run(q=np.ones(2), error=np.ones(2), felt=np.full(6, 1e3)) is None


def test_a_grasp_that_closes_further_is_lost():
    settling = started(None, Hand(0.5, True, 0.03))
    assert settling.run(opening=0.35) is None
    found = started(None, Hand(0.5, True, 0.03)).run(opening=0.2)
    assert found.code == StatusCode.OUTCOME_FAILED and 'grasp lost' in found.message and '0.20' in found.message
    thin = started(None, Hand(0.05, True, 0.03))
    assert thin.run(opening=0.02).code == StatusCode.OUTCOME_FAILED
    assert started(None, Hand(0.5, True, 0.03)).run(opening=0.47) is None


def test_open_fingers_that_are_pushed_met_something():
    found = started(None, Hand(1.0, False), opening=1.0).run(opening=0.8)
    assert found.code == StatusCode.HARDWARE and 'pushed' in found.message
    assert started(None, Hand(1.0, False), opening=1.0).run(opening=0.9) is None
    assert started(None, Hand(1.0, False), opening=1.0).run(opening=None) is None


def test_a_path_that_passes_twice_is_followed_in_time():
    back = JointTrajectory(
        np.linspace(0.0, 4.0, 202),
        np.vstack([PATH.position, PATH.position[::-1]]),
        np.zeros((202, 2)),
        np.zeros((202, 2)),
    )
    arm = started()
    arm.monitor = MotionMonitor(MonitorConfig(), ('a', 'b'), back, arm.joints, lambda: None, lambda: None, None)
    for q in back.position:
        arm.q = q
        assert arm.monitor.check() is None
