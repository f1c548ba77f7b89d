import pytest

from mt3_cli.demo.plan import DEFAULT_FAMILIES, family_for, make_plan
from mt3_common.errors import InvalidInput, StatusCode
from mt3_retrieval.config import RetrievalConfig
from mt3_retrieval.language import parse, similarity
from mt3_sim import families


def test_every_task_is_taught_once_and_done_elsewhere():
    plan = make_plan(DEFAULT_FAMILIES, seed=1, same=2, novel=1)
    assert plan.steps == len(DEFAULT_FAMILIES) * 4
    for task in plan.tasks:
        assert [r.instance for r in task.rounds] == ['taught', 'taught', 'novel']
        assert len({task.seed, *(r.seed for r in task.rounds)}) == 4


def test_tasks_are_asked_for_in_other_words_than_taught():
    for task in make_plan(DEFAULT_FAMILIES, seed=1).tasks:
        taught = families.set_up(task.family, task.seed).task
        assert taught not in [r.words for r in task.rounds]


def test_same_seed_same_plan():
    assert make_plan(('pick_mug',), 4) == make_plan(('pick_mug',), 4) != make_plan(('pick_mug',), 5)


@pytest.mark.parametrize(
    ('words', 'family'),
    [('grab the cup', 'pick_mug'), ('please open the drawer', 'open_drawer'), ('hit the button', 'press_button')],
)
def test_family_is_found_by_free_text(words, family):
    assert family_for(words) == family


def test_text_that_the_cell_cannot_play_names_what_it_can():
    with pytest.raises(InvalidInput, match='pick up the mug') as caught:
        family_for('fold the laundry')
    assert caught.value.code == StatusCode.NO_DEMONSTRATION


@pytest.mark.parametrize('name', families.names())
def test_every_wording_is_understood_as_the_task(name):
    scene = families.set_up(name, 0)
    limit = RetrievalConfig().min_language
    assert [w for w in scene.wordings if similarity(parse(w), parse(scene.task)) < limit] == []
