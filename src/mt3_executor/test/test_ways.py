import numpy as np
import pytest

from mt3_common import se3
from mt3_common.demonstration import Interaction
from mt3_common.errors import StatusCode
from mt3_executor.budget import Budget
from mt3_executor.collision import CollisionWorld
from mt3_executor.config import PlanningConfig
from mt3_executor.interaction_ik import sample_interaction
from mt3_executor.obstacles import Obstacles
from mt3_executor.planning import plan_task
from mt3_executor.testing.scenes import above, grasp
from mt3_executor.ways import WaySearch, rounds

TABLE = Obstacles(support_height_m=0.0)
ROUND = np.stack([above(0.5, 0.1, 0.2, yaw) for yaw in np.linspace(0.0, 2.0 * np.pi, 36, endpoint=False)])


def search(arm, bottlenecks, config=None, interaction=None):
    config = config or PlanningConfig()
    world = CollisionWorld(arm, TABLE, config.collision)
    samples = sample_interaction(interaction or grasp(), config)
    arm.set_opening(1.0)
    rejected = []
    budget = Budget(60.0, lambda: False)
    return WaySearch(arm, world, arm.home, bottlenecks, *samples, config, budget, rejected), rejected


def test_rounds_begin_with_the_preferred_and_spread():
    order = list(rounds(ROUND, 8))
    assert order[0][0] == 0 and order[0][1] == 18  # the opposite yaw differs most
    assert sorted(k for r in order for k in r) == list(range(36)) and [len(r) for r in order] == [8, 8, 8, 8, 4]
    gaps = np.diff([*sorted(order[0]), 36])
    assert gaps.max() <= 5  # steps of 10 degrees


def test_the_first_way_is_the_best_of_all_that_were_judged(panda):
    """The guesses are never pessimistic: judging every way wholly gives the same winner."""
    for bottleneck in (above(0.45, 0.2, 0.25, 0.5), above(0.6, -0.2, 0.2, -1.0)):
        ways, rejected = search(panda, bottleneck[None], PlanningConfig(interactions_followed=100))
        found = list(ways)
        scores = [way.score for way in found]
        assert len(found) > 1 and scores[0] == pytest.approx(max(scores))
        assert {(way.alternative, way.solution) for way in found}.isdisjoint(
            {(r.alternative, r.solution) for r in rejected}
        )


def test_a_round_object_costs_about_what_any_object_costs(panda):
    ways, _ = search(panda, ROUND)
    first = next(iter(ways))
    assert ways.followed <= 6  # of some 200 ways
    single, _ = search(panda, ROUND[:1])
    assert first.score >= next(iter(single)).score - 1e-9  # choice does not make it worse


def test_later_rounds_are_taken_when_the_first_has_no_way(panda):
    far = np.stack([*[above(1.4, 0.0, 0.2, yaw) for yaw in np.linspace(0, 6, 9)], above(0.5, 0.1, 0.2)])
    config = PlanningConfig(alternatives_at_once=2, ik_seeds=4)
    plan = plan_task(panda, panda.home, far, grasp(), TABLE, config)
    assert plan.status.ok and plan.alternative == 9
    assert all(r.code == StatusCode.UNREACHABLE for r in plan.rejected)


def test_every_way_that_is_given_up_says_why(panda):
    t = np.linspace(0.0, 6.0, 60)
    screw = Interaction(t, np.array([se3.from_yaw(1.6 * s) for s in t]), np.ones(60), 0.08)
    ways, rejected = search(panda, ROUND, PlanningConfig(interactions_followed=3), screw)
    assert list(ways) == [] and ways.followed == 3
    assert all(r.reason for r in rejected)
    assert sum('interactions_followed' in r.reason for r in rejected) > 10
    assert any('limit' in r.reason for r in rejected if r.code == StatusCode.LIMITS)


def test_what_the_motors_cannot_carry_is_refused(panda):
    plan = plan_task(panda, panda.home, above(0.6, 0.0, 0.2), grasp(), TABLE, PlanningConfig(payload_kg=20.0))
    assert plan.status.code == StatusCode.LIMITS and 'max_torque_share' in plan.status.message
    assert 'panda_joint' in plan.status.message
