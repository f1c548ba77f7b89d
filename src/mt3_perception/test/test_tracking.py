"""Ids stay with objects."""

import numpy as np
import pytest

from mt3_perception.scene_builder import build_scene
from mt3_perception.segmentation import segment
from mt3_perception.testing import Solid, TableTop, depth_noise, look_at
from mt3_perception.tracking import ObjectIds

SIZE = np.full((3, 3), 0.05)


def test_ids_follow_objects_in_any_order():
    """Noise, another order, a new one, one gone and back."""
    ids = ObjectIds()
    centres = np.array([[0.4, 0.0, 0.03], [0.5, 0.2, 0.03], [0.6, -0.2, 0.03]])
    first = ids.assign(centres, SIZE)
    assert first == [1, 2, 3]
    assert ids.assign(centres[::-1] + 0.003, SIZE) == [3, 2, 1]
    assert ids.assign(centres[:2], SIZE[:2]) == [1, 2]
    assert ids.assign(np.array([[0.4, 0.0, 0.03], [0.3, 0.3, 0.03]]), SIZE[:2]) == [1, 4]
    assert ids.assign(centres, SIZE) == [1, 2, 3]


def test_far_or_different_is_new():
    """An object that jumped, or that has another size, is another one."""
    ids = ObjectIds(reach_m=0.05)
    ids.assign(np.array([[0.4, 0.0, 0.03]]), SIZE[:1])
    assert ids.assign(np.array([[0.5, 0.0, 0.03]]), SIZE[:1]) == [2]
    assert ids.assign(np.array([[0.5, 0.0, 0.03]]), SIZE[:1] * 5) == [3]


def test_nothing_and_forgetting():
    """Empty scenes are fine; after too many of them an id is not given again."""
    ids = ObjectIds(memory=2)
    ids.assign(np.array([[0.4, 0.0, 0.03]]), SIZE[:1])
    for _ in range(3):
        assert ids.assign(np.zeros((0, 3)), np.zeros((0, 3))) == []
    assert ids.assign(np.array([[0.4, 0.0, 0.03]]), SIZE[:1]) == [2]


def test_alike_objects_keep_their_ids():
    """Two alike that both move a little stay who they are; one taken away and put back does too."""
    ids = ObjectIds()
    pair = np.array([[0.4, 0.0, 0.03], [0.4, 0.07, 0.03]])
    assert ids.assign(pair, SIZE[:2]) == [1, 2]
    for step in range(1, 6):
        assert ids.assign(pair + np.array([0.0, 0.02 * step, 0.0]), SIZE[:2]) == [1, 2]
    moved = pair + np.array([0.0, 0.1, 0.0])
    assert ids.assign(moved[1:], SIZE[:1]) == [2]
    assert ids.assign(moved, SIZE[:2]) == [1, 2]


def test_different_objects_that_swap_places():
    """A cup and a box that change places between two scenes change them as themselves, or are new: never each other."""
    ids = ObjectIds()
    places = np.array([[0.4, 0.0, 0.03], [0.4, 0.2, 0.03]])
    sizes = np.array([[0.05, 0.05, 0.05], [0.2, 0.1, 0.2]])
    assert ids.assign(places, sizes) == [1, 2]
    swapped = ids.assign(places, sizes[::-1])
    assert swapped[0] != 1 and swapped[1] != 2


SOLIDS = (
    Solid('box', 0.45, -0.15, (0.12, 0.06, 0.08), 0.6, color=(180, 40, 40)),
    Solid('cylinder', 0.60, -0.02, (0.06, 0.06, 0.12), color=(40, 60, 190)),
    Solid('cup', 0.48, 0.14, (0.09, 0.09, 0.09), color=(220, 220, 60)),
    Solid('box', 0.40, 0.01, (0.05, 0.03, 0.03), 0.2, color=(30, 30, 30)),
)


def seen(ids, solids, T_base_camera, seed, hide=None):
    """Return {true number of a solid: its id} of one noisy look."""
    view = TableTop(solids).view(T_base_camera, 320, 240, 300.0)
    depth = depth_noise(view.depth_m, np.random.default_rng(seed))
    if hide is not None:
        depth[hide(view)] = np.nan
    found = segment(depth, view.K, T_base_camera, view.rgb)
    scene = build_scene(depth, view.rgb, view.K, T_base_camera, found, ids=ids)
    return {int(np.bincount(view.ids[scene.mask(o.id)]).argmax()): o.id for o in scene.objects}


def test_a_camera_that_moves_around_the_table_keeps_the_ids():
    """An arm carries the camera round: other sides of the same objects, 15 degrees further from look to look."""
    ids = ObjectIds()
    angles = np.radians(np.arange(-60.0, 61.0, 15.0))
    looks = [
        seen(ids, SOLIDS, look_at((0.5 + 0.65 * np.cos(a), 0.65 * np.sin(a), 0.75), (0.5, 0.0, 0.02)), k)
        for k, a in enumerate(angles)
    ]
    assert set(looks[0]) == {1, 2, 3, 4}
    assert all(look == looks[0] for look in looks[1:]), looks


@pytest.mark.parametrize('share', [0.3, 0.5])
def test_an_object_that_is_partly_hidden_for_a_while_keeps_its_id(share):
    """Something without depth (a hand, a cable) passes over the box; the others do not notice."""
    ids, T = ObjectIds(), look_at((1.15, 0.1, 0.75), (0.5, 0.0, 0.02))

    def left_part(view):
        u = np.nonzero(view.ids == 1)[1]
        return (view.ids == 1) & (np.arange(320) < np.quantile(u, share))

    before = seen(ids, SOLIDS, T, 0)
    hidden = seen(ids, SOLIDS, T, 1, left_part)
    after = seen(ids, SOLIDS, T, 2)
    assert set(before) == {1, 2, 3, 4}
    assert hidden == before and after == before


def test_one_object_pushed_about_among_others_keeps_its_id():
    ids, T = ObjectIds(), look_at((1.15, 0.1, 0.75), (0.5, 0.0, 0.02))
    first = seen(ids, SOLIDS, T, 0)
    for step in range(1, 4):
        pushed = (Solid('box', 0.45 + 0.02 * step, -0.15, (0.12, 0.06, 0.08), 0.6 + 0.3 * step), *SOLIDS[1:])
        assert seen(ids, pushed, T, step) == first
