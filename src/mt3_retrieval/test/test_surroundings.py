"""Which yaw of a round thing is taken."""

import numpy as np

from mt3_common import se3
from mt3_common.scene import SURROUNDINGS
from mt3_retrieval.alignment import View, align
from mt3_retrieval.surroundings import turned_to_surroundings
from mt3_retrieval.target_mask import target_mask
from mt3_retrieval.testing import Placed, make_scene


def bottle_of(scene):
    return View.from_rgbd(scene.depth_m, scene.labels == 1, scene.K, scene.T_base_camera, support_height=0.0)


def test_a_round_thing_is_taken_at_the_yaw_at_which_its_surroundings_are_as_taught():
    turn, away = 0.6, 0.085
    taught = make_scene([Placed('bottle', 0.5, 0.0), Placed('box', 0.5, away)])
    x, y = 0.55 - away * np.sin(turn), 0.1 + away * np.cos(turn)
    live = make_scene([Placed('bottle', 0.55, 0.1), Placed('box', x, y, turn)], seed=6)
    view = bottle_of(taught)
    alignment = align(view, bottle_of(live))
    assert len(alignment.alternative_yaws) > 10
    turned, agreed = turned_to_surroundings(live, 1, view, alignment)
    assert agreed and len(turned.alternative_yaws) < 6
    found_yaw = se3.yaw_of(turned.T_live_demo)
    assert abs((found_yaw - turn + np.pi) % (2 * np.pi) - np.pi) < np.radians(15)
    mask = target_mask(live, 1, view, turned, agreed)
    neighbour = live.labels == 2
    assert np.count_nonzero((mask == SURROUNDINGS) & neighbour) > 0.3 * np.count_nonzero(neighbour)


def test_without_surroundings_every_yaw_stays():
    view = bottle_of(make_scene([Placed('bottle', 0.5, 0.0)]))
    live = make_scene([Placed('bottle', 0.55, 0.1), Placed('box', 0.3, -0.2)], seed=6)
    alignment = align(view, bottle_of(live))
    turned, agreed = turned_to_surroundings(live, 1, view, alignment)
    assert not agreed and turned is alignment
