"""One recording at a time: naming bags, what they carry, what was missing. Knows no ROS."""

import re
from collections.abc import Mapping
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

from mt3_common.bags import BagRecorder
from mt3_common.errors import InvalidInput, MT3Error, StatusCode
from mt3_common.messages import serialised_header
from mt3_common.robot import RobotConfig
from mt3_teach.config import RecorderConfig, TopicsConfig

__all__ = ['FACTS', 'Session', 'bag_path', 'lacking', 'make_event', 'needed_topics']

#: Marks that say something of the whole demonstration: whether it reached its goal ("yes", "no"), and of a simulated
#: cell, the scene that was set up, for those who check it later.
FACTS = ('success', 'sim_scene')

_STAMPED = (
    'sensor_msgs/msg/Image',
    'sensor_msgs/msg/CompressedImage',
    'sensor_msgs/msg/CameraInfo',
    'sensor_msgs/msg/JointState',
)


class Session:
    """A recording under way.

    Args:
        task: Free text.
        folder: In which the bag is made.
        robot: Its name goes into the bag.
        config: Settings of the recorder.

    Raises:
        MT3Error: INVALID_INPUT, no task; STORAGE, the bag cannot be made.
    """

    def __init__(self, task: str, folder: str | Path, robot: RobotConfig, config: RecorderConfig) -> None:
        if not task.strip():
            raise InvalidInput('say what the demonstration shows, for instance "pick up the mug"')
        self.task = task.strip()
        data = {
            'task': self.task,
            'robot': robot.name,
            'simulated': 'true' if config.simulated else 'false',
            'started_at': datetime.now(timezone.utc).isoformat(),
            'recorder': 'mt3_teach',
        }
        if config.operator:
            data['operator'] = config.operator
        self.bag = BagRecorder(bag_path(folder, self.task), data, config.compress)

    def event(self, topic: str, stamp_ns: int, name: str, text: str) -> None:
        """Write a mark into the bag; one that is a fact of the whole recording goes into its text pairs too.

        Raises:
            MT3Error: STORAGE; the disk refuses.
        """
        self.bag.add_topic(topic, 'mt3_interfaces/msg/Event')
        self.bag.write_message(topic, stamp_ns, make_event(self.bag, stamp_ns, name, text))
        if name in FACTS:
            self.bag.set_custom_data(name, text)
        self.bag.flush()


def make_event(bag: BagRecorder, stamp_ns: int, name: str, text: str) -> Any:
    """Return a mark as a message of rosbags' classes; the bag must know its type."""
    types = bag.types
    stamp = types['builtin_interfaces/msg/Time'](sec=stamp_ns // 10**9, nanosec=stamp_ns % 10**9)
    return types['mt3_interfaces/msg/Event'](stamp=stamp, name=name, text=text)


def bag_path(folder: str | Path, task: str) -> Path:
    """Return a path for a new bag: the local time and the task's words."""
    words = re.sub(r'[^a-z0-9]+', '_', task.lower()).strip('_')[:48] or 'demonstration'
    stem = f'{datetime.now().strftime("%Y-%m-%d_%H-%M-%S")}_{words}'
    folder = Path(folder).expanduser().absolute()
    for number in range(1, 1000):
        path = folder / (stem if number == 1 else f'{stem}_{number}')
        if not path.exists():
            return path
    raise MT3Error(f'{folder} holds too many bags named {stem}', StatusCode.STORAGE)


def needed_topics(topics: TopicsConfig) -> list[str]:
    """Return the topics without which a demonstration cannot be imported."""
    return [topics.color, topics.depth, topics.camera_info, topics.joint_states, topics.tf, topics.tf_static]


def lacking(
    topics: TopicsConfig, counts: Mapping[str, int], heads: Mapping[str, bytes], now_s: float, stale_s: float
) -> list[str]:
    """Return what of the needed topics is absent or stale, a phrase each.

    Args:
        topics: Names.
        counts: Messages received per topic.
        heads: First bytes of the newest message per topic.
        now_s: ROS time [s].
        stale_s: Limit [s].
    """
    found = []
    for topic in needed_topics(topics):
        if not counts.get(topic):
            found.append(f'{topic}: no message')
        elif topics.types()[topic] in _STAMPED:
            age = now_s - serialised_header(heads[topic])[0]
            if age > stale_s:
                found.append(f'{topic}: its newest message is {age:.1f} s old')
    return found
