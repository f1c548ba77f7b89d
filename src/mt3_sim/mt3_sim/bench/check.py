"""Whether a task of the suite is fair: its expert does it, its demonstration does it again, and nothing does not."""

import numpy as np

from mt3_common.errors import MT3Error
from mt3_sim.bench.lesson import teaching_scene
from mt3_sim.experts.kinematics import default_arm
from mt3_sim.experts.replay import replay
from mt3_sim.experts.teleop import demonstrate
from mt3_sim.suite.tasks import get
from mt3_sim.world import World

__all__ = ['problem_of']


def problem_of(name: str) -> str:
    """Return what is wrong with a task, empty when nothing is.

    Checked on the scene on which it is taught: the judge says no before anything moved, yes after the expert, and yes
    after the demonstration was replayed from its own bottleneck.
    """
    family, arm = get(name), default_arm()
    try:
        scene = teaching_scene(family)
        world = World(scene.spec, arm.config)
        if family.judge(world, scene).success:
            return 'judged as done before anything moved'
        recording = demonstrate(world, scene, arm, np.random.default_rng(0))
        verdict = family.judge(world, scene)
        if not verdict.success:
            return f'expert: {verdict.reason}'
        world.reset(scene.spec)
        replay(world, arm, *recording.interaction(arm.config))
        verdict = family.judge(world, scene)
        return '' if verdict.success else f'replay: {verdict.reason}'
    except MT3Error as error:
        return str(error.status)
