"""What a view knows about one place, and the batched kernels against one pose at a time."""

import numpy as np
import pytest

from mt3_common import se3
from mt3_retrieval.alignment import AlignmentConfig, View
from mt3_retrieval.alignment.judge import judge, judge_all
from mt3_retrieval.alignment.lookup import free_margin, inverse_of, nearest_point
from mt3_retrieval.alignment.pose import affine_of
from mt3_retrieval.alignment.score import violations
from mt3_retrieval.alignment.shape import FAR_M
from mt3_retrieval.testing import Placed, make_scene

POSES = np.array([[0.004, -0.003, 0.3, 0, 0, 0, 0, 0], [0.02, 0.01, -1.0, 0.002, 0.1, -0.05, 0.02, 0.1]])


@pytest.fixture(scope='module')
def shape():
    scene = make_scene([Placed('mug', yaw=0.4)], 1)
    return View.from_rgbd(scene.depth_m, scene.mask(1), scene.K, scene.T_base_camera).shape


@pytest.mark.parametrize('place', [(5.0, 0.0, 0.0), (-5.0, 3.0, -7.0), (0.0, 0.0, 9.0), (np.nan, 0.0, 0.0)])
def test_a_far_place_has_no_surface_near(shape, place):
    assert nearest_point(shape, *place)[1] == pytest.approx(FAR_M**2)


def test_a_surface_point_is_nearest_to_itself(shape):
    for x, y, z in shape.points[:50].astype(np.float64):
        assert nearest_point(shape, x, y, z)[1] < 0.005**2


def test_margin_has_the_sign_of_the_side_and_is_unknown_outside_the_picture(shape):
    T_camera_view = se3.make(shape.camera[:9].reshape(3, 3), shape.camera[9:12])
    eye = se3.inverse(T_camera_view)[:3, 3]
    margins = {}
    for share in (-0.05, 0.05):  # towards the camera, and away from it
        places = shape.points[:200] + share * (shape.points[:200] - eye)
        margins[share] = np.array([free_margin(shape, *place) for place in places.astype(np.float64)])
    assert np.nanmedian(margins[-0.05]) > 0.02
    assert np.nanmedian(margins[0.05]) < -0.02
    assert np.isnan(free_margin(shape, 50.0, 0.0, 0.0))
    assert np.isnan(free_margin(shape, *(2.0 * eye)))  # behind the camera


def test_inverse_undoes_the_map():
    M, R, t = affine_of(POSES[1])
    back, back_R, back_t = inverse_of(M, R, t)
    np.testing.assert_allclose(back @ M, np.eye(3), atol=1e-12)
    np.testing.assert_allclose(back_R @ R, np.eye(3), atol=1e-12)
    np.testing.assert_allclose(back @ t + back_t, 0.0, atol=1e-12)


def test_poses_judged_together_are_judged_as_alone(shape):
    config = AlignmentConfig()
    assert judge_all(shape, shape, POSES, config, 300) == [judge(shape, shape, pose, config, 300) for pose in POSES]
    alone = [judge(shape, shape, pose, config, 300).violation for pose in POSES]
    np.testing.assert_allclose(violations(shape, shape, POSES, 300), alone, rtol=1e-9)
    assert violations(shape, shape, np.zeros((0, 8)), 300).shape == (0,)
