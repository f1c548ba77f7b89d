"""Calibrating live: a camera and an arm over DDS, pose by pose."""

import numpy as np
import pytest

pytest.importorskip('rclpy', reason='needs the ROS environment: ./mt3 shell')

from sensor_msgs.msg import CameraInfo, Image
from std_srvs.srv import Trigger
from tf2_msgs.msg import TFMessage

from mt3_cli.calibration_client import CalibrationClient
from mt3_common import conversions, se3
from mt3_common.errors import MT3Error, StatusCode
from mt3_common.testing import wait_until
from mt3_perception.calibration.board import BoardConfig, CharucoBoard
from mt3_perception.calibration.collect import Collection
from mt3_perception.calibration.testing import draw_board
from mt3_perception.config import PerceptionConfig

K = np.array([[610.0, 0, 321.3], [0, 608.0, 238.1], [0, 0, 1]])
IN_VIEW = se3.make(None, np.array([-0.12, -0.09, 0.55]))


class Cell:
    """Publishes a picture of a board, its calibration and the pose of the hand, 20 times a second."""

    def __init__(self, ros, board):
        self.node = ros.node('cell')
        config = PerceptionConfig()
        self.picture = draw_board(board, K, IN_VIEW)
        self.T_base_hand, self.on = np.eye(4), True
        self._image = self.node.create_publisher(Image, config.color_topic, 5)
        self._info = self.node.create_publisher(CameraInfo, config.info_topic, 5)
        self._tf = self.node.create_publisher(TFMessage, '/tf', 50)
        self.node.create_timer(0.05, self.publish)

    def publish(self):
        now = self.node.get_clock().now().nanoseconds * 1e-9
        link = conversions.matrix_to_transform_stamped(self.T_base_hand, 'panda_link0', 'panda_hand_tcp', now)
        self._tf.publish(TFMessage(transforms=[link]))
        if self.on:
            head = conversions.header('optical', now)
            self._image.publish(conversions.rgb_to_image(self.picture, head))
            self._info.publish(conversions.intrinsics_to_camera_info(K, 640, 480, head))


@pytest.fixture(scope='module')
def board():
    return CharucoBoard(BoardConfig())


@pytest.fixture
def cell(ros, board):
    return Cell(ros, board)


def test_poses_are_taken_once_and_only_with_the_board(cell, board):
    with CalibrationClient(Collection('panda_link0', 'panda_hand_tcp'), PerceptionConfig()) as client:
        wait_until(lambda: client.look(board, 5.0) == '', 20.0, 'a first pose')
        assert client.collection.optical_frame == 'optical'
        assert client.collection.camera.K == pytest.approx(K)
        assert client.look(board) == 'a pose that was there already'
        cell.T_base_hand = se3.exp(np.array([0.1, 0, 0, 0, 0.3, 0]))
        wait_until(lambda: client.look(board) == '', 20.0, 'a second pose')
        assert len(client.collection.samples) == 2
        assert client.collection.samples[1].T_base_hand == pytest.approx(cell.T_base_hand, abs=1e-6)
        cell.T_base_hand = se3.exp(np.array([0.2, 0, 0, 0, 0.3, 0]))
        cell.picture = np.full((480, 640, 3), 90, np.uint8)
        wait_until(lambda: 'not seen' in client.look(board), 20.0, 'a picture without the board')


def test_a_silent_camera_is_named(cell, board):
    cell.on = False
    with (
        CalibrationClient(Collection('panda_link0', 'panda_hand_tcp'), PerceptionConfig()) as client,
        pytest.raises(MT3Error, match='color/image_raw') as no,
    ):
        client.look(board, 0.5)
    assert no.value.code == StatusCode.TIMEOUT


def test_the_result_is_published_and_perception_is_told(cell, ros):
    heard = ros.collect(cell.node, TFMessage, '/tf_static')
    with CalibrationClient(Collection('panda_link0', 'panda_hand_tcp'), PerceptionConfig()) as client:
        wait_until(lambda: cell.node.count_publishers('/tf_static'), 10.0)
        assert not client.accept()
        told = []

        def accept(_, response):
            told.append(True)
            response.success = True
            return response

        cell.node.create_service(Trigger, '/mt3/accept_calibration', accept)
        client.publish_static('panda_link0', 'camera_link', IN_VIEW)
        assert client.accept()
        assert told
        wait_until(lambda: heard, 10.0)
        assert heard[0].transforms[0].child_frame_id == 'camera_link'
