"""Doubt: a symmetric thing is judged modulo its symmetry, a part out of sight is doubted."""

import numpy as np
import pytest

from mt3_common import se3
from mt3_retrieval.alignment import AlignmentConfig, View, align
from mt3_retrieval.alignment.pose import affine_of, turned_within
from mt3_retrieval.testing import Placed, camera_pose, make_scene

LIMIT = AlignmentConfig().min_confidence


def view_of(placed, seed):
    scene = make_scene([placed], seed)
    return View.from_rgbd(scene.depth_m, scene.mask(1), scene.K, scene.T_base_camera, scene.rgb)


@pytest.mark.parametrize('scale', [(1.15, 1.15, 0.9), (0.85, 0.85, 1.1), (1.1, 1.1, 1.1)])
@pytest.mark.parametrize('shape', ['bottle', 'can', 'plate'])
def test_novel_round_objects_are_accepted(shape, scale):
    demo = view_of(Placed(shape, 0.5, 0.02, 0.4), 1)
    result = align(demo, view_of(Placed(shape, 0.58, -0.08, 2.0, scale, (60, 90, 200)), 2))
    assert result.status.ok, result.status
    assert result.confidence > LIMIT + 0.2
    if len(set(scale)) == 1:
        assert len(result.alternative_yaws) > 25


def test_handle_out_of_sight_is_doubted():
    T_base_camera = camera_pose()
    towards = float(np.arctan2(*(T_base_camera[:2, 3] - [0.5, 0.0])[::-1]))
    demo = view_of(Placed('mug', yaw=towards + 1.4), 3)
    hidden = align(demo, view_of(Placed('mug', 0.52, 0.01, towards + np.pi), 4))
    seen = align(demo, view_of(Placed('mug', 0.52, 0.01, towards + 0.8), 4))
    assert hidden.confidence < LIMIT
    assert not hidden.alternative_yaws, 'no yaw of it is offered to the arm'
    assert seen.confidence > LIMIT
    turn = np.degrees(se3.yaw_of(seen.T_live_demo)) + np.degrees(0.6)
    assert abs((turn + 180.0) % 360.0 - 180.0) < 10.0


def test_turn_of_a_stretched_object_turns_its_stretch():
    pose = np.array([0.03, -0.02, 0.7, 0.0, 0.2, 0.05, -0.1, 0.0])
    axis = np.array([0.04, 0.01])
    M, _, t = affine_of(pose)
    axis_demo = np.linalg.solve(M[:2, :2], axis - t[:2])
    square = axis_demo + 0.05 * np.array([[1.0, 1.0], [-1.0, 1.0], [-1.0, -1.0], [1.0, -1.0]])
    turned_M, _, turned_t = affine_of(turned_within(pose, axis, np.array([np.pi / 2]))[0])
    before, after = (square @ m[:2, :2].T + s[:2] for m, s in ((M, t), (turned_M, turned_t)))
    np.testing.assert_allclose(after, np.roll(before, -1, axis=0), atol=1e-12)
