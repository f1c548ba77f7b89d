"""Gravity for the node over DDS: an accelerometer beside TF's pose, and cameras that TF does not know."""

import numpy as np
import pytest

pytest.importorskip('rclpy', reason='needs the ROS environment: ./mt3 shell')
pytest.importorskip('mt3_interfaces', reason='needs the built workspace: ./mt3 build')

from rclpy.qos import DurabilityPolicy, QoSProfile, qos_profile_sensor_data
from sensor_msgs.msg import Imu
from tf2_msgs.msg import TFMessage

from mt3_common import conversions, se3
from mt3_common.errors import StatusCode
from mt3_perception.ros_testing import FRAME, holds_within

TOPIC = '/camera/camera/accel/sample'
T_CAMERA_IMU = se3.exp(np.array([0.01, 0.02, 0.0, 0.3, -0.8, 1.2]))  # the sensor sits somehow in the housing


class FakeImu:
    """An accelerometer in the camera; `up_base` is what it believes, `shake` its noise [m/s^2]."""

    def __init__(self, camera, in_tf=True):
        self.camera, self.up_base, self.shake, self.on = camera, np.array([0.0, 0.0, 1.0]), 0.02, True
        self._rng = np.random.default_rng(0)
        self._out = camera.create_publisher(Imu, TOPIC, qos_profile_sensor_data)
        latched = QoSProfile(depth=1, durability=DurabilityPolicy.TRANSIENT_LOCAL)
        self._tf = camera.create_publisher(TFMessage, '/tf_static', latched)
        if in_tf:
            link = conversions.matrix_to_transform_stamped(T_CAMERA_IMU, FRAME, 'imu_frame', 0.0)
            self._tf.publish(TFMessage(transforms=[link]))
        camera.create_timer(0.01, self._publish)

    def _publish(self):
        if not self.on:
            return
        R_imu_base = (self.camera.picture.T_base_camera @ T_CAMERA_IMU)[:3, :3].T
        reading = 9.81 * R_imu_base @ self.up_base + self._rng.normal(0.0, self.shake, 3)
        message = Imu(header=conversions.header('imu_frame', self.camera.get_clock().now().nanoseconds * 1e-9))
        a = message.linear_acceleration
        a.x, a.y, a.z = (float(v) for v in reading)
        self._out.publish(message)


def answers(camera, code, words=''):
    """The scene comes with this code, and these words, within some seconds."""
    seen = []

    def ask():
        seen.append(camera.capture(2.0))
        return seen[-1].status.code == code and words in seen[-1].status.message

    assert holds_within(ask, 15.0), seen[-1].status
    return seen[-1]


def gravity(camera, words):
    """The diagnostics say this about gravity, of a scene soon."""
    assert holds_within(lambda: camera.capture(2.0) and words in camera.values().get('gravity', ''), 15.0), (
        camera.values()
    )


def test_an_upright_base_agrees_and_a_tilted_camera_is_refused(start):
    camera = start(gravity__imu_topic=TOPIC)
    imu = FakeImu(camera)
    answers(camera, StatusCode.OK)
    gravity(camera, 'degree from the accelerometer')
    imu.up_base = se3.exp(np.array([0, 0, 0, 0.15, 0, 0]))[:3, :3] @ imu.up_base
    answers(camera, StatusCode.CALIBRATION, '8.6 degrees')
    imu.up_base = np.array([0.0, 0.0, 1.0])
    answers(camera, StatusCode.OK)


def test_an_accelerometer_that_cannot_tell_is_reported_and_refuses_nothing(start):
    camera = start(gravity__imu_topic=TOPIC)
    answers(camera, StatusCode.OK)
    gravity(camera, 'not compared: 0 readings')
    imu = FakeImu(camera)
    imu.shake = 2.0
    gravity(camera, 'shaking')
    imu.shake = 0.02
    gravity(camera, 'degree from the accelerometer')


@pytest.mark.parametrize('with_imu', [True, False])
def test_a_camera_without_pose_gets_a_level_frame_when_asked_for(start, with_imu):
    """The same objects stand on a level table; the frame is another one, so that nobody takes it for the base."""
    topic = {'gravity__imu_topic': TOPIC} if with_imu else {}
    camera = start(calibrated=False, tf_timeout_s=0.1, gravity__without_pose='level', **topic)
    if with_imu:
        FakeImu(camera)
    scene = conversions.msg_to_scene(answers(camera, StatusCode.OK).scene)
    assert scene.base_frame == f'{FRAME}_level'
    assert len(scene.objects) == 3
    true_up = camera.picture.T_base_camera[2, :3]
    assert np.degrees(np.arccos(scene.T_base_camera[2, :3] @ true_up)) < 1.0
    assert scene.support_height_m == pytest.approx(-camera.picture.T_base_camera[2, 3], abs=0.02)
    heights = sorted(float(o.size[2]) for o in scene.objects)
    assert heights == pytest.approx([0.05, 0.06, 0.1], abs=0.01)
    camera.calibrate()
    assert holds_within(lambda: camera.capture(2.0).scene.header.frame_id == 'panda_link0', 10.0)


def test_without_pose_a_bad_accelerometer_is_refused_not_replaced(start):
    camera = start(
        calibrated=False, tf_timeout_s=0.1, gravity__without_pose='level', gravity__imu_topic=TOPIC
    )  # fmt: skip
    answers(camera, StatusCode.NO_DATA, '0 readings')
    imu = FakeImu(camera)
    imu.up_base = np.array([0.0, 0.0, 0.1])  # in g
    answers(camera, StatusCode.NO_DATA, 'in g')
    imu.up_base = np.array([0.0, 0.0, 1.0])
    answers(camera, StatusCode.OK)
