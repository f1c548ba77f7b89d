"""The replay check: a good demonstration reproduces, one that is off does not, and each says why."""

import dataclasses

import numpy as np
import pytest

from mt3_common import se3
from mt3_common.demonstration import Demonstration, Interaction
from mt3_common.errors import InvalidInput
from mt3_perception.testing import Solid, TableTop, look_at
from mt3_sim import families
from mt3_sim.experts.check import SCENE_KEY, check
from mt3_sim.experts.kinematics import default_arm
from mt3_sim.experts.rebuild import OTHERS, TARGET, rebuild_scene
from mt3_sim.experts.teleop import demonstrate
from mt3_sim.experts.waypoint import top_down
from mt3_sim.world import World


def shifted(demo, *offset):
    return dataclasses.replace(demo, T_base_bottleneck=se3.make(None, offset) @ demo.T_base_bottleneck)


@pytest.fixture(scope='module')
def picture():
    """A box beside another one, seen without noise, and a top grasp of it."""
    table = TableTop((Solid('box', 0.5, 0.0, (0.09, 0.05, 0.1)), Solid('box', 0.55, 0.2, (0.06, 0.06, 0.08))))
    view = table.view(look_at((1.1, 0.0, 0.75), (0.5, 0.0, 0.0)))
    heights = np.array([0.0, -0.1, -0.1, -0.1, 0.0])
    time_s = np.array([0.0, 2.0, 2.2, 3.5, 5.5])
    at = np.linspace(0.0, 5.5, 111)
    path = np.tile(np.eye(4), (len(at), 1, 1))
    path[:, 2, 3] = -np.interp(at, time_s, heights)  # the tool's z points down
    return Demonstration(
        task='pick up the box',
        robot='panda',
        T_base_bottleneck=top_down(0.5, 0.0, 0.18, 0.5 * np.pi),
        interaction=Interaction(at, path, np.where(at < 2.1, 1.0, 0.0), 0.08),
        rgb=view.rgb,
        depth_m=view.depth_m,
        mask=view.ids == 1,
        K=view.K,
        T_base_camera=view.T_base_camera,
        support_height_m=0.0,
    )


@pytest.fixture(scope='module')
def expert(picture):
    """An expert's demonstration of the cell that names its scene."""
    arm, seed = default_arm(), 1
    scene = families.set_up('pick_box', seed)
    recording = demonstrate(World(scene.spec, arm.config), scene, arm, np.random.default_rng(0))
    T_base_bottleneck, interaction = recording.interaction(arm.config)
    provenance = {SCENE_KEY: f'pick_box {seed} taught 0 0'}
    return dataclasses.replace(
        picture, T_base_bottleneck=T_base_bottleneck, interaction=interaction, provenance=provenance
    )


def test_in_the_very_scene_the_judge_answers(expert):
    report = check(expert)
    assert report.reproduces is True and report.success and report.gripped and not report.problems
    assert report.touched == ['box'] and report.tracking_m < 0.01 and report.lifted_m > 0.06


def test_one_that_is_off_does_not_reproduce(expert):
    report = check(shifted(expert, 0.0, 0.12, 0.0))
    assert report.reproduces is False and report.success is False and 'not in the hand' in report.problems[0]


def test_a_rebuilt_scene_tells_grip_and_motion_but_not_success(picture):
    report = check(picture)
    assert report.reproduces is None and report.success is None and not report.problems
    assert report.gripped and report.touched == [TARGET] and 0.06 < report.lifted_m < 0.12


def test_in_a_rebuilt_scene_a_miss_and_what_stands_by_are_told(picture):
    miss = check(shifted(picture, 0.0, -0.13, 0.0))
    assert miss.reproduces is False and any('neither grips nor moves' in p for p in miss.problems)
    beside = check(shifted(picture, 0.02, 0.16, 0.0))
    assert OTHERS in beside.touched and any('beside the target' in p for p in beside.problems)


def test_out_of_reach_is_told(picture):
    report = check(shifted(picture, 0.9, 0.0, 0.0))
    assert report.reproduces is False and not report.followed and 'cannot follow' in report.reason


def test_the_rebuilt_object_has_the_size_of_what_was_seen(picture):
    spec = rebuild_scene(picture)
    assert [p.name for p in spec.placements] == [TARGET, OTHERS]
    bounds = spec.placements[0].model.mesh().bounds
    np.testing.assert_allclose(bounds[1] - bounds[0], (0.09, 0.05, 0.1), atol=0.014)
    assert spec.placements[0].model.movable and not spec.placements[1].model.movable


@pytest.mark.parametrize(
    ('change', 'words'),
    [
        ({'robot': 'ur5e'}, 'the cell has a panda'),
        ({'provenance': {SCENE_KEY: 'pick_box x'}}, 'cannot be read'),
        ({'provenance': {SCENE_KEY: 'juggle 1 taught 0 0'}}, 'no task family'),
    ],
)
def test_what_cannot_be_checked_is_refused(picture, change, words):
    with pytest.raises(InvalidInput, match=words):
        check(dataclasses.replace(picture, **change))
