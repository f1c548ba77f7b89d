"""What a recording lacks, told before it starts: from one look at the topics to a list of problems. Knows no ROS."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from mt3_common.robot import RobotConfig
from mt3_teach.config import TopicsConfig, WatchConfig

__all__ = ['InputLook', 'Problem', 'TopicLook', 'find_problems']

_DEPTH_ENCODINGS = ('16UC1', '32FC1', 'mono16')


@dataclass(frozen=True)
class TopicLook:
    """One topic, listened to for a moment.

    Attributes:
        publishers: How many there are.
        rate_hz: Of its messages; NaN: not counted, 0: silent [Hz].
        age_s: How old the stamp of its newest message was; NaN: unknown [s].
    """

    publishers: int = 0
    rate_hz: float = float('nan')
    age_s: float = float('nan')


@dataclass(frozen=True)
class InputLook:
    """One look at everything that is recorded.

    Attributes:
        topics: By name.
        joints: Names in the joint states; None: none were heard.
        frames: {frame: why its transform from the base is not known, empty when it is}.
        depth_encoding: Of the sampled depth image; empty: none was seen.
        depth_valid: Share of its pixels with a reading; NaN: unknown.
        sizes: {topic: (width, height)} of the sampled images and of camera_info [pixel].
        free_mb: Room where the bags go; NaN: unknown [MB].
    """

    topics: Mapping[str, TopicLook] = field(default_factory=dict)
    joints: frozenset[str] | None = None
    frames: Mapping[str, str] = field(default_factory=dict)
    depth_encoding: str = ''
    depth_valid: float = float('nan')
    sizes: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    free_mb: float = float('nan')


@dataclass(frozen=True)
class Problem:
    """Something that spoils a recording.

    Attributes:
        what: Topic, frame or thing.
        text: What is wrong with it, and what to do.
        fatal: A demonstration cannot be made without it.
    """

    what: str
    text: str
    fatal: bool = True

    def __str__(self) -> str:
        return f'{self.what}: {self.text}'


def find_problems(look: InputLook, topics: TopicsConfig, robot: RobotConfig, limits: WatchConfig) -> list[Problem]:
    """Return what is missing, stale or too slow, the fatal first."""
    found = [
        *_streams(look, topics, limits),
        *_joints(look, topics, robot),
        *(Problem(f'transform {robot.base_frame} <- {frame}', why) for frame, why in look.frames.items() if why),
        *_pictures(look, topics, limits),
    ]
    if look.free_mb < limits.min_free_mb:
        found.append(
            Problem(
                'disk',
                f'only {look.free_mb:.0f} MB are free where the bags go, at least '
                f'{limits.min_free_mb:.0f} are wanted; make room or set `directory`',
            )
        )
    return sorted(found, key=lambda problem: not problem.fatal)


def _streams(look: InputLook, topics: TopicsConfig, limits: WatchConfig) -> list[Problem]:
    """Presence, rate and age of every needed topic."""
    least = {
        topics.color: 0.0,  # sampled, not counted: pictures are heavy
        topics.depth: 0.0,
        topics.camera_info: limits.min_camera_hz,
        topics.joint_states: limits.min_state_hz,
        topics.tf: limits.min_state_hz,
    }
    found = []
    for topic, rate in least.items():
        seen = look.topics.get(topic, TopicLook())
        if not seen.publishers:
            found.append(Problem(topic, 'nobody publishes it; start its driver, or name yours in the topics settings'))
        elif seen.rate_hz == 0.0:
            found.append(
                Problem(topic, 'has a publisher, but nothing comes; look at its driver and its quality of service')
            )
        elif seen.age_s > limits.stale_s:
            found.append(
                Problem(
                    topic,
                    f'its newest stamp is {seen.age_s:.1f} s old (limit {limits.stale_s:g} s); '
                    'are the clocks of the machines the same?',
                )
            )
        elif seen.age_s < -limits.stale_s:
            found.append(Problem(topic, f'its stamps are {-seen.age_s:.1f} s in the future; is use_sim_time right?'))
        elif seen.rate_hz < rate:
            found.append(
                Problem(topic, f'only {seen.rate_hz:.1f} messages a second, at least {rate:g} are wanted', fatal=False)
            )
    if not look.topics.get(topics.tf_static, TopicLook()).publishers:
        found.append(Problem(topics.tf_static, 'nobody publishes it: where the camera stands is usually in it'))
    return found


def _joints(look: InputLook, topics: TopicsConfig, robot: RobotConfig) -> list[Problem]:
    if look.joints is None:
        return []  # told as a silent topic already
    found = []
    missing = [name for name in robot.arm_joints if name not in look.joints]
    if missing:
        found.append(
            Problem(
                topics.joint_states, f'lacks the arm joints {", ".join(missing)}; is it the right robot?', fatal=False
            )
        )  # TF alone tells the tool's path
    if robot.gripper.joint and robot.gripper.joint not in look.joints:
        found.append(
            Problem(
                'gripper',
                f'{topics.joint_states} lacks {robot.gripper.joint}: grasps would not be '
                'recorded; start the gripper driver, or set gripper.joint of the robot file',
            )
        )
    return found


def _pictures(look: InputLook, topics: TopicsConfig, limits: WatchConfig) -> list[Problem]:
    found = []
    if look.depth_encoding and look.depth_encoding not in _DEPTH_ENCODINGS:
        found.append(Problem(topics.depth, f'is {look.depth_encoding}, not one of {", ".join(_DEPTH_ENCODINGS)}'))
    elif look.depth_valid < limits.min_valid_depth:
        found.append(
            Problem(
                topics.depth,
                f'only {100 * look.depth_valid:.0f} % of its pixels have a reading '
                f'(wanted {100 * limits.min_valid_depth:.0f} %); is the camera too near, or covered?',
                fatal=look.depth_valid == 0.0,
            )
        )
    wanted = look.sizes.get(topics.depth)
    for topic in (topics.color, topics.camera_info):
        size = look.sizes.get(topic)
        if wanted and size and size != wanted:
            found.append(
                Problem(
                    topic,
                    f'is {size[0]}x{size[1]} and the depth image {wanted[0]}x{wanted[1]}; '
                    'take the depth that is aligned to colour, and its camera_info',
                )
            )
    return found
