"""What the demonstration says about the pixels of a live scene."""

from dataclasses import replace

import numpy as np
import pytest

from mt3_common.scene import OBJECT, SURROUNDINGS
from mt3_retrieval.alignment import View, align
from mt3_retrieval.target_mask import target_mask
from mt3_retrieval.testing import Placed, make_scene

TURN = 0.5
ANGLE = Placed('lblock', 0.5, 0.0, 0.0)
TURNED = replace(ANGLE, x=0.55, y=0.1, yaw=TURN)


def beside(anchor, away):
    """A block on the outer side of an angle, turned with it."""
    x, y = anchor.x + away * np.sin(anchor.yaw), anchor.y - away * np.cos(anchor.yaw)
    return Placed('box', x, y, anchor.yaw)


def view_of(scene, number, labels=None):
    mask = (scene.labels if labels is None else labels) == number
    return View.from_rgbd(scene.depth_m, mask, scene.K, scene.T_base_camera, support_height=0.0)


def found(taught, live, truth):
    """The mask, from what was taught of object 1 and a live scene whose segmentation has gone wrong."""
    view = view_of(taught, 1)
    alignment = align(view, view_of(live, 1, truth))
    assert alignment.status.ok
    return target_mask(live, 1, view, alignment), alignment


def overlap(mask, truth):
    return np.count_nonzero(mask & truth) / np.count_nonzero(mask | truth)


@pytest.fixture(scope='module')
def scenes():
    return make_scene([ANGLE]), make_scene([TURNED], seed=3)


def test_a_piece_that_was_cut_off_comes_back(scenes):
    taught, live = scenes
    labels = live.labels.copy()
    rows = np.nonzero(labels.any(axis=1))[0]
    labels[(labels == 1) & (np.arange(len(labels))[:, None] > np.median(rows))] = 9
    cut = replace(live, labels=labels)
    assert overlap(labels == 1, live.labels == 1) < 0.7
    mask, _ = found(taught, cut, live.labels)
    assert overlap(mask == OBJECT, live.labels == 1) > 0.95


def test_a_neighbour_in_the_same_segment_is_not_the_object(scenes):
    taught, _ = scenes
    live = make_scene([TURNED, beside(TURNED, 0.09)], seed=4)
    merged = replace(live, labels=np.where(live.labels > 0, 1, 0))
    mask, _ = found(taught, merged, live.labels)
    neighbour = live.labels == 2
    assert np.count_nonzero((mask == OBJECT) & neighbour) < 0.03 * np.count_nonzero(neighbour)
    assert np.count_nonzero((mask == SURROUNDINGS) & neighbour) > 0.95 * np.count_nonzero(neighbour)
    assert overlap(mask == OBJECT, live.labels == 1) > 0.85


def test_what_stood_beside_it_when_it_was_taught_may_be_touched_where_it_still_does():
    taught = make_scene([ANGLE, beside(ANGLE, 0.08)])
    for shift, least, most in ((0.0, 0.3, 1.0), (0.05, 0.0, 0.2)):
        live = make_scene([TURNED, beside(TURNED, 0.08 + shift)], seed=5)
        mask, alignment = found(taught, live, live.labels)
        assert not alignment.alternative_yaws
        neighbour = live.labels == 2
        share = np.count_nonzero((mask == SURROUNDINGS) & neighbour) / np.count_nonzero(neighbour)
        assert least <= share <= most
        assert overlap(mask == OBJECT, live.labels == 1) > 0.95


def test_nothing_is_touchable_beside_what_looks_the_same_from_several_sides():
    taught = make_scene([Placed('bottle', 0.5, 0.0), Placed('box', 0.38, 0.0)])
    live = make_scene([Placed('bottle', 0.55, 0.1), Placed('box', 0.43, 0.1)], seed=6)
    mask, alignment = found(taught, live, live.labels)
    assert alignment.alternative_yaws and not ((mask == SURROUNDINGS) & (live.labels == 2)).any()
    assert overlap(mask == OBJECT, live.labels == 1) > 0.9
