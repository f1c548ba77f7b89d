"""Perception and retrieval in process: a picture of the cell with the camera's noise, segmented, and the library."""

from collections.abc import Callable

import numpy as np

from mt3_common import se3
from mt3_common.errors import MT3Error, Status, StatusCode
from mt3_common.scene import Scene
from mt3_executor.ports import Capture, Retrieved, StopSignal
from mt3_perception.config import PerceptionConfig
from mt3_perception.observer import Frame, Observer
from mt3_retrieval.result import Retrieval
from mt3_retrieval.retrieval import Retriever
from mt3_sim.cell import Cell
from mt3_sim.depth_noise import add_noise
from mt3_sim.rendering import Picture, Renderer, intrinsics

__all__ = ['Choice', 'Eyes', 'RetrievalSense', 'as_retrieved', 'true_alignment']

Choice = Callable[[Scene, Retrieval], Retrieved]
"""What makes an answer of a retrieval: the method under test."""

_SAME_WORDS = 0.02  # candidates whose language score is this near to the best fit the task as well


class Eyes:
    """The depth camera and the perception behind it.

    Args:
        cell: What is looked at.
        renderer: Of this thread.
        seed: Of the depth noise.
    """

    def __init__(self, cell: Cell, renderer: Renderer, seed: int) -> None:
        self._cell, self._renderer = cell, renderer
        self._rng = np.random.default_rng(seed)
        self._observer = Observer(PerceptionConfig())

    def picture(self) -> tuple[Picture, np.ndarray]:
        """Return a picture without noise, and its depth as the sensor tells it (H, W) float32 [m], NaN unknown."""
        picture = self._renderer.picture(self._cell.snapshot())
        millimetres = add_noise(picture.depth_m, picture.camera.focal, self._rng, picture.camera.noise)
        depth = np.where(millimetres > 0, millimetres * np.float32(0.001), np.nan).astype(np.float32)
        return picture, depth

    def look(self) -> Scene:
        """Return the scene as perception sees it.

        Raises:
            MT3Error: With perception's status.
        """
        picture, depth = self.picture()
        camera = picture.camera
        frame = Frame(picture.time, 'camera_color_optical_frame', picture.rgb, depth, intrinsics(camera))
        return self._observer.observe([frame], camera.T_base_camera).scene


class RetrievalSense:
    """Implements `mt3_executor.ports.SensePort`.

    Args:
        eyes: Perception.
        retriever: The library.
        choose: Makes the answer of what was retrieved.
        robot: Only its demonstrations.
    """

    def __init__(self, eyes: Eyes, retriever: Retriever, choose: Choice, robot: str) -> None:
        self._eyes, self._retriever, self._choose, self._robot = eyes, retriever, choose, robot

    def capture(self, stop: StopSignal) -> Capture:
        """Take a scene now."""
        try:
            scene = self._eyes.look()
        except MT3Error as error:
            return Capture(error.status)
        return Capture(Status(), scene, scene)

    def retrieve(
        self, task: str, demonstration_id: str, capture: Capture, stop: StopSignal, object_id: int = 0
    ) -> Retrieved:
        """Ask the library."""
        retrieval = self._retriever.retrieve(
            task,
            capture.scene,
            demonstration_id=demonstration_id or None,
            object_id=object_id or None,
            robot=self._robot,
            simulated=True,
        )
        return self._choose(capture.scene, retrieval)


def as_retrieved(scene: Scene, retrieval: Retrieval) -> Retrieved:
    """Return the answer as it is: the method itself."""
    demo, item = retrieval.demo, retrieval.object
    aligned = [c for c in retrieval.candidates if c.alignment is not None]
    others = [c for c in aligned[1:] if c.language >= aligned[0].language - _SAME_WORDS]
    common = {
        'demonstration_id': demo.id if demo is not None else '',
        'task': demo.task if demo is not None else retrieval.task,
        'object_id': item.id if item is not None else 0,
        'alignment': retrieval.alignment,
        'timings_s': retrieval.timing_s,
        'others': tuple((c.demonstration_id, c.object_id) for c in others),
    }
    if not retrieval.status.ok:
        return Retrieved(retrieval.status, **common)
    poses = np.stack([retrieval.T_base_bottleneck, *retrieval.alternative_bottlenecks])
    return Retrieved(retrieval.status, T_base_bottleneck=poses, interaction=demo.interaction, **common)


def true_alignment(T_base_target: Callable[[], np.ndarray], target_of: dict[str, np.ndarray]) -> Choice:
    """Return the upper bound: the right demonstration, moved by the true motion of the target.

    Args:
        T_base_target: Tells the true pose of the target now (4, 4) [m].
        target_of: By demonstration id, the true pose of its target (4, 4) [m].
    """

    def choose(scene: Scene, retrieval: Retrieval) -> Retrieved:
        demo = retrieval.demo
        if demo is None or demo.id not in target_of:
            return Retrieved(Status(StatusCode.NO_DEMONSTRATION, f'nothing was taught for {retrieval.task!r}'))
        T_live_demo = T_base_target() @ se3.inverse(target_of[demo.id])
        at = T_base_target()[:3, 3]
        near = [float(np.linalg.norm(o.points - at, axis=1).min()) for o in scene.objects]
        return Retrieved(
            Status(),
            demo.id,
            demo.task,
            scene.objects[int(np.argmin(near))].id if near else 0,
            (T_live_demo @ demo.T_base_bottleneck)[None],
            demo.interaction,
        )

    return choose
