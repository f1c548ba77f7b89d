import time

import numpy as np
import pytest

pytest.importorskip('rclpy')
pytest.importorskip('tf2_msgs.msg')

from rclpy.qos import DurabilityPolicy, QoSProfile
from tf2_msgs.msg import TFMessage

from mt3_common import se3
from mt3_common.conversions import matrix_to_transform_stamped
from mt3_common.errors import MT3Error, StatusCode
from mt3_common.testing import wait_until
from mt3_common.tf import TransformBuffer


@pytest.fixture
def cell(ros):
    """A node that broadcasts, and a buffer in another."""
    node = ros.node('broadcaster')
    node.moving = node.create_publisher(TFMessage, '/tf', 100)
    node.fixed = node.create_publisher(
        TFMessage, '/tf_static', QoSProfile(depth=1, durability=DurabilityPolicy.TRANSIENT_LOCAL)
    )
    mount = matrix_to_transform_stamped(se3.make(None, (1.0, 0, 0)), 'base', 'camera', 0.0)
    node.fixed.publish(TFMessage(transforms=[mount]))
    return node, TransformBuffer(ros.node('listener'))


def move(node, stamp_s, x):
    item = matrix_to_transform_stamped(se3.make(None, (x, 0, 0)), 'base', 'tcp', stamp_s)
    node.moving.publish(TFMessage(transforms=[item]))


def now(node):
    return node.get_clock().now().nanoseconds * 1e-9


def test_waits_for_frames_that_come_and_interpolates(cell):
    node, buffer = cell
    start = now(node)
    wait_until(lambda: node.moving.get_subscription_count() > 0)
    move(node, start, 0.0)
    move(node, start + 1.0, 1.0)
    np.testing.assert_allclose(buffer.lookup('base', 'camera', timeout_s=10.0)[:3, 3], [1.0, 0, 0])
    T = buffer.lookup('camera', 'tcp', start + 0.25, timeout_s=10.0)
    np.testing.assert_allclose(T[:3, 3], [-0.75, 0, 0], atol=1e-6)
    assert buffer.lookup('base', 'tcp', timeout_s=1.0)[0, 3] == pytest.approx(1.0)


def test_refusals_name_frames_and_age(cell):
    node, buffer = cell
    begin = time.monotonic()
    with pytest.raises(MT3Error, match=r'gripper.*waited 0\.2 s') as refusal:
        buffer.lookup('base', 'gripper', timeout_s=0.2)
    assert refusal.value.code == StatusCode.NO_DATA and time.monotonic() - begin < 5.0
    wait_until(lambda: node.moving.get_subscription_count() > 0)
    move(node, now(node) - 30.0, 0.0)
    buffer.lookup('base', 'tcp', timeout_s=10.0)
    with pytest.raises(MT3Error, match=r's old, the limit is 1\.0 s'):
        buffer.lookup('base', 'tcp', max_age_s=1.0)
    buffer.lookup('base', 'camera', max_age_s=1.0)  # what never moves is never old
