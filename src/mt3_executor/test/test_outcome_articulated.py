"""Furniture: a part moves with the hand, the body stays where it was."""

import numpy as np

from mt3_common import se3
from mt3_executor.effect import Kind, demonstrated_effect
from mt3_executor.evidence import seen_points
from mt3_executor.outcome import check_outcome
from mt3_executor.testing.depth_scenes import box_scene
from mt3_executor.testing.scenes import above, pull

CABINET = ((0.42, 0.0, 0.07), (0.12, 0.2, 0.14))
FRONT = ((0.486, 0.0, 0.07), (0.012, 0.18, 0.1))
BAR = ((0.52, 0.0, 0.07), (0.014, 0.08, 0.014))
WAY_M = 0.09


def shifted(box, x):
    return (tuple(np.add(box[0], (x, 0.0, 0.0))), box[1])


def drawer(open_by_m):
    """Return a cabinet (object 1) with a drawer whose front and bar belong to no segment."""
    return box_scene(*CABINET, [shifted(FRONT, open_by_m), shifted(BAR, open_by_m)])


def effect_of(points, scene, way_m=WAY_M):
    T = above(*BAR[0][:2], BAR[0][2] + 0.1, yaw=np.pi / 2)
    around = seen_points(scene, T[:3, 3], 0.6)
    return demonstrated_effect(T, pull(0.1, T[:3, :3].T @ (way_m, 0.0, 0.0)), points, 0.03, 0.7, around)


def judge(effect, before, after):
    return check_outcome(effect, 0.95, 0.03, 0.08, before, after, 1.0)


def test_a_drawer_that_opened_is_a_success_although_its_cabinet_stays_and_its_bar_is_no_segment():
    before, points = drawer(0.0)
    effect = effect_of(points, before)
    assert effect.kind is Kind.CARRIED and not effect.whole and len(effect.touched) > 60
    outcome = judge(effect, before, drawer(WAY_M)[0])
    assert outcome.checked and outcome.ok and outcome.confidence > 0.8, outcome


def test_a_drawer_that_stayed_shut_is_a_failure():
    before, points = drawer(0.0)
    outcome = judge(effect_of(points, before), before, drawer(0.0)[0])
    assert outcome.checked and not outcome.ok and outcome.confidence > 0.8, outcome


def test_a_body_that_stays_is_no_failure_when_the_touched_part_is_hidden():
    before, points = drawer(0.0)
    hidden, _ = box_scene(*CABINET, [((0.62, 0.0, 0.2), (0.04, 0.4, 0.4))])
    outcome = judge(effect_of(points, before), before, hidden)
    assert outcome.ok and outcome.confidence <= 0.5, outcome


def test_what_looks_alike_before_and_after_is_not_judged_by_the_picture():
    before, points = drawer(0.0)
    outcome = judge(effect_of(points, before, way_m=0.012), before, before)
    assert outcome.confidence <= 0.5, outcome


def test_what_is_touched_is_what_the_fingers_close_around_whatever_its_segment():
    before, points = drawer(0.0)
    touched = effect_of(points, before).touched
    assert touched[:, 0].min() > 0.475 and touched[:, 0].max() > 0.52  # bar and front, no part of the cabinet


def test_a_lift_takes_the_whole_and_a_turn_or_a_pull_does_not():
    before, points = drawer(0.0)
    assert not effect_of(points, before).whole
    T = above(0.42, 0.0, 0.2)
    up = demonstrated_effect(T, pull(0.05, (0.0, 0.0, -0.12)), points, 0.03, 0.7)
    assert up.whole
    turned = pull(0.05, (0.0, 0.0, -0.12), turn_rad=1.2)
    assert not demonstrated_effect(T, turned, points, 0.03, 0.7).whole
    assert se3.pose_error(turned.T_bottleneck_tcp[-1], np.eye(4))[1] > 1.0
