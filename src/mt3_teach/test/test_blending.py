"""Several demonstrations, each with the mug somewhere else, made into one."""

import dataclasses

import numpy as np
import pytest

pytest.importorskip('dtaidistance', reason='not in this environment yet; ./mt3 setup installs it')
pytest.importorskip('gmr', reason='not in this environment yet; ./mt3 setup installs it')

from mt3_common import se3
from mt3_common.demonstration import Interaction
from mt3_common.errors import InvalidInput
from mt3_retrieval.testing import Placed, make_demo
from mt3_teach.blending import blend_demonstrations, deviation_of
from mt3_teach.lint import lint_demonstration
from mt3_teach.overlay import draw_blend

PLACES = [(0.50, 0.0, 0.4), (0.55, 0.1, 1.2), (0.45, -0.1, -0.5), (0.52, 0.06, 0.0)]


def off(demo, rng, metres=0.006, by=0.0):
    """The same with the hand off: the bottleneck and the middle of the path, and a pace of its own."""
    path = demo.interaction
    share = path.time_s / path.duration_s
    shift = rng.normal(0, metres, 3)[None] * np.sin(np.pi * share)[:, None] + by * share[:, None]
    T = np.array(path.T_bottleneck_tcp)
    T[:, :3, 3] += shift
    start = demo.T_base_bottleneck @ se3.make(None, rng.normal(0, metres, 3))
    moved = Interaction(path.time_s * rng.uniform(0.8, 1.25), T, path.gripper_opening, path.gripper_max_width_m)
    return dataclasses.replace(demo, T_base_bottleneck=start, interaction=moved, skill='pick_up', target='mug')


@pytest.fixture(scope='module')
def exact():
    return [make_demo('pick up the mug', Placed('mug', *place), seed=k) for k, place in enumerate(PLACES)]


@pytest.fixture(scope='module')
def careless(exact):
    rng = np.random.default_rng(3)
    return [off(demo, rng) for demo in exact]


@pytest.fixture(scope='module')
def blended(careless):
    return blend_demonstrations(careless)


def start_error(demo, exact):
    """How far a bottleneck is from that of the exact demonstration on the same scene [m]."""
    return se3.pose_error(demo.T_base_bottleneck, exact.T_base_bottleneck)[0]


def test_the_mean_begins_nearer_to_where_an_exact_hand_would(blended, careless, exact):
    place = next(k for k, demo in enumerate(careless) if demo.id == blended.reference)
    singles = [start_error(demo, truth) for demo, truth in zip(careless, exact, strict=True)]
    assert start_error(blended.demonstration, exact[place]) < np.mean(singles)
    demo = blended.demonstration
    assert set(demo.interaction.gripper_opening) == set(careless[place].interaction.gripper_opening)
    np.testing.assert_array_equal(demo.mask, careless[place].mask)


def test_it_says_where_it_came_from_and_how_far_they_lay_apart(blended, careless):
    demo = blended.demonstration
    parents = demo.provenance['blended_from'].split()
    assert set(parents) | set(blended.left_out) == {d.id for d in careless} and len(parents) >= 3
    assert demo.id not in parents and demo.success is None and 'blend' in demo.tags
    np.testing.assert_allclose(deviation_of(demo), blended.deviation_m, atol=6e-5)
    assert deviation_of(careless[0]) is None
    assert 0.001 < blended.deviation_m.max() < 0.05
    assert demo.interaction.duration_s > 0.8 * min(d.interaction.duration_s for d in careless)
    assert not [f for f in lint_demonstration(demo) if f.severity.name == 'ERROR']


def test_the_one_that_went_wrong_is_left_out(careless):
    wrong = off(careless[0], np.random.default_rng(0), by=0.09)
    wrong = dataclasses.replace(wrong, id='wrong')
    made = blend_demonstrations([*careless, wrong])
    assert 'apart from the others' in made.left_out['wrong']
    assert 'wrong' in made.demonstration.provenance['left_out']


def test_the_picture_shows_the_parents_and_the_spread(blended):
    picture = draw_blend(blended.demonstration, blended.deviation_m, list(blended.paths_base.values()))
    height, width = blended.demonstration.mask.shape
    assert picture.shape[0] > height and picture.shape[1:] == (width, 3)
    assert np.any(picture[:height] != blended.demonstration.rgb)


@pytest.mark.parametrize(
    ('change', 'words'),
    [
        ({'robot': 'ur5'}, 'same robot: got panda, ur5'),
        ({'dof': 6}, 'same dof: got 4, 6'),
        ({'skill': 'push', 'task': 'push the mug'}, 'of one task: got pick up the mug, push the mug'),
        ({'provenance': {'blended_from': 'a b c'}}, 'is a blend itself'),
    ],
)
def test_what_does_not_belong_together_is_refused(careless, change, words):
    with pytest.raises(InvalidInput, match=words):
        blend_demonstrations([*careless[:3], dataclasses.replace(careless[3], **change)])


def test_too_few_are_refused(careless):
    with pytest.raises(InvalidInput, match='at least 3: got 2'):
        blend_demonstrations(careless[:2])
