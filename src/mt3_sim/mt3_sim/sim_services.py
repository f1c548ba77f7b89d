"""The services that only a simulation has: set up a task, place its objects anew, judge, and tell the true state."""

from collections.abc import Callable

from rclpy.callback_groups import MutuallyExclusiveCallbackGroup
from rclpy.node import Node

from mt3_common.conversions import matrix_to_pose, status_to_msg
from mt3_common.errors import InvalidInput, MT3Error, Status
from mt3_interfaces.srv import SimJudge, SimRandomise, SimReset, SimState
from mt3_sim import families
from mt3_sim.bench import splits
from mt3_sim.cell import Cell
from mt3_sim.families import TaskScene

__all__ = ['SimServices']


class SimServices:
    """The services, and the task that is set up.

    Args:
        was_reset: Called with the new scene's seed after each reset.
    """

    def __init__(self, node: Node, cell: Cell, was_reset: Callable[[int], None]) -> None:
        self._node, self._cell, self._was_reset = node, cell, was_reset
        self._scene: TaskScene | None = None
        self._seed = 0
        self._distractors = 0
        group = MutuallyExclusiveCallbackGroup()
        self._services = [
            node.create_service(kind, name, callback, callback_group=group)
            for kind, name, callback in (
                (SimReset, '/sim/reset', self._reset),
                (SimRandomise, '/sim/randomise', self._randomise),
                (SimJudge, '/sim/judge', self._judge),
                (SimState, '/sim/state', self._state),
            )
        ]

    def set_up(self, family: str, seed: int, instance: str, instance_seed: int, distractors: int) -> TaskScene:
        """Set up a task; with a split of the suite as the instance, exactly as `mt3 bench` does it in process.

        Raises:
            MT3Error: No such family or instance, or no room for so many distractors.
        """
        if instance in splits.SPLITS:
            scene = splits.get(instance).scene(families.get(family), seed)
        else:
            scene = families.set_up(family, seed, instance or 'taught', instance_seed, distractors)
        self._apply(scene)
        self._seed, self._distractors = seed, distractors
        return scene

    def _apply(self, scene: TaskScene) -> None:
        self._cell.reset(scene.spec)
        self._scene = scene
        self._was_reset(scene.spec.seed)
        self._node.get_logger().info(
            f'set up {scene.family} ({scene.instance}): {", ".join(p.name for p in scene.spec.placements)}'
        )

    def _needed(self) -> TaskScene:
        if self._scene is None:
            raise InvalidInput(f'no task is set up; call /sim/reset with one of {", ".join(families.names())}')
        return self._scene

    def _reset(self, request: SimReset.Request, response: SimReset.Response) -> SimReset.Response:
        try:
            if request.family:
                self.set_up(request.family, request.seed, request.instance, request.instance_seed, request.distractors)
            else:
                self._apply(self._needed())
            response.task = self._scene.task
            response.status = status_to_msg(Status())
        except MT3Error as error:
            response.status = status_to_msg(error.status)
        return response

    def _randomise(self, request: SimRandomise.Request, response: SimRandomise.Response) -> SimRandomise.Response:
        try:
            scene = self._needed()
            self.set_up(scene.family, request.seed, scene.instance, scene.instance_seed, self._distractors)
            response.status = status_to_msg(Status())
        except MT3Error as error:
            response.status = status_to_msg(error.status)
        return response

    def _judge(self, _request: SimJudge.Request, response: SimJudge.Response) -> SimJudge.Response:
        try:
            scene = self._needed()
            with self._cell.lock:
                verdict = families.get(scene.family).judge(self._cell.world, scene)
            response.success, response.reason = bool(verdict.success), verdict.reason
            response.status = status_to_msg(Status())
        except MT3Error as error:
            response.status = status_to_msg(error.status)
        return response

    def _state(self, _request: SimState.Request, response: SimState.Response) -> SimState.Response:
        try:
            scene = self._needed()
            response.family, response.seed, response.distractors = scene.family, self._seed, self._distractors
            response.instance, response.instance_seed = scene.instance, scene.instance_seed
            response.names = [placement.name for placement in scene.spec.placements]
            with self._cell.lock:
                response.poses = [matrix_to_pose(self._cell.world.body_pose(name)) for name in response.names]
            response.status = status_to_msg(Status())
        except MT3Error as error:
            response.status = status_to_msg(error.status)
        return response
