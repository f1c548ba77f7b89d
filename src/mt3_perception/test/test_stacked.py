"""One thing on top of another one: apart on a tray, else one object that is not sure to be one."""

import numpy as np
import pytest

from mt3_perception.segmentation import segment
from mt3_perception.testing import Solid, TableTop, depth_noise, look_at

CAMERA = look_at((1.15, 0.1, 0.75), (0.5, 0.0, 0.02))
RED, BLUE, GREEN = (190, 40, 40), (40, 60, 190), (30, 150, 70)


def found_on(*solids, seed=0):
    """The segmentation of a scene, and its true instances."""
    view = TableTop(solids).view(CAMERA)
    depth = depth_noise(view.depth_m, np.random.default_rng(seed))
    return segment(depth, view.K, view.T_base_camera, view.rgb), view.ids


@pytest.mark.parametrize(
    'upper',
    [
        Solid('box', 0.5, 0.0, (0.07, 0.06, 0.05), 0.3, 0.06, BLUE),
        Solid('box', 0.5, 0.0, (0.10, 0.07, 0.08), 0.0, 0.06, BLUE),
        Solid('cup', 0.5, 0.0, (0.08, 0.08, 0.09), 0.0, 0.06, BLUE),
    ],
)
def test_a_stack_is_one_with_little_confidence_or_two(upper):
    """Nobody may take a box with something on it for one box."""
    found, ids = found_on(Solid('box', 0.5, 0.0, (0.12, 0.10, 0.06), 0.0, 0.0, RED), upper)
    touched = [o for o in found.objects if (ids[o.mask] > 0).mean() > 0.5]
    assert len(touched) == 2 or (len(touched) == 1 and touched[0].confidence <= 0.5)


@pytest.mark.parametrize(
    'upper',
    [
        Solid('box', 0.5, 0.0, (0.07, 0.06, 0.05), 0.3, 0.06, RED),
        Solid('cylinder', 0.5, 0.0, (0.06, 0.06, 0.09), 0.0, 0.06, RED),
    ],
    ids=['box', 'cylinder'],
)
@pytest.mark.parametrize('yaw', [0.3, 0.7])
def test_a_stack_of_one_colour_is_not_sure_either(upper, yaw):
    """The larger one's top is seen as a ledge around the smaller one."""
    found, ids = found_on(Solid('box', 0.5, 0.0, (0.12, 0.10, 0.06), yaw, 0.0, RED), upper)
    touched = [o for o in found.objects if (ids[o.mask] > 0).mean() > 0.5]
    assert len(touched) == 1 and touched[0].confidence <= 0.5


@pytest.mark.parametrize('seed', [0, 1])
@pytest.mark.parametrize(
    'thing',
    [
        (Solid('cup', 0.5, 0.0, (0.16, 0.16, 0.06), 0.0, 0.0, RED),),
        (
            Solid('cylinder', 0.5, 0.0, (0.07, 0.07, 0.12), 0.0, 0.0, RED),
            Solid('cylinder', 0.5, 0.0, (0.035, 0.035, 0.03), 0.0, 0.12, RED),
        ),
        (
            Solid('box', 0.5, 0.0, (0.12, 0.10, 0.05), 0.0, 0.0, RED),
            Solid('box', 0.44, 0.0, (0.06, 0.10, 0.10), 0.0, 0.0, RED),
        ),
    ],
    ids=['bowl', 'bottle with a cap', 'step'],
)
def test_a_thing_with_two_levels_is_sure(thing, seed):
    """A rim and a bottom, a cap and a shoulder, a step: none of these stands on the other."""
    found, _ = found_on(*thing, seed=seed)
    assert len(found.objects) == 1 and found.objects[0].confidence > 0.8


def test_what_only_shows_its_top_is_not_sure():
    """The box in front of it hides the rest: it may be a part of something. Beside that box it is sure."""
    front, hidden = Solid('box', 0.5, 0.0, (0.06, 0.16, 0.14), 0.0, 0.0, RED), (0.05, 0.06, 0.11)
    behind, _ = found_on(front, Solid('box', 0.40, 0.0, hidden, 0.0, 0.0, BLUE))
    beside, _ = found_on(front, Solid('box', 0.5, 0.2, hidden, 0.0, 0.0, BLUE))
    assert sorted(o.confidence <= 0.5 for o in behind.objects) == [False, True]
    assert len(beside.objects) == 2 and min(o.confidence for o in beside.objects) > 0.8


def test_an_object_alone_is_sure():
    """A box with a stripe, and one without, are one object each."""
    found, _ = found_on(
        Solid('box', 0.5, -0.1, (0.12, 0.10, 0.06), 0.3, 0.0, RED, BLUE),
        Solid('box', 0.5, 0.1, (0.12, 0.10, 0.06), 0.0, 0.0, GREEN),
    )
    assert len(found.objects) == 2
    assert min(o.confidence for o in found.objects) > 0.8


@pytest.mark.parametrize('kind', ['box', 'cylinder', 'cup'])
def test_what_stands_on_a_tray(kind):
    """It is an object of its own and knows how high the tray is; so does the tray."""
    found, ids = found_on(
        Solid('box', 0.5, 0.0, (0.24, 0.20, 0.02), 0.2, 0.0, GREEN),
        Solid(kind, 0.5, 0.02, (0.07, 0.07, 0.08), 0.4, 0.02, RED),
    )
    by_truth = {int(np.bincount(ids[o.mask]).argmax()): o for o in found.objects}
    assert sorted(by_truth) == [1, 2]
    assert by_truth[1].support_height == pytest.approx(0.0, abs=0.004)
    assert by_truth[2].support_height == pytest.approx(0.02, abs=0.006)
    assert (ids[by_truth[2].mask] == 2).mean() > 0.85
