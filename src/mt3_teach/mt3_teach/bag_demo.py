"""Reading a bag into time series. Pictures stay in the bag until they are asked for."""

import hashlib
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np

from mt3_common import messages
from mt3_common.bags import BagReader
from mt3_common.errors import MT3Error, StatusCode
from mt3_common.transforms import TransformStore
from mt3_teach.config import TopicsConfig
from mt3_teach.gripper_topic import gripper_reading, is_command
from mt3_teach.series import Series

__all__ = ['BagDemo', 'read_bag', 'read_images']

# of a picture: its header, with a frame of up to that many letters; and what tells it from another for provenance
_HEAD_BYTES, _DIGEST_BYTES = 512, 64
Images = dict[str, dict[float, np.ndarray]]


@dataclass
class BagDemo:
    """What a bag holds of a demonstration. Times are acquisition stamps [s], not the times of recording.

    Attributes:
        path: The bag.
        custom_data: Text pairs of its metadata; `task` and `robot` when recorded by mt3_teach.
        color_stamps, depth_stamps: (K,) of the images [s].
        camera_frame: Optical frame of the depth images.
        K: (3, 3) [pixel].
        intrinsics_changed: camera_info changed during the recording.
        transforms: All of /tf and /tf_static.
        joint_times: (M,) [s].
        joints: {joint: positions (M,)}, NaN where a message lacked it.
        efforts: {joint: efforts (M,)}, likewise.
        events: [(time [s], name, text)], in order.
        urdf, srdf: Empty when not recorded.
        bad_transforms: How many transforms were not rigid and were left out.
        received_ns: {image topic: {stamp [s]: when it was recorded [ns]}}.
        gripper: Of a topic of its own: times (G,) [s] and driver positions (G,); None: look at the joints.
        gripper_commanded: Those are commands rather than measurements.
        digest: sha256 over the serialised messages that were read, for provenance.
    """

    path: Path
    custom_data: dict[str, str] = field(default_factory=dict)
    color_stamps: np.ndarray = field(default_factory=lambda: np.zeros(0))
    depth_stamps: np.ndarray = field(default_factory=lambda: np.zeros(0))
    camera_frame: str = ''
    K: np.ndarray | None = None
    intrinsics_changed: bool = False
    transforms: TransformStore = field(default_factory=lambda: TransformStore(keep_s=None))
    joint_times: np.ndarray = field(default_factory=lambda: np.zeros(0))
    joints: dict[str, np.ndarray] = field(default_factory=dict)
    efforts: dict[str, np.ndarray] = field(default_factory=dict)
    events: list[tuple[float, str, str]] = field(default_factory=list)
    urdf: str = ''
    srdf: str = ''
    bad_transforms: int = 0
    received_ns: dict[str, dict[float, int]] = field(default_factory=dict)
    gripper: tuple[np.ndarray, np.ndarray] | None = None
    gripper_commanded: bool = False
    digest: str = ''

    def event(self, name: str) -> float | None:
        """Return the time of the last mark of this name [s], or None."""
        return next((at for at, what, _ in reversed(self.events) if what == name), None)

    def between(self, begin_s: float, end_s: float) -> 'BagDemo':
        """Return the same without images and marks outside of a span of time [s]; motions stay whole."""
        return replace(
            self,
            color_stamps=self.color_stamps[(self.color_stamps >= begin_s) & (self.color_stamps <= end_s)],
            depth_stamps=self.depth_stamps[(self.depth_stamps >= begin_s) & (self.depth_stamps <= end_s)],
            events=[event for event in self.events if begin_s <= event[0] <= end_s],
        )


def read_bag(source: str | Path | BagReader, topics: TopicsConfig | None = None) -> BagDemo:
    """Read everything but the pixels.

    Args:
        source: The bag's folder, or the bag opened: whoever also wants pictures opens it once.
        topics: Which topics hold what.

    Raises:
        MT3Error: STORAGE, no bag or a damaged one; NO_DATA, needed topics are missing (named).
    """
    if not isinstance(source, BagReader):
        with BagReader(source) as bag:
            return read_bag(bag, topics)
    bag, topics = source, topics or TopicsConfig()
    _check_topics(bag, topics)
    demo, series = BagDemo(bag.path, bag.custom_data), Series()
    stamps: dict[str, dict[float, int]] = {topics.color: {}, topics.depth: {}}
    digest = hashlib.sha256()
    wanted = [topic for topic in (*topics.types(), topics.gripper) if topic in bag.topics]
    for connection, stamp_ns, data in bag.raw(wanted, heads=dict.fromkeys(stamps, _HEAD_BYTES)):
        topic = connection.topic
        if topic in stamps:
            stamp_s, frame = messages.serialised_header(data)
            stamps[topic].setdefault(stamp_s, stamp_ns)
            if topic == topics.depth:
                demo.camera_frame = frame
            digest.update(data[:_DIGEST_BYTES])
            continue
        digest.update(data)
        _take(demo, topics, connection, stamp_ns, data, bag, series)
    demo.received_ns = stamps
    demo.color_stamps, demo.depth_stamps = (np.sort(np.array([*stamps[t]])) for t in (topics.color, topics.depth))
    demo.events.sort(key=lambda event: event[0])
    demo.digest = digest.hexdigest()
    if series.intrinsics:
        demo.K = series.intrinsics[0]
        demo.intrinsics_changed = any(np.abs(K - demo.K).max() > 0.01 for K in series.intrinsics)
    series.fill_joints(demo)
    series.fill_transforms(demo)
    if series.gripper:
        times, values = zip(*sorted(series.gripper), strict=True)
        demo.gripper = (np.array(times), np.array(values))
    return demo


def _check_topics(bag: BagReader, topics: TopicsConfig) -> None:
    present = bag.topics
    missing = [topic for topic in (topics.color, topics.depth, topics.camera_info) if topic not in present]
    if topics.tf not in present and topics.joint_states not in present:
        missing.append(f'{topics.tf} or {topics.joint_states}')
    if topics.tf_static not in present and topics.tf not in present:
        missing.append(topics.tf_static)
    if topics.gripper and topics.gripper not in present:
        missing.append(topics.gripper)
    if missing:
        raise MT3Error(
            f'the bag {bag.path} lacks {", ".join(missing)}; it holds {", ".join(sorted(present)) or "nothing"}. '
            'Record these topics, or name the ones you have in the topics settings',
            StatusCode.NO_DATA,
        )


def _take(
    demo: BagDemo, topics: TopicsConfig, connection: Any, stamp_ns: int, data: bytes, bag: BagReader, series: Series
) -> None:
    """Sort one message into the demonstration."""
    topic = connection.topic
    if topic == topics.camera_info:
        series.take_intrinsics(data, lambda: bag.decode(connection, data), topics.rectified)
    elif topic in (topics.tf, topics.tf_static):
        series.take_transforms(topic == topics.tf_static, data, lambda: bag.decode(connection, data))
    elif topic in (topics.joint_states, topics.gripper):
        if connection.msgtype == 'sensor_msgs/msg/JointState':
            series.take_joints(data, lambda: bag.decode(connection, data))
        else:
            series.gripper.append(gripper_reading(bag.decode(connection, data), 1e-9 * stamp_ns, topic))
            demo.gripper_commanded = is_command(connection.msgtype)
    elif topic == topics.events:
        message = bag.decode(connection, data)
        at = messages.stamp_to_seconds(message.stamp)
        demo.events.append((at if at > 0.0 else 1e-9 * stamp_ns, message.name, message.text))
    elif topic == topics.robot_description:
        demo.urdf = bag.decode(connection, data).data
    elif topic == topics.robot_description_semantic:
        demo.srdf = bag.decode(connection, data).data


def read_images(bag: BagReader, demo: BagDemo, topics: TopicsConfig, wanted: dict[str, list[float]]) -> Images:
    """Decode some images of a bag; its index leads to them.

    Args:
        bag: Open.
        demo: What `read_bag` made of it.
        topics: Tells colour and depth.
        wanted: {topic: stamps [s]} as `BagDemo` lists them.

    Returns:
        {topic: {stamp: rgb (H, W, 3) uint8 or depth (H, W) float32 metres}}.

    Raises:
        MT3Error: STORAGE, the bag is damaged there; INVALID_INPUT, an encoding that nobody here reads.
    """
    found: Images = {topic: {} for topic in wanted}
    received = [demo.received_ns[topic][stamp] for topic, stamps in wanted.items() for stamp in stamps]
    for connection, _, data in bag.raw(list(wanted), min(received), max(received) + 1):
        stamp_s, _ = messages.serialised_header(data)
        topic = connection.topic
        if stamp_s not in wanted[topic] or stamp_s in found[topic]:
            continue
        message = bag.decode(connection, data)
        compressed = connection.msgtype.endswith('CompressedImage')
        if topic == topics.depth:
            pixels = messages.compressed_to_depth(message) if compressed else messages.image_to_depth(message)
        else:
            pixels = messages.compressed_to_rgb(message) if compressed else messages.image_to_rgb(message)
        found[topic][stamp_s] = pixels
    return found
