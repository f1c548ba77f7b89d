"""Stand-ins for the arm, the gripper, perception and retrieval, without ROS."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from mt3_common import se3
from mt3_common.demonstration import Interaction
from mt3_common.errors import Status, StatusCode
from mt3_common.scene import Scene
from mt3_executor.ports import Capture, GripperReading, JointReading, Retrieved, StopSignal
from mt3_executor.trajectory import JointTrajectory

__all__ = ['FakeArm', 'FakeGripper', 'FakeSense', 'empty_scene']


def empty_scene(base_frame: str = 'panda_link0', support_height_m: float = 0.0) -> Scene:
    """Return a scene of a bare table, seen from above."""
    return Scene(
        stamp_s=0.0,
        base_frame=base_frame,
        camera_frame='camera',
        rgb=np.zeros((24, 32, 3), np.uint8),
        depth_m=np.full((24, 32), 1.0, np.float32),
        labels=np.zeros((24, 32), np.int32),
        K=np.array([[30.0, 0, 16], [0, 30.0, 12], [0, 0, 1]]),
        T_base_camera=se3.make(np.diag([1.0, -1.0, -1.0]), [0.5, 0.0, 1.0]),
        support_height_m=support_height_m,
    )


@dataclass
class FakeArm:
    """An arm that is where it is told to be, at once, unless told to fail.

    Attributes:
        q: (n,) joints [rad].
        age_s: Of the joint states [s].
        answer: Status of every motion.
        moves: What it was told to do.
        stop_at: Ask this signal to stop in the middle of the motion with this index.
    """

    q: np.ndarray
    age_s: float = 0.0
    answer: Status = field(default_factory=Status)
    server: Status = field(default_factory=Status)
    moves: list[JointTrajectory] = field(default_factory=list)
    while_moving: Callable[[int, StopSignal], None] = lambda index, stop: None

    def ready(self) -> Status:
        """Whether the driver is there."""
        return self.server

    def joints(self) -> JointReading | None:
        """Measured joints."""
        return None if self.q is None else JointReading(self.q, np.zeros_like(self.q), self.age_s)

    def move(self, trajectory: JointTrajectory, stop: StopSignal, progress: Callable[[float], None]) -> Status:
        """Jump along a trajectory."""
        self.moves.append(trajectory)
        for share in (0.25, 0.5, 0.75):
            self.q = trajectory.at(np.array([share * trajectory.duration_s]))[0]
            progress(share)
            if share == 0.5:
                self.while_moving(len(self.moves) - 1, stop)
            if stop.is_set():
                return stop.status
        if self.answer.ok:
            self.q = trajectory.position[-1]
        return self.answer


@dataclass
class FakeGripper:
    """A gripper; `blocked_at` is the opening at which something is between its fingers."""

    now: float | None = 1.0
    blocked_at: float = 0.0
    server: Status = field(default_factory=Status)
    answer: Status = field(default_factory=Status)
    commands: list[float] = field(default_factory=list)

    def ready(self) -> Status:
        """Whether the driver is there."""
        return self.server

    def opening(self) -> float | None:
        """Measured opening."""
        return self.now

    def command(self, opening: float, stop: StopSignal) -> GripperReading:
        """Go there at once."""
        self.commands.append(opening)
        if self.answer.ok:
            self.now = max(opening, self.blocked_at)
        return GripperReading(self.answer, self.now, self.now > opening)


@dataclass
class FakeSense:
    """Perception and retrieval that answer what they are given."""

    T_base_bottleneck: np.ndarray
    interaction: Interaction
    capture_status: Status = field(default_factory=Status)
    retrieve_status: Status = field(default_factory=Status)
    delay_s: float = 0.0
    others: tuple[tuple[str, int], ...] = ()
    asked: list[tuple[str, int]] = field(default_factory=list)

    def capture(self, stop: StopSignal) -> Capture:
        """Answer with a bare table."""
        end = time.monotonic() + self.delay_s
        while time.monotonic() < end:
            if stop.is_set():
                return Capture(Status(StatusCode.CANCELLED, 'stopped'))
            time.sleep(0.005)
        return Capture(self.capture_status, empty_scene() if self.capture_status.ok else None, 'raw')

    def retrieve(
        self, task: str, demonstration_id: str, capture: Capture, stop: StopSignal, object_id: int = 0
    ) -> Retrieved:
        """Answer with what was given."""
        self.asked.append((demonstration_id, object_id))
        return Retrieved(
            self.retrieve_status,
            demonstration_id or 'demo',
            task,
            object_id,
            self.T_base_bottleneck[None],
            self.interaction,
            None,
            b'png',
            others=self.others,
        )
