import numpy as np

from mt3_common import se3
from mt3_executor.ik import solve_many
from mt3_executor.testing.scenes import above


def test_solutions_reach_the_pose_within_limits_and_differ(panda, ur5):
    for arm, goal in ((panda, above(0.5, 0.1, 0.2, 0.7)), (ur5, above(0.4, 0.1, 0.3, 0.7))):
        found = solve_many(arm, goal, arm.home, np.random.default_rng(0), margin=0.02)
        assert len(found) >= 2
        for k, q in enumerate(found):
            distance, angle = se3.pose_error(arm.fk(q), goal)
            assert distance < 1e-4 and angle < 1e-4 and arm.within_limits(q, 0.02 - 1e-9)
            assert all(np.abs(q - other).max() > 0.2 for other in found[:k])


def test_same_generator_gives_same_solutions(panda):
    a, b = (solve_many(panda, above(0.5, 0.0, 0.2), panda.home, np.random.default_rng(5)) for _ in range(2))
    assert all(np.array_equal(x, y) for x, y in zip(a, b, strict=True))


def test_random_reachable_poses_are_found(panda):
    rng = np.random.default_rng(1)
    missed = 0
    for _ in range(40):
        goal = panda.fk(rng.uniform(panda.lower + 0.1, panda.upper - 0.1))
        missed += not solve_many(panda, goal, panda.home, rng, seeds=24, solutions=1)
    assert missed == 0


def test_out_of_reach_gives_nothing(panda):
    assert solve_many(panda, above(1.5, 0.0, 0.2), panda.home, np.random.default_rng(0)) == []
