"""The whole retrieval: the right demonstration on the right object, and every refusal."""

import dataclasses
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from mt3_common import se3
from mt3_common.errors import Status, StatusCode
from mt3_retrieval.library import DemoLibrary
from mt3_retrieval.retrieval import RetrievalConfig, Retriever
from mt3_retrieval.testing import Placed, make_demo, make_scene


@pytest.fixture(scope='module')
def retriever(taught):
    return Retriever(taught, embed=None)


@pytest.mark.parametrize(
    ('task', 'object_id'),
    [('grab the cup', 1), ('pick the bottle up', 2), ('lift the carton', 3), ('pull open the drawer', 4),
     ('put the cube on the dish', 5)],
)  # fmt: skip
def test_right_demonstration_on_the_right_object(retriever, live, task, object_id):
    found = retriever.retrieve(task, live)
    assert found.status.ok, found.status
    assert found.object.id == object_id
    assert found.candidates[0].object_id == object_id and found.candidates[0].reason
    assert set(found.timing_s) == {'language', 'shortlist', 'views', 'align', 'rank', 'target', 'total'}


def test_the_bottleneck_moves_with_the_object(retriever, live):
    """Demo drawer at (0.5, 0.02) turned 0.4, live at (0.44, 0.06) turned 0.9."""
    found = retriever.retrieve('open the drawer', live)
    T_live_demo = se3.from_yaw(0.9, np.array([0.44, 0.06, 0.0])) @ se3.inverse(
        se3.from_yaw(0.4, np.array([0.5, 0.02, 0.0]))
    )
    distance, angle = se3.pose_error(found.T_base_bottleneck, T_live_demo @ found.demo.T_base_bottleneck)
    assert distance < 0.01 and np.degrees(angle) < 5.0


def test_a_symmetric_object_is_no_refusal(retriever, live):
    found = retriever.retrieve('place the block on the plate', live)
    assert found.status.ok and found.alignment.ambiguous
    assert len(found.alternative_bottlenecks) == len(found.alignment.alternative_yaws) > 0
    for T_base_other in found.alternative_bottlenecks:
        assert np.linalg.norm(T_base_other[:3, 3] - found.T_base_bottleneck[:3, 3]) < 0.02


@pytest.mark.parametrize(
    ('task', 'options', 'code', 'word'),
    [
        ('sing a song', {}, StatusCode.NOT_UNDERSTOOD, 'no known skill'),
        ('', {}, StatusCode.NOT_UNDERSTOOD, 'empty'),
        ('iron the shirt', {}, StatusCode.NO_DEMONSTRATION, 'nobody taught'),
        ('pick up the mug', {'robot': 'ur5'}, StatusCode.NO_DEMONSTRATION, 'filter'),
        ('pick up the mug', {'simulated': True}, StatusCode.NO_DEMONSTRATION, '--simulated'),
        ('pick up the mug', {'tags': ['x']}, StatusCode.NO_DEMONSTRATION, 'filter'),
        ('pick up the mug', {'demonstration_id': 'x'}, StatusCode.NO_DEMONSTRATION, 'is not in the library'),
        ('pick up the mug', {'object_id': 77}, StatusCode.OBJECT_NOT_FOUND, '77'),
    ],
)
def test_refusals(retriever, live, task, options, code, word):
    found = retriever.retrieve(task, live, **options)
    assert found.status.code == code and word in found.status.message
    assert found.demo is None and found.T_base_bottleneck is None


def test_the_beginning_of_an_id_is_enough(retriever, taught, live):
    whole = next(r.id for r in taught.list() if r.task == 'pick up the mug')
    assert retriever.retrieve('', live, demonstration_id=whole[:8]).demo.id == whole
    assert retriever.retrieve('', live, demonstration_id=whole).demo.id == whole
    assert retriever.retrieve('', live, demonstration_id=whole[:8] + '~').status.code == StatusCode.NO_DEMONSTRATION


def test_no_object_and_wrong_objects_are_refused(retriever):
    nothing = retriever.retrieve('pick up the mug', make_scene([]))
    assert nothing.status.code == StatusCode.OBJECT_NOT_FOUND and 'no object' in nothing.status.message
    wrong = retriever.retrieve('pick up the bottle', make_scene([Placed('plate', 0.5, 0.0)]))
    assert wrong.status.code in (StatusCode.OBJECT_NOT_FOUND, StatusCode.LOW_CONFIDENCE)
    assert wrong.candidates and wrong.status.message


def test_a_scene_of_a_camera_that_was_moved_is_refused(retriever, live):
    moved = dataclasses.replace(live, calibration=Status(StatusCode.CALIBRATION, 'the camera was moved'))
    answer = retriever.retrieve('pick up the mug', moved)
    assert retriever.retrieve('pick up the mug', live).status.ok
    assert answer.status == moved.calibration and answer.T_base_bottleneck is None


def test_low_confidence_names_value_and_limit(taught, live):
    config = RetrievalConfig.model_validate({'alignment': {'min_confidence': 1.0}})
    found = Retriever(taught, config, embed=None).retrieve('pick up the mug', live)
    assert found.status.code == StatusCode.LOW_CONFIDENCE and '1.00' in found.status.message
    assert found.demo is not None  # to look at


def test_forced_demonstration_and_object(retriever, taught, live):
    mug = taught.search("target = 'mug'")[0]
    found = retriever.retrieve('', live, demonstration_id=mug.id, object_id=1)
    assert found.status.ok and found.demo.id == mug.id and len(found.candidates) == 1


def test_two_equal_objects_are_ambiguous_unless_a_colour_tells(tmp_path):
    library = DemoLibrary.open(tmp_path, embed=None)
    library.add(make_demo('pick up the box', Placed('box', 0.5, 0.0, 0.4)))
    scene = make_scene(
        [Placed('box', 0.5, 0.15, 0.4, colour=(40, 60, 200)), Placed('box', 0.5, -0.15, 0.4, colour=(200, 40, 40))]
    )
    config = RetrievalConfig(ambiguous_margin=0.3)  # two noisy views of one shape never score the same
    retriever = Retriever(library, config, embed=None)
    assert retriever.retrieve('pick up the box', scene).status.code == StatusCode.AMBIGUOUS
    assert retriever.retrieve('pick up the blue box', scene).object.id == 1
    red = retriever.retrieve('pick up the red box', scene)
    assert red.status.ok and red.object.id == 2
    assert retriever.retrieve('pick up the box', scene, object_id=2).status.ok
    taken = Retriever(library, config.model_copy(update={'refuse_ambiguous': False}), embed=None)
    assert taken.retrieve('pick up the box', scene).status.ok


def test_a_changed_library_is_seen(tmp_path, live):
    library = DemoLibrary.open(tmp_path, embed=None)
    retriever = Retriever(library, embed=None)
    assert 'empty' in retriever.retrieve('pick up the mug', live).status.message
    other = DemoLibrary.open(tmp_path, embed=None)
    demo = other.add(make_demo('pick up the mug', Placed('mug', 0.5, 0.0, 0.4)))
    assert retriever.retrieve('pick up the mug', live).status.ok
    other.update(demo.id, notes='seen')
    assert retriever.retrieve('pick up the mug', live).demo.notes == 'seen'  # not the cached one
    other.remove(demo.id)
    assert retriever.retrieve('pick up the mug', live).status.code == StatusCode.NO_DEMONSTRATION


def test_deterministic(retriever, live):
    a, b = (retriever.retrieve('pick up the mug', live) for _ in range(2))
    assert np.array_equal(a.T_base_bottleneck, b.T_base_bottleneck)
    assert [dataclasses.replace(c, alignment=None) for c in a.candidates].__repr__() == (
        [dataclasses.replace(c, alignment=None) for c in b.candidates].__repr__()
    )


def test_many_tasks_in_one_scene(retriever, live):
    answers = retriever.retrieve_many(['pick up the box', 'sing'], live, max_candidates=2)
    assert [a.status.ok for a in answers] == [True, False]
    assert len(answers[0].candidates) == 2


def test_a_demonstration_may_ask_for_six_degrees_of_freedom(tmp_path):
    library = DemoLibrary.open(tmp_path / 'library', embed=None)
    library.add(make_demo('pick up the lever', Placed('lblock', 0.5, 0.02, 0.4), dof=6))
    found = Retriever(library, embed=None).retrieve('pick up the lever', make_scene([Placed('lblock', 0.55, 0.1, 1.0)]))
    assert 'six' in found.alignment.timing_s, found.status
    T_live_demo = se3.from_yaw(1.0, np.array([0.55, 0.1, 0.0])) @ se3.inverse(
        se3.from_yaw(0.4, np.array([0.5, 0.02, 0.0]))
    )
    distance, angle = se3.pose_error(found.alignment.T_live_demo, T_live_demo, np.array([0.5, 0.02, 0.02]))
    assert distance < 0.01 and np.degrees(angle) < 5.0


def test_a_damaged_demonstration_does_not_keep_the_others_out(tmp_path):
    library = DemoLibrary.open(tmp_path / 'library', embed=None)
    bad, good = library.add_many([make_demo('pick up the mug', Placed('mug', 0.5, 0.0, yaw)) for yaw in (1.5, 0.4)])
    library._table.update(where=f"id = '{bad.id}'", values={'depth_png': b'garbage'})
    retriever = Retriever(library, embed=None)
    scene = make_scene([Placed('mug', 0.55, 0.1, 1.4)])
    found = retriever.retrieve('pick up the mug', scene)
    assert found.status.ok and found.demo.id == good.id
    forced = retriever.retrieve('', scene, demonstration_id=bad.id)
    assert forced.status.code == StatusCode.STORAGE and 'cannot be decoded' in forced.status.message


def test_a_crowded_table(retriever):
    """Forty objects, one of them taught: the answer comes, and only what is worth it is aligned."""
    places = [(0.3 + 0.075 * i, -0.32 + 0.08 * j) for i in range(5) for j in range(8)]
    things = [Placed('box', x, y, 0.3 * k, (0.35, 0.4, 0.3)) for k, (x, y) in enumerate(places)]
    things[19] = Placed('bottle', *places[19], 0.5)
    scene = make_scene(things)
    assert len(scene.objects) >= 38
    found = retriever.retrieve('pick up the bottle', scene)
    assert found.status.ok and found.object.id == 20, found.status
    aligned = [c for c in found.candidates if c.alignment is not None]
    assert 1 <= len(aligned) <= retriever.config.max_aligned


def test_objects_without_depth_are_refused(retriever, live):
    blind = dataclasses.replace(live, depth_m=np.full_like(live.depth_m, np.nan))
    found = retriever.retrieve('pick up the mug', blind)
    assert found.status.code == StatusCode.OBJECT_NOT_FOUND and 'depth' in found.status.message, found.status


def test_two_alike_are_both_aligned_before_one_is_taken(tmp_path):
    library = DemoLibrary.open(tmp_path, embed=None)
    library.add(make_demo('pick up the mug', Placed('mug', 0.5, 0.0, 0.4)))
    scene = make_scene([Placed('plate', 0.6, -0.2), Placed('mug', 0.45, 0.2, 1.0), Placed('mug', 0.55, 0.0, 2.0)])
    found = Retriever(library, embed=None).retrieve('pick up the mug', scene)
    assert {c.object_id for c in found.candidates if c.alignment is not None} >= {2, 3}


def test_questions_at_once_get_the_same_answers(retriever, live):
    tasks = ['pick up the mug', 'open the drawer', 'pick up the bottle', 'sing a song'] * 2
    alone = [retriever.retrieve(task, live) for task in tasks]
    with ThreadPoolExecutor(4) as pool:
        together = list(pool.map(lambda task: retriever.retrieve(task, live), tasks))
    assert [a.status for a in together] == [a.status for a in alone]
    for a, b in zip(together, alone, strict=True):
        assert (a.T_base_bottleneck is None) == (b.T_base_bottleneck is None)
        assert a.T_base_bottleneck is None or np.array_equal(a.T_base_bottleneck, b.T_base_bottleneck)


def test_of_a_twin_two_pairs_are_aligned_however_many_demonstrations_there_are(tmp_path):
    """What else was taught of the task says nothing about which of two alike was meant."""
    library = DemoLibrary.open(tmp_path, embed=None)
    library.add_many([make_demo('pick up the mug', Placed('mug', 0.5, 0.0, 0.3 * k), seed=k) for k in range(8)])
    scene = make_scene([Placed('mug', 0.45, 0.2, 1.0), Placed('mug', 0.55, -0.1, 2.0)])
    found = Retriever(library, RetrievalConfig(refuse_ambiguous=False), embed=None).retrieve('pick up the mug', scene)
    aligned = [c.object_id for c in found.candidates if c.alignment is not None]
    assert found.status.ok and set(aligned) == {1, 2} and len(aligned) <= 6
