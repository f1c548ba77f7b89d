"""Synthetic bags: a ray-cast table with a box, a tool that goes there, and everything that can go wrong with it.

Needs neither ROS nor a renderer. The tool starts outside of the view, pauses over the box at the bottleneck, goes down,
closes on the box, and lifts.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from rosbags.rosbag2 import StoragePlugin, Writer

from mt3_common import se3
from mt3_common.bags import BagReader, BagRecorder, make_qos
from mt3_common.demonstration import Demonstration, Interaction
from mt3_common.message_types import know_type, new_typestore
from mt3_common.robot import RobotConfig
from mt3_perception.testing import Solid, TableTop, View, look_at
from mt3_teach.config import TopicsConfig

__all__ = ['Script', 'box_view', 'synthetic_demonstration', 'to_sqlite3', 'write_bag']

_EVENT = """builtin_interfaces/Time stamp
string name
string text
"""
BOX = (0.52, 0.05, 0.06)  # where the box stands, and its height [m]
_DOWN = np.diag([1.0, -1.0, -1.0])


@lru_cache(maxsize=4)
def box_view(second: bool = False, scale: int = 1) -> View:
    """Return the view of the table: a box of 8 x 4 x 6 cm at (0.52, 0.05), and a cylinder farther off.

    Args:
        second: Put another box beside it.
        scale: Of the picture, 320 x 240 times so much.
    """
    solids = [Solid('box', BOX[0], BOX[1], (0.08, 0.04, BOX[2]), 0.4)]
    solids.append(Solid('cylinder', 0.45, -0.15, (0.06, 0.06, 0.10), color=(60, 90, 190)))
    if second:
        solids.append(Solid('box', BOX[0] + 0.005, BOX[1] + 0.075, (0.05, 0.04, 0.05), color=(60, 160, 60)))
    return TableTop(tuple(solids)).view(
        look_at((1.15, 0.0, 0.75), (0.5, 0.0, 0.02)), 320 * scale, 240 * scale, 300.0 * scale
    )


@dataclass
class Script:
    """What the synthetic demonstration does; times in seconds from its start.

    Attributes:
        way: (time, (x, y, z)) of the tool, linear between.
        grips: (time, opening before, opening after) of finger motions that take 0.3 s.
        opening: Opening at the start.
        squeeze: (begin, end, effort [N]) spans in which the fingers press.
        events: {name: time}.
        custom_data: Of the bag.
        image_rate, state_rate: [Hz].
        start_s: Of the clock [s].
        drop: Topics that are left out.
        picture_scale: Size of the pictures, 320 x 240 times so much.
        gripper_commands: (time, opening) on the topic /gripper, a std_msgs/Float64 in the driver's unit.
        tamper: Called with (topic, time from start, message); returns the message to write, or None to drop it.
    """

    way: list[tuple[float, tuple[float, float, float]]] = field(
        default_factory=lambda: [
            (0.0, (0.30, -0.35, 0.50)),
            (2.0, (0.30, -0.35, 0.50)),
            (4.0, (BOX[0], BOX[1], 0.14)),
            (4.6, (BOX[0], BOX[1], 0.14)),
            (6.0, (BOX[0], BOX[1], 0.045)),
            (7.0, (BOX[0], BOX[1], 0.045)),
            (8.5, (BOX[0], BOX[1], 0.20)),
            (9.0, (BOX[0], BOX[1], 0.20)),
        ]
    )
    grips: list[tuple[float, float, float]] = field(default_factory=lambda: [(6.2, 1.0, 0.5)])
    opening: float = 1.0
    squeeze: list[tuple[float, float, float]] = field(default_factory=list)
    events: dict[str, float] = field(default_factory=lambda: {'scene': 0.8, 'bottleneck': 4.3, 'end': 8.7})
    custom_data: dict[str, str] = field(
        default_factory=lambda: {'task': 'pick up the box', 'robot': 'panda', 'simulated': 'true'}
    )
    image_rate: float = 5.0
    state_rate: float = 50.0
    start_s: float = 1000.0
    drop: tuple[str, ...] = ()
    tamper: Callable[[str, float, Any], Any] | None = None
    second_object: bool = False
    picture_scale: int = 1
    gripper_commands: list[tuple[float, float]] = field(default_factory=list)

    @classmethod
    def plain(cls, **changes: Any) -> 'Script':
        """Make a bag as `ros2 bag record` makes it: no events, no custom data."""
        return cls(**{'events': {}, 'custom_data': {}, 'drop': ('/mt3/events',), **changes})

    def position(self, at: float) -> np.ndarray:
        """Return the tool's position (3,) [m]."""
        times = [t for t, _ in self.way]
        return np.array([np.interp(at, times, [p[i] for _, p in self.way]) for i in range(3)])

    def opening_at(self, at: float) -> float:
        """Return the measured opening."""
        value = self.opening
        for begin, before, after in self.grips:
            if at >= begin:
                value = before + (after - before) * min((at - begin) / 0.3, 1.0)
        return value


def synthetic_demonstration(rate_hz: float = 25.0) -> Demonstration:
    """Return what an import of the marked script should give, made from its truth: no bag, no rules."""
    script, view = Script(), box_view()
    begin, end = script.events['bottleneck'], script.events['end']
    at = np.append(np.arange(begin, end - 0.5 / rate_hz, 1.0 / rate_hz), end)
    T = np.array([se3.make(_DOWN, script.position(t)) for t in at])
    closes = script.grips[0][0]
    return Demonstration(
        task=script.custom_data['task'],
        robot=script.custom_data['robot'],
        simulated=True,
        skill='pick_up',
        target='box',
        T_base_bottleneck=T[0],
        interaction=Interaction(at - begin, se3.inverse(T[0]) @ T, (at < closes).astype(float), 0.08),
        rgb=view.rgb,
        depth_m=view.depth_m.astype(np.float32),
        mask=view.ids == 1,
        K=view.K,
        T_base_camera=view.T_base_camera,
        support_height_m=0.0,
        provenance={'operator': 'nobody'},
    )


def write_bag(path: Path, script: Script | None = None) -> Path:
    """Write a bag that shows a script, and return its path."""
    script = script or Script()
    topics, robot, view = TopicsConfig(), RobotConfig(), box_view(script.second_object, script.picture_scale)
    store = new_typestore()
    know_type(store, 'mt3_interfaces/msg/Event', _EVENT)
    make = _Messages(store)
    depth_mm = np.nan_to_num(view.depth_m * 1000.0, nan=0.0).round().astype(np.uint16)
    frame = 'camera_color_optical_frame'
    out: list[tuple[float, str, Any]] = []
    mount = make.transform(0.0, robot.base_frame, frame, view.T_base_camera)
    out.append((0.0, topics.tf_static, make.tf([mount])))
    duration = script.way[-1][0]
    rng = np.random.default_rng(0)
    for at in np.arange(0.0, duration + 1e-6, 1.0 / script.image_rate):
        stamp = script.start_s + at
        noisy = depth_mm + np.where(depth_mm > 0, rng.integers(-1, 2, depth_mm.shape), 0).astype(np.uint16)
        out.append((at, topics.color, make.image(stamp, frame, 'rgb8', view.rgb)))
        out.append((at, topics.depth, make.image(stamp, frame, '16UC1', noisy)))
        out.append((at, topics.camera_info, make.info(stamp, frame, view.K, depth_mm.shape)))
    for at in np.arange(0.0, duration + 1e-6, 1.0 / script.state_rate):
        stamp = script.start_s + at
        T = se3.make(_DOWN, script.position(at))
        out.append((at, topics.tf, make.tf([make.transform(stamp, robot.base_frame, robot.tcp_frame, T)])))
        effort = sum(f for begin, end, f in script.squeeze if begin <= at <= end)
        finger = robot.gripper.to_driver(script.opening_at(at))
        out.append((at, topics.joint_states, make.joints(stamp, [robot.gripper.joint], [finger], [-effort])))
    for name, at in script.events.items():
        out.append((at, topics.events, make.event(script.start_s + at, name)))
    for at, opening in script.gripper_commands:
        out.append((at, '/gripper', make.number(robot.gripper.to_driver(opening))))
    out.sort(key=lambda item: item[0])
    with BagRecorder(path, script.custom_data) as bag:
        for topic, kind in topics.types().items():
            if topic in script.drop or kind == 'std_msgs/msg/String':
                continue
            text = _EVENT if topic == topics.events else None
            bag.add_topic(topic, kind, make_qos(transient_local=topic == topics.tf_static), text)
        for at, topic, message in out:
            if topic in script.drop:
                continue
            if script.tamper is not None:
                message = script.tamper(topic, float(at), message)
            if message is not None:
                bag.write_message(topic, int(1e9 * (script.start_s + at)), message)
    return path


def to_sqlite3(source: Path, target: Path) -> Path:
    """Copy a bag into sqlite3 storage, and return its path."""
    with BagReader(source) as bag, Writer(target, version=8, storage_plugin=StoragePlugin.SQLITE3) as writer:
        connections = {}
        for connection, stamp_ns, data in bag.raw():
            if connection.topic not in connections:
                connections[connection.topic] = writer.add_connection(
                    connection.topic, connection.msgtype, msgdef=connection.msgdef.data, rihs01=connection.digest
                )
            writer.write(connections[connection.topic], stamp_ns, data)
    return target


class _Messages:
    """Messages of rosbags' own classes."""

    def __init__(self, store: Any) -> None:
        self._t = store.types

    def _time(self, stamp_s: float) -> Any:
        sec = int(stamp_s)
        return self._t['builtin_interfaces/msg/Time'](sec=sec, nanosec=round((stamp_s - sec) * 1e9))

    def _header(self, stamp_s: float, frame: str) -> Any:
        return self._t['std_msgs/msg/Header'](stamp=self._time(stamp_s), frame_id=frame)

    def image(self, stamp_s: float, frame: str, encoding: str, pixels: np.ndarray) -> Any:
        data = np.frombuffer(pixels.tobytes(), np.uint8)
        return self._t['sensor_msgs/msg/Image'](
            header=self._header(stamp_s, frame),
            height=pixels.shape[0],
            width=pixels.shape[1],
            encoding=encoding,
            is_bigendian=0,
            step=pixels.strides[0],
            data=data,
        )

    def info(self, stamp_s: float, frame: str, K: np.ndarray, shape: tuple[int, int]) -> Any:
        roi = self._t['sensor_msgs/msg/RegionOfInterest'](x_offset=0, y_offset=0, height=0, width=0, do_rectify=False)
        return self._t['sensor_msgs/msg/CameraInfo'](
            header=self._header(stamp_s, frame),
            height=shape[0],
            width=shape[1],
            distortion_model='plumb_bob',
            d=np.zeros(5),
            k=K.ravel(),
            r=np.eye(3).ravel(),
            p=np.hstack([K, np.zeros((3, 1))]).ravel(),
            binning_x=0,
            binning_y=0,
            roi=roi,
        )

    def transform(self, stamp_s: float, parent: str, child: str, T: np.ndarray) -> Any:
        x, y, z, w = se3.quaternion(T)
        return self._t['geometry_msgs/msg/TransformStamped'](
            header=self._header(stamp_s, parent),
            child_frame_id=child,
            transform=self._t['geometry_msgs/msg/Transform'](
                translation=self._t['geometry_msgs/msg/Vector3'](*(float(v) for v in T[:3, 3])),
                rotation=self._t['geometry_msgs/msg/Quaternion'](float(x), float(y), float(z), float(w)),
            ),
        )

    def tf(self, transforms: list[Any]) -> Any:
        return self._t['tf2_msgs/msg/TFMessage'](transforms=transforms)

    def joints(self, stamp_s: float, names: list[str], position: list[float], effort: list[float]) -> Any:
        return self._t['sensor_msgs/msg/JointState'](
            header=self._header(stamp_s, ''),
            name=names,
            position=np.array(position),
            velocity=np.zeros(len(names)),
            effort=np.array(effort),
        )

    def number(self, value: float) -> Any:
        return self._t['std_msgs/msg/Float64'](data=float(value))

    def event(self, stamp_s: float, name: str) -> Any:
        return self._t['mt3_interfaces/msg/Event'](stamp=self._time(stamp_s), name=name, text='')
