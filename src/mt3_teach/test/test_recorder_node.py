"""The recorder node over real DDS, with synthetic publishers in the place of camera and arm."""

import resource
import signal
import sys
import threading
import time
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip('rclpy')
pytest.importorskip('mt3_interfaces.msg')

from diagnostic_msgs.msg import DiagnosticArray
from rclpy.callback_groups import ReentrantCallbackGroup
from rclpy.parameter import Parameter
from rclpy.qos import DurabilityPolicy, QoSProfile, qos_profile_sensor_data
from sensor_msgs.msg import CameraInfo, Image, JointState
from tf2_msgs.msg import TFMessage

from mt3_common import conversions, se3
from mt3_common.bags import BagReader
from mt3_common.errors import StatusCode
from mt3_common.robot import RobotConfig
from mt3_common.testing import NodeProcess, wait_until
from mt3_interfaces.srv import AddDemo, MarkEvent, StartRecording, StopRecording
from mt3_teach.config import ImportConfig, LintConfig, TopicsConfig
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

    def add_camera(self, node):
        """A camera of another node, which can be taken away; returns its timer."""
        self.color = node.create_publisher(Image, TOPICS.color, qos_profile_sensor_data)
        self.depth = node.create_publisher(Image, TOPICS.depth, qos_profile_sensor_data)
        self.info = node.create_publisher(CameraInfo, TOPICS.camera_info, qos_profile_sensor_data)
        return node.create_timer(0.15, self._image, callback_group=ReentrantCallbackGroup())

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


def told(messages):
    """What the newest diagnostics of the recorder say: {what: text}, the headline under ''."""
    statuses = [s for m in list(messages) for s in m.status if s.name == 'mt3 recorder']
    if not statuses:
        return {}
    return {'': statuses[-1].message, **{v.key: v.value for v in statuses[-1].values}}


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
    config = ImportConfig(lint=LintConfig(max_gap_s=2.0))  # a busy machine may hold the fake cell up
    result = import_bag(done.bag, robot=ROBOT, config=config)
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


def test_says_what_is_missing_before_anybody_asks_to_record(ros, tmp_path):
    """Without depth, then with it, then with the camera lost while recording: told within seconds each time."""
    cell = FakeCell(ros.node('cell'), camera=False)
    messages = ros.collect(ros.node('me'), DiagnosticArray, '/diagnostics')
    recorder(ros, tmp_path, **{'watch.period_s': 0.3, 'watch.sample_s': 0.5, 'watch.listen_s': 0.3})
    wait_until(lambda: 'nobody publishes' in told(messages).get(TOPICS.depth, ''), 20.0)
    assert TOPICS.tf not in told(messages) and 'gripper' not in told(messages)
    camera = ros.node('camera')
    timer = cell.add_camera(camera)
    wait_until(lambda: told(messages).get('') and not any('/camera' in key for key in told(messages)), 20.0)
    assert start(ros, ros.node('me2'), task='pick up the box', force=True).status.code == StatusCode.OK
    timer.cancel()
    wait_until(lambda: 'nothing comes' in told(messages).get(TOPICS.depth, ''), 20.0)


@contextmanager
def recording(ros, directory):
    """A recorder as a process of its own that has begun to record: (cell, process, node, bag, mark)."""
    cell = FakeCell(ros.node('cell'))
    command = [sys.executable, '-m', 'mt3_teach.recorder_node', '--ros-args', '-p', f'directory:={directory}']
    command += ['-p', 'check_s:=30.0', '-p', 'stale_s:=10.0', '-p', 'watch.stale_s:=10.0']  # on a busy machine too
    with NodeProcess(command) as process:
        me = ros.node('me')
        begin = StartRecording.Request(task='pick up the box')
        answer = ros.call(me, StartRecording, '/mt3/start_recording', begin, 60.0)
        assert answer.status.code == StatusCode.OK, answer.status.message
        yield (
            cell,
            process,
            me,
            answer.bag,
            lambda name: ros.call(me, MarkEvent, '/mt3/mark_event', MarkEvent.Request(name=name)),
        )


def test_a_recorder_that_is_killed_leaves_a_bag_that_imports(ros, tmp_path):
    with recording(ros, tmp_path) as (cell, process, _, bag, mark):
        time.sleep(0.6)
        mark('scene')
        time.sleep(0.4)
        cell.begun = time.monotonic()
        wait_until(lambda: cell.at > 4.3)
        mark('bottleneck')
        wait_until(lambda: cell.at > 8.8)
        mark('end')
        wait_until(lambda: cell.at > 12.0)  # what came within the last second may be lost
        process.stop(signal.SIGKILL)
    assert not (Path(bag) / 'metadata.yaml').exists()
    result = import_bag(bag, robot=ROBOT)
    assert result.status.ok, result.status
    assert result.demonstration.task == 'pick up the box'
    np.testing.assert_allclose(result.demonstration.T_base_bottleneck[:3, 3], [0.52, 0.05, 0.14], atol=0.01)


def test_a_full_disk_ends_the_recording_and_keeps_what_came_before(ros, tmp_path):
    """The limit on the size of a file answers as a full disk does: the write fails.

    It comes once the process runs: its middleware could not make its shared memory under it.
    """
    with recording(ros, tmp_path) as (_, process, me, bag, mark):
        resource.prlimit(process.pid, resource.RLIMIT_FSIZE, (300_000, 300_000))
        mark('scene')
        wait_until(lambda: 'the recording ended: cannot write' in process.output, 60.0)
        refused = mark('bottleneck')
        assert refused.status.code == StatusCode.STORAGE and 'cannot write' in refused.status.message
        done = ros.call(me, StopRecording, '/mt3/stop_recording', StopRecording.Request())
        assert done.status.code == StatusCode.STORAGE and 'is kept' in done.status.message
        assert process.running
    with BagReader(bag) as reader:
        assert reader.cut_off and reader.custom_data['task'] == 'pick up the box'
        assert len(list(reader.messages([TOPICS.depth]))) >= 1
