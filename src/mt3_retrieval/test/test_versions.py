"""Every edit is a new version: kept, listed, gone back to, and seen by whoever has the library open."""

import dataclasses
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from mt3_common import se3
from mt3_common.demonstration import Interaction
from mt3_common.errors import InvalidInput, MT3Error
from mt3_retrieval.library import DemoLibrary
from mt3_retrieval.retrieval import Retriever
from mt3_retrieval.testing import Placed, make_demo, make_scene


@pytest.fixture(scope='module')
def demo():
    return make_demo('pick up the blue mug', Placed('mug', 0.5, 0.0, 0.4), notes='as it came', simulated=True)


@pytest.fixture
def library(tmp_path, demo):
    library = DemoLibrary.open(tmp_path / 'library', embed=None)
    library.add(demo)
    return library


def shorter(demo):
    path = demo.interaction
    cut = Interaction(path.time_s[:11], path.T_bottleneck_tcp[:11], path.gripper_opening[:11], 0.08)
    return dataclasses.replace(demo, interaction=cut, dof=6, stretch=False, refine=False, tags=('short',))


def test_an_edit_is_a_version_with_what_it_replaced(library, demo):
    edited = library.replace(shorter(demo), 'cut to 1 s')
    assert (edited.interaction.duration_s, edited.dof, edited.stretch, edited.refine) == (1.0, 6, False, False)
    np.testing.assert_array_equal(edited.rgb, demo.rgb)
    first = library.get(demo.id, version=1)
    np.testing.assert_array_equal(first.interaction.T_bottleneck_tcp, demo.interaction.T_bottleneck_tcp)
    assert first.stretch and first.dof == 4 and first.tags == ()
    now, before = library.history(demo.id)
    assert (now.number, now.previous, now.edited, now.duration_s) == (2, 1, 'cut to 1 s', 1.0)
    assert (before.number, before.edited, before.duration_s) == (1, '', 3.0)
    assert library.record(demo.id).version == 2 and library.record(demo.id).edited == 'cut to 1 s'


def test_undo_goes_back_step_by_step_and_loses_nothing(library, demo):
    library.update(demo.id, notes='second')
    library.replace(shorter(library.get(demo.id)), 'cut')
    library.undo(demo.id)
    assert library.get(demo.id).notes == 'second' and library.get(demo.id).interaction.duration_s == 3.0
    library.undo(demo.id)
    assert library.get(demo.id).notes == 'as it came'
    with pytest.raises(InvalidInput, match='no edit to take back'):
        library.undo(demo.id)
    library.restore(demo.id, 3)
    assert library.get(demo.id).dof == 6
    assert [v.number for v in library.history(demo.id)] == [6, 5, 4, 3, 2, 1]
    with pytest.raises(InvalidInput, match='no earlier version 9; earlier ones: 1, 2, 3'):
        library.restore(demo.id, 9)


def test_a_removed_one_comes_back_as_it_was_edited(library, demo):
    library.update(demo.id, task='open the drawer')
    library.remove(demo.id)
    with pytest.raises(MT3Error, match='was removed'):
        library.history(demo.id)
    library.undo(demo.id)
    assert library.get(demo.id).task == 'open the drawer'
    library.undo(demo.id)
    assert (library.get(demo.id).task, library.record(demo.id).skill) == ('pick up the blue mug', 'pick_up')


def test_a_refused_edit_makes_no_version(library, demo):
    for wrong in ({'task': ' '}, {'dof': 5}):
        with pytest.raises(InvalidInput):
            library.update(demo.id, **wrong)
    with pytest.raises(MT3Error):
        library.replace(dataclasses.replace(demo, id='nobody'), 'x')
    assert len(library.history(demo.id)) == 1


def test_two_who_edit_at_once_lose_no_version(library, demo):
    def notes(name):
        mine = DemoLibrary.open(library.uri, embed=None)
        for k in range(4):
            mine.update(demo.id, notes=f'{name} {k}')

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(notes, 'ab'))
    history = library.history(demo.id)
    assert [v.number for v in history] == list(range(9, 0, -1))
    notes = {library.get(demo.id, version=n).notes for n in range(1, 10)}
    assert notes == {'as it came', *(f'{name} {k}' for name in 'ab' for k in range(4))}


def test_retrieval_that_is_running_uses_the_edited_one(library, demo):
    retriever = Retriever(library, embed=None)
    scene = make_scene([Placed('mug', 0.55, 0.1, 1.2)])

    def answer():
        found = retriever.retrieve('pick up the blue mug', scene, simulated=True)
        assert found.demo is not None, found.status
        return found

    before = answer()
    DemoLibrary.open(library.uri, embed=None).replace(dataclasses.replace(shorter(demo), dof=4), 'by another process')
    after = answer()
    assert (before.demo.interaction.duration_s, after.demo.interaction.duration_s) == (3.0, 1.0)
    np.testing.assert_array_equal(after.alignment.scale, np.ones(3))  # it says now that its object has one size
    assert 'sweep' in before.alignment.timing_s and 'sweep' not in after.alignment.timing_s
    distance, angle = se3.pose_error(after.T_base_bottleneck, before.T_base_bottleneck)
    assert distance < 0.02 and angle < np.radians(10.0)
