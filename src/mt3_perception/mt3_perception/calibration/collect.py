"""Pictures of the board and the poses of the arm when they were taken; from a bag, or one by one."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from mt3_common import se3
from mt3_common.bags import BagReader
from mt3_common.errors import MT3Error, StatusCode
from mt3_common.messages import compressed_to_rgb, image_to_rgb, stamp_to_seconds, transform_to_matrix
from mt3_common.transforms import TransformStore
from mt3_perception.calibration.board import CharucoBoard
from mt3_perception.calibration.hand_eye import Sample
from mt3_perception.camera_model import CameraModel, read_camera_info
from mt3_perception.config import PerceptionConfig

__all__ = ['Collection', 'collect_bag', 'take_transforms']

_STILL_S = 0.15  # before and after a picture the hand must have stood
_STILL_M, _STILL_RAD = 0.001, 0.003
_NEW_M, _NEW_RAD = 0.02, 0.05  # a pose that differs by less from an earlier one adds nothing


@dataclass
class Collection:
    """What was collected.

    Attributes:
        base_frame, hand_frame: Of the robot.
        transforms: All that was heard of frames.
        camera: None until a camera_info came.
        optical_frame: Of the pictures.
        samples: One per pose.
        skipped: {reason: pictures}.
    """

    base_frame: str
    hand_frame: str
    transforms: TransformStore = field(default_factory=lambda: TransformStore(None, tolerance_s=0.05))
    camera: CameraModel | None = None
    optical_frame: str = ''
    samples: list[Sample] = field(default_factory=list)
    skipped: dict[str, int] = field(default_factory=dict)

    def take_picture(self, message: Any, board: CharucoBoard) -> str:
        """Take one Image or CompressedImage; return why it was not used, empty if it was."""
        stamp_s = stamp_to_seconds(message.header.stamp)
        try:
            T_base_hand = self._standing(stamp_s)
            reason = 'the arm moved' if T_base_hand is None else ''
        except MT3Error as error:
            reason = (
                f'the pose of {self.hand_frame} is not known: {error}' if not self.samples else 'no pose of the arm'
            )
        if not reason and any(_alike(s.T_base_hand, T_base_hand) for s in self.samples):
            reason = 'a pose that was there already'
        if not reason:
            rgb = image_to_rgb(message) if hasattr(message, 'encoding') else compressed_to_rgb(message)
            view = board.find(rgb)
            if view is None:
                reason = 'the board is not seen, or too little of it'
            else:
                self.optical_frame = message.header.frame_id
                self.samples.append(Sample(T_base_hand, view))
        if reason:
            self.skipped[reason] = self.skipped.get(reason, 0) + 1
        return reason

    def _standing(self, stamp_s: float) -> np.ndarray | None:
        """T_base_hand (4, 4) when a picture was taken; None when the hand was moving."""
        times = stamp_s + np.array([-_STILL_S, 0.0, _STILL_S])
        first, last = self.transforms.span(self.base_frame, self.hand_frame)
        path = self.transforms.path(self.base_frame, self.hand_frame, np.clip(times, first, last))
        for other in (path[0], path[2]):
            distance, angle = se3.pose_error(path[1], other)
            if distance > _STILL_M or angle > _STILL_RAD:
                return None
        return self.transforms.lookup(self.base_frame, self.hand_frame, stamp_s)


def _alike(T_1: np.ndarray, T_2: np.ndarray) -> bool:
    distance, angle = se3.pose_error(T_1, T_2)
    return distance < _NEW_M and angle < _NEW_RAD


def take_transforms(store: TransformStore, message: Any, static: bool) -> None:
    """Take a tf2_msgs/TFMessage."""
    for item in message.transforms:
        store.add(
            item.header.frame_id,
            item.child_frame_id,
            stamp_to_seconds(item.header.stamp),
            transform_to_matrix(item.transform),
            static,
        )


def collect_bag(
    path: Path, config: PerceptionConfig, base_frame: str, hand_frame: str, board: CharucoBoard
) -> Collection:
    """Return what a bag shows: one picture of each pose in which the arm stood still.

    Args:
        path: Of the bag.
        config: Names the topics of the camera.
        base_frame, hand_frame: Of the robot.
        board: That is looked for.

    Raises:
        MT3Error: NO_DATA, a topic is missing; STORAGE, the bag cannot be read.
    """
    found = Collection(base_frame, hand_frame)
    color_topic, info_topic = config.color_topic, config.info_topic
    with BagReader(path) as bag:
        missing = [t for t in (color_topic, info_topic, '/tf') if t not in bag.topics]
        if missing:
            raise MT3Error(
                f'the bag {path} has no {", ".join(missing)}; it has {", ".join(sorted(bag.topics))}',
                StatusCode.NO_DATA,
            )
        for recorded in bag.messages(['/tf', '/tf_static', info_topic]):
            if recorded.topic == info_topic:
                found.camera = found.camera or read_camera_info(recorded.message, config.rectified)
            else:
                take_transforms(found.transforms, recorded.message, recorded.topic == '/tf_static')
        for recorded in bag.messages([color_topic]):
            found.take_picture(recorded.message, board)
    return found
