"""Each conversion there and back."""

from types import SimpleNamespace

import numpy as np
import pytest

pytest.importorskip('rclpy')
pytest.importorskip('mt3_interfaces.msg')

from rclpy.serialization import deserialize_message, serialize_message

from mt3_common import conversions as c
from mt3_common import se3
from mt3_common.demonstration import Demonstration, Interaction
from mt3_common.errors import InvalidInput, Status, StatusCode
from mt3_common.scene import Scene, SceneObject
from mt3_interfaces import msg as mt3

RNG = np.random.default_rng(0)
HEAD = c.header('camera', 12.25)
T = se3.exp(np.array([0.1, -0.2, 0.3, 0.4, -0.5, 0.6]))
K = np.array([[60.0, 0, 8.5], [0, 61.0, 6.5], [0, 0, 1.0]])


def sent(message):
    """What arrives: through the middleware's own serialisation."""
    return deserialize_message(serialize_message(message), type(message))


@pytest.mark.parametrize('seconds', [0.0, 1.5, 1_795_239_626.979267, 0.9999999999])
def test_time(seconds):
    assert c.stamp_to_seconds(sent(c.seconds_to_stamp(seconds))) == pytest.approx(seconds, abs=1e-6)
    assert c.stamp_to_seconds(sent(c.seconds_to_duration(seconds))) == pytest.approx(seconds, abs=1e-6)
    assert 0 <= c.seconds_to_stamp(seconds).nanosec < 10**9


def test_time_out_of_range():
    assert c.stamp_to_seconds(c.seconds_to_duration(-0.25)) == -0.25
    assert c.nanoseconds_to_stamp(1_500_000_000).nanosec == 500_000_000
    for bad in (float('nan'), 1e12):
        with pytest.raises(InvalidInput):
            c.seconds_to_stamp(bad)


def test_depth():
    depth = np.round(RNG.uniform(0.3, 3.0, (6, 9)), 3).astype(np.float32)
    depth[0, :3] = [np.nan, 70.0, -1.0]
    back = c.image_to_depth(sent(c.depth_to_image(depth, HEAD)))
    assert np.isnan(back[0, :3]).all()
    np.testing.assert_allclose(back[1:], depth[1:], atol=1e-6)
    np.testing.assert_array_equal(c.compressed_to_depth(sent(c.depth_to_compressed(depth, HEAD))), back)


def test_grey():
    grey = RNG.integers(0, 255, (6, 9)).astype(np.uint8)
    np.testing.assert_array_equal(c.compressed_to_grey(sent(c.grey_to_compressed(grey, HEAD))), grey)
    with pytest.raises(InvalidInput, match='bool'):
        c.grey_to_compressed(grey > 100, HEAD)
    with pytest.raises(InvalidInput, match='one channel'):
        c.compressed_to_grey(c.rgb_to_compressed(np.zeros((6, 9, 3), np.uint8), HEAD))


def test_colour():
    rgb = RNG.integers(0, 255, (6, 9, 3)).astype(np.uint8)
    np.testing.assert_array_equal(c.image_to_rgb(sent(c.rgb_to_image(rgb, HEAD))), rgb)
    np.testing.assert_array_equal(c.compressed_to_rgb(sent(c.rgb_to_compressed(rgb, HEAD))), rgb)
    smooth = np.full((32, 32, 3), (200, 40, 40), np.uint8)
    jpeg = c.compressed_to_rgb(sent(c.rgb_to_compressed(smooth, HEAD, 'jpeg')))
    assert np.abs(jpeg.astype(int) - smooth).max() < 8
    with pytest.raises(InvalidInput, match='gif'):
        c.rgb_to_compressed(rgb, HEAD, 'gif')
    with pytest.raises(InvalidInput, match='uint8'):
        c.rgb_to_image(rgb.astype(float), HEAD)


def test_labels():
    labels = RNG.integers(0, 70_000, (6, 9))
    np.testing.assert_array_equal(c.image_to_labels(sent(c.labels_to_image(labels, HEAD))), labels)


@pytest.mark.parametrize('count', [0, 5])
def test_cloud(count):
    points, colors = RNG.normal(size=(count, 3)), RNG.integers(0, 255, (count, 3)).astype(np.uint8)
    back, colors_back = c.cloud_to_points(sent(c.points_to_cloud(points, colors, HEAD)))
    np.testing.assert_allclose(back, points, atol=1e-6)
    np.testing.assert_array_equal(colors_back, colors)
    bare, none = c.cloud_to_points(sent(c.points_to_cloud(points, None, HEAD)))
    assert none is None and len(bare) == count


def test_poses():
    np.testing.assert_allclose(c.pose_to_matrix(sent(c.matrix_to_pose(T))), T, atol=1e-12)
    np.testing.assert_allclose(c.transform_to_matrix(sent(c.matrix_to_transform(T))), T, atol=1e-12)
    stamped = sent(c.matrix_to_transform_stamped(T, 'base', 'tcp', 3.0))
    assert (stamped.header.frame_id, stamped.child_frame_id) == ('base', 'tcp')
    np.testing.assert_allclose(c.pose_to_matrix(c.matrix_to_pose_stamped(T, 'base').pose), T, atol=1e-12)


def test_a_path_of_poses_is_that_of_each():
    path = np.array([se3.exp(np.random.default_rng(k).normal(size=6)) for k in range(5)])
    assert c.matrices_to_poses(path) == [c.matrix_to_pose(pose) for pose in path]


def test_camera_info():
    message = sent(c.intrinsics_to_camera_info(K, 16, 12, HEAD))
    np.testing.assert_array_equal(c.camera_info_to_intrinsics(message), K)
    np.testing.assert_array_equal(c.camera_info_to_intrinsics(message, rectified=True), K)
    assert (message.width, message.height, message.header.frame_id) == (16, 12, 'camera')


def test_every_status_code_is_that_of_the_message():
    constants = {n: getattr(mt3.Status, n) for n in dir(mt3.Status) if n.isupper() and not n.startswith('_')}
    constants = {n: v for n, v in constants.items() if isinstance(v, int)}
    assert constants == {code.name: int(code) for code in StatusCode}


def test_status():
    status = Status(StatusCode.LIMITS, 'joint 3 at 2.9 rad, limit 2.8')
    assert c.msg_to_status(sent(c.status_to_msg(status))) == status
    assert c.msg_to_status(mt3.Status(code=999, message='x')).code == StatusCode.INTERNAL


MOVED = Status(StatusCode.CALIBRATION, 'the camera was moved')


def scene():
    labels = np.zeros((12, 16), np.int32)
    labels[2:5, 3:6] = 7
    item = SceneObject(
        7,
        RNG.normal(size=(9, 3)),
        RNG.integers(0, 255, (9, 3)).astype(np.uint8),
        T,
        np.array([0.1, 0.2, 0.3]),
        0.25,
        (3, 2, 3, 3),
        0.5,
        'mug',
        0.75,
    )
    depth = np.round(RNG.uniform(0.3, 2.0, (12, 16)), 3).astype(np.float32)
    rgb = RNG.integers(0, 255, (12, 16, 3)).astype(np.uint8)
    return Scene(4.5, 'base', 'camera', rgb, depth, labels, K, T, (item,), 0.01, MOVED)


def test_scene():
    first = scene()
    back = c.msg_to_scene(sent(c.scene_to_msg(first)))
    for name in ('rgb', 'labels', 'K'):
        np.testing.assert_array_equal(getattr(back, name), getattr(first, name))
    np.testing.assert_allclose(back.depth_m, first.depth_m, atol=1e-6)
    np.testing.assert_allclose(back.T_base_camera, first.T_base_camera, atol=1e-12)
    assert (back.stamp_s, back.base_frame, back.camera_frame) == (4.5, 'base', 'camera')
    assert back.support_height_m == pytest.approx(0.01)
    assert back.calibration == MOVED
    a, b = back.objects[0], first.objects[0]
    np.testing.assert_allclose(a.points, b.points, atol=1e-6)
    np.testing.assert_array_equal(a.colors, b.colors)
    np.testing.assert_allclose(a.T_base_object, b.T_base_object, atol=1e-12)
    np.testing.assert_allclose(a.size, b.size)
    assert (a.id, a.roi, a.label) == (7, (3, 2, 3, 3), 'mug')
    assert (a.support_height_m, a.confidence, a.label_confidence) == (0.25, 0.5, 0.75)


def test_an_empty_scene_message_says_so():
    with pytest.raises(InvalidInput, match='left empty') as refusal:
        c.msg_to_scene(mt3.Scene())
    assert refusal.value.code == StatusCode.NO_DATA


def interaction():
    times = np.linspace(0.0, 1.0, 6)
    poses = np.array([se3.exp(t * np.array([0.1, 0, -0.2, 0, 0.5, 0])) for t in times])
    return Interaction(times, poses, np.array([1.0, 1, 1, 0, 0, 0]), 0.08)


def test_interaction():
    first = interaction()
    back = c.msg_to_interaction(sent(c.interaction_to_msg(first)))
    np.testing.assert_array_equal(back.time_s, first.time_s)
    np.testing.assert_allclose(back.T_bottleneck_tcp, first.T_bottleneck_tcp, atol=1e-12)
    np.testing.assert_array_equal(back.gripper_opening, first.gripper_opening)
    assert back.gripper_max_width_m == pytest.approx(0.08)
    with pytest.raises(InvalidInput):
        c.msg_to_interaction(mt3.Interaction())


def test_demonstration():
    s = scene()
    demo = Demonstration(
        'pick up the mug',
        'panda',
        T,
        interaction(),
        s.rgb,
        s.depth_m,
        s.labels == 7,
        K,
        T,
        skill='pick_up',
        target='mug',
        other='table',
        dof=6,
        simulated=True,
        tags=('a', 'b'),
        notes='n',
    )
    message = sent(c.demonstration_to_msg(demo, 'panda_link0'))
    assert (message.id, message.task, message.skill, message.target_object) == (demo.id, demo.task, 'pick_up', 'mug')
    assert (message.other_object, message.robot, message.degrees_of_freedom) == ('table', 'panda', 6)
    assert message.simulated and list(message.tags) == ['a', 'b'] and message.notes == 'n'
    assert message.bottleneck.header.frame_id == 'panda_link0'
    np.testing.assert_allclose(c.pose_to_matrix(message.bottleneck.pose), T, atol=1e-12)
    assert c.stamp_to_seconds(message.recorded_at) == pytest.approx(demo.recorded_at.timestamp(), abs=1e-5)


@pytest.mark.parametrize('scale', [1.0, np.array([1.0, 1.1, 0.9])])
def test_alignment(scale):
    alignment = SimpleNamespace(
        T_live_demo=T,
        scale=scale,
        score=0.5,
        overlap=0.75,
        violation=0.25,
        confidence=0.5,
        ambiguous=True,
        alternative_yaws=[1.5, -1.5],
        status=Status(StatusCode.AMBIGUOUS, 'two yaws fit'),
    )
    message = sent(c.alignment_to_msg(alignment))
    np.testing.assert_allclose(c.transform_to_matrix(message.transform), T, atol=1e-12)
    assert message.scale.x == 1.0 and message.ambiguous and list(message.alternative_yaws) == [1.5, -1.5]
    assert (message.score, message.overlap, message.violation, message.confidence) == (0.5, 0.75, 0.25, 0.5)
    assert message.status.code == StatusCode.AMBIGUOUS


@pytest.mark.parametrize('full', [False, True])
def test_joint_trajectory(full):
    time_s, q = np.array([0.0, 0.5, 1.25]), RNG.normal(size=(3, 2))
    extra = (q + 1, q + 2) if full else (None, None)
    names, times, *back = c.msg_to_joint_trajectory(sent(c.trajectory_to_msg(['a', 'b'], time_s, q, *extra)))
    assert names == ['a', 'b']
    np.testing.assert_allclose(times, time_s)
    for got, given in zip(back, (q, *extra), strict=True):
        assert got is None if given is None else np.array_equal(got, given)


@pytest.mark.parametrize('q', [np.zeros((3, 3)), np.full((3, 2), np.nan)])
def test_joint_trajectory_refuses(q):
    with pytest.raises(InvalidInput, match='positions'):
        c.trajectory_to_msg(['a', 'b'], np.arange(3.0), q)


def test_timings_keep_their_order():
    assert [(t.name, t.seconds) for t in c.timings_to_msg({'b': 1.0, 'a': 0.5})] == [('b', 1.0), ('a', 0.5)]
