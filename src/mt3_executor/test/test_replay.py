import numpy as np
import pytest

from mt3_common import se3
from mt3_common.demonstration import Interaction
from mt3_common.errors import StatusCode
from mt3_executor.config import PlanningConfig
from mt3_executor.obstacles import Obstacles
from mt3_executor.planning import plan_task
from mt3_executor.replay import pieces_of
from mt3_executor.testing.scenes import above, box_points, grasp
from mt3_executor.timing import limit_violation, torque_violation
from mt3_executor.trajectory import JointTrajectory

BOX = box_points((0.5, 0.0, 0.06), (0.05, 0.05, 0.12))
WALL = box_points((0.5, 0.24, 0.1), (0.3, 0.03, 0.2), 0.01)


def carry(aside: float, up: float = 0.12) -> Interaction:
    """Down 10 cm, close, up, then aside."""
    t = np.linspace(0.0, 8.0, 121)
    z = np.interp(t, [0.0, 2.0, 3.0, 5.0, 8.0], [0.0, 0.1, 0.1, 0.1 - up, 0.1 - up])
    y = np.interp(t, [0.0, 5.0, 8.0], [0.0, 0.0, -aside])  # the tool points down: its y is the base's -y
    poses = np.array([se3.make(None, [0.0, b, c]) for b, c in zip(y, z, strict=True)])
    return Interaction(t, poses, np.where(t < 2.5, 1.0, 0.4), 0.08)


def test_pieces_end_where_the_gripper_acts():
    interaction = grasp()
    time_s = np.linspace(0.0, interaction.duration_s, 50)
    first, second = pieces_of(interaction, time_s, 0.03)
    assert (first.first, first.opening, first.then_opening) == (0, 1.0, pytest.approx(0.3))
    assert second.first == first.last and second.last == 49 and second.then_opening is None


def test_what_was_grasped_must_not_hit_the_scene(panda):
    """The gripper passes over the wall, the box in it does not."""
    obstacles = Obstacles(WALL, BOX, 0.0)
    interaction = carry(0.24)
    plan = plan_task(panda, panda.home, above(0.5, 0.0, 0.21), interaction, obstacles)
    assert plan.status.code == StatusCode.COLLISION
    assert 'what is held touches the scene' in plan.status.message and 't = ' in plan.status.message
    blind = PlanningConfig(held_objects=False)
    assert plan_task(panda, panda.home, above(0.5, 0.0, 0.21), interaction, obstacles, blind).status.ok
    assert plan_task(panda, panda.home, above(0.5, 0.0, 0.21), carry(0.08), obstacles).status.ok


def test_what_is_not_lifted_is_not_held(panda):
    """A drawer is pulled, its front never leaves its height: it does not swing through the scene with the hand."""
    obstacles = Obstacles(WALL[WALL[:, 2] < 0.06], BOX, 0.0)
    assert plan_task(panda, panda.home, above(0.5, 0.0, 0.21), carry(0.24, up=0.02), obstacles).status.code in (
        StatusCode.OK,
        StatusCode.COLLISION,
    )
    plan = plan_task(panda, panda.home, above(0.5, 0.0, 0.21), carry(0.2, up=0.02), obstacles)
    assert 'what is held' not in plan.status.message


def test_what_neighboured_the_object_may_stay_near_it(panda):
    beside = box_points((0.5, 0.045, 0.03), (0.05, 0.02, 0.06))
    plan = plan_task(panda, panda.home, above(0.5, 0.0, 0.21), carry(0.0), Obstacles(beside, BOX, 0.0))
    assert plan.status.ok, plan.status


def test_what_is_held_from_the_start_counts_in_the_approach(panda):
    """A long stick in the hand: the way that an empty hand takes over the wall is closed to it."""
    t = np.linspace(0.0, 3.0, 40)
    poses = np.array([se3.make(None, [0.0, 0.0, 0.02 * s / 3.0]) for s in t])
    place = Interaction(t, poses, np.where(t < 2.0, 0.3, 1.0), 0.08)
    stick = box_points((0.0, 0.0, 0.09), (0.02, 0.02, 0.2), 0.01)  # in the tcp frame: down from the hand
    empty = Obstacles(WALL, support_height_m=0.0)
    held = Obstacles(WALL, support_height_m=0.0, held_points=stick)
    above_wall = above(0.5, 0.24, 0.3)
    assert plan_task(panda, panda.home, above_wall, place, empty).status.ok
    plan = plan_task(panda, panda.home, above_wall, place, held)
    assert plan.status.code == StatusCode.COLLISION and 'what is held touches the scene' in plan.status.message
    assert plan_task(panda, panda.home, above(0.5, 0.0, 0.3), place, held).status.ok


def test_dynamics_count_against_the_motors(panda):
    """Standing still is possible; accelerating that fast is not."""
    q = np.repeat(np.array([[0.0, 0.3, 0.0, -1.8, 0.0, 2.1, 0.8]]), 3, axis=0)
    still = np.zeros_like(q)
    jerk = still.copy()
    jerk[1, 1] = 60.0
    t = np.array([0.0, 0.1, 0.2])
    assert torque_violation(panda, JointTrajectory(t, q, still, still), 0.9, 0.0) == ''
    words = torque_violation(panda, JointTrajectory(t, q, still, jerk), 0.9, 0.0)
    assert 'panda_joint' in words and 't = 0.10 s' in words
    assert 'acceleration' in limit_violation(panda, JointTrajectory(t, q, still, jerk), 0.5)


def test_gravity_torque_agrees_with_the_potential(panda):
    """The torque to stand still is the gradient of the potential energy, payload included."""
    import pinocchio as pin

    q = np.array([0.3, 0.4, -0.2, -1.5, 0.1, 1.9, 0.5])
    data = panda.model.createData()

    def energy(x):
        return pin.computePotentialEnergy(panda.model, data, panda.full(x)) + 2.0 * 9.81 * panda.fk(x)[2, 3]

    step = 1e-5
    gradient = [(energy(q + step * e) - energy(q - step * e)) / (2 * step) for e in np.eye(7)]
    assert panda.torque(q, payload_kg=2.0) == pytest.approx(gradient, abs=1e-4)
