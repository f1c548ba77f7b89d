"""Plans of the experts: order of the steps, limits, and the small variations of a hand."""

import numpy as np
import pytest

from mt3_common import se3
from mt3_common.errors import MT3Error, StatusCode
from mt3_sim import families
from mt3_sim.experts.kinematics import default_arm
from mt3_sim.experts.motion import Grip, Mark, Move, hand_like, plan


@pytest.mark.parametrize('name', families.names())
def test_a_plan_marks_its_moments_and_keeps_the_limits(name):
    arm, scene = default_arm(), families.set_up(name, 2)
    home = np.array(arm.config.home_rad)
    way = scene.waypoints
    motion = plan(arm, way, scene.T_base_target, home, np.random.default_rng(0))
    assert [s.name for s in motion.steps if isinstance(s, Mark)] == ['scene', 'bottleneck', 'end']
    q = home
    for move in (s for s in motion.steps if isinstance(s, Move)):
        assert np.allclose(move.q[0], q, atol=2e-3)
        assert (np.abs(move.qd) <= arm.velocity + 1e-9).all()
        assert min(arm.margin(p) for p in move.q) > 0.0
        assert np.all(np.diff(move.time_s) > 0)
        q = move.q[-1]
    distance, _ = se3.pose_error(arm.tcp(q), scene.T_base_target @ way[-1].T_target_tcp)
    assert distance < 1e-3
    assert 5.0 < motion.duration_s < 25.0
    if name != 'press_button' and name != 'push_to_spot':
        assert any(isinstance(s, Grip) for s in motion.steps[motion.steps.index(Mark('bottleneck')) :])


@pytest.mark.parametrize('name', families.names())
def test_the_bottleneck_is_before_and_above_what_is_touched(name):
    scene = families.set_up(name, 2)
    way = scene.waypoints
    assert way[0].event == 'bottleneck'
    assert way[-1].event == 'end'
    assert way[0].T_target_tcp[2, 3] - min(w.T_target_tcp[2, 3] for w in way) >= 0.05


def test_a_hand_varies_less_where_it_is_tight():
    scene = families.set_up('pick_mug', 1)
    way = scene.waypoints
    off = np.zeros(len(way))
    for seed in range(40):
        off += [
            se3.pose_error(a.T_target_tcp, b.T_target_tcp)[0]
            for a, b in zip(way, hand_like(way, np.random.default_rng(seed)), strict=True)
        ]
    off /= 40
    assert off[1] < 0.002 < off[0] < 0.008


def test_a_target_out_of_reach_is_refused_with_its_place():
    scene = families.set_up('pick_mug', 1)
    arm = default_arm()
    with pytest.raises(MT3Error, match='place the target elsewhere') as caught:
        plan(arm, scene.waypoints, se3.from_yaw(0.0, (1.3, 0.0, 0.0)), np.array(arm.config.home_rad))
    assert caught.value.code == StatusCode.UNREACHABLE
