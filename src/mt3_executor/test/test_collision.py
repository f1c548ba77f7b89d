import numpy as np

from mt3_executor.collision import CollisionWorld, Phase, densify
from mt3_executor.config import CollisionConfig
from mt3_executor.ik import solve_many
from mt3_executor.obstacles import Obstacles
from mt3_executor.testing.scenes import above, box_points


def joints(arm, *pose):
    return solve_many(arm, above(*pose), arm.home, np.random.default_rng(0), solutions=1)[0]


def test_gripper_may_graze_the_table_only_in_contact_phase(panda):
    world = CollisionWorld(panda, Obstacles(support_height_m=0.0), CollisionConfig())
    panda.set_opening(1.0)
    # The finger tips end 9.5 mm below the tcp (URDF: 0.0584 + 0.0545 - 0.1034 m).
    assert world.is_free(joints(panda, 0.5, 0.0, 0.02), Phase.FREE)
    grazing = joints(panda, 0.5, 0.0, 0.0095 - 0.002)
    assert world.is_free(grazing, Phase.CONTACT)
    assert 'finger touches the table' in world.contact(grazing, Phase.FREE)
    pressing = joints(panda, 0.5, 0.0, 0.0095 - 0.006)
    assert 'touches the table' in world.contact(pressing, Phase.CONTACT)


def test_target_may_be_touched_by_the_gripper_only(panda):
    q = joints(panda, 0.5, 0.0, 0.1)
    at_fingers = Obstacles(target_points=box_points((0.5, 0.0, 0.1), (0.1, 0.1, 0.05)))
    world = CollisionWorld(panda, at_fingers, CollisionConfig())
    assert world.is_free(q, Phase.CONTACT)
    assert 'the target object' in world.contact(q, Phase.FREE)
    elbow = box_points((0.2, 0.0, 0.6), (0.3, 0.3, 0.3), 0.03)
    world = CollisionWorld(panda, Obstacles(target_points=elbow), CollisionConfig(cloud_resolution_m=0.03))
    assert 'the target object' in world.contact(q, Phase.CONTACT)


def test_other_things_may_not_be_touched_in_any_phase(panda):
    world = CollisionWorld(panda, Obstacles(points=box_points((0.5, 0.0, 0.1), (0.1, 0.1, 0.05))), CollisionConfig())
    for phase in Phase:
        assert 'the scene' in world.contact(joints(panda, 0.5, 0.0, 0.1), phase)


def test_first_contact_finds_what_lies_between_samples(panda):
    wall = box_points((0.57, 0.0, 0.25), (0.2, 0.02, 0.1))
    world = CollisionWorld(panda, Obstacles(points=wall), CollisionConfig())
    left, right = joints(panda, 0.5, -0.3, 0.25), joints(panda, 0.5, 0.3, 0.25)
    assert world.is_free(left, Phase.FREE) and world.is_free(right, Phase.FREE)
    assert world.first_contact(np.stack([left, right]), Phase.FREE, 0.02)[0] == 0


def test_densify_keeps_ends_and_step():
    path = np.array([[0.0, 0.0], [1.0, -0.5], [1.0, -0.5], [1.05, -0.5]])
    dense, source = densify(path, 0.1)
    assert np.array_equal(dense[0], path[0]) and np.array_equal(dense[-1], path[-1])
    assert np.abs(np.diff(dense, axis=0)).max() <= 0.1 + 1e-12
    assert np.all(np.diff(source) >= 0) and len(source) == len(dense)


def test_clearance_is_measured_in_steps_without_the_grippers_own_business(panda):
    q = joints(panda, 0.5, 0.0, 0.1)
    assert CollisionWorld(panda, Obstacles(support_height_m=0.0), CollisionConfig()).clearance(q) == 0.04
    # The fingers end 9.5 mm below the tcp: a plate this far below them, in cells of 1 cm around the given centres.
    for gap, expected in ((0.005, 0.0), (0.015, 0.01), (0.03, 0.02), (0.06, 0.04)):
        top = 0.1 - 0.0095 - gap
        plate = box_points((0.5, 0.0, top - 0.005), (0.1, 0.1, 0.0), 0.01)
        plate[:, 2] = np.floor(plate[:, 2] / 0.01) * 0.01 + 0.005  # the octree's own cells
        real = 0.1 - 0.0095 - (plate[0, 2] + 0.005)
        expected = max((level for level in (0.0, 0.01, 0.02, 0.04) if level < real), default=0.0)
        world = CollisionWorld(panda, Obstacles(points=plate), CollisionConfig())
        assert world.clearance(q) == expected, (gap, real)


def test_asking_often_and_in_any_order_gives_the_same_answers(ur5):
    """Answers must not depend on what was asked before."""
    rng = np.random.default_rng(0)
    points = rng.uniform([0.2, -0.5, 0.0], [0.7, 0.5, 0.5], (400, 3))
    q = rng.uniform(-2.0, 2.0, (300, 6))
    world = CollisionWorld(ur5, Obstacles(points=points, support_height_m=0.0), CollisionConfig())
    forth = [world.is_free(x, Phase.FREE) for x in q]
    back = [world.is_free(x, Phase.FREE) for x in q[::-1]][::-1]
    assert forth == back and 0 < sum(forth) < 300
    for x, free in zip(q, forth, strict=True):
        named = world.contact(x, Phase.FREE)
        assert bool(named) != free and 'not named' not in named


def test_a_flat_thing_in_the_hand_spans_no_volume_and_counts_for_nothing(panda):
    flat = box_points((0.0, 0.0, 0.0), (0.1, 0.1, 0.0))
    world = CollisionWorld(panda, Obstacles(held_points=flat, support_height_m=0.0), CollisionConfig())
    assert world.is_free(panda.home, Phase.FREE)


def test_links_keep_a_distance_from_each_other(ur5):
    bare, careful = (
        CollisionWorld(ur5, Obstacles(), CollisionConfig(self_clearance_m=clearance)) for clearance in (0.0, 0.02)
    )
    rng = np.random.default_rng(0)
    near = [
        q
        for q in rng.uniform(ur5.lower, ur5.upper, (400, ur5.n))
        if bare.is_free(q, Phase.FREE) != careful.is_free(q, Phase.FREE)
    ]
    assert near and all(bare.is_free(q, Phase.FREE) for q in near)
    assert 'touches' in careful.contact(near[0], Phase.FREE)
    assert CollisionWorld(ur5, Obstacles(), CollisionConfig()).is_free(ur5.home, Phase.FREE)


def test_a_cell_deep_in_what_is_held_is_not_missed(panda):
    """Coal, asked for no contact, took one in six for free."""
    q, rng = joints(panda, 0.5, 0.0, 0.3), np.random.default_rng(0)
    held = box_points((0.0, 0.0, 0.03), (0.06, 0.06, 0.06), 0.01)
    for _ in range(60):
        cell = np.array([[0.5, 0.0, 0.27]]) + rng.uniform(-0.025, 0.025, 3)
        world = CollisionWorld(panda, Obstacles(cell, held_points=held), CollisionConfig())
        assert 'what is held touches the scene' in world.contact(q, Phase.CONTACT) or 'finger' in world.contact(
            q, Phase.CONTACT
        )
