"""The cell behind its lock: goals that end once and for the right reason."""

from functools import lru_cache

import numpy as np
import pytest

from mt3_common.errors import InvalidInput
from mt3_sim.cell import Cell, Ending
from mt3_sim.scene_spec import SceneSpec
from mt3_sim.trajectory_follower import ErrorCode, JointTrajectory
from mt3_sim.world import World


@lru_cache(maxsize=1)
def shared_world() -> World:
    return World()


@pytest.fixture
def cell() -> Cell:
    shared_world().reset(SceneSpec())
    return Cell(shared_world())


def trajectory(cell: Cell, change: float, seconds: float) -> JointTrajectory:
    home = np.array(cell.world.robot.home_rad)
    zero = np.zeros((1, 7))
    return JointTrajectory(
        cell.world.robot.arm_joints,
        np.array([seconds]),
        (home + change)[None],
        velocity=zero,
        acceleration=zero,
        path_tolerance={},
    )


def tick(cell: Cell, seconds: float) -> None:
    for _ in range(round(seconds / cell.world.timestep)):
        cell.tick()


def test_a_goal_succeeds_and_the_arm_is_there(cell):
    goal = cell.start_arm(trajectory(cell, 0.2, 1.0))
    tick(cell, 0.5)
    assert not goal.over
    tick(cell, 1.0)
    assert goal.ending is Ending.SUCCEEDED
    assert goal.code == ErrorCode.SUCCESSFUL
    assert np.allclose(cell.world.arm_position(), np.array(cell.world.robot.home_rad) + 0.2, atol=2e-3)


def test_cancelling_stops_the_arm(cell):
    goal = cell.start_arm(trajectory(cell, 0.5, 1.0))
    tick(cell, 0.5)
    moving = np.abs(cell.world.arm_velocity()).max()
    cell.cancel_arm(goal)
    assert goal.ending is Ending.CANCELLED
    tick(cell, 0.5)
    assert moving > 0.5
    assert np.abs(cell.world.arm_velocity()).max() < 0.01
    place = cell.world.arm_position()
    assert 0.2 < (place - np.array(cell.world.robot.home_rad))[0] < 0.45
    tick(cell, 0.5)
    assert np.allclose(cell.world.arm_position(), place, atol=1e-3)


def test_a_new_goal_replaces_the_old_one(cell):
    first = cell.start_arm(trajectory(cell, 0.3, 1.0))
    tick(cell, 0.3)
    second = cell.start_arm(trajectory(cell, 0.0, 1.0))
    assert first.ending is Ending.ABORTED
    assert 'replaced' in first.message
    tick(cell, 1.5)
    assert second.ending is Ending.SUCCEEDED


def test_a_goal_that_comes_right_after_a_far_too_fast_one_keeps_the_arm_within_its_limits(cell):
    hasty = trajectory(cell, 0.2, 0.02)
    hasty.path_tolerance.update({name: (0.02, 0.0) for name in cell.world.robot.arm_joints})
    failed = cell.start_arm(hasty)
    tick(cell, 0.05)
    assert failed.code == ErrorCode.PATH_TOLERANCE_VIOLATED
    goal = cell.start_arm(trajectory(cell, 0.0, 8.0))  # begins while the arm still brakes: it swings first
    low, high = np.array([cell.world.model.joint(name).range for name in cell.world.robot.arm_joints]).T
    for _ in range(100):
        tick(cell, 0.1)
        q, commanded = cell.world.arm_position(), cell.follower.desired.position
        assert (low <= commanded).all() and (commanded <= high).all()
        assert (low - 0.02 < q).all() and (q < high + 0.02).all()
    assert goal.ending is Ending.SUCCEEDED


def test_a_reset_aborts_everything_and_puts_the_arm_home(cell):
    arm, gripper = cell.start_arm(trajectory(cell, 0.3, 1.0)), cell.start_gripper(0.0, 20.0)
    tick(cell, 0.2)
    before = cell.world.time
    cell.reset()
    assert arm.ending is gripper.ending is Ending.ABORTED
    assert 'reset' in arm.message
    assert cell.world.time >= before
    tick(cell, 0.5)
    assert np.allclose(cell.world.arm_position(), cell.world.robot.home_rad, atol=1e-3)
    assert cell.world.gripper_state()[0] > 0.039


def test_the_gripper_reaches_or_is_cancelled(cell):
    goal = cell.start_gripper(0.01, 20.0)
    tick(cell, 1.0)
    assert goal.ending is Ending.SUCCEEDED
    assert goal.result.reached_goal
    goal = cell.start_gripper(0.04, 20.0)
    tick(cell, 0.1)
    cell.cancel_gripper(goal)
    assert goal.ending is Ending.CANCELLED
    here = cell.world.gripper_state()[0]
    tick(cell, 0.5)
    assert cell.world.gripper_state()[0] == pytest.approx(here, abs=3e-3)


def test_what_the_follower_refuses_is_not_started(cell):
    with pytest.raises(InvalidInput, match='outside'):
        cell.start_arm(trajectory(cell, 9.0, 1.0))
    assert not cell.follower.active
