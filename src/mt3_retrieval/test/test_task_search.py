"""Finding demonstrations by their task text."""

import dataclasses
import itertools

import numpy as np
import pytest

from mt3_common.demonstration import new_id
from mt3_common.errors import MT3Error, StatusCode
from mt3_retrieval.language import parse
from mt3_retrieval.library import DemoLibrary
from mt3_retrieval.task_search import find_tasks
from mt3_retrieval.testing import Placed, make_demo

TASKS = ('pick up the mug', 'pick up the red mug', 'pick up the bottle', 'open the drawer', 'juggle the balls')


def embed(text):
    """Letters as a vector: enough to tell texts apart."""
    vector = np.zeros(384, np.float32)
    for a, b in itertools.pairwise(text):
        vector[(ord(a) * 31 + ord(b)) % 384] += 1.0
    return vector / max(float(np.linalg.norm(vector)), 1e-9)


@pytest.fixture(scope='module')
def library(tmp_path_factory):
    library = DemoLibrary.open(tmp_path_factory.mktemp('tasks') / 'library', embed=embed)
    demo = make_demo('pick up the can', Placed('can'))
    library.add_many([dataclasses.replace(demo, id=new_id(), task=task, skill='', target='') for task in TASKS])
    return library


def tasks(library, text, **options):
    return [m.record.task for m in find_tasks(library, parse(text), '', **options)]


def test_best_first(library):
    assert tasks(library, 'grab the cup') == ['pick up the mug', 'pick up the red mug']
    assert tasks(library, 'grab the red cup')[0] == 'pick up the red mug'
    assert tasks(library, 'open the drawer', embed=embed) == ['open the drawer']


def test_another_thing_is_no_substitute_for_the_one_that_was_taught(tmp_path):
    library = DemoLibrary.open(tmp_path / 'library', embed=None)
    demo = make_demo('pick up the can', Placed('can'))
    taught = ('take the can out of the saucepan', 'take the tin out of the saucepan', 'take the can out of the pan')
    library.add_many([dataclasses.replace(demo, id=new_id(), task=task, skill='', target='') for task in taught])
    assert tasks(library, 'take the can out of the saucepan') == [taught[0], taught[2]]
    assert set(tasks(library, 'pick up the can')) == set(taught), 'nobody taught just that'


def test_a_text_that_does_not_parse_is_found_by_its_embedding_only(library):
    assert tasks(library, 'juggle the ballz', embed=embed) == ['juggle the balls']
    with pytest.raises(MT3Error) as refusal:
        tasks(library, 'juggle the balls')
    assert refusal.value.code == StatusCode.NOT_UNDERSTOOD


def test_negations_are_not_rescued_by_the_embedding(library):
    with pytest.raises(MT3Error) as refusal:
        tasks(library, 'do not juggle the balls', embed=embed)
    assert refusal.value.code == StatusCode.NOT_UNDERSTOOD


def test_untaught_tasks_name_the_nearest(library):
    with pytest.raises(MT3Error, match='taught are for example') as refusal:
        tasks(library, 'iron the shirt')
    assert refusal.value.code == StatusCode.NO_DEMONSTRATION
    with pytest.raises(MT3Error, match='the nearest is'):
        tasks(library, 'pick up the jug')


def test_a_task_added_by_somebody_else_is_found_at_once(tmp_path):
    library, other = (DemoLibrary.open(tmp_path / 'library', embed=None) for _ in range(2))
    demo = make_demo('pick up the can', Placed('can'))
    library.add(demo)
    assert tasks(library, 'grab the tin') == ['pick up the can']
    other.add(dataclasses.replace(demo, id=new_id(), task='shake the bottle', skill='', target=''))
    assert tasks(library, 'jiggle the flask') == ['shake the bottle']


def test_the_very_task_comes_before_its_like_when_there_are_too_many(library):
    assert tasks(library, 'pick up the mug', pool=1) == ['pick up the mug']
