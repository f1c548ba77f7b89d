"""The suite: more than a thousand tasks that an expert can do, and that nobody else does by accident."""

from collections import Counter

import numpy as np
import pytest

from mt3_common.errors import InvalidInput
from mt3_retrieval.language import parse
from mt3_retrieval.library import DemoLibrary
from mt3_sim import families
from mt3_sim.bench.check import check_tasks, examine, left_out_table, other_task_here, read_answers
from mt3_sim.bench.school import School, keep
from mt3_sim.experts.kinematics import default_arm
from mt3_sim.experts.teleop import demonstrate
from mt3_sim.objects.model import Symmetry
from mt3_sim.suite import tasks
from mt3_sim.suite.directions import forward
from mt3_sim.world import World

SKILLS = sorted({family.skill for family in tasks.candidates().values()})


def test_there_are_a_thousand_tasks_of_sixteen_skills_over_sixty_categories():
    families = [tasks.get(name) for name in tasks.names()]
    assert len(families) >= 1000
    assert len({family.skill for family in families}) >= 16
    things = {family.category for family in families} | {getattr(family, 'held', 'mug') for family in families}
    assert len(things) >= 60
    assert max(Counter(family.task for family in families).values()) == 1
    for family in families:
        assert len(family.wordings) >= 2
        assert family.task not in family.wordings


def test_tasks_that_are_left_out_were_thought_of():
    assert set(tasks.left_out()) <= set(tasks.candidates())
    with pytest.raises(InvalidInput, match='mt3 bench list'):
        tasks.get('juggle.knife')


def test_a_representative_choice_has_every_skill_and_is_always_the_same():
    chosen = tasks.representative(len(SKILLS))
    assert sorted(tasks.get(name).skill for name in chosen) == SKILLS
    assert tasks.representative(5) == chosen[:5]


def test_a_scene_is_the_same_for_the_same_numbers():
    family = tasks.get('place on.can.plate')
    a, b = (family.sample(np.random.default_rng(4), 'novel', 2, 3) for _ in range(2))
    for p, q in zip(a.spec.placements, b.spec.placements, strict=True):
        assert np.array_equal(p.T_base_object, q.T_base_object)


_ONE_EACH = [next(name for name in tasks.representative(60) if tasks.get(name).skill == skill) for skill in SKILLS]


@pytest.mark.parametrize('name', _ONE_EACH[::3])
def test_the_expert_does_it_and_its_demonstration_does_it_again(name):
    assert examine(name).problem == ''


@pytest.mark.slow
@pytest.mark.parametrize('name', _ONE_EACH)
def test_one_task_of_every_skill_is_fair(name):
    assert examine(name).problem == ''


def test_a_robot_that_does_another_task_fails():
    arm, asked = default_arm(), tasks.get('pick up.tin')
    scene = asked.sample(np.random.default_rng(1))
    world = World(scene.spec, arm.config)
    demonstrate(world, other_task_here(asked, scene), arm, None)
    assert not asked.judge(world, scene).success


def test_every_skill_has_another_task_that_is_not_its_own():
    for name in tasks.representative(len(SKILLS)):
        asked = tasks.get(name)
        scene = asked.sample(np.random.default_rng(1))
        other = other_task_here(asked, scene)
        assert len(other.waypoints) != len(scene.waypoints) or not all(
            np.allclose(a.T_target_tcp, b.T_target_tcp) for a, b in zip(other.waypoints, scene.waypoints, strict=True)
        )


def test_answers_are_kept_and_become_the_table_of_what_is_left_out(tmp_path):
    log = tmp_path / 'checked.jsonl'
    told = []
    school = School(tmp_path)
    for _ in range(2):
        check_tasks(['press.doorbell'], log, 1, lambda *answer: told.append(answer), other=False, school=school)
    assert told == [('press.doorbell', '')]
    assert school.taught() == ['press.doorbell']
    library = DemoLibrary.open(school.library)
    demo = library.get(school.lessons()['press.doorbell 0']['id'])
    assert demo.task == tasks.get('press.doorbell').task
    keep(library, demo)  # a run that was ended before it noted it
    assert library.count() == 1
    answers = {**read_answers(log), 'push.tray': {'task': 'push.tray', 'problem': 'expert: stuck', 'other': False}}
    table = left_out_table(answers, ('push.tray', 'press.doorbell', 'pick up.tin'))
    assert '# checked: 2 of 3, 0 of them' in table
    assert table.splitlines()[-1] == 'push.tray\texpert: stuck'


def test_a_task_of_the_suite_is_a_family_of_the_cell_too():
    assert families.get('press.doorbell') is tasks.get('press.doorbell')
    a, b = (families.set_up('press.doorbell', 3) for _ in range(2))
    assert np.array_equal(a.T_base_target, b.T_base_target)


def test_forward_is_any_direction_that_looks_the_same():
    assert forward(np.array([-0.1, 0.0]), Symmetry()) == pytest.approx((-0.1, 0.0), abs=1e-9)
    assert forward(np.array([-0.1, 0.02]), Symmetry('n_fold', 2)) == pytest.approx((0.1, 0.02))
    assert forward(np.array([0.0, -0.1]), Symmetry('n_fold', 4)) == pytest.approx((0.1, 0.0))
    assert forward(np.array([0.06, 0.08]), Symmetry('continuous', 0)) == pytest.approx((0.1, 0.0))


def test_most_instructions_are_understood():
    """The parser knows most of the suite's skills: what it does not know, the words alone must find."""
    known = [name for name in tasks.representative(200) if parse(tasks.get(name).task).skill]
    assert len(known) >= 190
