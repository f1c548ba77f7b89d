"""A demonstration replayed elsewhere with the true change of the object, and with a wrong one."""

import numpy as np
import pytest

from mt3_common import se3
from mt3_sim import families
from mt3_sim.experts.kinematics import default_arm
from mt3_sim.experts.replay import alignment_error, replay
from mt3_sim.experts.teleop import demonstrate
from mt3_sim.world import World


def repeat(name, seed, metres=0.0, radians=0.0):
    arm, family = default_arm(), families.get(name)
    demo = families.set_up(name, seed)
    recording = demonstrate(World(demo.spec, arm.config), demo, arm, np.random.default_rng(seed))
    T_base_bottleneck, interaction = recording.interaction(arm.config)
    live = families.set_up(name, 1000 + seed)
    T_live_demo = live.T_base_target @ se3.inverse(demo.T_base_target)
    T_live_demo = alignment_error(np.random.default_rng(seed), metres, radians, live.T_base_target) @ T_live_demo
    world = World(live.spec, arm.config)
    replay(world, arm, T_live_demo @ T_base_bottleneck, interaction)
    return family.judge(world, live)


def test_an_alignment_error_moves_the_object_by_what_it_says():
    T = se3.from_yaw(0.4, (0.5, 0.2, 0.0))
    error = alignment_error(np.random.default_rng(3), 0.005, np.radians(3.0), T)
    distance, angle = se3.pose_error(error @ T, T)
    assert distance == pytest.approx(0.005)
    assert angle == pytest.approx(np.radians(3.0))


@pytest.mark.parametrize('name', families.names())
def test_the_demonstration_works_elsewhere(name):
    verdict = repeat(name, 1)
    assert verdict.success, verdict.reason


@pytest.mark.slow
@pytest.mark.parametrize('name', families.names())
def test_it_forgives_five_millimetres_and_three_degrees(name):
    verdicts = [repeat(name, seed, 0.005, np.radians(3.0)) for seed in range(12)]
    assert sum(v.success for v in verdicts) >= 11, [v.reason for v in verdicts if not v.success]
