"""Settling: a smooth thing seen from two sides is turned as far as it was, and what looks away says nothing."""

import numpy as np
import pytest

from mt3_common import se3
from mt3_retrieval.alignment import AlignmentConfig, View, align
from mt3_retrieval.alignment.pose import rigid_pose
from mt3_retrieval.alignment.settle import TERMS, expectations, settle
from mt3_retrieval.testing import Placed, make_scene

VISIBLE = [term for term in TERMS if term != 'penalty'].index('visible')
FRONT = list(TERMS).index('front')


def view_of(placed, seed):
    scene = make_scene([placed], seed)
    return View.from_rgbd(scene.depth_m, scene.mask(1), scene.K, scene.T_base_camera)


@pytest.fixture(scope='module')
def pair():
    demo, live = view_of(Placed('mug', yaw=0.3), 1), view_of(Placed('mug', 0.53, 0.04, yaw=0.9), 2)
    T_true = se3.from_yaw(0.9, np.array([0.53, 0.04, 0.0])) @ se3.inverse(se3.from_yaw(0.3, np.array([0.5, 0.0, 0.0])))
    T = se3.inverse(live.T_base_view) @ T_true @ demo.T_base_view
    return demo.shape, live.shape, rigid_pose(T[0, 3], T[1, 3], se3.yaw_of(T))


@pytest.mark.parametrize('off', [(0.0, 0.0, 0.1), (0.004, -0.003, -0.14), (-0.005, 0.002, 0.0)])
def test_a_pose_nearby_settles_at_the_truth(pair, off):
    demo, live, truth = pair
    start = truth.copy()
    start[:3] += off
    settled = settle(demo, live, start, AlignmentConfig())
    assert np.hypot(*(settled[:2] - truth[:2])) < 0.003
    assert abs(settled[2] - truth[2]) < np.radians(3.0)
    assert not settled[4:].any(), 'a rigid pose stays rigid'


def test_what_is_lifted_towards_the_camera_floats_in_front(pair):
    demo, live, truth = pair
    lifted = truth.copy()
    lifted[3] += 0.012
    assert expectations(demo, live, lifted, 1500)[FRONT] > expectations(demo, live, truth, 1500)[FRONT] + 0.2


def test_turned_to_its_other_side_less_of_it_can_be_seen(pair):
    demo, live, truth = pair
    turned = truth.copy()
    turned[2] += np.pi
    assert expectations(demo, live, turned, 1500)[VISIBLE] < 0.7 * expectations(demo, live, truth, 1500)[VISIBLE]


def test_settling_moves_the_object_but_not_the_judgement_by_which_it_is_compared():
    found = align(view_of(Placed('mug', yaw=0.3), 1), view_of(Placed('mug', 0.53, 0.04, yaw=0.9), 2))
    searched = found.candidates[0]
    assert found.status.ok and np.abs(found.T_live_demo - searched.T_live_demo).max() > 1e-6
    assert (found.score, found.overlap, found.violation) == (searched.score, searched.overlap, searched.violation)
