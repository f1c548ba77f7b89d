"""The Panda of the simulated cell, in the view of its camera: taken out whole, and nothing of the objects with it."""

import numpy as np
import pytest

from mt3_common.errors import InvalidInput, MT3Error, StatusCode
from mt3_perception.robot.model import RobotShapes
from mt3_perception.robot.polytopes import DIRECTIONS
from mt3_perception.robot.removal import RobotInView, without_pixels
from mt3_perception.segmentation import segment

mujoco = pytest.importorskip('mujoco', reason='needs the simulated cell')
rendering = pytest.importorskip('mt3_sim.rendering', reason='needs the simulated cell')
from mt3_sim import families  # noqa: E402
from mt3_sim.world import World  # noqa: E402

POSES = {  # arm joints [rad] with the arm in front of the camera
    'beside': (-0.4, 0.1, 0.0, -2.0, 0.1, 2.2, 0.4),
    'over the table': (0.0, 0.3, 0.0, -1.8, 0.0, 2.1, 0.78),
}


@pytest.fixture(scope='module')
def world():
    return World(families.set_up('pick_box', 3, 'taught', 0, 2).spec)


@pytest.fixture(scope='module')
def shapes(world):
    return RobotShapes(world.description.urdf, world.robot.base_frame)


@pytest.fixture(scope='module')
def views(world):
    """{name: (picture, K, T_base_camera, joint positions, pixels of the robot, pixels of other bodies)}."""
    thread, found = rendering.RenderThread(), {}
    try:
        for name, q in POSES.items():
            for joint, value in zip(world.robot.arm_joints, q, strict=True):
                world.data.joint(joint).qpos[0] = value
            mujoco.mj_forward(world.model, world.data)
            snapshot = world.snapshot()
            picture = thread.submit(lambda r, s=snapshot: r.picture(s)).result(60.0)
            bodies, ids = thread.submit(lambda r, s=snapshot: r.segmentation(s)).result(60.0)
            robot = np.isin(bodies, [i for body, i in ids.items() if body.startswith('panda')])
            things = ~robot & (bodies > 0) & (bodies != ids['table'])
            state = world.joint_state()
            positions = dict(zip(state.names, (float(p) for p in state.position), strict=True))
            K = rendering.intrinsics(picture.camera)
            found[name] = picture, K, picture.camera.T_base_camera, positions, robot, things
    except MT3Error as error:
        pytest.skip(f'no graphics here: {error}')
    finally:
        thread.close()
    return found


@pytest.mark.parametrize('name', POSES)
def test_the_robot_is_covered_and_no_object_is(views, shapes, name):
    picture, K, T_base_camera, positions, robot, things = views[name]
    mask = RobotInView(shapes, positions, 0.015).pixels(picture.depth_m, K, T_base_camera)
    assert np.count_nonzero(robot) > 5000
    assert mask[robot].mean() > 0.999
    assert not mask[things].any()
    assert np.count_nonzero(mask & ~robot) < 0.25 * np.count_nonzero(robot)


@pytest.mark.parametrize('name', POSES)
def test_without_it_the_objects_are_the_objects(views, shapes, name):
    picture, K, T_base_camera, positions, robot, things = views[name]
    mask = RobotInView(shapes, positions, 0.015).pixels(picture.depth_m, K, T_base_camera)
    with_robot = segment(picture.depth_m, K, T_base_camera, picture.rgb)
    assert (with_robot.labels[robot] > 0).any(), 'this view would prove nothing'
    depth = np.where(mask, np.float32(np.nan), picture.depth_m)
    found = without_pixels(segment(depth, K, T_base_camera, picture.rgb), mask)
    assert len(found.objects) == 3
    assert not found.labels[mask | robot].any()
    assert (found.labels[things] > 0).mean() > 0.9


def test_wrong_joint_positions_leave_it_in_view(views, shapes):
    """The removal follows the joints: it is no mere rectangle."""
    picture, K, T_base_camera, positions, robot, _ = views['over the table']
    other = {**positions, 'panda_joint1': 1.2}
    mask = RobotInView(shapes, other, 0.015).pixels(picture.depth_m, K, T_base_camera)
    assert mask[robot].mean() < 0.6


def test_a_joint_without_a_position_is_named(shapes):
    with pytest.raises(MT3Error, match='panda_joint4') as refused:
        shapes.place({f'panda_joint{i}': 0.0 for i in (1, 2, 3)}, np.eye(4))
    assert refused.value.code == StatusCode.NO_DATA


def test_the_second_finger_follows_the_first(shapes, views):
    positions = {**views['beside'][3], 'panda_finger_joint1': 0.04}
    positions.pop('panda_finger_joint2', None)
    placed = dict(zip(range(len(shapes.links)), shapes.place(positions, np.eye(4)), strict=True))
    left, right = (
        np.mean([placed[i][1][:3, 3] for i, name in enumerate(shapes.links) if name == f'panda_{side}finger'], axis=0)
        for side in ('left', 'right')
    )
    assert np.linalg.norm(left - right) > 0.08


URDF = """<robot name="r"><link name="base"><collision><geometry>{shape}</geometry></collision></link>
<link name="tip"/><joint name="j" type="continuous"><parent link="base"/><child link="tip"/><axis xyz="0 0 1"/></joint>
</robot>"""


@pytest.mark.parametrize(
    ('shape', 'along_x', 'along_z'),
    [
        ('<box size="0.2 0.4 0.6"/>', 0.1, 0.3),
        ('<sphere radius="0.2"/>', 0.2, 0.2),
        ('<cylinder radius="0.1" length="0.5"/>', 0.1, 0.25),
    ],
)
def test_primitive_shapes(shape, along_x, along_z):
    robot = RobotShapes(URDF.format(shape=shape), 'base')
    ((polytope, T),) = robot.place({'j': 1.0}, np.eye(4))
    reach = {tuple(d.round(3)): r for d, r in zip(DIRECTIONS, polytope.reach, strict=True)}
    assert reach[(1.0, 0.0, 0.0)] == pytest.approx(along_x)
    assert reach[(0.0, 0.0, 1.0)] == pytest.approx(along_z)
    assert T == pytest.approx(np.eye(4))


def test_bad_descriptions_are_refused():
    good = URDF.format(shape='<sphere radius="0.2"/>')
    with pytest.raises(InvalidInput, match="base_frame 'world' is not a link"):
        RobotShapes(good, 'world')
    with pytest.raises(InvalidInput, match='not valid XML'):
        RobotShapes('<robot', 'base')
    with pytest.raises(InvalidInput, match='does not exist'):
        RobotShapes(good.replace('<sphere radius="0.2"/>', '<mesh filename="/nowhere.stl"/>'), 'base')
