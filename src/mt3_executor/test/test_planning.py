import numpy as np
import pytest

from mt3_common import se3
from mt3_common.demonstration import Interaction
from mt3_common.errors import InvalidInput, StatusCode
from mt3_executor.collision import CollisionWorld, Phase, densify
from mt3_executor.config import PlanningConfig
from mt3_executor.interaction_ik import sample_interaction
from mt3_executor.obstacles import Obstacles
from mt3_executor.planning import plan_task
from mt3_executor.testing.scenes import above, box_points, grasp
from mt3_executor.timing import limit_violation

TABLE = Obstacles(support_height_m=0.0)


def check_plan(arm, plan, q_start, interaction, obstacles):
    """Check a plan anew, finer than the planner did, and against the request."""
    assert plan.status.ok, plan.status
    world = CollisionWorld(arm, obstacles, PlanningConfig().collision)
    arm.set_opening(plan.opening)
    q = q_start
    if plan.approach is not None:
        assert np.allclose(plan.approach.position[0], q, atol=1e-6)
        assert limit_violation(arm, plan.approach, 0.5) == ''
        fine, _ = densify(plan.approach.at(np.arange(0.0, plan.approach.duration_s, 0.005)), 0.004)
        assert all(world.is_free(x, Phase.CONTACT) for x in fine)
        q = plan.approach.position[-1]
    previous = -1.0
    for segment in plan.segments:
        assert np.allclose(segment.trajectory.position[0], q, atol=1e-5)
        q = segment.trajectory.position[-1]
        assert limit_violation(arm, segment.trajectory, arm.config.max_velocity_scale) == ''
        arm.set_opening(segment.opening)
        times = np.arange(0.0, segment.trajectory.duration_s, 0.01)
        demo = np.interp(times, segment.trajectory.time_s, segment.demo_time_s)
        assert segment.demo_time_s[0] >= previous - 1e-9
        previous = segment.demo_time_s[-1]
        wanted = plan.T_base_bottleneck @ se3.interpolate(interaction.time_s, interaction.T_bottleneck_tcp, demo)
        for x, T_base_tcp in zip(segment.trajectory.at(times), wanted, strict=True):
            distance, angle = se3.pose_error(arm.fk(x), T_base_tcp)
            assert distance < 1e-3 and angle < np.radians(0.5)
            assert world.is_free(x, Phase.CONTACT), world.contact(x, Phase.CONTACT)
    assert previous == pytest.approx(interaction.duration_s)
    arm.set_opening(1.0)


def test_free_space(panda):
    plan = plan_task(panda, panda.home, above(0.5, 0.1, 0.2, 0.4), grasp(), TABLE)
    check_plan(panda, plan, panda.home, grasp(), TABLE)
    assert [s.then_opening for s in plan.segments] == [pytest.approx(0.3), None]
    assert plan.alternative == 0 and plan.margins['joint_limit_margin_rad'] > 0.02
    assert plan.timing_s['total'] < 5.0


def test_ur5_plans_too(ur5):
    plan = plan_task(ur5, ur5.home, above(0.4, 0.1, 0.3), grasp(), TABLE)
    check_plan(ur5, plan, ur5.home, grasp(), TABLE)


@pytest.mark.parametrize('seed', range(4))
def test_box_in_the_way_is_gone_round(panda, seed):
    rng = np.random.default_rng(seed)
    side = float(rng.uniform(0.15, 0.3))
    start = plan_task(panda, panda.home, above(0.5, -side, 0.15), grasp(0.03), TABLE).approach.position[-1]
    wall = Obstacles(box_points((0.55, 0.0, 0.15), (0.3, 0.04, 0.3), 0.01), support_height_m=0.0)
    plan = plan_task(panda, start, above(0.5, side, 0.15, float(rng.uniform(-1, 1))), grasp(0.03), wall)
    check_plan(panda, plan, start, grasp(0.03), wall)


def test_target_is_kept_clear_of_in_the_approach(panda):
    """Only the straight last stretch may touch the target."""
    target = Obstacles(target_points=box_points((0.5, 0.1, 0.06), (0.08, 0.08, 0.12)), support_height_m=0.0)
    plan = plan_task(panda, panda.home, above(0.5, 0.1, 0.16), grasp(0.05), target)
    check_plan(panda, plan, panda.home, grasp(0.05), target)
    world = CollisionWorld(panda, target, PlanningConfig().collision)
    q = plan.approach.at(np.linspace(0.0, plan.approach.duration_s, 400))
    far = [x for x in q if panda.fk(x)[2, 3] > 0.16 + 0.055]
    assert len(far) > 50 and all(world.is_free(x, Phase.FREE) for x in far)


def test_out_of_reach_is_unreachable(panda):
    plan = plan_task(panda, panda.home, above(1.4, 0.0, 0.2), grasp(), TABLE)
    assert plan.status.code == StatusCode.UNREACHABLE and '1.400' in plan.status.message


def test_bottleneck_in_the_table_is_a_collision(panda):
    plan = plan_task(panda, panda.home, above(0.5, 0.0, -0.05), grasp(), TABLE)
    assert plan.status.code == StatusCode.COLLISION and 'table' in plan.status.message
    assert plan.approach is None and plan.segments == ()


def test_interaction_through_the_table_is_a_collision_named_with_its_time(panda):
    plan = plan_task(panda, panda.home, above(0.5, 0.0, 0.1), grasp(0.15), TABLE)
    assert plan.status.code == StatusCode.COLLISION
    assert 'table' in plan.status.message and 't = ' in plan.status.message


def test_interaction_through_a_neighbour_is_a_collision(panda):
    neighbour = Obstacles(box_points((0.5, 0.045, 0.03), (0.06, 0.03, 0.06)), support_height_m=0.0)
    plan = plan_task(panda, panda.home, above(0.5, 0.0, 0.15), grasp(0.12), neighbour)
    assert plan.status.code == StatusCode.COLLISION and 'the scene' in plan.status.message


def test_interaction_that_ends_out_of_reach_is_refused_before_it_starts(panda):
    t = np.linspace(0.0, 5.0, 50)
    pull = Interaction(t, np.array([se3.make(None, [0.12 * s, 0.0, 0.0]) for s in t]), np.ones(50), 0.08)
    plan = plan_task(panda, panda.home, above(0.5, 0.0, 0.2), pull, TABLE)
    assert plan.status.code in (StatusCode.LIMITS, StatusCode.UNREACHABLE)
    assert 'panda_joint' in plan.status.message or 'cannot follow' in plan.status.message


def test_interaction_that_turns_past_a_joint_limit_names_it(panda):
    t = np.linspace(0.0, 6.0, 60)
    screw = Interaction(t, np.array([se3.from_yaw(1.2 * s) for s in t]), np.ones(60), 0.08)
    plan = plan_task(panda, panda.home, above(0.5, 0.0, 0.25), screw, TABLE)
    assert plan.status.code == StatusCode.LIMITS and 'panda_joint' in plan.status.message


def test_too_fast_an_interaction_is_slowed_down_and_says_so(panda):
    fast = grasp(0.1, 1.0)
    plan = plan_task(panda, panda.home, above(0.5, 0.0, 0.2), fast, TABLE)
    check_plan(panda, plan, panda.home, fast, TABLE)
    assert plan.margins['interaction_time_scale'] > 1.05
    crazy = grasp(0.1, 0.05)
    plan = plan_task(panda, panda.home, above(0.5, 0.0, 0.2), crazy, TABLE)
    assert plan.status.code == StatusCode.LIMITS and 'slower' in plan.status.message


def test_alternatives_are_used_when_the_first_is_not_possible(panda):
    both = np.stack([above(1.4, 0.0, 0.2), above(0.5, 0.0, 0.2)])
    plan = plan_task(panda, panda.home, both, grasp(), TABLE)
    assert plan.status.ok and plan.alternative == 1
    assert [r.alternative for r in plan.rejected] == [0] and plan.rejected[0].code == StatusCode.UNREACHABLE


def test_start_in_contact_is_refused(panda):
    q = plan_task(panda, panda.home, above(0.5, 0.0, 0.2), grasp(), TABLE).approach.position[-1]
    inside = Obstacles(support_height_m=0.3)
    plan = plan_task(panda, q, above(0.5, 0.1, 0.5), grasp(), inside)
    assert plan.status.code == StatusCode.COLLISION and 'stands now' in plan.status.message


def test_start_outside_limits_is_refused(panda):
    q = panda.home.copy()
    q[3] = 0.3
    plan = plan_task(panda, q, above(0.5, 0.0, 0.2), grasp(), TABLE)
    assert plan.status.code == StatusCode.LIMITS and 'panda_joint4' in plan.status.message


def test_same_request_same_plan(panda):
    wall = Obstacles(box_points((0.5, 0.0, 0.2), (0.2, 0.04, 0.3), 0.01), support_height_m=0.0)
    a, b = (plan_task(panda, panda.home, above(0.5, 0.2, 0.2), grasp(), wall) for _ in range(2))
    assert a.status.ok
    assert np.array_equal(a.approach.position, b.approach.position)
    for x, y in zip(a.segments, b.segments, strict=True):
        assert np.array_equal(x.trajectory.position, y.trajectory.position)


def test_cancelling_and_running_out_of_time(panda):
    plan = plan_task(panda, panda.home, above(0.5, 0.0, 0.2), grasp(), TABLE, should_stop=lambda: True)
    assert plan.status.code == StatusCode.CANCELLED
    closed = Obstacles(box_points((0.5, 0.0, 0.2), (0.3, 0.3, 0.4), 0.02)[:0])
    config = PlanningConfig(time_limit_s=0.1, ik_seeds=500, ik_solutions=50)
    plan = plan_task(panda, panda.home, np.stack([above(1.4, 0.0, 0.2)] * 5), grasp(), closed, config)
    assert plan.status.code == StatusCode.TIMEOUT and '0.1 s' in plan.status.message


def test_speed_scale_slows_everything(panda):
    full = plan_task(panda, panda.home, above(0.5, 0.0, 0.2), grasp(), TABLE)
    half = plan_task(panda, panda.home, above(0.5, 0.0, 0.2), grasp(), TABLE, speed_scale=0.5)
    assert half.status.ok and half.approach.duration_s > 1.7 * full.approach.duration_s
    assert half.segments[0].trajectory.duration_s > 1.6 * full.segments[0].trajectory.duration_s


def test_bad_requests_are_refused(panda):
    with pytest.raises(InvalidInput, match='q_start'):
        plan_task(panda, panda.home[:3], above(0.5, 0.0, 0.2), grasp())
    with pytest.raises(InvalidInput, match='speed_scale'):
        plan_task(panda, panda.home, above(0.5, 0.0, 0.2), grasp(), speed_scale=0.0)
    with pytest.raises(InvalidInput, match='T_base_bottleneck'):
        plan_task(panda, panda.home, np.ones((4, 4)), grasp())


def test_sampling_is_dense_where_the_tool_is_fast():
    t = np.linspace(0.0, 2.0, 30)
    fast = Interaction(t, np.array([se3.from_yaw(0.5 * s, [0.3 * s, 0, 0]) for s in t]), np.ones(30), 0.08)
    time_s, poses = sample_interaction(fast, PlanningConfig())
    assert np.linalg.norm(np.diff(poses[:, :3, 3], axis=0), axis=1).max() < 0.0061
    assert time_s[0] == 0.0 and time_s[-1] == 2.0 and np.all(np.diff(time_s) > 0)
