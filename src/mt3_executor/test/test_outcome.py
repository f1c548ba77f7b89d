import numpy as np
import pytest

from mt3_common import se3
from mt3_executor.effect import Effect, Kind
from mt3_executor.outcome import check_outcome, in_hand_shift
from mt3_executor.testing.depth_scenes import box_scene
from mt3_executor.testing.scenes import above

CENTRE, SIZE = np.array([0.5, 0.0, 0.05]), (0.06, 0.06, 0.1)


def judge(effect, opening=0.4, before=None, after=None, last_opening=1.0):
    return check_outcome(effect, opening, 0.03, 0.08, before, after, last_opening)


def moved_by(*shift, kind=Kind.HELD, opening=0.3):
    scene, points = box_scene(CENTRE, SIZE)
    effect = Effect(kind, se3.make(None, shift), above(0.5, 0.0, 0.08), opening, points[:40], points)
    return scene, effect


def test_a_demonstration_without_a_trace_is_not_judged():
    outcome = judge(Effect(Kind.NONE), 0.0)
    assert not outcome.checked and not outcome.ok and 'not judged' in outcome.text
    assert not judge(Effect(Kind.HELD), None).checked


def test_a_grasp_by_the_gripper_alone():
    assert judge(Effect(Kind.HELD)).ok
    missed = judge(Effect(Kind.HELD), 0.0)
    assert missed.checked and not missed.ok and 'fingers met' in missed.text


def test_a_release_by_the_gripper_alone_is_little_to_go_by():
    let_go = judge(Effect(Kind.PLACED), 0.98)
    assert let_go.ok and let_go.confidence < 0.5
    stuck = judge(Effect(Kind.PLACED), 0.3)
    assert stuck.checked and not stuck.ok


@pytest.mark.parametrize('kind', [Kind.HELD, Kind.CARRIED, Kind.PUSHED])
def test_what_moved_as_demonstrated_is_seen_there(kind):
    shift = (0.0, 0.0, 0.14) if kind is Kind.HELD else (0.0, 0.12, 0.0)
    before, effect = moved_by(*shift, kind=kind)
    after, _ = box_scene(CENTRE + shift, SIZE)
    outcome = judge(effect, 0.4 if kind is Kind.HELD else 1.0, before, after)
    assert outcome.checked and outcome.ok and outcome.confidence > 0.8, outcome


@pytest.mark.parametrize('kind', [Kind.CARRIED, Kind.PUSHED])
def test_what_stayed_is_a_failure_although_the_gripper_did_its_part(kind):
    before, effect = moved_by(0.0, 0.12, 0.0, kind=kind)
    outcome = judge(effect, 1.0, before, before)
    assert outcome.checked and not outcome.ok and 'still where it was' in outcome.text and outcome.confidence > 0.8


def test_what_went_elsewhere_is_no_success():
    before, effect = moved_by(0.0, 0.12, 0.0, kind=Kind.PUSHED)
    after, _ = box_scene(CENTRE + np.array([0.0, -0.2, 0.0]), SIZE)
    outcome = judge(effect, 1.0, before, after)
    assert not outcome.ok


def test_a_fist_around_something_else_is_unmasked():
    before, effect = moved_by(0.0, 0.0, 0.14)
    outcome = judge(effect, 0.4, before, before)
    assert outcome.checked and not outcome.ok and 'still where it was' in outcome.text


def test_furniture_counts_by_the_part_that_was_touched():
    cabinet = ((0.45, 0.0, 0.06), (0.1, 0.2, 0.12))
    handle, pulled = (0.52, 0.0, 0.06), (0.62, 0.0, 0.06)
    size = (0.02, 0.08, 0.02)
    before, points = box_scene(handle, size, [cabinet])
    after, _ = box_scene(pulled, size, [cabinet])
    everything = np.concatenate([points, box_scene(*cabinet)[1]])
    effect = Effect(Kind.CARRIED, se3.make(None, (0.1, 0.0, 0.0)), above(*handle), 0.2, points, everything)
    assert judge(effect, 0.9, before, after).ok
    assert not judge(effect, 0.9, before, before).ok


def test_something_new_where_the_hand_let_go():
    before, _ = box_scene((5.0, 0.0, 0.0), SIZE)
    after, _ = box_scene((0.5, 0.1, 0.03), (0.05, 0.05, 0.06))
    effect = Effect(Kind.PLACED, T_base_tcp=above(0.5, 0.1, 0.06))
    assert judge(effect, 1.0, before, after).ok
    nothing = judge(effect, 1.0, before, before)
    assert nothing.checked and not nothing.ok


def test_hidden_things_leave_it_to_the_gripper():
    before, effect = moved_by(0.0, 0.0, 0.14)
    after, _ = box_scene((0.9, 0.0, 0.4), (0.02, 0.8, 0.8))
    outcome = judge(effect, 0.4, before, after)
    assert outcome.ok and outcome.confidence == pytest.approx(0.8) and 'in view' in outcome.text


@pytest.mark.parametrize('shift', [(0.0, 0.0, 0.0), (0.0, 0.008, 0.0), (0.006, 0.0, 0.008)])
def test_the_shift_in_the_hand_is_measured(shift):
    _, effect = moved_by(0.0, 0.0, 0.2)
    T_base_tcp = above(0.5, 0.0, 0.28)
    after, _ = box_scene(CENTRE + np.array([0.0, 0.0, 0.2]) + np.array(shift), SIZE)
    found = in_hand_shift(effect, T_base_tcp, after, 0.03)
    assert np.linalg.norm(T_base_tcp[:3, :3] @ found - shift) < 0.003


def test_a_shift_of_what_is_not_there_is_not_believed():
    scene, effect = moved_by(0.0, 0.0, 0.2)
    assert in_hand_shift(effect, above(0.5, 0.0, 0.28), scene, 0.03) is None
