"""The physics: tracking, kinematics, contacts, grasping, resets, and the same numbers for the same scene."""

from functools import lru_cache

import coal
import mujoco
import numpy as np
import pinocchio as pin
import pytest

from mt3_common import se3
from mt3_common.errors import InvalidInput
from mt3_common.robot import RobotConfig
from mt3_executor.hulls import convex_hull
from mt3_sim import families
from mt3_sim.bench import splits
from mt3_sim.objects.box import BoxSize
from mt3_sim.objects.box import make as make_box
from mt3_sim.robot_description import load_description
from mt3_sim.scene_spec import Placement, SceneSpec
from mt3_sim.suite.tasks import get
from mt3_sim.world import World

ARM = RobotConfig().arm_joints


@lru_cache(maxsize=1)
def shared_world() -> World:
    """An empty cell; whoever uses it resets it."""
    return World()


@pytest.fixture
def world() -> World:
    shared_world().reset(SceneSpec())
    return shared_world()


def run(world: World, seconds: float) -> None:
    for _ in range(round(seconds / world.timestep)):
        world.step()


def block(name: str, x: float, y: float, z: float = 0.0, **size) -> Placement:
    return Placement(name, make_box(BoxSize(**size)), se3.from_yaw(0.0, (x, y, z)))


def set_arm(world: World, q: np.ndarray, finger: float) -> None:
    for name, value in zip((*ARM, 'panda_finger_joint1', 'panda_finger_joint2'), (*q, finger, finger), strict=True):
        world.data.qpos[world.model.joint(name).qposadr[0]] = value
    mujoco.mj_forward(world.model, world.data)


def random_arm(model: pin.Model, rng: np.random.Generator) -> np.ndarray:
    return rng.uniform(model.lowerPositionLimit[:7], model.upperPositionLimit[:7])


def test_a_sinusoid_is_tracked_within_two_millimetres(world):
    amplitude, frequency = np.array([0.3, 0.2, 0.2, 0.2, 0.3, 0.3, 0.4]), 0.4
    home, w = np.array(world.robot.home_rad), 2 * np.pi * frequency
    model = pin.buildModelFromXML(world.description.urdf)
    data, tcp = model.createData(), model.getFrameId(world.robot.tcp_frame)
    worst = 0.0
    for k in range(1250):
        t = k * world.timestep
        ramp = min(1.0, t)
        rate = 1.0 if t < 1.0 else 0.0
        q = home + ramp * amplitude * np.sin(w * t)
        qd = amplitude * (ramp * w * np.cos(w * t) + rate * np.sin(w * t))
        if k % 25 == 0:  # what was commanded for this instant against where the tool is
            pin.framesForwardKinematics(model, data, np.concatenate([q, [0.04, 0.04]]))
            worst = max(worst, float(np.linalg.norm(data.oMf[tcp].translation - world.tcp_pose()[:3, 3])))
        world.set_arm_setpoint(q, qd)
        world.step()
    assert worst < 2e-3


def test_forward_kinematics_are_those_of_pinocchio(world):
    model = pin.buildModelFromXML(world.description.urdf)
    data, rng = model.createData(), np.random.default_rng(0)
    for _ in range(20):
        q = random_arm(model, rng)
        set_arm(world, q, 0.02)
        pin.framesForwardKinematics(model, data, np.concatenate([q, [0.02, 0.02]]))
        for link in ('panda_link4', 'panda_hand_tcp', 'panda_leftfinger', 'panda_rightfinger'):
            assert np.allclose(world.body_pose(link), data.oMf[model.getFrameId(link)].homogeneous, atol=1e-9)


def test_collision_verdicts_are_those_of_coal(world):
    description = load_description('panda')
    model = pin.buildModelFromXML(description.urdf)
    geometry = pin.GeometryModel()
    pin.buildGeomFromUrdfString(model, description.urdf, pin.GeometryType.COLLISION, geometry)
    for item in geometry.geometryObjects:
        if isinstance(item.geometry, coal.BVHModelBase):
            item.geometry = convex_hull(np.array(item.geometry.vertices()))
    geometry.addAllCollisionPairs()
    pin.removeCollisionPairsFromXML(model, geometry, description.srdf)
    data, geometry_data = model.createData(), geometry.createData()
    robot = {world.model.body(name).id for name in [f.name for f in model.frames] if _is_body(world, name)}
    fingers = {world.model.body(f'panda_{side}finger').id for side in ('left', 'right')}
    rng, collisions = np.random.default_rng(7), 0
    for _ in range(200):
        q = random_arm(model, rng)
        set_arm(world, q, 0.02)
        ours = False
        for contact in world.data.contact:
            bodies = {int(world.model.geom_bodyid[g]) for g in contact.geom}
            ours |= contact.dist < 0 and bodies <= robot and bodies != fingers
        theirs = pin.computeCollisions(model, data, geometry, geometry_data, np.concatenate([q, [0.02, 0.02]]), True)
        assert ours == theirs
        collisions += theirs
    assert 3 < collisions < 190


def _is_body(world: World, name: str) -> bool:
    return mujoco.mj_name2id(world.model, mujoco.mjtObj.mjOBJ_BODY, name) >= 0


def test_the_fingers_stop_at_what_they_hold_with_the_force_asked_for(world):
    T_tcp_block = se3.make(np.diag([1.0, -1.0, -1.0]), (0, 0, 0.025))
    box = make_box(BoxSize(0.06, 0.03, 0.05))
    placement = Placement('block', box, np.eye(4), True, T_tcp_block, gripper_position=0.016)
    world.reset(SceneSpec((placement,)))
    before = se3.inverse(world.tcp_pose()) @ world.body_pose('block')
    run(world, 1.0)
    position, velocity, effort = world.gripper_state()
    assert position == pytest.approx(0.015, abs=5e-4)
    assert abs(velocity) < 1e-3
    assert abs(effort) == pytest.approx(2 * world.robot.gripper.max_effort, rel=0.05)
    assert all(world.touching('block', finger) for finger in ('panda_leftfinger', 'panda_rightfinger'))
    assert not world.touching('block', 'table')
    slip, turn = se3.pose_error(before, se3.inverse(world.tcp_pose()) @ world.body_pose('block'))
    assert slip < 5e-4
    assert turn < 0.01


def test_a_held_thing_survives_a_fast_swing(world):
    scene = families.set_up('place_on_target', 1)
    world.reset(scene.spec)
    before = se3.inverse(world.tcp_pose()) @ world.body_pose(scene.held)
    home = np.array(world.robot.home_rad)
    for k in range(1000):
        t = k * world.timestep
        s = 0.5 * (1 - np.cos(np.pi * min(t / 1.0, 1.0)))
        rate = 0.5 * np.pi * np.sin(np.pi * t) if t < 1.0 else 0.0
        move = np.array([1.0, 0.3, 0, 0.3, 0, 0, 0.8])
        world.set_arm_setpoint(home + s * move, rate * move)
        world.step()
    slip, turn = se3.pose_error(before, se3.inverse(world.tcp_pose()) @ world.body_pose(scene.held))
    assert slip < 2e-3
    assert turn < np.radians(2)


def test_opening_lets_go(world):
    scene = families.set_up('place_on_target', 1)
    world.reset(scene.spec)
    world.set_gripper(0.04, 40.0)
    run(world, 0.8)
    assert world.gripper_state()[0] == pytest.approx(0.04, abs=1e-3)
    assert not world.touching(scene.held, 'panda_leftfinger')


def test_things_rest_where_they_were_put(world):
    world.reset(SceneSpec((block('a', 0.5, 0.1), block('b', 0.6, -0.2))))
    start = [world.body_pose(n) for n in 'ab']
    assert np.allclose(start[0][:3, 3], [0.5, 0.1, 0.0], atol=1e-3)
    run(world, 1.0)
    for before, name in zip(start, 'ab', strict=True):
        assert se3.pose_error(before, world.body_pose(name))[0] < 1e-4
    assert world.touching('a', 'table')
    assert not world.touching('a', 'b')


def test_things_at_rest_sleep_and_still_touch_until_something_wakes_them(world):
    world.reset(SceneSpec((block('a', 0.5, 0.1), block('top', 0.5, 0.1, BoxSize().height))))
    run(world, 0.5)
    assert world.data.ntree_awake == 1  # the robot
    assert world.touching('a', 'top')
    joint = world.model.joint('a/free')
    world.data.qvel[joint.dofadr[0]] = 0.3
    run(world, 0.01)
    assert world.data.ntree_awake == 3
    assert world.body_pose('a')[0, 3] > 0.501


def test_what_the_arm_touches_is_told_but_for_its_gripper(world):
    elbow = world.body_pose('panda_link4')[:3, 3]
    world.reset(SceneSpec((block('beam', elbow[0], elbow[1], elbow[2] - 0.05),)))
    mujoco.mj_forward(world.model, world.data)
    assert any(one.endswith(' on beam') for one in world.arm_touches())
    tcp = world.tcp_pose()[:3, 3]
    world.reset(SceneSpec((block('lump', tcp[0], tcp[1], tcp[2] - 0.02),)))
    mujoco.mj_forward(world.model, world.data)
    assert world.data.ncon and world.arm_touches() == ()


def test_the_table_may_be_lower(world):
    world.reset(SceneSpec((block('a', 0.5, 0.1, z=-0.1),), table_height=-0.1))
    run(world, 0.5)
    assert world.body_pose('a')[2, 3] == pytest.approx(-0.1, abs=1e-3)


def test_a_reset_brings_the_arm_home_and_never_turns_time_back(world):
    world.set_arm_setpoint(np.array(world.robot.home_rad) + 0.3, np.zeros(7))
    world.set_gripper(0.0, 20.0)
    run(world, 0.5)
    before = world.time
    world.reset()
    assert world.time >= before
    assert np.allclose(world.arm_position(), world.robot.home_rad, atol=1e-3)
    assert world.gripper_state()[0] == pytest.approx(0.04, abs=1e-3)
    run(world, 0.2)
    assert np.allclose(world.arm_position(), world.robot.home_rad, atol=1e-3)


def test_the_same_scene_and_commands_give_the_same_numbers():
    def once() -> np.ndarray:
        world = World(families.set_up('pick_mug', 4, 'taught', 0, 2).spec)
        target = np.array(world.robot.home_rad) + 0.2
        for _ in range(300):
            world.set_arm_setpoint(target, np.zeros(7))
            world.step()
        return world.data.qpos.copy()

    assert np.array_equal(once(), once())


def test_the_joint_state_has_the_names_of_the_urdf(world):
    state = world.joint_state()
    assert state.names == (*ARM, 'panda_finger_joint1', 'panda_finger_joint2')
    assert all(len(v) == 9 and np.isfinite(v).all() for v in (state.position, state.velocity, state.effort))
    assert abs(state.effort[1]) > 3.0  # it carries its own weight, as a real one reports


def test_unknown_names_and_doubled_ones_are_refused(world):
    for ask in (world.body_pose, world.joint_position, lambda n: world.touching(n, 'table')):
        with pytest.raises(InvalidInput, match='unicorn'):
            ask('unicorn')
    with pytest.raises(InvalidInput, match='distinct'):
        world.reset(SceneSpec((block('a', 0.5, 0.1), block('a', 0.6, -0.2))))
    with pytest.raises(InvalidInput, match='unicorn'):
        load_description('unicorn')


@pytest.mark.parametrize('task, seed', [('pour.measuring cup.saucepan', 100), ('pour.mug.pot', 100)])
def test_what_lies_in_a_held_vessel_is_not_thrown_out_while_the_fingers_close(world, task, seed):
    scene = splits.get('unseen').scene(get(task), seed)
    world.reset(scene.spec)
    inside = scene.model(scene.held).uses.rest('in')
    T_held_base = se3.inverse(world.body_pose(scene.held))
    for placement in scene.spec.placements:
        if placement.name.startswith('sugar cube'):
            x, y, z = (T_held_base @ world.body_pose(placement.name))[:3, 3]
            assert np.hypot(x - inside.x, y - inside.y) < 1.2 * inside.radius and -0.005 < z - inside.z < inside.depth
    assert not world.data.eq_active[world.model.equality('held').id]
