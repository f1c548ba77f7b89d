"""The perception node over DDS: a camera made of a picture, and every refusal once."""

import threading
import time

import numpy as np
import pytest

rclpy = pytest.importorskip('rclpy', reason='needs the ROS environment: ./mt3 shell')
pytest.importorskip('mt3_interfaces', reason='needs the built workspace: ./mt3 build')

from diagnostic_msgs.msg import DiagnosticArray  # noqa: E402
from rclpy.executors import MultiThreadedExecutor  # noqa: E402
from rclpy.node import Node  # noqa: E402
from rclpy.parameter import Parameter  # noqa: E402
from rclpy.qos import DurabilityPolicy, QoSProfile, qos_profile_sensor_data  # noqa: E402
from sensor_msgs.msg import CameraInfo, Image  # noqa: E402
from tf2_msgs.msg import TFMessage  # noqa: E402

from mt3_common import conversions  # noqa: E402
from mt3_common.errors import StatusCode  # noqa: E402
from mt3_interfaces.msg import Scene as SceneMessage  # noqa: E402
from mt3_interfaces.srv import CaptureScene  # noqa: E402
from mt3_perception.node import PerceptionNode  # noqa: E402
from mt3_perception.testing import Solid, TableTop, look_at  # noqa: E402

FRAME = 'camera_color_optical_frame'
PERIOD_S = 0.05


@pytest.fixture(scope='module')
def picture():
    """A small picture of three objects."""
    solids = (
        Solid('box', 0.5, -0.12, (0.1, 0.07, 0.06), 0.3, color=(180, 40, 40)),
        Solid('cylinder', 0.6, 0.1, (0.07, 0.07, 0.1), color=(40, 60, 190)),
        Solid('box', 0.42, 0.08, (0.06, 0.05, 0.05), 1.0, color=(20, 150, 90)),
    )
    return TableTop(solids).view(look_at((1.15, 0.1, 0.75), (0.5, 0.0, 0.02)), 320, 240, 300.0)


class Camera(Node):
    """Publishes one picture again and again; its attributes break it in every way that a test needs."""

    def __init__(self, picture, topics):
        super().__init__('fake_camera')
        self.picture, self.on, self.delay_s, self.as_float = picture, True, 0.0, False
        self.color_step = self.info_step = self.labels_step = 1
        self._out = {
            name: self.create_publisher(CameraInfo if name == 'info' else Image, topic, qos_profile_sensor_data)
            for name, topic in topics.items()
        }
        static = QoSProfile(depth=1, durability=DurabilityPolicy.TRANSIENT_LOCAL)
        self._tf = self.create_publisher(TFMessage, '/tf_static', static)
        self.scenes, self.diagnostics = [], []
        self.create_subscription(SceneMessage, '/mt3/scene', self.scenes.append, 5)
        self.create_subscription(DiagnosticArray, '/diagnostics', self.diagnostics.append, 5)
        self.client = self.create_client(CaptureScene, '/mt3/capture_scene')
        self.create_timer(PERIOD_S, self.publish)

    def calibrate(self):
        """Publish the camera pose."""
        T = self.picture.T_base_camera
        self._tf.publish(TFMessage(transforms=[conversions.matrix_to_transform_stamped(T, 'panda_link0', FRAME, 0.0)]))

    def publish(self):
        """Publish one set of images."""
        if not self.on:
            return
        now = self.get_clock().now().nanoseconds * 1e-9
        head, late = conversions.header(FRAME, now), conversions.header(FRAME, now - self.delay_s)
        p = self.picture
        depth = conversions.depth_to_image(p.depth_m, head)
        if self.as_float:
            depth.encoding, depth.step = '32FC1', 4 * depth.width
            depth.data = np.nan_to_num(p.depth_m).astype('<f4').tobytes()
        height, width = p.depth_m[:: self.info_step, :: self.info_step].shape
        step = self.color_step
        messages = {
            'color': conversions.rgb_to_image(np.ascontiguousarray(p.rgb[::step, ::step]), late),
            'depth': depth,
            'info': conversions.intrinsics_to_camera_info(p.K, width, height, head),
            'labels': conversions.labels_to_image(p.ids[:: self.labels_step, :: self.labels_step] * 7, head),
        }
        for name, publisher in self._out.items():
            publisher.publish(messages[name])

    def capture(self, timeout_s=1.0):
        """Call the service."""
        assert self.client.wait_for_service(10.0)
        future = self.client.call_async(CaptureScene.Request(timeout=timeout_s))
        assert wait_until(future.done, 20.0), 'the service did not answer'
        return future.result()


def wait_until(condition, timeout_s):
    """Wait until a condition holds; whether it did."""
    until = time.monotonic() + timeout_s
    while time.monotonic() < until:
        if condition():
            return True
        time.sleep(0.01)
    return condition()


@pytest.fixture
def start(ros_domain, picture):
    """A function that starts the node and the camera; all is ended afterwards."""
    rclpy.init()
    executor = MultiThreadedExecutor(num_threads=8)
    nodes = []

    def begin(calibrated=True, topics=('color', 'depth', 'info'), **parameters):
        overrides = [Parameter(name, value=value) for name, value in parameters.items()]
        node = PerceptionNode(parameter_overrides=overrides)
        names = {
            'color': '/camera/camera/color/image_raw',
            'depth': '/camera/camera/aligned_depth_to_color/image_raw',
            'info': '/camera/camera/aligned_depth_to_color/camera_info',
            'labels': '/labels',
        }
        camera = Camera(picture, {name: names[name] for name in topics})
        if calibrated:
            camera.calibrate()
        for one in (node, camera):
            executor.add_node(one)
            nodes.append(one)
        return camera

    thread = threading.Thread(target=executor.spin)
    thread.start()
    yield begin
    executor.shutdown()
    thread.join()
    for node in nodes:
        node.destroy_node()
    rclpy.try_shutdown()


@pytest.mark.parametrize('as_float', [False, True])
def test_capture(start, as_float):
    """A scene of objects in the base frame, also published; both depth encodings."""
    camera = start()
    camera.as_float = as_float
    before = time.time()
    response = camera.capture(10.0)
    assert response.status.code == StatusCode.OK, response.status.message
    scene = conversions.msg_to_scene(response.scene)
    assert len(scene.objects) == 3
    assert scene.base_frame == 'panda_link0'
    assert scene.camera_frame == FRAME
    assert scene.stamp_s >= before - 1e-3
    assert scene.T_base_camera == pytest.approx(camera.picture.T_base_camera, abs=1e-6)
    assert sorted(round(float(o.T_base_object[1, 3]), 1) for o in scene.objects) == [-0.1, 0.1, 0.1]
    assert wait_until(lambda: camera.scenes, 5.0)
    again = conversions.msg_to_scene(camera.capture(10.0).scene)
    assert [o.id for o in again.objects] == [o.id for o in scene.objects]


def test_no_camera(start):
    """Nothing ever came: NO_DATA names the topics."""
    camera = start(topics=('color',))
    response = camera.capture(0.5)
    assert response.status.code == StatusCode.NO_DATA
    assert 'aligned_depth_to_color/image_raw' in response.status.message


def test_no_camera_pose(start):
    """The camera is not in TF: CALIBRATION, until it is."""
    camera = start(calibrated=False, tf_timeout_s=0.1)
    response = camera.capture(10.0)
    assert response.status.code == StatusCode.CALIBRATION
    assert FRAME in response.status.message
    camera.calibrate()
    assert wait_until(lambda: camera.capture(10.0).status.code == StatusCode.OK, 10.0)


@pytest.mark.parametrize('broken', ['color_step', 'info_step', 'labels_step'])
def test_sizes_that_differ(start, broken):
    """Colour, calibration or labels of another size than depth: INVALID_INPUT, until they fit."""
    with_labels = broken == 'labels_step'
    extra = {'labels_topic': '/labels'} if with_labels else {}
    camera = start(topics=('color', 'depth', 'info', *(('labels',) if with_labels else ())), **extra)
    setattr(camera, broken, 2)
    response = camera.capture(10.0)
    assert response.status.code == StatusCode.INVALID_INPUT
    setattr(camera, broken, 1)
    assert wait_until(lambda: camera.capture(10.0).status.code == StatusCode.OK, 10.0)


def test_camera_stops_and_comes_back(start):
    """Silence is a TIMEOUT that says for how long, and an error in the diagnostics; then all is well again."""
    camera = start(max_age_s=0.3)
    assert camera.capture(10.0).status.code == StatusCode.OK
    camera.on = False
    time.sleep(1.2)
    response = camera.capture(0.3)
    assert response.status.code == StatusCode.TIMEOUT
    assert 'silent' in response.status.message
    assert wait_until(lambda: any(d.status[0].level == b'\x02' for d in camera.diagnostics), 10.0)
    camera.on = True
    assert camera.capture(10.0).status.code == StatusCode.OK


def test_stamps_that_do_not_fit(start):
    """Colour with a clock of its own is never paired: TIMEOUT names the difference."""
    camera = start()
    camera.delay_s = 10.0
    response = camera.capture(1.0)
    assert response.status.code == StatusCode.TIMEOUT
    assert 'sync_tolerance_s' in response.status.message


def test_external_labels(start):
    """The objects are those of the label image."""
    camera = start(topics=('color', 'depth', 'info', 'labels'), labels_topic='/labels')
    response = camera.capture(10.0)
    assert response.status.code == StatusCode.OK, response.status.message
    scene = conversions.msg_to_scene(response.scene)
    assert len(scene.objects) == 3
    assert np.array_equal(scene.labels > 0, camera.picture.ids > 0)


def test_scenes_at_a_rate(start):
    """With a rate, scenes come by themselves, with rising stamps, and the diagnostics report."""
    camera = start(rate_hz=10.0)
    assert wait_until(lambda: len(camera.scenes) >= 3, 20.0)
    stamps = [conversions.stamp_to_seconds(s.header.stamp) for s in camera.scenes]
    assert stamps == sorted(set(stamps))
    assert wait_until(lambda: any(d.status[0].level == b'\x00' for d in camera.diagnostics), 10.0)
    values = {v.key: v.value for v in camera.diagnostics[-1].status[0].values}
    assert values['objects'] == '3'
    assert 'latency [s]' in values
