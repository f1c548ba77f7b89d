"""Films a compressed image topic into an MP4 that every browser plays."""

import threading
from fractions import Fraction
from pathlib import Path

import av
import cv2
import numpy as np
from rclpy.node import Node
from rclpy.qos import qos_profile_sensor_data
from sensor_msgs.msg import CompressedImage

__all__ = ['Camcorder']

_TIME_BASE = Fraction(1, 1000)


class Camcorder:
    """Keeps the pictures of one topic between `start` and `save`; nothing is decoded meanwhile.

    Encoding waits until the arm has stopped, so that filming takes no time from planning.
    """

    def __init__(self, node: Node, topic: str) -> None:
        self._lock = threading.Lock()
        self._frames: list[tuple[float, bytes]] | None = None
        self._last: bytes | None = None
        self._subscription = node.create_subscription(CompressedImage, topic, self._keep, qos_profile_sensor_data)

    def _keep(self, message: CompressedImage) -> None:
        stamp_s = message.header.stamp.sec + 1e-9 * message.header.stamp.nanosec
        picture = bytes(message.data)
        with self._lock:
            self._last = picture
            if self._frames is not None:
                self._frames.append((stamp_s, picture))

    def start(self) -> None:
        """Begin a new film."""
        with self._lock:
            self._frames = []

    def last(self) -> np.ndarray | None:
        """Return the newest picture (H, W, 3) uint8 bgr, None before the first."""
        with self._lock:
            picture = self._last
        return None if picture is None else cv2.imdecode(np.frombuffer(picture, np.uint8), cv2.IMREAD_COLOR)

    def save(self, path: Path) -> Path | None:
        """End the film and write it; None when no picture came."""
        with self._lock:
            frames, self._frames = self._frames or [], None
        frames = _increasing(frames)
        if len(frames) < 2:
            return None
        _encode(frames, path)
        return path


def _increasing(frames: list[tuple[float, bytes]]) -> list[tuple[float, bytes]]:
    """Drop what does not come later than its predecessor by at least a millisecond (the film's time base)."""
    kept: list[tuple[float, bytes]] = []
    for stamp_s, picture in frames:
        if not kept or stamp_s >= kept[-1][0] + 0.001:
            kept.append((stamp_s, picture))
    return kept


def _encode(frames: list[tuple[float, bytes]], path: Path) -> None:
    first = cv2.imdecode(np.frombuffer(frames[0][1], np.uint8), cv2.IMREAD_COLOR)
    height, width = (size // 2 * 2 for size in first.shape[:2])  # yuv420p needs even sizes
    with av.open(str(path), 'w', options={'movflags': '+faststart'}) as container:
        stream = container.add_stream('libx264', rate=30, options={'crf': '26', 'preset': 'veryfast'})
        stream.width, stream.height, stream.pix_fmt = width, height, 'yuv420p'
        stream.codec_context.time_base = _TIME_BASE
        for stamp_s, picture in frames:
            image = cv2.imdecode(np.frombuffer(picture, np.uint8), cv2.IMREAD_COLOR)[:height, :width]
            frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(image), format='bgr24')
            frame.pts = round((stamp_s - frames[0][0]) * 1000)
            frame.time_base = _TIME_BASE
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
