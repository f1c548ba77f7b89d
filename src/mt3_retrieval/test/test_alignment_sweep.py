"""Looking again around a pose: what one climb misses is found from its turns."""

import numpy as np
import pytest

from mt3_retrieval.alignment import AlignmentConfig, View, align, pipeline
from mt3_retrieval.alignment.climb import climb_stretched
from mt3_retrieval.alignment.judge import judge_all
from mt3_retrieval.alignment.sweep import climb_around
from mt3_retrieval.testing import Placed, make_scene

CONFIG = AlignmentConfig()


def view_of(placed, seed, support_height=0.0):
    scene = make_scene([placed], seed)
    return View.from_rgbd(scene.depth_m, scene.mask(1), scene.K, scene.T_base_camera, support_height=support_height)


@pytest.fixture(scope='module')
def novel():
    """A drawer and one that is a tenth larger, each seen alone."""
    return view_of(Placed('drawer', yaw=0.3), 1), view_of(Placed('drawer', 0.53, 0.04, 0.8, (1.1, 1.1, 1.1)), 2)


def last_word(novel, pose):
    return judge_all(novel[0].shape, novel[1].shape, [pose], CONFIG)[0].last_word


@pytest.mark.parametrize('off_degrees', [-14.0, 11.0, 16.0])
def test_a_pose_that_was_turned_away_comes_back(novel, off_degrees):
    demo, live = (view.shape for view in novel)
    best = climb_stretched(demo, live, np.array([0.0, 0.0, 0.5, 0.0, 0.1, 0.0, 0.1, 0.1]), CONFIG)[0]
    away = best.copy()
    away[2] += np.radians(off_degrees)
    around = climb_around(demo, live, away, CONFIG)
    assert len(around) == 6
    assert max(last_word(novel, pose) for pose in around) > last_word(novel, away) + 1.0
    assert min(abs(pose[2] - best[2]) for pose in around) < np.radians(3.0)


def test_without_stretch_nothing_stretches(novel):
    rigid = CONFIG.model_copy(update={'allow_stretch': False})
    demo, live = (view.shape for view in novel)
    assert not any(pose[4:].any() for pose in climb_around(demo, live, np.zeros(8), rigid))


def test_only_what_is_worth_little_is_looked_at_again(novel, monkeypatch):
    sure = align(*novel)
    monkeypatch.setattr(pipeline, '_DOUBTFUL', np.inf)
    again = align(*novel)
    assert len(again.candidates) > len(sure.candidates)
    assert again.candidates[0].worth >= sure.candidates[0].worth - 1e-9
