"""The recorder node: one rosbag2 bag per demonstration, and bags into the library.

Services `/mt3/start_recording`, `/mt3/stop_recording`, `/mt3/mark_event`, `/mt3/add_demo`; topics `/mt3/events` and
`/diagnostics`: what is missing, all the time. While nothing is recorded only TF is subscribed for good, and the rest is
looked at now and then (`recorder_watch_node`). Threads: services run in a multi-threaded executor, a
recording's subscriptions in a thread of their own (BagSubscriptions); a lock guards the one session. Waiting
is on the wall clock, so that a stopped simulation cannot hang it.
"""

import dataclasses
import sys
import threading
import time
from pathlib import Path
from typing import Any

import cv2
from diagnostic_msgs.msg import DiagnosticArray, DiagnosticStatus, KeyValue
from rclpy.callback_groups import MutuallyExclusiveCallbackGroup, ReentrantCallbackGroup
from rclpy.node import Node

from mt3_common import conversions
from mt3_common.bag_subscriptions import BagSubscriptions
from mt3_common.config import load_config
from mt3_common.errors import InvalidInput, MT3Error, Status, StatusCode
from mt3_common.messages import serialised_header
from mt3_common.node_runner import run
from mt3_common.parameters import declare
from mt3_common.robot import RobotConfig
from mt3_common.tf import TransformBuffer
from mt3_interfaces.msg import Event, LintFinding
from mt3_interfaces.srv import AddDemo, MarkEvent, StartRecording, StopRecording
from mt3_teach.config import RecorderConfig
from mt3_teach.findings import Finding
from mt3_teach.folder import import_folder, is_folder
from mt3_teach.importer import ImportResult, import_bag, store
from mt3_teach.lint import lint_demonstration
from mt3_teach.overlay import draw_demonstration
from mt3_teach.recorder import Session, lacking
from mt3_teach.recorder_watch_node import InputWatch

__all__ = ['RecorderNode', 'main']

_POLL_S = 0.02


class RecorderNode(Node):
    """Records demonstrations and adds them to the library."""

    def __init__(self, **options: Any) -> None:
        super().__init__('recorder', **options)
        self._config = declare(self, RecorderConfig)
        self._topics = self._config.importer.topics
        self._robot = load_config(RobotConfig, self._config.robot) if self._config.robot else RobotConfig()
        self._tf = TransformBuffer(self)
        self._lock = threading.Lock()
        self._session: Session | None = None
        self._subscriptions_of_bag: BagSubscriptions | None = None
        self._own_events: set[tuple[int, str]] = set()
        self._library: Any = None
        self._write_error = ''
        self._watch = InputWatch(self, self._tf, self._robot, self._config)
        every, one = ReentrantCallbackGroup(), MutuallyExclusiveCallbackGroup()
        self._events = self.create_publisher(Event, self._topics.events, 10)
        self.create_subscription(Event, self._topics.events, self._on_event, 10, callback_group=every)
        self._diagnostics = self.create_publisher(DiagnosticArray, '/diagnostics', 10)
        self.create_timer(1.0, self._on_diagnostics, callback_group=MutuallyExclusiveCallbackGroup())
        self.create_service(StartRecording, '/mt3/start_recording', self._on_start, callback_group=every)
        self.create_service(StopRecording, '/mt3/stop_recording', self._on_stop, callback_group=every)
        self.create_service(MarkEvent, '/mt3/mark_event', self._on_mark, callback_group=every)
        self.create_service(AddDemo, '/mt3/add_demo', self._on_add, callback_group=one)
        self.get_logger().info(f'ready to record {self._robot.name} into {self._config.directory}')

    # ---- recording

    def _on_start(self, request: StartRecording.Request, response: StartRecording.Response) -> StartRecording.Response:
        with self._lock:
            if self._session is not None:
                busy = MT3Error(f'{self._session.bag.path} is being recorded; stop it first', StatusCode.BUSY)
                response.status = conversions.status_to_msg(busy.status)
                return response
            try:
                self._start(request, response)
            except MT3Error as error:
                self._drop()
                response.status = conversions.status_to_msg(error.status)
        return response

    def _start(self, request: StartRecording.Request, response: StartRecording.Response) -> None:
        self._write_error = ''
        self._session = Session(request.task, request.directory or self._config.directory, self._robot, self._config)
        wanted = {topic: kind for topic, kind in self._topics.types().items() if topic != self._topics.events}
        known = dict(self.get_topic_names_and_types())
        for topic in self._config.extra_topics:
            if topic in known and topic not in wanted:
                wanted[topic] = known[topic][0]
        period = 1.0 / self._config.max_image_rate if self._config.max_image_rate > 0.0 else 0.0
        limited = {self._topics.color: period, self._topics.depth: period}
        self._subscriptions_of_bag = BagSubscriptions(self, self._session.bag, wanted, limited, self._on_write_error)
        missing = self._wait_for_inputs()
        response.missing = missing
        if missing and not request.force:
            raise MT3Error(
                f'not recording: {"; ".join(missing)}. Start what is missing, or force the recording',
                StatusCode.NO_DATA,
            )
        response.bag = str(self._session.bag.path)
        self.get_logger().info(f'recording "{self._session.task}" into {response.bag}')
        for phrase in missing:
            self.get_logger().warning(f'recording without: {phrase}')

    def _wait_for_inputs(self) -> list[str]:
        """Wait until every needed topic has given a message, and return what is missing then."""
        until = time.monotonic() + self._config.check_s
        while True:
            missing = self._missing()
            if not missing or time.monotonic() > until:
                return missing
            time.sleep(_POLL_S)

    def _missing(self) -> list[str]:
        bag, heads = self._session.bag, self._subscriptions_of_bag.heads
        missing = lacking(self._topics, bag.counts, heads, self._now_ns() * 1e-9, self._config.stale_s)
        frames = [self._robot.tcp_frame]
        if self._topics.depth in heads:
            frames.append(serialised_header(heads[self._topics.depth])[1])
        for frame in frames:
            try:
                self._tf.lookup(self._robot.base_frame, frame)
            except MT3Error as error:
                missing.append(f'the transform {self._robot.base_frame} <- {frame}: {error}')
        told = ' '.join(missing)
        return missing + [str(p) for p in self._watch.problems or [] if p.fatal and p.what not in told]

    def _on_stop(self, request: StopRecording.Request, response: StopRecording.Response) -> StopRecording.Response:
        with self._lock:
            session = self._session
            if session is None:
                error = MT3Error('nothing is being recorded', StatusCode.INVALID_INPUT)
                response.status = conversions.status_to_msg(error.status)
                return response
            response.bag = str(session.bag.path)
            response.duration, response.messages = float(session.bag.duration_s), session.bag.messages
            if self._write_error and not request.discard:
                error = MT3Error(f'{self._write_error}; what came before is kept in {response.bag}', StatusCode.STORAGE)
                response.status = conversions.status_to_msg(error.status)
            try:
                if request.discard:
                    self._drop()
                else:
                    self._finish()
            except MT3Error as error:
                response.status = conversions.status_to_msg(error.status)
        done = 'discarded' if request.discard else f'{response.messages} messages, {response.duration:.1f} s'
        self.get_logger().info(f'{response.bag}: {done}')
        return response

    def _on_mark(self, request: MarkEvent.Request, response: MarkEvent.Response) -> MarkEvent.Response:
        stamp_ns = self._now_ns()
        try:
            with self._lock:
                if not request.name.strip():
                    raise InvalidInput(
                        f'an event needs a name, such as {Event.SCENE}, {Event.BOTTLENECK} or {Event.END}'
                    )
                if self._session is None:
                    raise MT3Error(f'nothing is being recorded, so {request.name!r} marks nothing', StatusCode.NO_DATA)
                if self._write_error:
                    raise MT3Error(self._write_error, StatusCode.STORAGE)
                self._own_events.add((stamp_ns, request.name))
                self._session.event(self._topics.events, stamp_ns, request.name, request.text)
            stamp = conversions.nanoseconds_to_stamp(stamp_ns)
            self._events.publish(Event(stamp=stamp, name=request.name, text=request.text))
        except MT3Error as error:
            response.status = conversions.status_to_msg(error.status)
        return response

    def _on_event(self, message: Event) -> None:
        """Record marks that somebody else published."""
        stamp_ns = message.stamp.sec * 10**9 + message.stamp.nanosec
        with self._lock:
            if (stamp_ns, message.name) in self._own_events:
                self._own_events.discard((stamp_ns, message.name))
            elif self._session is not None:
                self._session.event(self._topics.events, stamp_ns or self._now_ns(), message.name, message.text)

    def _on_write_error(self, error: Exception) -> None:
        self._write_error = f'the recording ended: {error}'
        self.get_logger().error(self._write_error)

    def _on_diagnostics(self) -> None:
        """Tell what is missing, whether or not something is being recorded."""
        problems, session = self._watch.problems, self._session
        level = DiagnosticStatus.OK if problems is not None else DiagnosticStatus.STALE
        text = 'ready to record' if problems is not None else 'looking at the inputs'
        if session is not None:
            text = f'recording "{session.task}": {session.bag.messages} messages'
        if problems:
            level = DiagnosticStatus.ERROR if problems[0].fatal else DiagnosticStatus.WARN
            text = str(problems[0])
        if session is not None and self._write_error:
            level, text = DiagnosticStatus.ERROR, self._write_error
        status = DiagnosticStatus(level=level, name='mt3 recorder', message=text)
        status.values = [KeyValue(key=p.what, value=p.text) for p in problems or []]
        message = DiagnosticArray(status=[status])
        message.header.stamp = self.get_clock().now().to_msg()
        self._diagnostics.publish(message)

    def _finish(self) -> None:
        """End the recording and keep it. Call with the lock held."""
        session, self._session = self._session, None
        self._end_subscriptions()
        if session is not None:
            session.bag.close()

    def _drop(self) -> None:
        """End the recording and delete it. Call with the lock held."""
        session, self._session = self._session, None
        self._end_subscriptions()
        if session is not None:
            session.bag.discard()

    def _end_subscriptions(self) -> None:
        ended, self._subscriptions_of_bag = self._subscriptions_of_bag, None
        if ended is not None:
            ended.close()

    def _now_ns(self) -> int:
        return self.get_clock().now().nanoseconds

    # ---- importing

    def _on_add(self, request: AddDemo.Request, response: AddDemo.Response) -> AddDemo.Response:
        try:
            result = self._add(request)
        except MT3Error as error:
            self.get_logger().warning(f'add_demo {request.source}: {error}')
            response.status = conversions.status_to_msg(error.status)
            return response
        except Exception as error:  # a defect must reach the caller as a status, and the log with its trace
            self.get_logger().error(f'add_demo {request.source} failed: {error!r}')
            response.status = conversions.status_to_msg(Status(StatusCode.INTERNAL, f'{type(error).__name__}: {error}'))
            return response
        response.status = conversions.status_to_msg(result.status)
        response.demonstration = conversions.demonstration_to_msg(result.demonstration, self._robot.base_frame)
        response.findings = [_finding_to_msg(f) for f in result.findings]
        for rule, text in result.rules.items():
            self.get_logger().info(f'{rule}: {text}')
        for finding in result.findings:
            self.get_logger().warning(str(finding))
        done = f'stored as {result.demonstration.id}' if result.stored else 'not stored'
        self.get_logger().info(f'{request.source}: "{result.demonstration.task}" {done}')
        return response

    def _add(self, request: AddDemo.Request) -> ImportResult:
        source = Path(request.source).expanduser()
        library = None if request.dry_run else self._open_library()
        if is_folder(source):
            demo = import_folder(source)
            if request.task.strip():
                demo = dataclasses.replace(demo, task=request.task, skill='', target='', other='')
            demo = dataclasses.replace(
                demo, tags=tuple(dict.fromkeys((*demo.tags, *request.tags))), notes=request.notes or demo.notes
            )
            findings = lint_demonstration(demo, self._config.importer.lint)
            pictures = {'overlay': draw_demonstration(demo)}
            return store(ImportResult(demo, findings, {'source': 'demonstration folder'}, pictures), library)
        point = (request.point.x, request.point.y, request.point.z) if request.use_point else None
        pixel = (int(request.pixel[0]), int(request.pixel[1])) if request.use_pixel else None
        result = import_bag(
            source,
            robot=self._robot,
            task=request.task or None,
            library=library,
            pixel=pixel,
            point=point,
            tags=tuple(request.tags),
            notes=request.notes,
            simulated=True if self._config.simulated else None,
            operator=self._config.operator,
            config=self._config.importer,
        )
        picture = source.parent / f'{source.name}.overlay.png'
        if not cv2.imwrite(str(picture), cv2.cvtColor(result.pictures['overlay'], cv2.COLOR_RGB2BGR)):
            self.get_logger().warning(f'cannot write {picture}')
        return result

    def _open_library(self) -> Any:
        if self._library is None:
            if not self._config.library:
                raise InvalidInput('the recorder has no library; start it with the parameter `library`, or use dry_run')
            from mt3_retrieval.library import DemoLibrary  # the database takes a second to import

            self._library = DemoLibrary.open(self._config.library)
        return self._library

    def close(self) -> None:
        """Finish a recording under way, so that its bag is whole."""
        with self._lock:
            if self._session is not None:
                self.get_logger().warning(f'{self._session.bag.path} ends because the node does')
            self._finish()
        self._watch.close()


def _finding_to_msg(finding: Finding) -> LintFinding:
    return LintFinding(severity=int(finding.severity), name=finding.name, message=finding.message)


def main() -> int:
    """Run the node until it is told to end."""
    return run(RecorderNode, threads=8)


if __name__ == '__main__':
    sys.exit(main())
