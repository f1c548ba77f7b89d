from types import SimpleNamespace

import numpy as np
import pytest

from mt3_common.errors import MT3Error, Status
from mt3_teach.choose_object import by_tool, distances


def segmentation(*centres):
    """Small clouds around centres."""
    objects, labels = [], np.zeros((20, 20), np.int32)
    for k, centre in enumerate(centres):
        points = np.array(centre) + np.random.default_rng(k).uniform(-0.02, 0.02, (100, 3))
        mask = np.zeros((20, 20), bool)
        mask[4 * k, 4] = True
        labels[mask] = k + 1
        objects.append(SimpleNamespace(points=points, mask=mask))
    return SimpleNamespace(objects=tuple(objects), labels=labels, status=Status())


A, B = (0.5, 0.0, 0.0), (0.5, 0.2, 0.0)
SWEEP = np.linspace((0.5, -0.1, 0.15), (0.5, 0.2, 0.0), 50)  # passes over A, ends at B


def test_grips_decide():
    scene = segmentation(A, B)
    assert by_tool(scene, SWEEP, SWEEP[-1:], 0.15).index == 1
    assert by_tool(scene, SWEEP[::-1], SWEEP[-1:], 0.15).index == 1


def test_the_first_grip_decides_for_what_is_carried():
    scene = segmentation(A, B)
    assert by_tool(scene, SWEEP, np.array([A, B]), 0.15).index == 0


def test_without_grips_the_nearest_counts():
    assert by_tool(segmentation(A, B), SWEEP, None, 0.15).index == 1


def test_among_objects_touched_alike_the_longer_stay_counts():
    way = np.vstack([np.tile(A, (3, 1)), np.tile(B, (40, 1))])
    choice = by_tool(segmentation(A, B), way, None, 0.15)
    assert choice.index == 1 and choice.rival_m < 0.02


@pytest.mark.parametrize('scene', [segmentation(), segmentation((0.9, 0.9, 0.0))])
def test_refuses_when_nothing_is_near(scene):
    with pytest.raises(MT3Error, match='acts on no object'):
        by_tool(scene, SWEEP, None, 0.15)


def test_distances():
    np.testing.assert_allclose(distances(np.zeros((1, 3)), np.array([[0.3, 0.4, 0.0]])), [0.5])
