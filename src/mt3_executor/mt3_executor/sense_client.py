"""Perception and retrieval as services."""

from collections.abc import Callable
from typing import Any

import numpy as np
from rclpy.callback_groups import CallbackGroup
from rclpy.node import Node

from mt3_common.conversions import (
    compressed_to_grey,
    msg_to_interaction,
    msg_to_scene,
    msg_to_status,
    pose_to_matrix,
    transform_to_matrix,
)
from mt3_common.errors import MT3Error, Status, StatusCode
from mt3_common.service_call import call_service
from mt3_executor.config import ExecutionConfig
from mt3_executor.ports import Capture, Retrieved, StopSignal
from mt3_interfaces.msg import Alignment
from mt3_interfaces.srv import CaptureScene, RetrieveDemo

__all__ = ['SenseClient']


class SenseClient:
    """Calls `/mt3/capture_scene` and `/mt3/retrieve`.

    Args:
        robot: Only demonstrations of this robot are asked for.
        base_frame: Scenes in another frame are refused: the arm would take their poses for its own.
        now_s: The node's clock, of which scene stamps are [s].
    """

    def __init__(
        self,
        node: Node,
        group: CallbackGroup,
        robot: str,
        base_frame: str,
        config: ExecutionConfig,
        now_s: Callable[[], float],
    ) -> None:
        self._robot, self._base_frame, self._config, self._now_s = robot, base_frame, config, now_s
        self._capture = node.create_client(CaptureScene, '/mt3/capture_scene', callback_group=group)
        self._retrieve = node.create_client(RetrieveDemo, '/mt3/retrieve', callback_group=group)

    def capture(self, stop: StopSignal) -> Capture:
        """Take a scene now; one taken before it was asked for is refused, and one of a camera that was moved."""
        asked = self._now_s()
        try:
            response = self._call(self._capture, CaptureScene.Request(), 'start the perception node', stop)
            status = msg_to_status(response.status)
            if not status.ok:
                return Capture(status)
            scene = msg_to_scene(response.scene)
        except MT3Error as error:
            return Capture(error.status)
        if scene.base_frame != self._base_frame:
            return Capture(
                Status(
                    StatusCode.CALIBRATION,
                    f"the scene is in frame {scene.base_frame!r}, the arm's base is {self._base_frame!r}: give "
                    'perception the same base_frame, and a camera pose in TF',
                )
            )
        if not scene.calibration.ok:
            return Capture(scene.calibration)
        age, limit = asked - scene.stamp_s, self._config.scene_max_age_s
        if age > limit:
            return Capture(
                Status(
                    StatusCode.STALE_SCENE,
                    f'the scene was taken {age:.1f} s before it was asked for (limit {limit:g} s); is the camera '
                    'running, and do its stamps come from the same clock?',
                )
            )
        return Capture(Status(), scene, response.scene)

    def retrieve(
        self, task: str, demonstration_id: str, capture: Capture, stop: StopSignal, object_id: int = 0
    ) -> Retrieved:
        """Ask which demonstration, on which object, aligned how."""
        request = RetrieveDemo.Request(
            task=task,
            use_given_scene=True,
            scene=capture.raw,
            demonstration_id=demonstration_id,
            object_id=object_id,
            robot=self._robot,
        )
        try:
            response = self._call(self._retrieve, request, 'start the retrieval node', stop)
            return self._read(response, capture)
        except MT3Error as error:
            return Retrieved(error.status)

    def _read(self, response: RetrieveDemo.Response, capture: Capture) -> Retrieved:
        status = msg_to_status(response.status)
        common = {
            'demonstration_id': response.demonstration.id,
            'task': response.demonstration.task,
            'object_id': int(response.object_id),
            'alignment': response.alignment,
            'overlay_png': bytes(response.overlay.data),
            'timings_s': {t.name: float(t.seconds) for t in response.timings},
            'others': _others(response),
        }
        if not status.ok:
            return Retrieved(status, **common)
        poses = [response.bottleneck, *response.alternative_bottlenecks]
        frames = {p.header.frame_id for p in poses}
        if frames != {capture.scene.base_frame}:
            raise MT3Error(
                f'retrieval answered in frame {sorted(frames)}, the scene is in {capture.scene.base_frame!r}',
                StatusCode.INVALID_INPUT,
            )
        return Retrieved(
            status,
            T_base_bottleneck=np.stack([pose_to_matrix(p.pose) for p in poses]),
            interaction=msg_to_interaction(response.demonstration.interaction),
            stretch=_stretch(response.alignment),
            target_mask=compressed_to_grey(response.target_mask) if response.target_mask.data else None,
            **common,
        )

    def _call(self, client: Any, request: Any, advice: str, stop: StopSignal) -> Any:
        config = self._config
        return call_service(
            client,
            request,
            wait_s=config.service_wait_s,
            timeout_s=config.service_timeout_s,
            repeat_s=0.5 * config.service_timeout_s,  # looking and asking change nothing
            advice=advice,
            stopped=lambda: stop.status if stop.is_set() else None,
        )


def _stretch(alignment: Alignment) -> np.ndarray | None:
    """Return live over demo size (3, 3) in the base frame here; None when the message holds none."""
    scale = np.array([alignment.scale.x, alignment.scale.y, alignment.scale.z])
    if not (np.isfinite(scale) & (scale > 0.0)).all():
        return None
    R_live_demo = transform_to_matrix(alignment.transform)[:3, :3]
    return R_live_demo @ np.diag(scale) @ R_live_demo.T


def _others(response: RetrieveDemo.Response) -> tuple[tuple[str, int], ...]:
    """Return the aligned candidates after the chosen one whose words fit as well."""
    aligned = [c for c in response.candidates if np.isfinite(c.alignment_score)]
    if not aligned:
        return ()
    best = aligned[0].language_score
    return tuple((c.demonstration_id, int(c.object_id)) for c in aligned[1:] if c.language_score >= best - 0.02)
