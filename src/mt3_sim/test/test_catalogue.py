"""Every category: taught and novel instances that stand, fit the hand, and say what can be done with them."""

import numpy as np
import pytest

from mt3_common import se3
from mt3_common.errors import InvalidInput
from mt3_sim import catalogue
from mt3_sim.scene_spec import Placement, SceneSpec
from mt3_sim.world import World

_HAND = 0.08  # between the open fingers [m]


def _sample(name, seed=0):
    return catalogue.sample(name, np.random.default_rng(seed), 'novel' if seed else 'taught')


def test_there_are_more_than_a_hundred_categories():
    assert len(set(catalogue.CATEGORIES)) > 100
    with pytest.raises(InvalidInput, match='teacup'):
        catalogue.sample('teakettle', np.random.default_rng(0))


@pytest.mark.parametrize('name', catalogue.CATEGORIES)
def test_instances_stand_on_the_table_and_fit_the_hand(name):
    taught, again, novel = _sample(name), _sample(name), _sample(name, 3)
    assert taught.parameters == again.parameters
    assert taught.parameters != novel.parameters
    for model in (taught, novel):
        low, high = model.mesh().bounds
        assert abs(low[2]) < 0.002
        assert high[2] < 0.22
        for grip in model.uses.grips:
            assert grip.width < _HAND - 0.01
            assert grip.z > 0.0095  # the finger tips stay over the table
        if not model.movable:
            assert not model.uses.grips or not model.links


@pytest.mark.parametrize('name', ['teacup', 'cheese', 'banana', 'carrot', 'basket', 'toy duck', 'clip', 'coat hanger'])
def test_things_stay_where_they_are_put(name):
    T = se3.from_yaw(0.3, (0.5, 0.1, 0.0))
    world = World(SceneSpec((Placement('thing', _sample(name, 2), T),)))
    for _ in range(300):
        world.step()
    moved, turned = se3.pose_error(T, world.body_pose('thing'))
    assert moved < 0.005
    assert turned < np.radians(4.0)


def test_a_door_starts_where_its_category_says():
    world = World(SceneSpec((Placement('door', _sample('open cupboard'), se3.from_yaw(0.0, (0.5, 0.0, 0.0))),)))
    assert world.joint_position('door/joint') == pytest.approx(0.9, abs=0.02)
