"""Laws of SE(3)."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mt3_common import se3
from mt3_common.errors import InvalidInput

numbers = st.floats(-3.0, 3.0, allow_nan=False)
twists = st.lists(numbers, min_size=6, max_size=6).map(lambda v: np.array([*v[:3], *(np.array(v[3:]) / 2.0)]))
transforms = twists.map(se3.exp)


def close(T_a, T_b, tolerance=1e-9):
    np.testing.assert_allclose(T_a, T_b, atol=tolerance)


@given(transforms, transforms, transforms)
def test_group_axioms(T_a_b, T_b_c, T_c_d):
    assert se3.is_transform(T_a_b @ T_b_c)
    close((T_a_b @ T_b_c) @ T_c_d, T_a_b @ (T_b_c @ T_c_d))
    close(T_a_b @ se3.inverse(T_a_b), np.eye(4))
    close(se3.inverse(se3.inverse(T_a_b)), T_a_b)
    close(se3.inverse(T_a_b @ T_b_c), se3.inverse(T_b_c) @ se3.inverse(T_a_b))


@given(twists)
def test_log_undoes_exp(twist):
    if np.linalg.norm(twist[3:]) < np.pi - 1e-3:
        np.testing.assert_allclose(se3.log(se3.exp(twist)), twist, atol=1e-6)


@given(transforms)
def test_exp_undoes_log(T_a_b):
    close(se3.exp(se3.log(T_a_b)), T_a_b, 1e-6)


@pytest.mark.parametrize('angle', [0.0, 1e-12, 1e-8, 1e-6, 1e-5, 1.1e-5, 1e-4])
def test_exp_and_log_at_small_angles(angle):
    twist = np.array([0.3, -0.2, 0.1, angle, 0.0, 0.0])
    np.testing.assert_allclose(se3.log(se3.exp(twist)), twist, atol=1e-9)


@given(transforms)
def test_quaternion_and_back(T_a_b):
    q = se3.quaternion(T_a_b)
    assert q[3] >= 0.0 and abs(np.linalg.norm(q) - 1.0) < 1e-9
    close(se3.from_position_quaternion(T_a_b[:3, 3], q), T_a_b)


def test_quaternion_order_is_x_y_z_w():
    T = se3.from_yaw(np.pi / 2)
    np.testing.assert_allclose(se3.quaternion(T), [0, 0, np.sqrt(0.5), np.sqrt(0.5)], atol=1e-12)


@pytest.mark.parametrize('q', [(0, 0, 0, 0), (0, 0, 0, 2), (np.nan, 0, 0, 1)])
def test_refuses_quaternions_that_are_none(q):
    with pytest.raises(InvalidInput):
        se3.from_position_quaternion(np.zeros(3), np.array(q, float))


@given(st.floats(-np.pi + 1e-6, np.pi), transforms)
def test_yaw_of_a_yaw(yaw, T):
    assert abs(se3.yaw_of(se3.from_yaw(yaw, T[:3, 3])) - yaw) < 1e-9


@given(transforms, st.lists(numbers, min_size=6, max_size=6))
def test_transform_points_agrees_with_the_matrix(T_a_b, values):
    points = np.array(values).reshape(2, 3)
    expected = (T_a_b @ np.hstack([points, np.ones((2, 1))]).T).T[:, :3]
    np.testing.assert_allclose(se3.transform_points(T_a_b, points), expected, atol=1e-9)


@given(transforms, transforms, transforms)
def test_pose_error_is_symmetric_and_does_not_depend_on_the_frame(T_a_x, T_a_y, T_b_a):
    distance, angle = se3.pose_error(T_a_x, T_a_y)
    assert se3.pose_error(T_a_x, T_a_x) == (pytest.approx(0.0, abs=1e-9), pytest.approx(0.0, abs=1e-6))
    assert (distance, angle) == pytest.approx(se3.pose_error(T_a_y, T_a_x), abs=1e-6)
    assert (distance, angle) == pytest.approx(se3.pose_error(T_b_a @ T_a_x, T_b_a @ T_a_y), abs=1e-6)


def test_pose_error_at_a_point_of_the_body():
    turned = se3.from_yaw(np.pi / 2)
    assert se3.pose_error(np.eye(4), turned)[0] == pytest.approx(0.0)
    assert se3.pose_error(np.eye(4), turned, np.array([1.0, 0, 0]))[0] == pytest.approx(np.sqrt(2.0))


@settings(max_examples=40)
@given(st.lists(transforms, min_size=2, max_size=5))
def test_interpolate_meets_its_samples_and_holds_beyond_them(poses):
    times, T = np.arange(len(poses), dtype=float), np.array(poses)
    close(se3.interpolate(times, T, times), T, 1e-7)
    close(se3.interpolate(times, T, np.array([-5.0, 99.0])), T[[0, -1]], 1e-7)
    assert se3.is_transform(se3.interpolate(times, T, np.linspace(0, times[-1], 7)), 1e-6)


def test_interpolate_half_way():
    T = np.array([np.eye(4), se3.from_yaw(1.0, (2.0, 0.0, 0.0))])
    close(se3.interpolate(np.array([0.0, 1.0]), T, np.array([0.5]))[0], se3.from_yaw(0.5, (1.0, 0.0, 0.0)))
    close(se3.interpolate(np.array([3.0]), T[1:], np.array([0.0, 9.0])), T[[1, 1]])


@pytest.mark.parametrize(
    'T', [np.zeros((4, 4)), np.diag([1.0, 1.0, -1.0, 1.0]), np.full((4, 4), np.nan), np.eye(3), 2.0 * np.eye(4)]
)
def test_as_transform_refuses_what_is_not_rigid(T):
    with pytest.raises(InvalidInput, match='T_base_camera'):
        se3.as_transform(T, 'T_base_camera')


def test_as_transform_copies():
    T = np.eye(4)
    se3.as_transform(T, 'T_a_b')[0, 3] = 1.0
    assert T[0, 3] == 0.0
