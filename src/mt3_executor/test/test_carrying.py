import numpy as np
import pytest

from mt3_common import se3
from mt3_common.demonstration import Interaction
from mt3_common.errors import StatusCode
from mt3_executor.carrying import beside
from mt3_executor.collision import CollisionWorld, Phase
from mt3_executor.config import CollisionConfig
from mt3_executor.obstacles import Obstacles
from mt3_executor.planning import plan_task
from mt3_executor.testing.scenes import above, box_points

BOX = box_points((0.5, 0.0, 0.06), (0.05, 0.05, 0.12))


def carried(*ways, opened_at=None) -> Interaction:
    """Down 10 cm, close, then along corners (aside in the base's -y, up) of 2 s each, and open at the end."""
    corners = np.array([(0.0, 0.0), *ways])
    t = np.linspace(0.0, 3.0 + 2.0 * len(ways) + 1.0, 25 * (4 + 2 * len(ways)))
    at = 3.0 + 2.0 * np.arange(len(corners))
    z = np.interp(t, [0.0, 2.0, 2.5], [0.0, 0.1, 0.1]) - np.interp(t, at, corners[:, 1])
    y = np.interp(t, at, corners[:, 0])
    poses = np.array([se3.make(None, [0.0, b, c]) for b, c in zip(y, z, strict=True)])
    opening = np.where(t < 2.5, 1.0, 0.55)
    if opened_at is not None:
        opening = np.where(t > at[-1], opened_at, opening)
    return Interaction(t, poses, opening, 0.08)


def planned(panda, interaction, scene, target=BOX):
    return plan_task(panda, panda.home, above(0.5, 0.0, 0.21), interaction, Obstacles(scene, target, 0.0))


def walls(height, inside=0.1, thick=0.02):
    """The four walls of a crate around the box."""
    out, middle = inside + 2 * thick, 0.5 * (inside + thick)
    sides = [((0.5 + s * middle, 0.0, height / 2), (thick, out, height)) for s in (-1, 1)]
    sides += [((0.5, s * middle, height / 2), (out, thick, height)) for s in (-1, 1)]
    return np.concatenate([box_points(*side, step=0.01) for side in sides])


def test_it_is_lifted_along_the_wall_that_it_grazes(panda):
    wall = box_points((0.54, 0.0, 0.1), (0.02, 0.04, 0.2), 0.01)  # its cells begin 5 mm beside the box
    leaning = wall - [0.01, 0.0, 0.0]  # and here 5 mm in it, as ragged depth tells it
    for scene in (wall, leaning):
        plan = planned(panda, carried((0.0, 0.1)), scene[scene[:, 2] < 0.1])
        assert plan.status.ok, plan.status


def test_the_hand_must_not_hit_the_tall_post_beside_the_object(panda):
    """The thing passes it when it is turned, the hand above it does not."""
    t = np.linspace(0.0, 8.0, 161)
    z = np.interp(t, [0.0, 2.0, 3.0, 5.0], [0.0, 0.1, 0.1, 0.065])
    turn = np.interp(t, [5.0, 8.0], [0.0, np.radians(50.0)])
    poses = np.array([se3.make(se3.from_yaw(a)[:3, :3], [0.0, 0.0, c]) for a, c in zip(turn, z, strict=True)])
    interaction = Interaction(t, poses, np.where(t < 2.5, 1.0, 0.6), 0.08)
    thing = box_points((0.5, 0.0, 0.06), (0.05, 0.04, 0.12))
    post = box_points((0.54, 0.0, 0.1), (0.0, 0.02, 0.21), 0.01)
    assert beside(post, thing).all()
    low = planned(panda, interaction, post[post[:, 2] < 0.1], thing)
    assert low.status.ok, low.status
    tall = planned(panda, interaction, post, thing)
    assert tall.status.code == StatusCode.COLLISION, tall.status
    assert 'panda_' in tall.status.message and 'what stood beside it' in tall.status.message


def test_what_was_left_is_in_the_way_of_what_comes_back(panda):
    """Up out of its neighbours, over them, and down into them."""
    neighbour = box_points((0.5, 0.055, 0.04), (0.1, 0.04, 0.08), 0.01)
    assert beside(neighbour, BOX).any()
    into = carried((0.0, 0.15), (-0.055, 0.15), (-0.055, 0.05))
    plan = planned(panda, into, neighbour)
    assert plan.status.code == StatusCode.COLLISION and 'what is held touches' in plan.status.message
    over = carried((0.0, 0.15), (-0.055, 0.15), (-0.055, 0.11))
    assert planned(panda, over, neighbour).status.ok


def test_it_stays_held_when_it_comes_down_again(panda):
    """Lower than what counts as lifted, but over another place."""
    other = box_points((0.5, -0.2, 0.04), (0.06, 0.06, 0.08), 0.01)
    way = ((0.0, 0.15), (0.2, 0.15), (0.2, 0.02))
    plan = planned(panda, carried(*way), other)
    assert plan.status.code == StatusCode.COLLISION and 'what is held touches the scene' in plan.status.message


@pytest.mark.parametrize('top, ends, ok', [(0.02, 0.02, True), (0.06, 0.06, True), (0.06, 0.04, False)])
def test_it_may_be_set_down_on_another_thing_but_not_into_it(panda, top, ends, ok):
    other = box_points((0.5, -0.2, top / 2 + 0.005), (0.08, 0.08, top), 0.01)  # a cell higher than it is
    plan = planned(panda, carried((0.0, 0.15), (0.2, 0.15), (0.2, ends), opened_at=0.8), other)
    assert plan.status.ok == ok, plan.status
    if not ok:
        assert 'the middle of what is held touches' in plan.status.message


def test_it_is_not_pulled_through_the_wall_of_its_crate(panda):
    low = walls(0.06)
    assert planned(panda, carried((0.0, 0.12), (0.2, 0.12)), low).status.ok
    plan = planned(panda, carried((0.0, 0.04), (0.2, 0.04)), low)
    assert plan.status.code == StatusCode.COLLISION and 'held touches' in plan.status.message


def test_neighbours_are_grazed_by_what_is_held_and_by_nothing_else(panda):
    q = plan_task(panda, panda.home, above(0.5, 0.0, 0.3), carried((0.0, 0.0))).approach.position[-1]
    held = box_points((0.0, 0.0, 0.03), (0.06, 0.06, 0.06), 0.01)
    panda.set_opening(0.6)

    def touch(x, z):
        cells = np.array([[0.5 + x, 0.0, z]])
        obstacles = Obstacles(held_points=held, neighbour_points=cells)
        world = CollisionWorld(panda, obstacles, CollisionConfig())
        return world.contact(q, Phase.CONTACT), world.held_near_neighbours(q, 0.0), world.held_near_neighbours(q, 0.02)

    assert touch(0.028, 0.26) == ('', True, True)
    assert touch(0.045, 0.26) == ('', False, True)
    assert touch(0.08, 0.26) == ('', False, False)
    assert 'the middle of what is held touches' in touch(0.0, 0.26)[0]
    assert 'panda_hand touches what stood beside it' in touch(0.0, 0.39)[0]


def test_beside_is_what_stands_there_and_not_what_is_over_it():
    thing = box_points((0.0, 0.0, 0.05), (0.04, 0.04, 0.1))
    points = np.array([[0.035, 0.0, 0.05], [0.035, 0.0, 0.3], [0.0, 0.0, 0.3], [0.05, 0.0, 0.05], [0.0, 0.0, 0.11]])
    assert beside(points, thing).tolist() == [True, True, False, False, True]
    assert len(beside(np.zeros((0, 3)), thing)) == 0
