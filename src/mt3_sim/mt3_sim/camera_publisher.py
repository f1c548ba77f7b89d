"""The depth camera's driver, and the view for videos. Drawing happens in its own thread; physics never waits for it."""

from collections.abc import Callable
from concurrent.futures import Future
from typing import Any

import numpy as np
from rclpy.node import Node
from sensor_msgs.msg import CameraInfo, CompressedImage, Image

from mt3_common.conversions import (
    depth_to_image,
    header,
    intrinsics_to_camera_info,
    rgb_to_compressed,
    rgb_to_image,
)
from mt3_sim.cell import Cell
from mt3_sim.config import CellConfig
from mt3_sim.depth_noise import add_noise
from mt3_sim.rendering import Renderer, RenderThread, intrinsics
from mt3_sim.world import Snapshot

__all__ = ['CameraPublisher']


class CameraPublisher:
    """Takes and publishes pictures.

    Args:
        stamp_s: Returns the ROS time [s] of a time of the world.
    """

    def __init__(self, node: Node, cell: Cell, config: CellConfig, stamp_s: Callable[[float], float]) -> None:
        self._node, self._cell, self._config, self._stamp_s = node, cell, config, stamp_s
        self._rng = np.random.default_rng()
        self._thread = RenderThread()
        self._pending: dict[str, Future] = {}
        topic = config.camera_topic
        qos = 5  # reliable, as camera drivers publish: it serves reliable and best-effort subscribers alike
        self._color = node.create_publisher(Image, f'{topic}/color/image_raw', qos)
        self._color_info = node.create_publisher(CameraInfo, f'{topic}/color/camera_info', qos)
        self._depth = node.create_publisher(Image, f'{topic}/aligned_depth_to_color/image_raw', qos)
        self._info = node.create_publisher(CameraInfo, f'{topic}/aligned_depth_to_color/camera_info', qos)
        self._spectator = node.create_publisher(CompressedImage, '/sim/spectator/image_raw/compressed', qos)

    def start(self) -> None:
        """Make sure that drawing works at all.

        Raises:
            MT3Error: With code HARDWARE, no graphics.
        """
        snapshot = self._cell.snapshot()
        self._thread.submit(lambda renderer: renderer.picture(snapshot)).result()

    def seed(self, seed: int) -> None:
        """Start the noise anew."""
        self._rng = np.random.default_rng(seed)

    def take(self) -> None:
        """Take a picture of this instant, unless the last one is still being drawn."""
        self._submit('camera', self._publish)

    def take_spectator(self) -> None:
        """Take a picture for the video, unless nobody looks or the last one is still being drawn."""
        if self._spectator.get_subscription_count():
            self._submit('spectator', self._publish_spectator)

    def drain(self) -> None:
        """Wait until what is being drawn has been published."""
        for future in list(self._pending.values()):
            future.exception()

    def close(self) -> None:
        """End the drawing thread."""
        self._thread.close()

    def _submit(self, name: str, job: Callable[[Renderer, Snapshot], None]) -> None:
        pending = self._pending.get(name)
        if pending is not None and not pending.done():
            return
        snapshot = self._cell.snapshot()
        future = self._thread.submit(lambda renderer: job(renderer, snapshot))
        future.add_done_callback(self._report)
        self._pending[name] = future

    def _publish(self, renderer: Renderer, snapshot: Snapshot) -> None:
        picture, camera = renderer.picture(snapshot), snapshot.camera
        millimetres = add_noise(picture.depth_m, camera.focal, self._rng, camera.noise, self._config.depth_noise)
        head = header(self._config.camera_frame, self._stamp_s(snapshot.time))
        info = intrinsics_to_camera_info(intrinsics(camera), camera.width, camera.height, head)
        self._color.publish(rgb_to_image(picture.rgb, head))
        self._color_info.publish(info)
        self._depth.publish(depth_to_image(millimetres * np.float32(0.001), head))
        self._info.publish(info)

    def _publish_spectator(self, renderer: Renderer, snapshot: Snapshot) -> None:
        config = self._config
        rgb = renderer.spectator(
            snapshot, config.spectator_width, config.spectator_height, shadows=config.spectator_shadows
        )
        head = header('', self._stamp_s(snapshot.time))
        self._spectator.publish(rgb_to_compressed(rgb, head, 'jpeg'))

    def _report(self, future: Any) -> None:
        error = future.exception()
        if error is not None:
            self._node.get_logger().error(f'no picture: {error}')
