import numpy as np
import pytest

from mt3_common.cameras import backproject, check_depth, check_intrinsics, project
from mt3_common.errors import InvalidInput

K = np.array([[60.0, 0, 31.5], [0, 50.0, 23.5], [0, 0, 1]])


def test_project_undoes_backproject():
    rng = np.random.default_rng(0)
    depth = rng.uniform(0.5, 2.0, (48, 64)).astype(np.float32)
    depth[3, 4] = np.nan
    v, u = np.nonzero(np.isfinite(depth))
    np.testing.assert_allclose(project(backproject(depth, K), K), np.stack([u, v], 1), atol=1e-9)


def test_backproject_keeps_to_the_mask():
    depth = np.ones((48, 64), np.float32)
    mask = np.zeros(depth.shape, bool)
    mask[10, 20] = True
    np.testing.assert_allclose(backproject(depth, K, mask), [[(20 - 31.5) / 60, (10 - 23.5) / 50, 1.0]])


def test_project_gives_nan_behind_the_camera():
    assert np.isnan(project(np.array([[0.0, 0.0, -1.0]]), K)).all()


def test_check_depth_turns_no_reading_into_nan_and_copies():
    depth = np.array([[0.0, -1.0, np.inf, 1.0]])
    assert np.isnan(check_depth(depth)[0, :3]).all() and depth[0, 0] == 0.0


@pytest.mark.parametrize('depth', [np.ones((3, 3), np.uint16), np.ones(3), np.full((3, 3), 812.0)])
def test_check_depth_refuses(depth):
    with pytest.raises(InvalidInput):
        check_depth(depth)


@pytest.mark.parametrize('bad', [np.eye(4), np.zeros((3, 3)), np.diag([1.0, 1.0, 2.0]), np.full((3, 3), np.nan)])
def test_check_intrinsics_refuses(bad):
    with pytest.raises(InvalidInput, match='pinhole'):
        check_intrinsics(bad)
