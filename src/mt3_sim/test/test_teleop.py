"""Experts in the physics."""

import numpy as np
import pytest

from mt3_common import se3
from mt3_sim import families
from mt3_sim.experts.kinematics import default_arm
from mt3_sim.experts.teleop import demonstrate
from mt3_sim.world import World


def episode(name, seed, instance):
    arm = default_arm()
    scene = families.set_up(name, seed, instance, seed)
    world = World(scene.spec, arm.config)
    recording = demonstrate(world, scene, arm, np.random.default_rng(seed))
    return recording, families.get(name).judge(world, scene)


@pytest.mark.parametrize('name', families.names())
def test_the_expert_succeeds_and_its_recording_is_an_interaction(name):
    recording, verdict = episode(name, 1, 'taught')
    assert verdict.success, verdict.reason
    assert 0 <= recording.events['scene'] < recording.events['bottleneck'] < recording.events['end']
    T, interaction = recording.interaction(default_arm().config)
    assert se3.is_transform(T)
    assert 2.0 < interaction.duration_s < 15.0


@pytest.mark.slow
@pytest.mark.parametrize('instance', ['taught', 'novel'])
@pytest.mark.parametrize('name', families.names())
def test_the_expert_nearly_always_succeeds(name, instance):
    verdicts = [episode(name, seed, instance)[1] for seed in range(20)]
    assert sum(v.success for v in verdicts) >= 19, [v.reason for v in verdicts if not v.success]
