"""Colour as evidence: laws of tints, and the yaw of a thing that only its paint tells."""

import numpy as np
import pytest

from mt3_common import se3
from mt3_retrieval.alignment import View, align
from mt3_retrieval.alignment.pose import rigid_pose
from mt3_retrieval.alignment.tint import contradiction, tints_at

K = np.array([[600.0, 0.0, 160.0], [0.0, 600.0, 120.0], [0.0, 0.0, 1.0]])
SIZE = (240, 320)
HALF = np.array([0.07, 0.02, 0.03])  # half length and width, and height, of a bar [m]
RED, BLUE, GREY = (190, 40, 35), (40, 60, 180), (120, 120, 118)
T_DEMO = se3.from_yaw(0.4, np.array([0.5, 0.0, 0.0]))


def camera():
    away = np.array([np.cos(0.8), 0.0, np.sin(0.8)])
    right = np.cross(-away, [0.0, 0.0, 1.0]) / np.cos(0.8)
    return se3.make(np.stack([right, np.cross(-away, right), -away], axis=1), np.array([0.5, 0.0, 0.02]) + 0.8 * away)


def bar(T_base_object, colours=(RED, BLUE), exposure=1.0, paint=True, shape=SIZE):
    """A view of a bar of two colours on a table: rays against a slab."""
    v, u = np.indices(SIZE)
    rays = np.stack([(u - K[0, 2]) / K[0, 0], (v - K[1, 2]) / K[1, 1], np.ones(SIZE)], axis=-1)
    T_base_camera = camera()
    down = rays @ T_base_camera[:3, :3].T
    depth = -T_base_camera[2, 3] / down[..., 2]
    T_object_camera = se3.inverse(T_base_object) @ T_base_camera
    ray, eye = rays @ T_object_camera[:3, :3].T, T_object_camera[:3, 3]
    low, high = np.array([-HALF[0], -HALF[1], 0.0]), HALF
    one, two = (low - eye) / ray, (high - eye) / ray
    near, far = np.minimum(one, two).max(axis=-1), np.maximum(one, two).min(axis=-1)
    mask = near < far
    depth = np.where(mask, near, depth).astype(np.float32)
    front = (eye + ray * near[..., None])[..., 0] > 0.0
    rgb = np.where(front[..., None], colours[0], colours[1]) * exposure
    rgb = np.where(mask[..., None], rgb, 150.0).clip(0, 255).astype(np.uint8)
    return View.from_rgbd(depth, mask, K, T_base_camera, rgb[: shape[0]] if paint else None)


def turn_of(result):
    return np.degrees(se3.yaw_of(result.T_live_demo))


@pytest.mark.parametrize('yaw', [0.3, 2.0, -2.5])
@pytest.mark.parametrize('exposure', [0.7, 1.0, 1.25])
def test_paint_tells_the_ends_of_a_bar_apart_under_any_exposure(yaw, exposure):
    live = bar(se3.from_yaw(0.4 + yaw, np.array([0.48, 0.03, 0.0])), exposure=exposure)
    result = align(bar(T_DEMO), live)
    assert abs((turn_of(result) - np.degrees(yaw) + 180.0) % 360.0 - 180.0) < 4.0


def test_a_bar_of_one_colour_has_a_colour_contradiction_nowhere():
    plain = bar(T_DEMO, (GREY, GREY)).shape
    for yaw in (0.0, np.pi):
        assert contradiction(plain, plain, rigid_pose(0.0, 0.0, yaw))[0] < 0.05


def test_contradiction_is_zero_at_the_truth_and_large_when_the_ends_are_swapped():
    shape = bar(T_DEMO).shape
    at_truth, compared = contradiction(shape, shape, rigid_pose(0.0, 0.0, 0.0))
    assert at_truth < 0.01
    assert compared == pytest.approx(1.0)
    assert contradiction(shape, shape, rigid_pose(0.0, 0.0, np.pi))[0] > 0.4


def test_without_colour_nothing_is_compared_and_the_bar_stays_ambiguous():
    painted, bare = bar(T_DEMO), bar(T_DEMO, paint=False)
    assert contradiction(painted.shape, bare.shape, rigid_pose(0.0, 0.0, 0.0)) == (0.0, 0.0)
    result = align(bare, painted)
    assert result.status.ok
    assert [round(abs(np.degrees(yaw)) / 10.0) for yaw in result.alternative_yaws] == [18]


def test_colours_of_another_size_are_refused():
    view = bar(T_DEMO, shape=(200, 320))
    assert 'one image' in view.status.message


def test_tints_do_not_know_the_exposure():
    points = np.array([[0.0, 0.0, 1.0]])
    rgb = np.full((*SIZE, 3), (160, 90, 40), np.uint8)
    bright, dim = (tints_at(points, K, image)[0] for image in (rgb, (rgb * 0.85).astype(np.uint8)))
    np.testing.assert_allclose(bright[:2], dim[:2], atol=0.05)
    assert np.isnan(tints_at(points, K, None)).all()
