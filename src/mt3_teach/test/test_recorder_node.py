"""The recorder node over real DDS, with synthetic publishers in the place of camera and arm."""

import threading
import time

import numpy as np
import pytest

pytest.importorskip('rclpy')
pytest.importorskip('mt3_interfaces.msg')

from rclpy.callback_groups import ReentrantCallbackGroup
from rclpy.parameter import Parameter
from rclpy.qos import DurabilityPolicy, QoSProfile, qos_profile_sensor_data
from sensor_msgs.msg import CameraInfo, Image, JointState
from tf2_msgs.msg import TFMessage

from mt3_common import conversions, se3
from mt3_common.bags import BagReader
from mt3_common.errors import StatusCode
from mt3_common.robot import RobotConfig
from mt3_common.testing import wait_until
from mt3_interfaces.srv import AddDemo, MarkEvent, StartRecording, StopRecording
from mt3_teach.config import TopicsConfig
from mt3_teach.importer import import_bag
from mt3_teach.recorder_node import RecorderNode
from mt3_teach.testing import Script, box_view, write_bag

TOPICS, ROBOT = TopicsConfig(), RobotConfig()
FRAME = 'camera_color_optical_frame'


class FakeCell:
    """Publishes a camera over the table and an arm that does a script, three times as fast."""

    def __init__(self, node, camera=True):
        self.node, self.script, self.view = node, Script(), box_view()
        self.camera = camera
        self.begun = None
        pub = node.create_publisher
        self.color = pub(Image, TOPICS.color, qos_profile_sensor_data) if camera else None
        self.depth = pub(Image, TOPICS.depth, qos_profile_sensor_data) if camera else None
        self.info = pub(CameraInfo, TOPICS.camera_info, qos_profile_sensor_data) if camera else None
        self.joints = pub(JointState, TOPICS.joint_states, 10)
        self.tf = pub(TFMessage, TOPICS.tf, 100)
        static = pub(TFMessage, TOPICS.tf_static, QoSProfile(depth=1, durability=DurabilityPolicy.TRANSIENT_LOCAL))
        mount = conversions.matrix_to_transform_stamped(self.view.T_base_camera, ROBOT.base_frame, FRAME, 0.0)
        static.publish(TFMessage(transforms=[mount]))
        group = ReentrantCallbackGroup()
        node.create_timer(0.02, self._state, callback_group=group)
        if camera:
            node.create_timer(0.15, self._image, callback_group=group)

    @property
    def at(self):
        return 0.0 if self.begun is None else 3.0 * (time.monotonic() - self.begun)

    def now(self):
        return self.node.get_clock().now().nanoseconds * 1e-9

    def _state(self):
        stamp = self.now()
        T = se3.make(np.diag([1.0, -1.0, -1.0]), self.script.position(self.at))
        item = conversions.matrix_to_transform_stamped(T, ROBOT.base_frame, ROBOT.tcp_frame, stamp)
        self.tf.publish(TFMessage(transforms=[item]))
        message = JointState(header=conversions.header('', stamp), name=[ROBOT.gripper.joint])
        message.position = [ROBOT.gripper.to_driver(self.script.opening_at(self.at))]
        self.joints.publish(message)

    def _image(self):
        head = conversions.header(FRAME, self.now())
        self.color.publish(conversions.rgb_to_image(self.view.rgb, head))
        self.depth.publish(conversions.depth_to_image(self.view.depth_m, head))
        height, width = self.view.depth_m.shape
        self.info.publish(conversions.intrinsics_to_camera_info(self.view.K, width, height, head))


def recorder(ros, folder, **parameters):
    values = {'directory': str(folder), **parameters}
    overrides = [Parameter(k, value=v) for k, v in values.items()]
    return ros.add(RecorderNode(context=ros.context, parameter_overrides=overrides))


def start(ros, node, **request):
    return ros.call(node, StartRecording, '/mt3/start_recording', StartRecording.Request(**request))


def test_records_what_an_import_needs(ros, tmp_path):
    cell = FakeCell(ros.node('cell'))
    recorder(ros, tmp_path, simulated=True)
    me = ros.node('me')
    answer = start(ros, me, task='pick up the box')
    assert answer.status.code == StatusCode.OK, answer.status.message
    time.sleep(0.5)
    mark = lambda name: ros.call(me, MarkEvent, '/mt3/mark_event', MarkEvent.Request(name=name))  # noqa: E731
    assert mark('scene').status.code == StatusCode.OK
    time.sleep(0.4)
    cell.begun = time.monotonic()
    wait_until(lambda: cell.at > 4.3)
    assert mark('bottleneck').status.code == StatusCode.OK
    wait_until(lambda: cell.at > 8.8)
    assert mark('end').status.code == StatusCode.OK
    done = ros.call(me, StopRecording, '/mt3/stop_recording', StopRecording.Request())
    assert done.status.code == StatusCode.OK and done.messages > 100 and done.duration > 3.0
    with BagReader(done.bag) as bag:
        assert bag.custom_data['task'] == 'pick up the box' and bag.custom_data['simulated'] == 'true'
        assert [m.message.name for m in bag.messages(['/mt3/events'])] == ['scene', 'bottleneck', 'end']
    result = import_bag(done.bag, robot=ROBOT)
    assert result.status.ok, result.status
    demo = result.demonstration
    assert demo.task == 'pick up the box' and demo.simulated
    np.testing.assert_allclose(demo.T_base_bottleneck[:3, 3], [0.52, 0.05, 0.14], atol=0.01)
    assert demo.interaction.gripper_opening[0] == 1.0 and demo.interaction.gripper_opening[-1] == 0.0


def test_says_what_is_missing_and_records_when_forced(ros, tmp_path):
    FakeCell(ros.node('cell'), camera=False)
    recorder(ros, tmp_path, check_s=0.6)
    me = ros.node('me')
    answer = start(ros, me, task='pick up the box')
    assert answer.status.code == StatusCode.NO_DATA
    assert any(TOPICS.depth in phrase for phrase in answer.missing) and TOPICS.color in answer.status.message
    assert list(tmp_path.iterdir()) == []
    answer = start(ros, me, task='pick up the box', force=True)
    assert answer.status.code == StatusCode.OK and answer.missing
    assert start(ros, me, task='again', force=True).status.code == StatusCode.BUSY
    done = ros.call(me, StopRecording, '/mt3/stop_recording', StopRecording.Request(discard=True))
    assert done.status.code == StatusCode.OK and list(tmp_path.iterdir()) == []


def test_refuses_without_task_recording_or_event_name(ros, tmp_path):
    recorder(ros, tmp_path, check_s=0.2)
    me = ros.node('me')
    assert start(ros, me, task=' ').status.code == StatusCode.INVALID_INPUT
    stop = ros.call(me, StopRecording, '/mt3/stop_recording', StopRecording.Request())
    assert stop.status.code == StatusCode.INVALID_INPUT
    mark = ros.call(me, MarkEvent, '/mt3/mark_event', MarkEvent.Request(name='scene'))
    assert mark.status.code == StatusCode.NO_DATA
    mark = ros.call(me, MarkEvent, '/mt3/mark_event', MarkEvent.Request())
    assert mark.status.code == StatusCode.INVALID_INPUT


def test_add_demo_stores_a_bag_and_reports_refusals(ros, tmp_path):
    from mt3_retrieval.library import DemoLibrary

    bag = write_bag(tmp_path / 'bag', Script.plain())
    recorder(ros, tmp_path, library=str(tmp_path / 'library'))
    me = ros.node('me')
    add = lambda **request: ros.call(me, AddDemo, '/mt3/add_demo', AddDemo.Request(**request), 60.0)  # noqa: E731
    dry = add(source=str(bag), task='pick up the box', dry_run=True)
    assert dry.status.code == StatusCode.OK and not (tmp_path / 'library').exists()
    stored = add(source=str(bag), task='pick up the box', tags=['a'])
    assert stored.status.code == StatusCode.OK, stored.status.message
    demo = DemoLibrary.open(tmp_path / 'library').get(stored.demonstration.id)
    assert demo.task == 'pick up the box' and demo.tags == ('a',)
    assert add(source=str(tmp_path / 'nothing')).status.code == StatusCode.STORAGE
    assert add(source=str(bag)).status.code == StatusCode.INVALID_INPUT  # no task


def test_finishes_the_bag_when_the_node_ends(ros, tmp_path):
    FakeCell(ros.node('cell'))
    node = recorder(ros, tmp_path)
    answer = start(ros, ros.node('me'), task='pick up the box')
    assert answer.status.code == StatusCode.OK, answer.status.message
    time.sleep(0.3)
    closing = threading.Thread(target=node.close)
    closing.start()
    closing.join(5.0)
    with BagReader(answer.bag) as bag:
        assert bag.counts[TOPICS.tf] > 1
