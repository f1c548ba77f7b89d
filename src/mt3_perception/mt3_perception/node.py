"""The perception node: camera topics in, `/mt3/scene` and `/mt3/capture_scene` out.

A lifecycle node. With `autostart` (the default) it configures and activates itself; without, a lifecycle manager does:
configuring subscribes, activating lets scenes out.

Threads: subscriptions run one at a time in their own callback group and only put messages into a queue. The
service and the rate timer run beside them (a multi-threaded executor), convert, segment and answer; a lock keeps
them from doing so at once. Waiting is on the wall clock: a simulation that stands still must not hang the service.
"""

import sys
import threading
import time
import traceback
from collections.abc import Callable
from typing import Any

import numpy as np
from diagnostic_msgs.msg import DiagnosticArray, DiagnosticStatus, KeyValue
from rclpy.callback_groups import MutuallyExclusiveCallbackGroup, ReentrantCallbackGroup
from rclpy.lifecycle import LifecycleNode, LifecycleState, TransitionCallbackReturn
from rclpy.qos import DurabilityPolicy, QoSProfile
from std_srvs.srv import Trigger
from tf2_msgs.msg import TFMessage

from mt3_common import conversions, se3
from mt3_common.errors import InvalidInput, MT3Error, Status, StatusCode
from mt3_common.node_runner import run
from mt3_common.parameters import declare
from mt3_common.tf import TransformBuffer
from mt3_interfaces.msg import Scene as SceneMessage
from mt3_interfaces.srv import CaptureScene
from mt3_perception.background import Registration
from mt3_perception.config import PerceptionConfig
from mt3_perception.monitor import Health
from mt3_perception.observer import Observation, Observer, OtherView
from mt3_perception.plugins import load_segmenter
from mt3_perception.ros_camera import CameraInput, ImageSet
from mt3_perception.ros_gravity import GravityInput
from mt3_perception.ros_robot import RobotInput
from mt3_perception.segmentation import warm_up

__all__ = ['PerceptionNode', 'main']

_TICK_S = 1e-6


class PerceptionNode(LifecycleNode):
    """Makes scenes of camera images."""

    def __init__(self, **options: Any) -> None:
        super().__init__('perception', **options)
        self._config = config = declare(self, PerceptionConfig)
        self._segmenter = load_segmenter(config.segmenter, config.text)
        self._tf = TransformBuffer(self)
        self._publish_pose()
        self._cameras: list[CameraInput] = []  # the primary one first
        self._robot: RobotInput | None = None
        self._gravity: GravityInput | None = None
        self._observer = Observer(config, self._segmenter)
        self._working = threading.Lock()
        self._published_stamp_s, self._resets = float('-inf'), 0
        self._active = False
        self._scenes = self.create_publisher(SceneMessage, config.scene_topic, 2)
        self._diagnostics = self.create_publisher(DiagnosticArray, '/diagnostics', 10)
        work = ReentrantCallbackGroup()
        self.create_service(CaptureScene, config.capture_service, self._on_capture, callback_group=work)
        self.create_service(Trigger, config.accept_service, self._on_accept, callback_group=work)
        self.create_timer(1.0, self._on_diagnostics, callback_group=MutuallyExclusiveCallbackGroup())
        if config.rate_hz > 0.0:
            self.create_timer(1.0 / config.rate_hz, self._on_rate, callback_group=MutuallyExclusiveCallbackGroup())
        if config.autostart:
            for trigger in (self.trigger_configure, self.trigger_activate):
                if trigger() != TransitionCallbackReturn.SUCCESS:  # rclpy has logged why, and does not raise it
                    raise InvalidInput('the node cannot be started with these parameters; the log says why')

    def _publish_pose(self) -> None:
        """Publish the calibrated camera pose, if the parameters hold one."""
        pose = self._config.pose
        if not pose.parent_frame:
            return
        if not pose.child_frame:
            raise InvalidInput(f'pose.parent_frame is {pose.parent_frame!r}, but pose.child_frame is empty')
        T_parent_child = se3.from_position_quaternion(np.array(pose.position), np.array(pose.quaternion))
        latched = QoSProfile(depth=1, durability=DurabilityPolicy.TRANSIENT_LOCAL)
        self._static = self.create_publisher(TFMessage, '/tf_static', latched)
        now = self.get_clock().now().nanoseconds * 1e-9
        link = conversions.matrix_to_transform_stamped(T_parent_child, pose.parent_frame, pose.child_frame, now)
        self._static.publish(TFMessage(transforms=[link]))

    def on_configure(self, state: LifecycleState) -> TransitionCallbackReturn:
        """Subscribe to cameras and robot, once the first picture need not wait for the compiler."""
        config = self._config
        if self._segmenter is None:
            warm_up()
        topics = {'color': config.color_topic, 'depth': config.depth_topic}
        if config.labels_topic:
            topics['labels'] = config.labels_topic
        if config.detections_topic:
            topics['detections'] = config.detections_topic
        self._cameras = [CameraInput(self, config, self._tf, topics, config.info_topic, config.camera_frame)]
        extra = config.extra
        for depth, color, info in zip(extra.depth_topics, extra.color_topics, extra.info_topics, strict=True):
            self._cameras.append(CameraInput(self, config, self._tf, {'color': color, 'depth': depth}, info))
        self._robot = RobotInput(self, config.robot, config.base_frame)
        self._gravity = GravityInput(self, config, self._tf)
        self._observer = Observer(config, self._segmenter)
        return super().on_configure(state)

    def on_activate(self, state: LifecycleState) -> TransitionCallbackReturn:
        """Let scenes out."""
        config = self._config
        self._active = True
        self.get_logger().info(
            f'scenes of {config.depth_topic} in {config.base_frame}: '
            + (f'{config.rate_hz} per second and on demand' if config.rate_hz else 'on demand')
        )
        return super().on_activate(state)

    def on_deactivate(self, state: LifecycleState) -> TransitionCallbackReturn:
        """Let no scenes out."""
        self._active = False
        return super().on_deactivate(state)

    def on_cleanup(self, state: LifecycleState) -> TransitionCallbackReturn:
        """End the subscriptions."""
        self._end_inputs()
        return super().on_cleanup(state)

    def on_shutdown(self, state: LifecycleState) -> TransitionCallbackReturn:
        """End the subscriptions for good."""
        self._active = False
        self._end_inputs()
        return super().on_shutdown(state)

    def _end_inputs(self) -> None:
        with self._working:
            for owner in (*self._cameras, self._robot, self._gravity):
                if owner is not None:
                    owner.destroy()
            self._cameras, self._robot, self._gravity = [], None, None

    def _now_s(self) -> float:
        return self.get_clock().now().nanoseconds * 1e-9

    def _guarded(self, take: Callable[[], Observation]) -> tuple[Observation | None, Status]:
        """Take a scene; whatever is in the way becomes a status, a diagnostic and a line of the log."""
        if not self._active:
            return None, Status(StatusCode.NO_DATA, 'the perception node is not active: configure and activate it')
        monitor = self._cameras[0].monitor
        try:
            return take(), Status()
        except MT3Error as error:
            status = error.status
        except Exception as error:  # a defect must not end the node: a picture that it can use may follow
            self.get_logger().error(traceback.format_exc())
            status = Status(StatusCode.INTERNAL, f'{type(error).__name__}: {error}; the log has the trace')
        monitor.troubled(str(status))
        monitor.note({**_motion_words(self._observer.watch.motion), **self._gravity.words})
        self.get_logger().warning(f'no scene: {status}', throttle_duration_sec=5.0 if self._config.rate_hz else 0.0)
        return None, status

    def _on_capture(self, request: CaptureScene.Request, response: CaptureScene.Response) -> CaptureScene.Response:
        timeout_s = float(request.timeout) if request.timeout > 0.0 else self._config.timeout_s
        observation, status = self._guarded(lambda: self._capture(timeout_s))
        if observation is not None:
            status = observation.scene.calibration
            response.scene = conversions.scene_to_msg(observation.scene)
            self._scenes.publish(response.scene)
        response.status = conversions.status_to_msg(status)
        return response

    def _capture(self, timeout_s: float) -> Observation:
        """Observe what the camera takes next; a picture in a gap of the joint states is followed by a younger one."""
        until, after_s, refusal = time.monotonic() + timeout_s, self._now_s(), None
        while True:
            try:
                sets = self._cameras[0].wait_fresh(after_s, until - time.monotonic(), self._config.frames)
            except MT3Error as error:
                if refusal is None:
                    raise
                raise refusal from error
            try:
                return self._observe(sets)
            except MT3Error as error:
                if error.status.code != StatusCode.NO_DATA or time.monotonic() >= until:
                    raise
                refusal, after_s = error, sets[-1].stamp_s + _TICK_S

    def _on_rate(self) -> None:
        """Publish a scene of the newest images, if there are new ones."""
        if not self._active:
            return
        camera = self._cameras[0]
        newest = camera.newest()
        if camera.resets != self._resets:
            self._resets, self._published_stamp_s = camera.resets, float('-inf')
        if newest is None or newest.stamp_s <= self._published_stamp_s:
            return
        self._published_stamp_s = newest.stamp_s

        def take() -> Observation:
            camera.check_age(newest)
            return self._observe([newest])

        observation, _ = self._guarded(take)
        if observation is not None:
            self._scenes.publish(conversions.scene_to_msg(observation.scene))

    def _observe(self, sets: list[ImageSet]) -> Observation:
        """Convert and observe.

        Raises:
            MT3Error: CALIBRATION without camera pose or calibration, INVALID_INPUT for images that do not fit, NO_DATA
                without joint states, and what the segmentation says.
        """
        start = time.perf_counter()
        primary = self._cameras[0]
        frames = [primary.frame(s) for s in sets]
        pose, stamp_s = self._gravity.pose(primary, frames[-1]), frames[-1].stamp_s
        if pose.in_tf:
            robot = self._robot.at(stamp_s)
            others = tuple(view for camera in self._cameras[1:] if (view := self._other(camera, stamp_s)))
            level_frame = ''
        else:  # where the robot and the other cameras are from here, nobody knows
            robot, others, level_frame = None, (), pose.base_frame
        with self._working:
            observation = self._observer.observe(frames, pose.T_base_camera, robot, others, level_frame)
        found, calibration = observation.segmentation, observation.scene.calibration
        residual_m = float('nan') if found.plane is None else found.plane.residual_m
        primary.monitor.observed(time.perf_counter() - start, found.valid_share, residual_m, len(found.objects))
        if not calibration.ok:
            primary.monitor.troubled(str(calibration))
            pause_s = 5.0 if self._config.rate_hz else 0.0
            self.get_logger().warning(f'the scene is marked: {calibration}', throttle_duration_sec=pause_s)
        primary.monitor.note(self._words(observation))
        return observation

    def _other(self, camera: CameraInput, stamp_s: float) -> OtherView | None:
        """Return what a further camera saw then; None makes the scene poorer, and the diagnostics say so."""
        limit = self._config.extra.max_age_s
        try:
            newest = camera.newest()
            if newest is None or abs(newest.stamp_s - stamp_s) > limit:
                away = 'nothing' if newest is None else f'{abs(newest.stamp_s - stamp_s):.2f} s away'
                raise MT3Error(f'no image within {limit} s of the primary camera: {away}', StatusCode.STALE_SCENE)
            frame = camera.frame(newest)
            view = OtherView(frame, camera.pose(frame), self._robot.at(frame.stamp_s))
        except MT3Error as error:
            camera.monitor.troubled(f'left out of the scene: {error}')
            return None
        camera.monitor.observed(0.0, float(np.isfinite(frame.depth_m).mean()), float('nan'), 0)
        return view

    def _words(self, observation: Observation) -> dict[str, str]:
        """Values for the diagnostics."""
        values = {'robot': self._robot.state, **self._gravity.words}
        if np.isfinite(observation.robot_share):
            values['robot in the picture [%]'] = f'{100 * observation.robot_share:.1f}'
        values |= _motion_words(observation.motion)
        if len(self._cameras) > 1:
            values['objects seen by other cameras'] = str(observation.merged)
            values['objects only other cameras see'] = str(observation.unmatched)
        return values

    def _on_accept(self, _: Trigger.Request, response: Trigger.Response) -> Trigger.Response:
        with self._working:
            self._observer.watch.accept()
        response.success = True
        response.message = 'the camera is accepted as the next scene finds it'
        self.get_logger().info(response.message)
        return response

    def _on_diagnostics(self) -> None:
        now = time.monotonic()
        message = DiagnosticArray()
        for camera in list(self._cameras):
            message.status.append(_status('mt3 perception', camera.name, camera.monitor.health(now)))
        if not message.status:
            message.status.append(_status('mt3 perception', self._config.depth_topic, Health(1, 'not configured', {})))
        message.header.stamp = self.get_clock().now().to_msg()
        self._diagnostics.publish(message)


def _motion_words(motion: Registration | None) -> dict[str, str]:
    if motion is None:
        return {}
    return {
        'background moved [mm]': f'{1000 * motion.distance_m:.1f}',
        'background turned [degree]': f'{np.degrees(motion.angle_rad):.2f}',
        'background recognised [%]': f'{100 * motion.share:.0f}',
    }


def _status(name: str, hardware: str, health: Health) -> DiagnosticStatus:
    return DiagnosticStatus(
        level=bytes([health.level]),
        name=name,
        hardware_id=hardware,
        message=health.message,
        values=[KeyValue(key=key, value=value) for key, value in health.values.items()],
    )


def main() -> int:
    """Run the node."""
    return run(PerceptionNode, threads=6)


if __name__ == '__main__':
    sys.exit(main())
