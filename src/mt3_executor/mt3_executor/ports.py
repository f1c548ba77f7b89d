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
    'JointReading',
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


@dataclass(frozen=True, eq=False)
class JointReading:
    """Measured arm joints.

    Attributes:
        position, velocity: (n,) [rad, rad/s].
        age_s: Wall time since they arrived [s].
    """

    position: np.ndarray
    velocity: np.ndarray
    age_s: float


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


class SensePort(Protocol):
    """Perception and retrieval."""

    def capture(self, stop: StopSignal) -> Capture:
        """Take a scene now."""

    def retrieve(self, task: str, demonstration_id: str, capture: Capture, stop: StopSignal) -> Retrieved:
        """Ask which demonstration, where."""


class GripperPort(Protocol):
    """The gripper, in openings from 0 closed to 1 open."""

    def ready(self) -> Status:
        """Whether its driver is there."""

    def opening(self) -> float | None:
        """Measured opening, None unknown."""

    def command(self, opening: float, stop: StopSignal) -> GripperReading:
        """Go to an opening and wait until it is reached or the fingers stall."""


class Backend(Protocol):
    """What plans and moves the arm: this package's own planner, or MoveIt."""

    name: str

    def ready(self) -> Status:
        """Whether the arm can be planned for and moved."""

    def joints(self) -> JointReading | None:
        """Measured joints, None when none ever arrived."""

    def obstacles(self, scene: Scene, object_id: int, opening: float) -> Obstacles:
        """Turn a scene into what must not be touched."""

    def plan(
        self,
        T_base_bottleneck: np.ndarray,
        interaction: Interaction,
        obstacles: Obstacles,
        speed_scale: float,
        stop: StopSignal,
    ) -> TaskPlan:
        """Plan approach and interaction from where the arm stands."""

    def plan_home(self, speed_scale: float, stop: StopSignal) -> TaskPlan:
        """Plan a motion to the home joints, without obstacles but the arm itself."""

    def move(self, trajectory: JointTrajectory, stop: StopSignal, progress: Callable[[float], None]) -> Status:
        """Run a trajectory to its end; on a stop request, stop the arm and wait until it stands still."""
