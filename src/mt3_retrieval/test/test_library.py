"""The demonstration library: what goes in comes out, changes are seen, nothing is lost."""

import dataclasses
from datetime import datetime, timedelta, timezone

import numpy as np
import pytest

from mt3_common.errors import InvalidInput, MT3Error, StatusCode
from mt3_retrieval.library import DemoLibrary
from mt3_retrieval.testing import Placed, make_demo


def fake_embed(text):
    vector = np.zeros(384, np.float32)
    for word in text.split():
        vector[sum(word.encode()) % 384] += 1.0
    return vector / max(np.linalg.norm(vector), 1e-9)


@pytest.fixture(scope='module')
def demo():
    return make_demo('pick up the blue mug', Placed('mug', 0.5, 0.0, 0.4), tags=('kitchen',), notes="it's fine")


@pytest.fixture
def library(tmp_path):
    return DemoLibrary.open(tmp_path / 'library', embed=fake_embed)


def other(demo, **changes):
    """The same demonstration under a new id."""
    from mt3_common.demonstration import new_id

    return dataclasses.replace(demo, id=new_id(), **{'skill': '', 'target': '', 'other': '', **changes})


def test_an_empty_library_is_fine(library):
    assert library.count() == 0 and library.list() == [] and library.search() == [] and library.lint() == []
    with pytest.raises(MT3Error, match='is not in the library') as refusal:
        library.get('x')
    assert refusal.value.code == StatusCode.NO_DEMONSTRATION


def test_what_goes_in_comes_out(library, demo):
    stored = library.add(demo)
    assert (stored.skill, stored.target, stored.other) == ('pick_up', 'mug', '')
    read = library.get(demo.id)
    for field in dataclasses.fields(demo):
        if field.name in ('skill', 'target', 'other', 'interaction', 'depth_m', 'recorded_at'):
            continue
        a, b = getattr(demo, field.name), getattr(read, field.name)
        assert np.array_equal(a, b) if isinstance(a, np.ndarray) else a == b, field.name
    assert np.allclose(read.depth_m, demo.depth_m, atol=0.00051, equal_nan=True)
    assert np.array_equal(read.interaction.T_bottleneck_tcp, demo.interaction.T_bottleneck_tcp)
    assert np.array_equal(read.interaction.gripper_opening, demo.interaction.gripper_opening)
    assert abs(read.recorded_at - demo.recorded_at) < timedelta(milliseconds=1)


def test_an_id_is_taken_once(library, demo):
    library.add(demo)
    with pytest.raises(InvalidInput, match='already in the library'):
        library.add(demo)
    with pytest.raises(InvalidInput, match='same id'):
        library.add_many([other(demo), demo, demo])
    assert library.count() == 1


def test_remove_is_soft_and_undone(library, demo):
    library.add(demo)
    library.remove(demo.id)
    assert library.count() == 0 and library.count(removed=True) == 1 and library.search() == []
    with pytest.raises(MT3Error, match='was removed'):
        library.get(demo.id)
    with pytest.raises(MT3Error):
        library.remove(demo.id)
    library.undo(demo.id)
    assert library.get(demo.id).task == demo.task
    with pytest.raises(MT3Error):
        library.undo(demo.id)


def test_update_parses_the_new_task(library, demo):
    library.add(demo)
    changed = library.update(demo.id, task='place the block on the plate', tags=['a', 'b'], success=True, dof=6)
    assert (changed.skill, changed.target, changed.other) == ('place_on', 'plate', 'block')
    assert changed.tags == ('a', 'b') and changed.success is True and changed.dof == 6
    assert changed.notes == demo.notes
    assert np.array_equal(changed.rgb, demo.rgb)
    assert library.update(demo.id, tags=[]).tags == ()
    for wrong in ({'task': ' '}, {'dof': 5}):
        with pytest.raises(InvalidInput):
            library.update(demo.id, **wrong)
    with pytest.raises(MT3Error):
        library.update('nobody', notes='x')


def test_filters_and_order(library, demo):
    a = library.add(demo)
    b = library.add(other(demo, task='open the drawer', simulated=True, tags=('x',)))
    c = library.add(other(demo, task='open the door', robot='ur5', success=False))
    assert [r.id for r in library.list()] == [c.id, b.id, a.id]
    assert [r.id for r in library.list(limit=1)] == [c.id]
    assert {r.id for r in library.search("skill = 'open'")} == {b.id, c.id}
    assert [r.id for r in library.search("robot = 'ur5' AND NOT success")] == [c.id]
    assert [r.id for r in library.search("array_has(tags, 'kitchen') AND robot = 'panda'")] == [a.id]
    assert library.count('simulated OR true') == 3  # cannot bring removed ones back
    library.remove(c.id)
    assert library.count('simulated OR true') == 2
    for bad in ('nosuch = 1', 'skill ==== 3', "skill = 'a", '1=1) OR (1=1'):
        with pytest.raises(InvalidInput):
            library.search(bad)
    assert library.list(with_path=True)[0].interaction.duration_s == pytest.approx(3.0)
    assert library.list()[0].interaction is None


def test_vector_search(library, demo):
    for task in ('pick up the mug', 'open the drawer', 'press the button'):
        library.add(other(demo, task=task))
    found = library.search(vector=fake_embed('open the drawer'), limit=2)
    assert found[0].task == 'open the drawer' and found[0].distance < 1e-3 < found[1].distance
    near = library.search(vector=library.list()[0].descriptor, column='descriptor')
    assert near[0].distance == pytest.approx(0.0, abs=1e-3)


def test_vector_search_passes_over_rows_without_a_vector(library, demo):
    plain = DemoLibrary.open(library.uri, embed=None)
    for _ in range(3):
        plain.add(other(demo, task='pick up the mug'))
    assert plain.search(vector=fake_embed('pick up the mug'), limit=2) == []
    library.add(other(demo, task='open the drawer'))
    assert [r.task for r in library.search(vector=fake_embed('pick up the mug'), limit=2)] == ['open the drawer']


def test_another_handle_sees_changes_at_once(library, demo):
    reader = DemoLibrary.open(library.uri, embed=None)
    before = reader.version
    library.add(demo)
    assert reader.count() == 1 and reader.version != before
    library.remove(demo.id)
    assert reader.count() == 0


def test_lint_names_duplicates_and_unknown_skills(library, demo):
    first = library.add(demo)
    second = library.add(other(demo))
    third = library.add(other(demo, task='frobnicate the mug', success=False))
    findings = {(f.name, f.demonstration_id) for f in library.lint()}
    assert ('duplicate', second.id) in findings and ('duplicate', first.id) not in findings
    assert ('unknown_skill', third.id) in findings and ('failed_demonstration', third.id) in findings


def test_optimise_keeps_everything(library, demo):
    ids = [library.add(other(demo)).id for _ in range(5)]
    library.remove(ids[0])
    library.optimise()
    assert {r.id for r in library.list()} == set(ids[1:])
    library.undo(ids[0])
    assert library.count() == 5


def test_hostile_ids_are_only_texts(library, demo):
    library.add(demo)
    for text in ("' OR '1'='1", "x'; DROP TABLE demonstrations; --", '%'):
        with pytest.raises(MT3Error):
            library.get(text)
        with pytest.raises(MT3Error):
            library.remove(text)
    assert library.count() == 1


def test_times_are_utc(library, demo):
    library.add(demo)
    record = library.record(demo.id)
    assert record.added_at.utcoffset() == timedelta(0)
    assert abs(datetime.now(timezone.utc) - record.added_at) < timedelta(minutes=5)


def test_an_answer_is_found_once_and_anew_after_any_change(library, demo):
    found = []

    def ids():
        return library.while_unchanged('ids', lambda: found.append(1) or [b.id for b in library.briefs()])

    library.add(demo)
    assert ids() == ids() == [demo.id] and len(found) == 1
    DemoLibrary.open(library.uri, embed=fake_embed).add(other(demo))
    assert len(ids()) == 2 and len(found) == 2
    library.remove(demo.id)
    assert demo.id not in ids()
    for k in range(40):  # many different questions do not fill the memory
        library.while_unchanged(k, lambda: 0)
    assert len(library._kept) < 20
