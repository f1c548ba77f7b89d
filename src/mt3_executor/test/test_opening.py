import numpy as np
import pytest

from mt3_common import se3
from mt3_common.demonstration import Interaction
from mt3_common.errors import StatusCode
from mt3_executor.config import PlanningConfig
from mt3_executor.gripper_events import gripper_events
from mt3_executor.obstacles import Obstacles
from mt3_executor.opening import narrower, opened_less
from mt3_executor.planning import plan_task
from mt3_executor.testing.scenes import above, box_points, grasp

AT = above(0.5, 0.0, 0.16)
BLOCK = box_points((0.5, 0.0, 0.03), (0.04, 0.03, 0.06), 0.002)  # the fingers close along y


def wanted(interaction, points=BLOCK, margin=0.004):
    return narrower(interaction, AT[None], points, PlanningConfig(grasp_margin_m=margin))


def opened(opening, then=None):
    t = np.linspace(0.0, 4.0, 81)
    values = np.where(t < 2.0, opening, then if then is not None else opening)
    return Interaction(t, np.repeat(np.eye(4)[None], 81, axis=0), values, 0.08)


def test_the_object_fits_between_the_fingers_with_its_margin():
    openings = wanted(grasp(0.12))
    assert openings[-1] * 0.08 == pytest.approx(0.03 + 2 * 0.004, abs=1e-3)
    assert len(openings) == 2 and 1.0 > openings[0] > openings[1]
    aside = wanted(grasp(0.12), np.add(BLOCK, [0.0, 0.01, 0.0]))  # off the middle: the farther side counts
    assert aside[-1] * 0.08 == pytest.approx(0.05 + 2 * 0.004, abs=1e-3)


@pytest.mark.parametrize('begins, then', [(0.4, 1.0), (0.0, None), (1.0, None), (0.4, 0.4)])
def test_only_a_hand_that_begins_open_and_closes_opens_less(begins, then):
    assert wanted(opened(begins, then), np.add(BLOCK, [0.0, 0.0, 0.13])) == []
    assert wanted(opened(1.0, 0.0), np.add(BLOCK, [0.0, 0.0, 0.13])) != []


def test_nothing_is_guessed_of_an_object_that_was_not_seen_there_or_fills_the_hand():
    assert wanted(grasp(0.12), np.zeros((0, 3))) == []
    assert wanted(grasp(0.12), np.add(BLOCK, [0.3, 0.0, 0.0])) == []
    assert wanted(grasp(0.12), box_points((0.5, 0.0, 0.03), (0.04, 0.076, 0.06), 0.002)) == []
    assert wanted(grasp(0.12), margin=0.0) == []


def test_it_closes_when_and_as_far_as_it_was_taught():
    t = np.linspace(0.0, 6.0, 121)
    taught = np.interp(t, [0.0, 2.0, 2.6, 4.0, 4.4], [0.9, 0.9, 0.2, 0.2, 1.0])  # and opens again
    poses = np.repeat(np.eye(4)[None], len(t), axis=0)
    less = opened_less(Interaction(t, poses, taught, 0.08), 0.5, 0.03)
    before, after = (gripper_events(t, opening, 0.03) for opening in (taught, less.gripper_opening))
    assert less.gripper_opening[0] == pytest.approx(0.5) and less.gripper_opening.max() == 1.0
    assert [e.opening for e in before] == pytest.approx([e.opening for e in after], abs=0.02)
    assert [e.time_s for e in before] == pytest.approx([e.time_s for e in after], abs=0.06)


def walls(gap):
    """Two walls beside the block, `gap` from its middle [m]."""
    return np.concatenate([box_points((0.5, s * (gap + 0.01), 0.025), (0.1, 0.01, 0.05), 0.005) for s in (-1, 1)])


def test_between_narrow_walls_the_hand_opens_less_and_the_plan_says_so(panda):
    def plan(scene, points=BLOCK, **settings):
        obstacles = Obstacles(scene, BLOCK, 0.0, seen_points=points)
        return plan_task(panda, panda.home, AT, grasp(0.12), obstacles, PlanningConfig(**settings))

    wide = plan(walls(0.08))
    assert wide.status.ok and wide.opening == 1.0
    narrow = plan(walls(0.05))
    assert narrow.status.ok, narrow.status
    assert 0.038 / 0.08 - 0.01 < narrow.opening < 0.9 and narrow.segments[0].opening == narrow.opening
    assert narrow.segments[0].then_opening == wide.segments[0].then_opening
    assert any(r.code == StatusCode.COLLISION for r in narrow.rejected)
    assert plan(walls(0.05), grasp_margin_m=0.0).status.code == StatusCode.COLLISION
    closed = plan(walls(0.022))
    assert closed.status.code == StatusCode.COLLISION and 'nor with the hand open to' in closed.status.message
    assert closed.opening == 1.0


def test_a_tool_path_stays_the_one_that_was_taught():
    interaction = grasp(0.12)
    less = opened_less(interaction, 0.5, 0.03)
    assert np.array_equal(less.T_bottleneck_tcp, interaction.T_bottleneck_tcp)
    assert se3.pose_error(less.T_bottleneck_tcp[0], np.eye(4)) == pytest.approx((0.0, 0.0))
