"""The retrieval node: `/mt3/retrieve`, `/mt3/retrieve_many`, and `/mt3/{list_demos,update_demo,remove_demo}`.

Threads: services run side by side (a multi-threaded executor); library and retriever may be used from several
threads. Scenes come in a callback group of their own, so that a long request does not keep them out. The library
is looked at anew in each request: what another process added is there.
"""

import array
import threading
import time
import traceback
from collections.abc import Callable
from typing import Any

from rclpy.callback_groups import MutuallyExclusiveCallbackGroup, ReentrantCallbackGroup
from rclpy.node import Node
from sensor_msgs.msg import CompressedImage

from mt3_common import conversions
from mt3_common.errors import MT3Error, Status, StatusCode
from mt3_common.executor import InlineGroup
from mt3_common.node_runner import run
from mt3_common.parameters import declare
from mt3_common.scene import Scene
from mt3_common.service_call import call_service
from mt3_interfaces.msg import Candidate as CandidateMessage
from mt3_interfaces.msg import Retrieval as RetrievalMessage
from mt3_interfaces.msg import Scene as SceneMessage
from mt3_interfaces.srv import CaptureScene, ListDemos, RemoveDemo, RetrieveDemo, RetrieveMany, UpdateDemo
from mt3_retrieval.library import DemoLibrary
from mt3_retrieval.node_config import RetrievalNodeConfig
from mt3_retrieval.overlay import overlay_png
from mt3_retrieval.retrieval import Candidate, Retrieval, Retriever

__all__ = ['RetrievalNode', 'main']

_ORIGINS = {
    RetrieveDemo.Request.ORIGIN_LIKE_NODE: None,
    RetrieveDemo.Request.ORIGIN_SIMULATED: True,
    RetrieveDemo.Request.ORIGIN_REAL: False,
}
_CAPTURE_LIMIT_S = 10.0
_MAX_TASKS = 100


class RetrievalNode(Node):
    """Offers a demonstration library over ROS."""

    def __init__(self, **options: Any) -> None:
        super().__init__('retrieval', **options)
        self._config = declare(self, RetrievalNodeConfig)
        self._library = DemoLibrary.open(self._config.library)
        self._retriever = Retriever(self._library, self._config)
        begin = time.monotonic()
        self._retriever.warm_up()
        self._scene: SceneMessage | None = None
        self._lock = threading.Lock()

        group = ReentrantCallbackGroup()
        self.create_subscription(
            SceneMessage, self._config.scene_topic, self._on_scene, 2, callback_group=MutuallyExclusiveCallbackGroup()
        )
        # inline: its answer must come even when all threads of the pool wait for it
        self._capture = self.create_client(CaptureScene, '/mt3/capture_scene', callback_group=InlineGroup())
        for service, name, answer in (
            (RetrieveDemo, '/mt3/retrieve', self._retrieve),
            (RetrieveMany, '/mt3/retrieve_many', self._retrieve_many),
            (ListDemos, '/mt3/list_demos', self._list),
            (UpdateDemo, '/mt3/update_demo', self._update),
            (RemoveDemo, '/mt3/remove_demo', self._remove),
        ):
            self.create_service(service, name, self._never_raising(name, answer), callback_group=group)
        self.get_logger().info(
            f'library {self._library.uri}: {self._library.count()} demonstrations, uses {self._config.origin} ones; '
            f'ready after {time.monotonic() - begin:.1f} s'
        )

    def _never_raising(self, name: str, answer: Callable[[Any, Any], None]) -> Callable[[Any, Any], Any]:
        """Wrap a service so that whatever goes wrong becomes its status."""

        def serve(request: Any, response: Any) -> Any:
            try:
                answer(request, response)
            except MT3Error as error:
                response.status = conversions.status_to_msg(error.status)
            except Exception as error:  # the wire carries statuses only; the trace is logged, nothing is hidden
                self.get_logger().error(f'{name}: {traceback.format_exc()}')
                response.status = conversions.status_to_msg(
                    Status(StatusCode.INTERNAL, f'{name}: {type(error).__name__}: {error}; the log has the trace')
                )
            if response.status.code != int(StatusCode.OK):
                self.get_logger().warning(f'{name}: {conversions.msg_to_status(response.status)}')
            return response

        return serve

    def _on_scene(self, message: SceneMessage) -> None:
        with self._lock:
            self._scene = message

    def _retrieve(self, request: RetrieveDemo.Request, response: RetrieveDemo.Response) -> None:
        begin = time.perf_counter()
        simulated = _origin(request.origin)
        message = request.scene if request.use_given_scene else self._present_scene()
        waited = time.perf_counter() - begin
        scene = conversions.msg_to_scene(message)
        steps = {'scene': waited, 'conversion': time.perf_counter() - begin - waited}
        retrieval = self._retriever.retrieve(
            request.task,
            scene,
            demonstration_id=request.demonstration_id or None,
            object_id=int(request.object_id) or None,
            robot=request.robot or None,
            simulated=simulated,
            tags=list(request.tags),
            max_candidates=int(request.max_candidates) or None,
        )
        if not request.use_given_scene:
            response.scene = message
        self._fill(response, retrieval, scene, self._config.overlay, steps)
        self._tell(retrieval, time.perf_counter() - begin)

    def _retrieve_many(self, request: RetrieveMany.Request, response: RetrieveMany.Response) -> None:
        simulated, tasks = _origin(request.origin), list(request.tasks)
        if not 0 < len(tasks) <= _MAX_TASKS:
            raise MT3Error(f'tasks must hold 1 to {_MAX_TASKS} texts: got {len(tasks)}', StatusCode.INVALID_INPUT)
        message = request.scene if request.use_given_scene else self._present_scene()
        scene = conversions.msg_to_scene(message)
        answers = self._retriever.retrieve_many(
            tasks,
            scene,
            robot=request.robot or None,
            simulated=simulated,
            tags=list(request.tags),
            max_candidates=int(request.max_candidates) or None,
        )
        if not request.use_given_scene:
            response.scene = message
        for answer in answers:
            response.results.append(RetrievalMessage(task=answer.task))
            self._fill(response.results[-1], answer, scene, request.overlays, {})
            self._tell(answer, answer.timing_s.get('total', 0.0))

    def _tell(self, retrieval: Retrieval, seconds: float) -> None:
        """Log an answer."""
        if retrieval.status.ok:
            self.get_logger().info(
                f'{retrieval.task!r} -> {retrieval.demo.task!r} ({retrieval.demo.id[:8]}) on object '
                f'{retrieval.object.id}, confidence {retrieval.alignment.confidence:.2f}, {seconds:.2f} s'
            )

    def _fill(
        self,
        response: RetrieveDemo.Response | RetrievalMessage,
        retrieval: Retrieval,
        scene: Scene,
        overlay: bool,
        timings: dict[str, float],
    ) -> None:
        """Put an answer into a response; `timings` holds the steps before retrieval, in seconds."""
        begin = time.perf_counter()
        response.status = conversions.status_to_msg(retrieval.status)
        response.candidates = [_candidate_to_msg(c) for c in retrieval.candidates]
        if retrieval.demo is not None:
            response.demonstration = conversions.demonstration_to_msg(retrieval.demo, scene.base_frame)
            response.object_id = retrieval.object.id
        if retrieval.T_base_bottleneck is not None:
            response.alignment = conversions.alignment_to_msg(retrieval.alignment)
            response.bottleneck, *response.alternative_bottlenecks = (
                conversions.matrix_to_pose_stamped(T, scene.base_frame, scene.stamp_s)
                for T in (retrieval.T_base_bottleneck, *retrieval.alternative_bottlenecks)
            )
        if retrieval.target_mask is not None:
            head = conversions.header(scene.camera_frame, scene.stamp_s)
            response.target_mask = conversions.grey_to_compressed(retrieval.target_mask, head)
        timings = {**timings, **retrieval.timing_s, 'answer': time.perf_counter() - begin}
        if overlay:
            head = conversions.header(scene.camera_frame, scene.stamp_s)
            png = array.array('B', overlay_png(retrieval, scene))  # bytes would be checked one by one
            response.overlay = CompressedImage(header=head, format='png', data=png)
            timings['overlay'] = time.perf_counter() - begin - timings['answer']
        timings['total'] = sum(seconds for name, seconds in timings.items() if name != 'total')
        response.timings = conversions.timings_to_msg(timings)

    def _present_scene(self) -> SceneMessage:
        """Return the newest published scene if it is fresh, else one that perception takes now.

        Raises:
            MT3Error: NO_DATA, nobody publishes or takes scenes; STALE_SCENE, the published one is older than the limit
                and nobody takes another; TIMEOUT, or the status of whom was asked.
        """
        with self._lock:
            message = self._scene
        try:
            return self._checked_age(message)
        except MT3Error:
            if not self._capture.service_is_ready():
                raise
        again_s = 0.5 * _CAPTURE_LIMIT_S  # looking twice changes nothing
        taken = call_service(
            self._capture, CaptureScene.Request(), wait_s=1.0, timeout_s=_CAPTURE_LIMIT_S, repeat_s=again_s
        )
        status = conversions.msg_to_status(taken.status)
        if not status.ok:
            raise MT3Error(status.message, status.code)
        return taken.scene

    def _checked_age(self, message: SceneMessage | None) -> SceneMessage:
        if message is None:
            raise MT3Error(
                f'no scene has arrived on {self._config.scene_topic}; start the perception node, or give a scene',
                StatusCode.NO_DATA,
            )
        age = self.get_clock().now().nanoseconds * 1e-9 - conversions.stamp_to_seconds(message.header.stamp)
        limit = self._config.max_scene_age_s
        if limit and not -limit <= age <= limit:
            raise MT3Error(
                f'the newest scene on {self._config.scene_topic} is {age:.1f} s old, the limit is {limit:g} s; '
                'capture a new one, and check that all nodes use the same clock',
                StatusCode.STALE_SCENE,
            )
        return message

    def _list(self, request: ListDemos.Request, response: ListDemos.Response) -> None:
        records = self._library.list(request.filter, limit=int(request.limit), with_path=True)
        response.demonstrations = [conversions.demonstration_to_msg(r, self._config.base_frame) for r in records]

    def _update(self, request: UpdateDemo.Request, response: UpdateDemo.Response) -> None:
        demo = self._library.update(
            request.id,
            task=request.task or None,
            notes=request.notes or None,
            tags=list(request.tags) if request.set_tags else None,
        )
        response.demonstration = conversions.demonstration_to_msg(demo, self._config.base_frame)

    def _remove(self, request: RemoveDemo.Request, response: RemoveDemo.Response) -> None:
        self._library.remove(request.id)


def _origin(value: int) -> bool | None:
    """Return whether simulated demonstrations are asked for; None: as configured."""
    if value not in _ORIGINS:
        raise MT3Error(f'origin must be one of {sorted(_ORIGINS)}: got {value}', StatusCode.INVALID_INPUT)
    return _ORIGINS[value]


def _candidate_to_msg(candidate: Candidate) -> CandidateMessage:
    return CandidateMessage(
        demonstration_id=candidate.demonstration_id,
        object_id=candidate.object_id,
        language_score=float(candidate.language),
        geometry_score=float(candidate.geometry),
        alignment_score=float('nan') if candidate.alignment is None else float(candidate.alignment.score),
        reason=candidate.reason,
    )


def main() -> int:
    """Run the node."""
    return run(RetrievalNode)


if __name__ == '__main__':
    main()
