"""Where things stand."""

import numpy as np

from mt3_common import se3
from mt3_sim import families
from mt3_sim.families.placing import draw_distractors, draw_pose, well_seen


def test_poses_stand_upright_on_the_table():
    for seed in range(20):
        T = draw_pose(np.random.default_rng(seed))
        assert se3.is_transform(T)
        assert T[2, 3] == 0.0
        assert T[2, 2] == 1.0


def test_no_room_is_said_and_not_squeezed():
    scene = families.set_up('pick_mug', 1)
    assert draw_distractors(np.random.default_rng(0), scene, None, 40) is None


def test_a_teacher_shows_the_side_that_matters():
    seeds = [families.teaching_seed('pick_box', number) for number in (0, 1)]
    assert seeds[0] < seeds[1]
    for seed in seeds:
        scene = families.set_up('pick_box', seed)
        assert well_seen(scene)
        assert scene.T_base_target[0, 0] > 0.0
