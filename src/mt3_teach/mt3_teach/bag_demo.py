"""Reading a bag into time series. Pictures stay in the bag until they are asked for."""

import hashlib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from mt3_common import messages, se3
from mt3_common.bags import BagReader
from mt3_common.errors import MT3Error, StatusCode
from mt3_common.transforms import TransformStore
from mt3_teach.config import TopicsConfig

__all__ = ['BagDemo', 'read_bag', 'read_images']


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
    digest: str = ''

    def event(self, name: str) -> float | None:
        """Return the time of the last mark of this name [s], or None."""
        return next((at for at, what, _ in reversed(self.events) if what == name), None)


def read_bag(path: str | Path, topics: TopicsConfig | None = None) -> BagDemo:
    """Read everything but the pixels.

    Raises:
        MT3Error: STORAGE, no bag or a damaged one; NO_DATA, needed topics are missing (named).
    """
    topics = topics or TopicsConfig()
    with BagReader(path) as bag:
        present = bag.topics
        needed = [topics.color, topics.depth, topics.camera_info]
        missing = [topic for topic in needed if topic not in present]
        if topics.tf not in present and topics.joint_states not in present:
            missing.append(f'{topics.tf} or {topics.joint_states}')
        if topics.tf_static not in present and topics.tf not in present:
            missing.append(topics.tf_static)
        if missing:
            raise MT3Error(
                f'the bag {bag.path} lacks {", ".join(missing)}; it holds {", ".join(sorted(present)) or "nothing"}. '
                'Record these topics, or name the ones you have in the topics settings',
                StatusCode.NO_DATA,
            )
        demo = BagDemo(bag.path, bag.custom_data)
        joints: list[tuple[float, dict[str, float], dict[str, float]]] = []
        stamps: dict[str, list[float]] = {topics.color: [], topics.depth: []}
        digest = hashlib.sha256()
        wanted = [topic for topic in topics.types() if topic in present]
        infos: list[np.ndarray] = []
        transforms: list[tuple[bool, Any]] = []
        for connection, stamp_ns, data in bag.raw(wanted):
            topic = connection.topic
            if topic in stamps:
                stamp_s, frame = messages.serialised_header(data)
                stamps[topic].append(stamp_s)
                if topic == topics.depth:
                    demo.camera_frame = frame
                digest.update(data[:64])
                continue
            digest.update(data)
            _take(demo, topics, topic, 1e-9 * stamp_ns, bag.decode(connection, data), joints, infos, transforms)
    demo.color_stamps, demo.depth_stamps = (np.sort(np.array(stamps[t])) for t in (topics.color, topics.depth))
    demo.events.sort(key=lambda event: event[0])
    demo.digest = digest.hexdigest()
    if infos:
        demo.K = infos[0]
        demo.intrinsics_changed = any(np.abs(K - infos[0]).max() > 0.01 for K in infos)
    _series(demo, joints)
    _add_transforms(demo, transforms)
    return demo


def _take(
    demo: BagDemo, topics: TopicsConfig, topic: str, received_s: float, message: Any, joints: list, infos: list,
    transforms: list,
) -> None:
    """Sort one decoded message into the demonstration."""
    if topic == topics.camera_info:
        if len(infos) < 2 or np.any(np.asarray(message.k) != infos[-1].ravel()):
            infos.append(messages.camera_info_to_intrinsics(message, topics.rectified))
    elif topic in (topics.tf, topics.tf_static):
        static = topic == topics.tf_static
        transforms += [(static, item) for item in message.transforms]
    elif topic == topics.joint_states:
        position = dict(zip(message.name, message.position, strict=False))
        effort = dict(zip(message.name, message.effort, strict=False))
        joints.append((messages.stamp_to_seconds(message.header.stamp), position, effort))
    elif topic == topics.events:
        at = messages.stamp_to_seconds(message.stamp)
        demo.events.append((at if at > 0.0 else received_s, message.name, message.text))
    elif topic == topics.robot_description:
        demo.urdf = message.data
    elif topic == topics.robot_description_semantic:
        demo.srdf = message.data


def _add_transforms(demo: BagDemo, transforms: list[tuple[bool, Any]]) -> None:
    """Fill the store; all at once, since a bag holds tens of thousands. Broken ones are left out and counted."""
    if not transforms:
        return
    values = [item.transform for _, item in transforms]
    p = np.array([(v.translation.x, v.translation.y, v.translation.z) for v in values], np.float64)
    q = np.array([(v.rotation.x, v.rotation.y, v.rotation.z, v.rotation.w) for v in values], np.float64)
    good = np.isfinite(p).all(axis=1) & (np.abs(np.linalg.norm(q, axis=1) - 1.0) < 0.01)
    demo.bad_transforms = int(np.count_nonzero(~good))
    matrices = iter(se3.from_position_quaternion(p[good], q[good]))
    for (static, item), usable in zip(transforms, good, strict=True):
        if usable:
            stamp_s = messages.stamp_to_seconds(item.header.stamp)
            demo.transforms.add(item.header.frame_id, item.child_frame_id, stamp_s, next(matrices), static)


def _series(demo: BagDemo, joints: list[tuple[float, dict[str, float], dict[str, float]]]) -> None:
    """Joint messages as arrays: sorted, one row per stamp. Arm and gripper may come in separate messages."""
    rows: dict[float, tuple[dict[str, float], dict[str, float]]] = {}
    for at, position, effort in joints:
        old = rows.setdefault(at, ({}, {}))
        old[0].update(position)
        old[1].update(effort)
    times = sorted(rows)
    demo.joint_times = np.array(times)
    for index, target in ((0, demo.joints), (1, demo.efforts)):
        for name in sorted({name for at in times for name in rows[at][index]}):
            target[name] = np.array([rows[at][index].get(name, np.nan) for at in times], np.float64)


def read_images(path: Path, topics: TopicsConfig, wanted: dict[str, list[float]]) -> dict[str, dict[float, np.ndarray]]:
    """Decode some images of a bag.

    Args:
        path: The bag.
        topics: Tells colour and depth.
        wanted: {topic: stamps [s]} as `BagDemo` lists them.

    Returns:
        {topic: {stamp: rgb (H, W, 3) uint8 or depth (H, W) float32 metres}}.

    Raises:
        MT3Error: STORAGE, the bag is damaged there; INVALID_INPUT, an encoding that nobody here reads.
    """
    found: dict[str, dict[float, np.ndarray]] = {topic: {} for topic in wanted}
    with BagReader(path) as bag:
        for connection, _, data in bag.raw(list(wanted)):
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
            if all(len(found[t]) == len(set(wanted[t])) for t in wanted):
                break
    return found

