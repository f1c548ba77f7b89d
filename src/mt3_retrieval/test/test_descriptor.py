"""The shape descriptor: the same from anywhere, different for different things."""

import numpy as np
import pytest

from mt3_common import se3
from mt3_retrieval.descriptor import DESCRIPTOR_SIZE, describe, geometry_similarity
from mt3_retrieval.testing import Placed, make_scene


def points_of(shape, yaw=0.0, x=0.5, y=0.0, seed=0, scale=(1.0, 1.0, 1.0)):
    return make_scene([Placed(shape, x, y, yaw, scale)], seed).objects[0].points


def test_moving_the_cloud_changes_nothing():
    points = points_of('mug')
    moved = se3.transform_points(se3.from_yaw(1.2, np.array([0.3, -0.4, 0.1])), points)
    similar = geometry_similarity(describe(points, 0.0), describe(moved, 0.1))
    assert similar > 0.75  # voxels fall differently


@pytest.mark.parametrize('shape', ['mug', 'bottle', 'box', 'drawer', 'plate', 'lblock'])
def test_the_same_thing_elsewhere_is_nearest(shape):
    shapes = ['mug', 'bottle', 'box', 'drawer', 'plate', 'lblock', 'button']
    taught = np.stack([describe(points_of(s, 0.3), 0.0) for s in shapes])
    seen = describe(points_of(shape, 2.0, 0.42, 0.15, seed=3), 0.0)
    assert shapes[int(np.argmax(geometry_similarity(taught, seen)))] == shape


def test_a_larger_instance_stays_near():
    small, large = describe(points_of('box'), 0.0), describe(points_of('box', scale=(1.2, 1.2, 1.2)), 0.0)
    other = describe(points_of('plate'), 0.0)
    assert geometry_similarity(small, large) > 2 * geometry_similarity(other, large)


@pytest.mark.parametrize('count', [0, 1, 7])
def test_too_few_points_say_nothing(count):
    empty = describe(np.random.default_rng(0).normal(size=(count, 3)))
    assert empty.shape == (DESCRIPTOR_SIZE,) and not empty.any()
    assert geometry_similarity(empty, describe(points_of('mug'))) == 0.0


def test_nan_duplicates_and_flat_clouds():
    points = np.full((20, 3), 0.1)
    assert np.isfinite(describe(points)).all()
    points[3] = np.nan
    assert np.isfinite(describe(points, float('nan'))).all()


def test_a_stray_point_far_away_needs_no_memory():
    stray = np.concatenate([points_of('mug'), [[80.0, -50.0, 90.0]]])
    assert np.isfinite(describe(stray, 0.0)).all() and describe(stray, 0.0).any()
