"""Which pixels see a convex body: against a ray-cast body, and what is in front of or behind it."""

import numpy as np
import pytest

from mt3_common import se3
from mt3_perception.robot.polytopes import DIRECTIONS, Polytope, covered_pixels
from mt3_perception.testing import Solid, TableTop, look_at

SIZE = np.array([0.12, 0.07, 0.10])


def box(size=SIZE):
    return Polytope(np.abs(DIRECTIONS) @ (0.5 * np.asarray(size)))


@pytest.fixture(scope='module')
def view():
    """A box at (0.5, 0) that stands for a link, another box beside it and one in front of it."""
    solids = (
        Solid('box', 0.5, 0.0, tuple(SIZE), 0.4),
        Solid('box', 0.5, 0.15, (0.05, 0.05, 0.08)),
        Solid('box', 0.66, 0.01, (0.03, 0.03, 0.06)),
    )
    return TableTop(solids).view(look_at((1.15, 0.1, 0.75), (0.5, 0.0, 0.02)))


def pose(view, z=0.5 * SIZE[2]):
    return se3.inverse(view.T_base_camera) @ se3.from_yaw(0.4, [0.5, 0.0, z])


def test_directions_are_unit_distinct_and_symmetric():
    assert DIRECTIONS.shape == (98, 3)
    assert np.allclose(np.linalg.norm(DIRECTIONS, axis=1), 1.0)
    assert len(np.unique(DIRECTIONS.round(6), axis=0)) == 98
    assert np.allclose(DIRECTIONS.sum(axis=0), 0.0, atol=1e-9)


def test_the_body_is_covered_and_little_else(view):
    mask = covered_pixels(view.depth_m, view.K, [(box(), pose(view))], 0.01)
    assert mask[view.ids == 1].all()
    assert not mask[view.ids == 2].any()
    assert np.count_nonzero(mask & (view.ids == 3)) == 0  # it stands in front of the body, not in it
    assert np.count_nonzero(mask & (view.ids == 0)) < 0.6 * np.count_nonzero(view.ids == 1)


def test_pixels_without_a_reading_belong_to_the_body_whose_outline_they_lie_in(view):
    depth = view.depth_m.copy()
    depth[view.ids == 1] = np.nan
    depth[:40] = np.nan
    mask = covered_pixels(depth, view.K, [(box(), pose(view))], 0.01)
    assert mask[view.ids == 1].mean() > 0.999
    assert not mask[:40].any()


def test_what_is_seen_where_the_body_should_be_stays(view):
    """The body is believed 30 cm above the table, where nothing is: its outline shows the table."""
    assert not covered_pixels(view.depth_m, view.K, [(box(), pose(view, 0.35))], 0.01).any()


def test_a_body_behind_or_beside_the_camera_covers_nothing(view):
    for shift in ([0, 0, -1.0], [5.0, 0, 1.0]):
        assert not covered_pixels(view.depth_m, view.K, [(box(), se3.make(None, np.array(shift)))], 0.01).any()


def test_a_body_around_the_camera_hides_all_without_a_reading(view):
    depth = np.full_like(view.depth_m, np.nan)
    assert covered_pixels(depth, view.K, [(box((1.0, 1.0, 1.0)), np.eye(4))], 0.0).all()


@pytest.mark.parametrize('shape', [(48, 64), (47, 63)])
def test_odd_sizes(shape):
    depth = np.full(shape, 1.0, np.float32)
    K = np.array([[60.0, 0, 31.5], [0, 60.0, 23.5], [0, 0, 1]])
    mask = covered_pixels(depth, K, [(box((0.2, 0.2, 0.2)), se3.make(None, np.array([0, 0, 1.0])))], 0.0)
    assert mask.shape == shape
    assert 100 < np.count_nonzero(mask) < 600
