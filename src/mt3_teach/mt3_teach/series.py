"""Collecting the many small messages of a bag into arrays."""

from collections import defaultdict
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from mt3_common import messages, se3
from mt3_teach import serialised

if TYPE_CHECKING:
    from mt3_teach.bag_demo import BagDemo

__all__ = ['Series']

Decode = Callable[[], Any]


class Series:
    """What was read so far. Each `take_` gets the serialised bytes, and a way to decode them that costs more."""

    def __init__(self) -> None:
        self.intrinsics: list[np.ndarray] = []
        self.gripper: list[tuple[float, float]] = []
        self._info = b''
        self._links: dict[tuple[bool, str, str], list[tuple[float, ...]]] = defaultdict(list)
        self._joints: dict[tuple[str, ...], list[tuple[float, tuple[float, ...], tuple[float, ...]]]]
        self._joints = defaultdict(list)

    def take_intrinsics(self, data: bytes, decode: Decode, rectified: bool) -> None:
        """Take a CameraInfo; one that repeats the last but for its stamp is passed over."""
        if bytes(data[12:]) == self._info:
            return
        self._info = bytes(data[12:])
        self.intrinsics.append(messages.camera_info_to_intrinsics(decode(), rectified))

    def take_transforms(self, static: bool, data: bytes, decode: Decode) -> None:
        """Take a TFMessage."""
        items = serialised.transforms(data)
        if items is None:
            items = [_plain(item) for item in decode().transforms]
        for stamp_s, parent, child, pose in items:
            self._links[static, parent, child].append((stamp_s, *pose))

    def take_joints(self, data: bytes, decode: Decode) -> None:
        """Take a JointState."""
        item = serialised.joint_state(data)
        if item is None:
            message = decode()
            stamp_s = messages.stamp_to_seconds(message.header.stamp)
            item = stamp_s, tuple(message.name), tuple(message.position), tuple(message.effort)
        stamp_s, names, position, effort = item
        self._joints[names].append((stamp_s, position, effort))

    def fill_joints(self, demo: 'BagDemo') -> None:
        """Set the joints: sorted, one row per stamp. Arm and gripper may come in separate messages."""
        stamps = [item[0] for rows in self._joints.values() for item in rows]
        demo.joint_times = np.unique(np.array(stamps, np.float64))
        for names, rows in self._joints.items():
            at = np.searchsorted(demo.joint_times, [row[0] for row in rows])
            for column, target in ((1, demo.joints), (2, demo.efforts)):
                values = np.full((len(rows), len(names)), np.nan)
                for k, row in enumerate(rows):
                    usable = row[column][: len(names)]
                    values[k, : len(usable)] = usable
                for i, name in enumerate(names):
                    given = np.isfinite(values[:, i])
                    if not given.any() and name not in target:
                        continue
                    series = target.setdefault(name, np.full(len(demo.joint_times), np.nan))
                    series[at[given]] = values[given, i]

    def fill_transforms(self, demo: 'BagDemo') -> None:
        """Fill the store, link by link. Broken transforms are left out and counted."""
        for (static, parent, child), rows in self._links.items():
            table = np.array(rows, np.float64)
            norms = np.linalg.norm(table[:, 4:], axis=1)
            good = np.isfinite(table).all(axis=1) & (np.abs(norms - 1.0) < 0.01)
            demo.bad_transforms += int(np.count_nonzero(~good))
            if not good.any():
                continue
            T = se3.from_position_quaternion(table[good, 1:4], table[good, 4:])
            if static:
                demo.transforms.add(parent, child, float(table[good][-1, 0]), T[-1], static=True)
            else:
                demo.transforms.add_series(parent, child, table[good, 0], T)


def _plain(item: Any) -> serialised.Transform:
    t, r = item.transform.translation, item.transform.rotation
    stamp_s = messages.stamp_to_seconds(item.header.stamp)
    return stamp_s, item.header.frame_id, item.child_frame_id, (t.x, t.y, t.z, r.x, r.y, r.z, r.w)
