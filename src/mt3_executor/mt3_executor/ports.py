"""What the state machine of a task needs from the world; the ROS adapters and the tests' fakes provide it."""

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np

from mt3_common.demonstration import Interaction
from mt3_common.errors import Status, StatusCode
from mt3_common.scene import Scene
from mt3_executor.obstacles import Obstacles
from mt3_executor.trajectory import JointTrajectory, TaskPlan

__all__ = [
    'Backend',
    'Capture',
    'GripperPort',
    'GripperReading',
    'Guard',
    'Interrupt',
    'JointReading',
    'NoGuard',
    'PauseSignal',
    'Retrieved',
    'SensePort',
    'StopSignal',
]


class StopSignal:
    """Why everything must stop now: set once by whoever is first (a cancel, the emergency stop, Ctrl-C)."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._status: Status | None = None

    def request(self, code: StatusCode, message: str) -> None:
        """Ask for a stop; an emergency stop outranks a cancel, otherwise the first reason stays."""
        with self._lock:
            if self._status is None or code == StatusCode.EMERGENCY_STOP:
                self._status = Status(code, message)

    @property
    def status(self) -> Status | None:
        """The reason, or None."""
        return self._status

    def is_set(self) -> bool:
        """Whether a stop was asked for."""
        return self._status is not None


class PauseSignal:
    """Whether the arm is asked to wait; whoever moves it holds where it stands until it is resumed."""

    status = Status(StatusCode.CANCELLED, 'paused')

    def __init__(self) -> None:
        self._event = threading.Event()

    def pause(self) -> None:
        """Hold from now on."""
        self._event.set()

    def resume(self) -> None:
        """Go on."""
        self._event.clear()

    def is_set(self) -> bool:
        """Whether to hold."""
        return self._event.is_set()


class Interrupt(StopSignal):
    """A stop signal of one motion: the task's own, or the first thing that a check finds wrong.

    Args:
        stop: Of the task.
        checks: Each returns what is wrong, or None; asked in this order every few milliseconds.
    """

    def __init__(self, stop: StopSignal, checks: list[Callable[[], Status | None]]) -> None:
        super().__init__()
        self._stop, self._checks = stop, checks
        self.found: Status | None = None

    def request(self, code: StatusCode, message: str) -> None:
        """Ask the whole task to stop."""
        self._stop.request(code, message)

    @property
    def status(self) -> Status | None:
        """The reason, or None; what a check found once stays."""
        if self._stop.is_set():
            return self._stop.status
        if self.found is None:
            self.found = next((found for check in self._checks if (found := check()) is not None), None)
        return self.found

    def is_set(self) -> bool:
        """Whether the motion must end."""
        return self.status is not None


@dataclass(frozen=True, eq=False)
class JointReading:
    """Measured arm joints.

    Attributes:
        position, velocity: (n,) [rad, rad/s].
        age_s: Since they arrived, by the node's clock [s].
        effort: (n,) measured [N m]; None when the driver tells none.
        tracking_error: (n,) wanted minus actual as the arm's controller tells it [rad]; None when it does not.
    """

    position: np.ndarray
    velocity: np.ndarray
    age_s: float
    effort: np.ndarray | None = None
    tracking_error: np.ndarray | None = None


@dataclass(frozen=True)
class GripperReading:
    """How a gripper command ended."""

    status: Status
    opening: float | None = None
    stalled: bool = False


@dataclass(frozen=True, eq=False)
class Capture:
    """A scene, or why there is none; `raw` is what retrieval wants back."""

    status: Status
    scene: Scene | None = None
    raw: Any = None


@dataclass(frozen=True, eq=False)
class Retrieved:
    """Retrieval's answer.

    Attributes:
        status: OK or the refusal.
        T_base_bottleneck: (M, 4, 4), the preferred one first, then the alternatives [m].
        alignment: As it came, for the result.
        overlay_png: Picture of the alignment; empty without.
        timings_s: Seconds per step of retrieval.
        stretch: (3, 3) size of the object here over the demonstrated one, base frame here; None: unknown, as if rigid.
        others: Further pairs (demonstration id, object id) that fit the task as well in words, best first.
        target_mask: (H, W) uint8 of the scene: 255 the taught object, 127 what stood beside it in the demonstration as
            it does now; None: as it was segmented.
    """

    status: Status
    demonstration_id: str = ''
    task: str = ''
    object_id: int = 0
    T_base_bottleneck: np.ndarray | None = None
    interaction: Interaction | None = None
    alignment: Any = None
    overlay_png: bytes = b''
    timings_s: dict[str, float] = field(default_factory=dict)
    others: tuple[tuple[str, int], ...] = ()
    stretch: np.ndarray | None = None
    target_mask: np.ndarray | None = None


class SensePort(Protocol):
    """Perception and retrieval."""

    def capture(self, stop: StopSignal) -> Capture:
        """Take a scene now."""

    def retrieve(
        self, task: str, demonstration_id: str, capture: Capture, stop: StopSignal, object_id: int = 0
    ) -> Retrieved:
        """Ask which demonstration, where; an id forces it, '' and 0 leave the choice."""


class GripperPort(Protocol):
    """The gripper, in openings from 0 closed to 1 open."""

    def ready(self) -> Status:
        """Whether its driver is there."""

    def opening(self) -> float | None:
        """Measured opening, None unknown."""

    def command(self, opening: float, stop: StopSignal) -> GripperReading:
        """Go to an opening and wait until it is reached or the fingers stall."""


class Guard(Protocol):
    """Who else must agree that the arm moves, and what is felt at its wrist."""

    def may_move(self) -> Status:
        """OK, or why nothing may move now."""

    def wrench(self) -> np.ndarray | None:
        """Measured force and torque (6,) [N, N m], None unknown."""


class NoGuard:
    """Nobody else is asked."""

    def may_move(self) -> Status:
        """Agree always."""
        return Status()

    def wrench(self) -> np.ndarray | None:
        """Feel nothing."""
        return None


class Backend(Protocol):
    """What plans and moves the arm: this package's own planner, or MoveIt."""

    name: str

    def ready(self) -> Status:
        """Whether the arm can be planned for and moved."""

    def joints(self) -> JointReading | None:
        """Measured joints, None when none ever arrived."""

    def obstacles(
        self,
        scene: Scene,
        object_id: int,
        opening: float,
        held_points: np.ndarray | None = None,
        target_mask: np.ndarray | None = None,
    ) -> Obstacles:
        """Turn a scene into what must not be touched.

        Args:
            scene: The observation.
            object_id: The object of the task; 0: none.
            opening: Of the gripper.
            held_points: (H, 3) in the hand, tcp frame [m].
            target_mask: As in `Retrieved`.
        """

    def plan(
        self,
        T_base_bottleneck: np.ndarray,
        interaction: Interaction,
        obstacles: Obstacles,
        speed_scale: float,
        stop: StopSignal,
        approach_speed: float = 1.0,
    ) -> TaskPlan:
        """Plan approach and interaction from where the arm stands; `approach_speed` is a share of `speed_scale`."""

    def plan_home(self, speed_scale: float, stop: StopSignal) -> TaskPlan:
        """Plan a motion to the home joints, without obstacles but the arm itself."""

    def move(self, trajectory: JointTrajectory, stop: StopSignal, progress: Callable[[float], None]) -> Status:
        """Run a trajectory to its end; on a stop request, stop the arm and wait until it stands still."""
