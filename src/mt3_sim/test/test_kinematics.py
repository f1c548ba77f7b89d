"""The experts' kinematics."""

import numpy as np

from mt3_common import se3
from mt3_sim.experts.kinematics import default_arm
from mt3_sim.experts.waypoint import top_down


def test_solutions_reach_the_pose_within_the_limits():
    arm = default_arm()
    for yaw in np.linspace(-np.pi, np.pi, 9):
        T = top_down(0.5, 0.15, 0.1, yaw)
        starts = arm.starts(T)
        assert starts
        for q in starts:
            distance, angle = se3.pose_error(arm.tcp(q), T)
            assert distance < 2e-4
            assert angle < 2e-3
            assert arm.margin(q) > 0.0


def test_out_of_reach_has_no_solution():
    assert default_arm().starts(top_down(1.2, 0.0, 0.1, 0.0)) == []


def test_a_path_is_followed_without_jumps():
    arm = default_arm()
    T = np.array([top_down(0.5, 0.0, z, 0.3) for z in np.linspace(0.2, 0.05, 30)])
    q = arm.follow(T, arm.starts(T[0])[0])
    assert q is not None
    assert np.abs(np.diff(q, axis=0)).max() < 0.05
    assert all(se3.pose_error(arm.tcp(a), b)[0] < 2e-4 for a, b in zip(q, T, strict=True))


def test_top_down_points_down_and_closes_along_the_given_yaw():
    T = top_down(0.1, 0.2, 0.3, 0.7)
    assert se3.is_transform(T)
    assert np.allclose(T[:3, 2], [0, 0, -1])
    assert np.allclose(T[:3, 1], [np.cos(0.7), np.sin(0.7), 0])
