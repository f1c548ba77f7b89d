"""What the node can be set to, over DDS: transports, a region, averaging, plug-ins, several cameras, states, robot."""

import numpy as np
import pytest

pytest.importorskip('rclpy', reason='needs the ROS environment: ./mt3 shell')
pytest.importorskip('mt3_interfaces', reason='needs the built workspace: ./mt3 build')

from lifecycle_msgs.msg import Transition
from lifecycle_msgs.srv import ChangeState

from mt3_common import conversions
from mt3_common.errors import InvalidInput, StatusCode
from mt3_perception.ros_testing import FakeCamera, holds_within
from mt3_perception.testing import Solid, TableTop, look_at

COLOR = '/camera/camera/color/image_raw'
DEPTH = '/camera/camera/aligned_depth_to_color/image_raw'
INFO = '/camera/camera/aligned_depth_to_color/camera_info'


def scene_of(camera, timeout_s=10.0):
    response = camera.capture(timeout_s)
    assert response.status.code == StatusCode.OK, response.status.message
    return conversions.msg_to_scene(response.scene)


def test_compressed_colour_and_depth(start):
    camera = start(
        kinds={'suffix': {'color': '/compressed', 'depth': '/compressedDepth'}},
        color_topic=f'{COLOR}/compressed',
        depth_topic=f'{DEPTH}/compressedDepth',
    )
    scene = scene_of(camera)
    assert len(scene.objects) == 3
    assert np.abs(scene.rgb.astype(int) - camera.picture.rgb).mean() < 6.0  # jpeg
    assert np.nanmax(np.abs(scene.depth_m - camera.picture.depth_m)) < 1e-3


def test_a_topic_of_another_type_is_named(start):
    """Somebody publishes compressed colour under the name of the raw one: the refusal says so."""
    import rclpy
    from sensor_msgs.msg import CompressedImage

    camera = start(topics=('depth', 'info'))
    elsewhere = rclpy.Context()  # one participant cannot hold two types of a topic
    rclpy.init(context=elsewhere)
    other = rclpy.create_node('other', context=elsewhere)
    try:
        other.create_publisher(CompressedImage, COLOR, 1)
        words = 'carries sensor_msgs/msg/CompressedImage'
        assert holds_within(lambda: words in camera.capture(0.2).status.message, 10.0)
        assert 'transport' in camera.capture(0.2).status.message
    finally:
        other.destroy_node()
        rclpy.shutdown(context=elsewhere)


def test_transport_by_parameter(start):
    """The topic's name says nothing of its type."""
    camera = start(kinds={'suffix': {'color': '', 'depth': ''}}, transport='compressed')
    assert len(scene_of(camera).objects) == 3


def test_a_region_of_interest(start):
    camera = start()
    whole = scene_of(camera)
    u, v, width, height = next(o.roi for o in whole.objects if o.T_base_object[1, 3] < 0)
    part = start(roi=[u - 30, v - 30, width + 60, height + 60], capture_service='/part', scene_topic='/part_scene')
    part.client = part.create_client(type_of_capture(), '/part')
    scene = scene_of(part)
    assert np.isnan(scene.depth_m[: v - 30]).all()
    assert len(scene.objects) == 1


def type_of_capture():
    from mt3_interfaces.srv import CaptureScene

    return CaptureScene


def test_a_region_beyond_the_image_is_refused(start):
    response = start(roi=[300, 0, 100, 100]).capture(10.0)
    assert response.status.code == StatusCode.INVALID_INPUT
    assert '320x240' in response.status.message


def test_several_images_are_averaged(start):
    """Noise of 4 mm becomes less in a scene of nine."""
    camera = start(frames=9)
    rng = np.random.default_rng(0)
    clean = camera.picture.depth_m

    def noisy(messages):
        head = messages['depth'].header
        messages['depth'] = conversions.depth_to_image(clean + rng.normal(0.0, 0.004, clean.shape), head)

    camera.change = noisy
    error = scene_of(camera).depth_m - clean
    assert np.nanstd(error) < 0.002


def toy(rgb, depth_m, K, T_base_camera):
    """Whatever is reddish is one object."""
    from mt3_perception.plugins import Instances

    red = (rgb[..., 0].astype(int) > 2 * rgb[..., 1]) & (rgb[..., 0] > 80)
    return Instances(np.where(red, 4, 0), {4: ('red box', 0.8)})


def raising(rgb, depth_m, K, T_base_camera):
    raise KeyError('weights')


def wrong_size(rgb, depth_m, K, T_base_camera):
    return np.zeros((3, 3), int)


@pytest.fixture
def own_segmenter(monkeypatch):
    import sys
    import types

    module = types.ModuleType('my_segmenter')
    module.toy, module.raising, module.wrong_size = toy, raising, wrong_size
    monkeypatch.setitem(sys.modules, 'my_segmenter', module)


def test_a_segmenter_of_ones_own(start, own_segmenter):
    scene = scene_of(start(segmenter='my_segmenter:toy'))
    assert [(o.label, round(o.label_confidence, 3)) for o in scene.objects] == [('red box', 0.8)]
    assert abs(scene.objects[0].support_height_m) < 0.005


@pytest.mark.parametrize(
    ('name', 'code', 'words'),
    [
        ('my_segmenter:raising', StatusCode.INTERNAL, 'KeyError'),
        ('my_segmenter:wrong_size', StatusCode.INVALID_INPUT, '(240, 320)'),
    ],
)
def test_a_segmenter_that_fails_does_not_end_the_node(start, own_segmenter, name, code, words):
    camera = start(segmenter=name)
    for _ in range(2):
        response = camera.capture(10.0)
        assert response.status.code == code
        assert words in response.status.message


def test_an_unknown_segmenter_is_refused_at_the_start(start):
    with pytest.raises(InvalidInput, match=r'mt3_perception\.segmenters'):
        start(segmenter='nobody')


def test_boxes_of_a_detector_name_the_objects(start, picture):
    """A detector answers half a second late, with the stamp of the image that it looked at."""
    pytest.importorskip('vision_msgs', reason='needs vision_msgs: ./mt3 build makes it')
    from vision_msgs.msg import BoundingBox2D, Detection2D, Detection2DArray, ObjectHypothesisWithPose

    camera = start(detections_topic='/detections', detections__names=['thing', 'can'])
    out, waiting = camera.create_publisher(Detection2DArray, '/detections', 5), []
    v, u = np.nonzero(picture.ids == 2)

    def look(messages):
        item = Detection2D(bbox=BoundingBox2D(size_x=float(np.ptp(u) + 4), size_y=float(np.ptp(v) + 4)))
        item.bbox.center.position.x, item.bbox.center.position.y = float(u.mean()), 0.5 * float(v.min() + v.max())
        item.results = [ObjectHypothesisWithPose()]
        item.results[0].hypothesis.class_id, item.results[0].hypothesis.score = '1', 0.75
        waiting.append(Detection2DArray(header=messages['depth'].header, detections=[item]))
        if len(waiting) > 10:
            out.publish(waiting.pop(0))

    camera.change = look
    scene = scene_of(camera)
    assert len(scene.objects) == 3
    assert [(o.label, round(o.label_confidence, 2)) for o in scene.objects if o.label] == [('can', 0.75)]
    can = next(o for o in scene.objects if o.label)
    assert np.count_nonzero(scene.mask(can.id) & (picture.ids == 2)) > 0.9 * np.count_nonzero(picture.ids == 2)


def test_two_who_say_what_the_objects_are_are_refused(start):
    with pytest.raises(InvalidInput, match='labels_topic and detections_topic'):
        start(labels_topic='/labels', detections_topic='/detections')


def test_a_second_camera_adds_to_the_objects(start, picture):
    """It stands on the other side: the objects' clouds grow by their backs, and are still three."""
    camera = start(
        extra__depth_topics=[f'/second{DEPTH}'],
        extra__color_topics=[f'/second{COLOR}'],
        extra__info_topics=[f'/second{INFO}'],
    )
    alone = scene_of(camera)
    assert holds_within(lambda: any('left out of the scene' in d.status[1].message for d in camera.diagnostics), 5.0)
    solids = (
        Solid('box', 0.5, -0.12, (0.1, 0.07, 0.06), 0.3, color=(180, 40, 40)),
        Solid('cylinder', 0.6, 0.1, (0.07, 0.07, 0.1), color=(40, 60, 190)),
        Solid('box', 0.42, 0.08, (0.06, 0.05, 0.05), 1.0, color=(20, 150, 90)),
    )
    behind = TableTop(solids).view(look_at((-0.15, -0.1, 0.75), (0.5, 0.0, 0.02)), 320, 240, 300.0)
    second = FakeCamera(behind, ('color', 'depth', 'info'), name='second', prefix='/second', frame='second_optical')
    second.calibrate()
    camera.executor.add_node(second)
    try:
        assert holds_within(lambda: sum(len(o.points) for o in scene_of(camera).objects) > 1.5 * _points(alone), 15.0)
        both = scene_of(camera)
        assert len(both.objects) == 3
        assert np.array_equal(both.labels > 0, alone.labels > 0)
        assert all(len(o.points) == len(o.colors) for o in both.objects)
        assert holds_within(lambda: camera.values().get('objects seen by other cameras') == '3', 5.0)
        assert len(camera.diagnostics[-1].status) == 2
    finally:
        camera.executor.remove_node(second)
        second.destroy_node()


def _points(scene):
    return sum(len(o.points) for o in scene.objects)


def test_lifecycle(start):
    """Without autostart nothing comes until it is activated; deactivated it refuses, activated again it serves."""
    camera = start(autostart=False)
    client = camera.create_client(ChangeState, '/perception/change_state')
    assert client.wait_for_service(10.0)

    def go(transition):
        future = client.call_async(ChangeState.Request(transition=Transition(id=transition)))
        assert holds_within(future.done, 10.0)
        assert future.result().success

    assert camera.capture(0.5).status.code == StatusCode.NO_DATA
    go(Transition.TRANSITION_CONFIGURE)
    response = camera.capture(0.5)
    assert response.status.code == StatusCode.NO_DATA
    assert 'not active' in response.status.message
    go(Transition.TRANSITION_ACTIVATE)
    assert len(scene_of(camera).objects) == 3
    go(Transition.TRANSITION_DEACTIVATE)
    assert camera.capture(0.5).status.code == StatusCode.NO_DATA
    go(Transition.TRANSITION_CLEANUP)
    go(Transition.TRANSITION_CONFIGURE)
    go(Transition.TRANSITION_ACTIVATE)
    assert len(scene_of(camera).objects) == 3


URDF = """<robot name="r"><link name="panda_link0"/><link name="tip"><collision><origin xyz="0 0 0.03"/>
<geometry><box size="0.10 0.07 0.06"/></geometry></collision></link>
<joint name="j" type="revolute"><parent link="panda_link0"/><child link="tip"/><origin xyz="0.5 -0.12 0"/>
<axis xyz="0 0 1"/><limit lower="-3" upper="3" effort="1" velocity="1"/></joint></robot>"""


@pytest.mark.parametrize('labels', [False, True])
def test_the_robot_is_taken_out(start, labels):
    """One of the boxes is a link of the robot: gone when its joint says so, for our and for external labels."""
    extra = {'labels_topic': '/labels'} if labels else {}
    camera = start(topics=('color', 'depth', 'info', *(['labels'] if labels else [])), **extra)
    assert len(scene_of(camera).objects) == 3
    assert holds_within(lambda: camera.values().get('robot') == 'no robot description', 5.0)
    camera.joints = {'j': 0.3}
    camera.describe(URDF)
    assert holds_within(lambda: len(scene_of(camera).objects) == 2, 10.0)
    scene = scene_of(camera)
    robot = camera.picture.ids == 1
    assert not scene.labels[robot].any()
    assert np.isnan(scene.depth_m[robot]).mean() > 0.99
    assert holds_within(lambda: 'taken out' in camera.values().get('robot', ''), 5.0)


def _without_joint_states(start):
    camera = start()
    camera.joints = {'j': 0.3}
    camera.describe(URDF)
    assert holds_within(lambda: len(scene_of(camera).objects) == 2, 10.0)
    camera.joints_late_s = 3.0
    return camera


def test_a_picture_in_a_gap_of_the_joint_states_is_followed_by_a_younger_one(start):
    camera = _without_joint_states(start)
    assert holds_within(lambda: camera.capture().status.code == StatusCode.NO_DATA, 10.0)
    pictures = iter(range(20))

    def change(_):
        if next(pictures, None) is None:
            camera.joints_late_s = 0.0

    camera.change = change
    response = camera.capture(timeout_s=15.0)
    assert response.status.code == StatusCode.OK and len(response.scene.objects) == 2


def test_stale_joint_states_refuse_the_scene(start):
    camera = _without_joint_states(start)
    assert holds_within(lambda: camera.capture().status.code == StatusCode.NO_DATA, 10.0)
    response = camera.capture()
    assert 'joint_tolerance_s' in response.status.message
    camera.joints_late_s = 0.0
    assert holds_within(lambda: camera.capture().status.code == StatusCode.OK, 10.0)


def test_the_robot_may_be_left_in(start):
    camera = start(robot__remove=False)
    camera.joints = {'j': 0.3}
    camera.describe(URDF)
    assert len(scene_of(camera).objects) == 3


def test_the_calibrated_pose_is_published(start, picture):
    """The camera file holds the pose: nobody else publishes it."""
    from mt3_common import se3

    q = se3.quaternion(picture.T_base_camera)
    camera = start(
        calibrated=False,
        pose__parent_frame='panda_link0',
        pose__child_frame='camera_color_optical_frame',
        pose__position=[float(v) for v in picture.T_base_camera[:3, 3]],
        pose__quaternion=[float(v) for v in q],
    )
    assert scene_of(camera).T_base_camera == pytest.approx(picture.T_base_camera, abs=1e-6)


def test_a_name_that_is_no_topic_ends_the_start(start):
    with pytest.raises(InvalidInput, match='cannot be started'):
        start(color_topic='/no topic')
