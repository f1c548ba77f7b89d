"""Every family: reproducible scenes within reach, and verdicts that are false for a robot that does nothing."""

import numpy as np
import pytest

from mt3_common import se3
from mt3_common.errors import InvalidInput
from mt3_common.robot import RobotConfig
from mt3_sim import families
from mt3_sim.families import placing
from mt3_sim.world import World

NAMES = families.names()


def test_the_promised_families_are_there():
    assert set(NAMES) >= {
        'pick_mug', 'pick_box', 'pick_bottle', 'open_drawer', 'press_button', 'push_to_spot', 'place_on_target',
        'insert_peg',
    }  # fmt: skip
    with pytest.raises(InvalidInput, match='pick_mug'):
        families.get('juggle')


@pytest.mark.parametrize('name', NAMES)
def test_the_same_numbers_give_the_same_scene(name):
    a = families.set_up(name, 5, 'novel', 2, 2)
    b = families.set_up(name, 5, 'novel', 2, 2)
    assert [p.name for p in a.spec.placements] == [p.name for p in b.spec.placements]
    for p, q in zip(a.spec.placements, b.spec.placements, strict=True):
        assert np.array_equal(p.T_base_object, q.T_base_object)
        assert p.model.parameters == q.model.parameters
    assert a.task
    assert a.wordings
    assert a.task not in a.wordings


@pytest.mark.parametrize('name', NAMES)
def test_the_taught_instance_is_always_the_same_and_novel_ones_differ(name):
    taught = [families.set_up(name, seed).model(families.set_up(name, seed).target).parameters for seed in (1, 2)]
    assert taught[0] == taught[1]
    novel = [families.set_up(name, 1, 'novel', k) for k in (1, 2)]
    assert novel[0].model(novel[0].target).parameters != novel[1].model(novel[1].target).parameters


@pytest.mark.parametrize('name', NAMES)
def test_poses_cover_the_circle_and_stay_in_the_workspace(name):
    scenes = [families.set_up(name, seed) for seed in range(16)]
    (x0, x1), (y0, y1) = placing.WORKSPACE
    for scene in scenes:
        x, y = scene.T_base_target[:2, 3]
        assert x0 <= x <= x1
        assert y0 <= y <= y1
    yaws = np.sort([se3.yaw_of(scene.T_base_target) for scene in scenes])
    gaps = np.diff(np.append(yaws, yaws[0] + 2 * np.pi))
    assert gaps.max() < np.pi


@pytest.mark.parametrize('name', ['pick_mug', 'open_drawer', 'push_to_spot'])
def test_distractors_keep_clear_of_the_task_and_of_each_other(name):
    scene = families.set_up(name, 4, distractors=3)
    standing = [p for p in scene.spec.placements if not p.held and p.name != 'spot']
    assert len(standing) == 4
    for i, a in enumerate(standing):
        for b in standing[i + 1 :]:
            apart = np.linalg.norm(a.T_base_object[:2, 3] - b.T_base_object[:2, 3])
            assert apart > a.model.footprint_radius + b.model.footprint_radius


@pytest.mark.parametrize('name', NAMES)
def test_doing_nothing_is_no_success(name):
    scene = families.set_up(name, 1, distractors=1)
    world = World(scene.spec, RobotConfig())
    while world.time < 1.0:
        world.step()
    verdict = families.get(name).judge(world, scene)
    assert not verdict.success
    assert verdict.reason


@pytest.mark.parametrize('name', ['place_on_target', 'insert_peg'])
def test_letting_go_at_home_is_no_success(name):
    scene = families.set_up(name, 1)
    world = World(scene.spec, RobotConfig())
    world.set_gripper(0.04, 40.0)
    while world.time < 1.5:
        world.step()
    assert not families.get(name).judge(world, scene).success


def test_placing_a_scene_elsewhere_moves_what_belongs_to_it():
    family = families.get('push_to_spot')
    scene = families.set_up('push_to_spot', 2)
    T = se3.from_yaw(1.0, (0.5, 0.0, 0.0))
    moved = family.place(scene, T)
    before = se3.inverse(scene.T_base_target) @ scene.placement('spot').T_base_object
    assert np.allclose(se3.inverse(T) @ moved.placement('spot').T_base_object, before)
