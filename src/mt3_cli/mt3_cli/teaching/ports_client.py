"""The session's hands: recorder, camera and library through the running stack."""

import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from diagnostic_msgs.msg import DiagnosticArray
from PIL import Image
from rclpy.qos import qos_profile_sensor_data
from sensor_msgs.msg import Image as ImageMessage

from mt3_cli.client import StackClient
from mt3_cli.teaching.offsets import describe_object, nearest_object
from mt3_common import conversions
from mt3_common.errors import MT3Error, StatusCode
from mt3_common.robot import RobotConfig
from mt3_common.scene import Scene
from mt3_common.service_call import poll
from mt3_common.tf import TransformBuffer
from mt3_interfaces.srv import AddDemo, CaptureScene, MarkEvent, SimState, StartRecording, StopRecording
from mt3_retrieval.drawing import draw_mask_outline, write_text

__all__ = ['StackPorts']

_SCENE_S = 1.6  # the camera looks for so long before the arm may move: frames are averaged
_ORANGE = (255, 140, 0)


class StackPorts:
    """Implements `mt3_teach.guided.Ports`.

    Attributes:
        scene: What was seen when the recording began; None without perception.
        demonstration: Id of the demonstration stored last, empty before.
        missing: What the recorder says is missing, a line each; None: no recorder was heard.
    """

    def __init__(
        self,
        client: StackClient,
        robot: RobotConfig,
        color_topic: str,
        say: Callable[[str], None],
        force: bool = False,
        library: bool = True,
    ) -> None:
        self._client, self._robot, self._color, self.say = client, robot, color_topic, say
        self._force, self._library = force, library
        self._bag = Path()
        self.scene: Scene | None = None
        self.demonstration = ''
        self.missing: list[str] | None = None
        self._tf = TransformBuffer(client.node)
        client.node.create_subscription(DiagnosticArray, '/diagnostics', self._on_diagnostics, 10)

    def _on_diagnostics(self, message: DiagnosticArray) -> None:
        for status in message.status:
            if status.name == 'mt3 recorder':
                self.missing = [f'{item.key}: {item.value}' for item in status.values]

    def tool(self) -> np.ndarray | None:
        """Return T_base_tcp (4, 4), None when it is not known."""
        try:
            return self._tf.lookup(self._robot.base_frame, self._robot.tcp_frame)
        except MT3Error:
            return None

    def offset(self, T_base_tcp: np.ndarray) -> tuple[int, np.ndarray] | None:
        """Return number and offset (3,) of the object nearest to the tool [m], None without a scene."""
        return nearest_object(self.scene, T_base_tcp[:3, 3]) if self.scene is not None else None

    def start(self, task: str) -> None:
        """See Ports."""
        answer = self._ask(StartRecording, '/mt3/start_recording', StartRecording.Request(task=task, force=self._force))
        self._bag = Path(answer.bag)
        for phrase in answer.missing:
            self.say(f'recording without: {phrase}')
        try:
            self._note_simulation()
            self.say('Taking the scene: keep still ...')
            self.mark('scene')
            began = time.monotonic()
            self._look()
            time.sleep(max(0.0, _SCENE_S - (time.monotonic() - began)))
        except MT3Error:
            self.stop(discard=True)
            raise

    def _note_simulation(self) -> None:
        """Of a simulated cell keep which scene was set up: `mt3 teach check` sets up the same."""
        if not self._client.node.count_services('/sim/state'):
            return
        state = self._client.call(SimState, '/sim/state', SimState.Request(), repeat_s=3.0)
        if state.status.code == StatusCode.OK:
            text = f'{state.family} {state.seed} {state.instance} {state.instance_seed} {state.distractors}'
            self.mark('sim_scene', text)

    def _look(self) -> None:
        """Keep a picture of the scene, with its objects where perception runs."""
        self.scene = None
        if self._client.node.count_services('/mt3/capture_scene'):
            request = CaptureScene.Request(timeout=5.0)
            answer = self._client.call(CaptureScene, '/mt3/capture_scene', request, timeout_s=60.0, repeat_s=20.0)
            if answer.status.code == StatusCode.OK:
                self.scene = conversions.msg_to_scene(answer.scene)
            else:
                self.say(f'no objects are told: {answer.status.message}')
        picture = self._outlined() if self.scene is not None else self._plain()
        Image.fromarray(picture).save(self._picture)
        self.say(f'the scene: {self._picture}')
        for item in self.scene.objects if self.scene is not None else ():
            self.say('  ' + describe_object(item.id, item.T_base_object, item.size, item.support_height_m))

    @property
    def _picture(self) -> Path:
        return self._bag.parent / f'{self._bag.name}.scene.png'

    def _outlined(self) -> np.ndarray:
        picture = self.scene.rgb.copy()
        texts = []
        for item in self.scene.objects:
            draw_mask_outline(picture, self.scene.mask(item.id), _ORANGE)
            texts.append(((item.roi[0], max(0, item.roi[1] - 24)), f'object {item.id}', 20, _ORANGE))
        return write_text(picture, texts)

    def _plain(self) -> np.ndarray:
        arrived = threading.Event()
        got: list[ImageMessage] = []

        def take(message: ImageMessage) -> None:
            got.append(message)
            arrived.set()

        with StackClient('mt3_teach_look') as client:  # pictures are heavy: only for this moment
            client.node.create_subscription(ImageMessage, self._color, take, qos_profile_sensor_data)
            seen = poll(arrived.is_set, 8.0)
        if not seen:
            raise MT3Error(f'no picture on {self._color} within 8 s', StatusCode.NO_DATA)
        return conversions.image_to_rgb(got[0])

    def mark(self, name: str, text: str = '') -> None:
        """See Ports."""
        self._ask(MarkEvent, '/mt3/mark_event', MarkEvent.Request(name=name, text=text))

    def stop(self, discard: bool) -> None:
        """See Ports."""
        answer = self._ask(StopRecording, '/mt3/stop_recording', StopRecording.Request(discard=discard))
        if discard:
            self._picture.unlink(missing_ok=True)
        else:
            self.say(f'recorded {answer.bag}: {answer.messages} messages, {answer.duration:.0f} s')

    def store(self) -> None:
        """See Ports."""
        if not self._library:
            self.say(f'now: mt3 teach import {self._bag}')
            return
        self.say('importing ...')
        answer = self._client.call(AddDemo, '/mt3/add_demo', AddDemo.Request(source=str(self._bag)), timeout_s=180.0)
        for finding in answer.findings:
            self.say(f'  {finding.name}: {finding.message}')
        if answer.status.code != StatusCode.OK:
            raise MT3Error(f'{answer.status.message}. The bag is kept: {self._bag}', StatusCode(answer.status.code))
        self.demonstration = answer.demonstration.id
        self.say(f'stored {self.demonstration[:8]} "{answer.demonstration.task}"; look at {self._bag}.overlay.png')

    def _ask(self, kind: type, name: str, request: Any) -> Any:
        answer = self._client.call(kind, name, request)
        if answer.status.code != StatusCode.OK:
            raise MT3Error(answer.status.message, StatusCode(answer.status.code))
        return answer
