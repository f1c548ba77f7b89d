"""Where things stand."""

import numpy as np

from mt3_common import se3
from mt3_sim import families
from mt3_sim.families.placing import draw_distractors, draw_pose


def test_poses_stand_upright_on_the_table():
    for seed in range(20):
        T = draw_pose(np.random.default_rng(seed))
        assert se3.is_transform(T)
        assert T[2, 3] == 0.0
        assert T[2, 2] == 1.0


def test_no_room_is_said_and_not_squeezed():
    scene = families.set_up('pick_mug', 1)
    assert draw_distractors(np.random.default_rng(0), scene, None, 40) is None
