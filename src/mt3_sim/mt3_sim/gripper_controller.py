"""A gripper driver with the semantics of ros2_control's gripper action controller, without ROS."""

from dataclasses import dataclass

from mt3_common.config import Config, setting

__all__ = ['GripperConfig', 'GripperController', 'GripperResult']


class GripperConfig(Config):
    """Limits of the driver."""

    goal_tolerance: float = setting(0.001, 'distance at which a position is reached', 'm', ge=0.0, le=0.1)
    stall_velocity: float = setting(0.001, 'below this mean velocity the fingers stand', 'm/s', ge=0.0, le=0.1)
    stall_timeout: float = setting(0.3, 'standing for so long before the goal is a stall', 's', ge=0.0, le=10.0)
    allow_stalling: bool = setting(True, 'a stall succeeds: something is between the fingers')


@dataclass(frozen=True)
class GripperResult:
    """How a command ended.

    Attributes:
        succeeded: Otherwise aborted.
        position: Of the finger [m].
        effort: Of the finger [N].
        stalled: It stands before the goal: something is in the way.
        reached_goal: It is where it was sent.
    """

    succeeded: bool
    position: float
    effort: float
    stalled: bool
    reached_goal: bool


class GripperController:
    """Watches one command until it ends. The command itself goes to the fingers directly.

    Whether they stand is told by how far they got, not by the velocity of the moment: fingers that hold something hard
    tremble at some millimetres per second and get nowhere.
    """

    def __init__(self, config: GripperConfig | None = None) -> None:
        self.config = config or GripperConfig()
        self._target: float | None = None

    @property
    def active(self) -> bool:
        """Whether a command is under way."""
        return self._target is not None

    def start(self, position: float, now: float) -> None:
        """Watch a new command [m, s]; an earlier one is dropped."""
        self._target = position
        self._standing_at: float | None = None  # set by the first update
        self._standing_since = now

    def drop(self) -> None:
        """Forget the command."""
        self._target = None

    def update(self, now: float, position: float, effort: float) -> GripperResult | None:
        """Return how the command ended, if it did just now [s, m, N]."""
        if self._target is None:
            return None
        config = self.config
        if abs(position - self._target) <= config.goal_tolerance:
            self._target = None
            return GripperResult(True, position, effort, False, True)
        standing = config.stall_velocity * config.stall_timeout
        if self._standing_at is None or abs(position - self._standing_at) > standing:
            self._standing_at, self._standing_since = position, now
        elif now - self._standing_since >= config.stall_timeout:
            self._target = None
            return GripperResult(config.allow_stalling, position, effort, True, False)
        return None
