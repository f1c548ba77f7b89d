"""What the hand closes on is cut from what carries it."""

import numpy as np
import pytest

from mt3_common import se3
from mt3_perception.scene_builder import segmentation_from_labels
from mt3_perception.testing import Solid, TableTop, look_at
from mt3_retrieval.language import parse
from mt3_teach.cut_taken import cut_taken
from mt3_teach.scene_view import SceneView

TRAY_TOP = 0.02
TRAY = Solid('box', 0.52, 0.05, (0.2, 0.16, TRAY_TOP))
TIN = Solid('box', 0.52, 0.05, (0.06, 0.05, 0.06), 0.4, z=TRAY_TOP)
GRIP = se3.make(np.diag([1.0, -1.0, -1.0]), np.array([0.52, 0.05, 0.05]))[None]
TASK = 'pick up the tin from the tray'


@pytest.fixture(scope='module')
def merged():
    """The picture, its segmentation with tray and tin in one, and the pixels of the tin."""
    seen = TableTop((TRAY, TIN)).view(look_at((1.15, 0.0, 0.75), (0.5, 0.0, 0.02)), 640, 480, 600.0)
    labels = (seen.ids > 0).astype(np.int32)
    segmentation = segmentation_from_labels(labels, seen.depth_m, seen.K, seen.T_base_camera)
    return SceneView(0.0, seen.rgb, seen.depth_m, seen.K, seen.T_base_camera, 1, ''), segmentation, seen.ids == 2


def test_what_is_taken_is_taught_without_what_carries_it(merged):
    view, segmentation, truth = merged
    target, words = cut_taken(segmentation, 0, view, parse(TASK), GRIP)
    assert np.count_nonzero(target.mask & truth) > 0.8 * np.count_nonzero(target.mask | truth)
    assert target.support_height == pytest.approx(TRAY_TOP, abs=0.004)
    assert 'cut from what carries it' in words
    assert len(target.points) == np.count_nonzero(target.mask & np.isfinite(view.depth_m))


@pytest.mark.parametrize(
    ('task', 'grip'),
    [
        ('pick up the tin', GRIP),  # names one thing
        ('place the tin on the tray', GRIP),
        (TASK, np.zeros((0, 4, 4))),  # the hand does not move
        (TASK, se3.make(t_a_b=np.array([0.52, 0.12, 0.015]))[None]),  # takes the tray by its edge
    ],
)
def test_otherwise_the_object_stays_whole(merged, task, grip):
    view, segmentation, _ = merged
    target, words = cut_taken(segmentation, 0, view, parse(task), grip)
    assert (target, words) == (segmentation.objects[0], '')
