"""Perception and retrieval in process: a picture of the cell with the camera's noise, segmented, and the library."""

import functools
from dataclasses import replace

import numpy as np

from mt3_common.errors import MT3Error, Status
from mt3_common.scene import Scene
from mt3_executor.ports import Capture, Retrieved, StopSignal
from mt3_perception.config import PerceptionConfig
from mt3_perception.observer import Frame, Observer
from mt3_perception.robot.model import RobotShapes
from mt3_perception.robot.removal import RobotInView
from mt3_retrieval.overlay import overlay_png
from mt3_retrieval.retrieval import Retriever
from mt3_sim.bench.answers import Choice
from mt3_sim.cell import Cell
from mt3_sim.depth_noise import add_noise
from mt3_sim.rendering import Picture, Renderer, intrinsics
from mt3_sim.robot_description import load_description

__all__ = ['Eyes', 'RetrievalSense']


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
        self._config = PerceptionConfig()
        self._observer = Observer(self._config)

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
        return self._observer.observe([frame], camera.T_base_camera, self._robot()).scene

    def _robot(self) -> RobotInView:
        """Return the robot as the perception node knows it, from its description and joint states."""
        robot, joints = self._cell.world.robot, self._cell.world.joint_state()
        positions = dict(zip(joints.names, joints.position, strict=True))
        return RobotInView(_shapes(robot.name, robot.base_frame), positions, self._config.robot.padding_m)


@functools.lru_cache(maxsize=4)
def _shapes(robot: str, base_frame: str) -> RobotShapes:
    return RobotShapes(load_description(robot).urdf, base_frame)


class RetrievalSense:
    """Implements `mt3_executor.ports.SensePort`.

    Args:
        eyes: Perception.
        retriever: The library.
        choose: Makes the answer of what was retrieved.
        robot: Only its demonstrations.
        tags: Only demonstrations that carry all of these.
        forced: Identifier of the only demonstration that may be used, empty: any.
        overlay: Draw the picture of each answer.
    """

    def __init__(
        self,
        eyes: Eyes,
        retriever: Retriever,
        choose: Choice,
        robot: str,
        tags: tuple[str, ...] = (),
        forced: str = '',
        overlay: bool = False,
    ) -> None:
        self._eyes, self._retriever, self._choose = eyes, retriever, choose
        self._robot, self._tags, self._forced = robot, tags, forced
        self._overlay = overlay

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
            demonstration_id=self._forced or demonstration_id or None,
            object_id=object_id or None,
            robot=self._robot,
            simulated=True,
            tags=self._tags,
        )
        answer = self._choose(capture.scene, retrieval)
        return replace(answer, overlay_png=overlay_png(retrieval, capture.scene)) if self._overlay else answer
