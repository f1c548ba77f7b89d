"""Runs trajectories: looks before, watches during, holds when paused, and goes on from where the arm stands."""

import time
from collections.abc import Callable

import numpy as np

from mt3_common.errors import Status, StatusCode
from mt3_executor.config import ExecutorConfig
from mt3_executor.monitors import Hand, MotionMonitor
from mt3_executor.ports import Backend, GripperPort, GripperReading, Guard, Interrupt, PauseSignal, StopSignal
from mt3_executor.resume import nearest_time, rest_of
from mt3_executor.stopwatch import Stopwatch
from mt3_executor.trajectory import JointTrajectory

__all__ = ['Player']

_LATE_S = 0.3  # of joint states behind what the arm's driver answers


class Player:
    """Moves arm and gripper for one task.

    Attributes:
        hand: What the fingers should be doing, as of the last gripper command; None unknown.
    """

    def __init__(
        self,
        backend: Backend,
        gripper: GripperPort,
        guard: Guard,
        pause: PauseSignal,
        config: ExecutorConfig,
        joint_names: tuple[str, ...] = (),
    ) -> None:
        self._backend, self._gripper, self._guard, self._pause = backend, gripper, guard, pause
        self._config, self._names = config, joint_names
        self.hand: Hand | None = None
        self._answered: float | None = None  # opening that the driver told at the end of the last command

    def joints(self) -> tuple[Status, np.ndarray | None]:
        """Return where the arm is, or why that is not known well enough to move."""
        reading = self._backend.joints()
        limit = self._config.execution.joint_state_timeout_s
        if reading is None:
            return Status(StatusCode.NO_DATA, 'no joint states of the arm ever arrived; is its driver running?'), None
        if reading.age_s > limit:
            text = f'joint states are {reading.age_s:.1f} s old (limit {limit:g} s): nothing moves'
            return Status(StatusCode.NO_DATA, text), None
        return Status(), reading.position

    def move(
        self,
        trajectory: JointTrajectory,
        stop: StopSignal,
        progress: Callable[[float], None],
        paused: Callable[[], None] = lambda: None,
        still_good: Callable[[], Status] = Status,
    ) -> Status:
        """Run a trajectory to its end.

        Args:
            trajectory: From where the arm stands.
            stop: Ends it early.
            progress: Told the share that is done.
            paused: Called when it begins to hold.
            still_good: Asked before it begins and after each pause: whether the plan still may be carried out.
        """
        whole, rest, done_s = trajectory, trajectory, 0.0
        while True:
            status = self._hold(stop, paused)
            if status.ok:
                status = still_good()
            if not status.ok:
                return status
            if rest is not whole:  # it was paused: go on from where the arm stands
                status, rest, done_s = self._rest(whole, done_s)
                if rest is None:
                    return status
            status, rest = self._from_here(rest)
            if rest is None:
                return status
            share = [0.0]

            def tell(part: float, begin_s: float = done_s, share: list[float] = share) -> None:
                share[0] = part
                progress(min(1.0, (begin_s + part * (whole.duration_s - begin_s)) / max(whole.duration_s, 1e-6)))

            monitor = MotionMonitor(
                self._config.monitors,
                self._names or tuple(f'joint {k + 1}' for k in range(rest.position.shape[1])),
                rest,
                self._backend.joints,
                self._guard.wrench,
                self._gripper.opening,
                self.hand,
            )
            status = self._backend.move(rest, Interrupt(stop, [self._held_up, self._not_allowed, monitor.check]), tell)
            if status != PauseSignal.status or stop.is_set():
                return status
            done_s += share[0] * (whole.duration_s - done_s)
            rest = None  # made once it is resumed

    def grip(self, opening: float, stop: StopSignal, paused: Callable[[], None] = lambda: None) -> GripperReading:
        """Command the gripper, and remember what the fingers should be doing."""
        status = self._hold(stop, paused)
        if not status.ok:
            return GripperReading(status, self._gripper.opening())
        reading = self._gripper.command(opening, Interrupt(stop, [self._not_allowed]))
        self._answered = reading.opening
        self.know_hand(opening)
        return reading

    def know_hand(self, commanded: float) -> None:
        """Remember what the fingers do now, after a command to this opening.

        Joint states may still be those from before the command, the driver's answer is not; later it is the other way
        round. Of the two, what is nearer to the command is the newer.
        """
        told = [opening for opening in (self._gripper.opening(), self._answered) if opening is not None]
        now = min(told, key=lambda opening: abs(opening - commanded)) if told else None
        if now is None:
            self.hand = None
            return
        empty = self._config.execution.closed_opening
        self.hand = Hand(now, commanded < now - 0.02 and now > empty, empty)

    def untouched_hand(self, commanded: float) -> None:
        """Look at the fingers before the first command of a task; what they were told before does not count."""
        self._answered = None
        self.know_hand(commanded)

    def holds_something(self) -> bool:
        """Look again whether what was grasped is still between the fingers; a hand that lost it counts as empty."""
        now, hand = self._gripper.opening(), self.hand
        if hand is None or not hand.holding or now is None:
            return hand is not None and hand.holding
        limit = self._config.monitors.grasp_lost_opening
        if now <= hand.empty_below or (limit and hand.opening - now > limit):
            self.hand = None
            return False
        return True

    def wait(self, seconds: float, stop: StopSignal, now_s: Callable[[], float] = time.monotonic) -> Status:
        """Let time pass, by the node's clock."""
        watch = Stopwatch(now_s, self._config.safety.watchdog_s)
        while watch.elapsed_s() < seconds:
            if stop.is_set():
                return stop.status
            if watch.dead():
                return Status(StatusCode.NO_DATA, "the node's clock stands still; is the simulation running?")
            time.sleep(0.005)
        return Status()

    def _held_up(self) -> Status | None:
        return PauseSignal.status if self._pause.is_set() else None

    def _not_allowed(self) -> Status | None:
        status = self._guard.may_move()
        return None if status.ok else status

    def _hold(self, stop: StopSignal, paused: Callable[[], None]) -> Status:
        """Wait while paused; say whether the arm may move then."""
        told = False
        while self._pause.is_set() and not stop.is_set():
            if not told:
                paused()
                told = True
            time.sleep(0.01)
        return stop.status if stop.is_set() else self._guard.may_move()

    def _rest(self, whole: JointTrajectory, done_s: float) -> tuple[Status, JointTrajectory | None, float]:
        status, q = self.joints()
        if q is None:
            return status, None, done_s
        at, away = nearest_time(whole, q, done_s)
        limit = 2.0 * self._config.execution.start_tolerance_rad
        if away > limit:
            text = f'the arm was moved {away:.3f} rad off its path while it was paused (limit {limit:g}); ask again'
            return Status(StatusCode.HARDWARE, text), None, at
        return Status(), rest_of(whole, q, at), at

    def _from_here(self, trajectory: JointTrajectory) -> tuple[Status, JointTrajectory | None]:
        """Take a last look at whether the arm stands where the motion starts, and return what to drive from there.

        Joint states may come a moment after the answer of the motion before: they are given that moment. Where that
        motion pressed against something, the arm stands as far off as it was allowed to end.
        """
        limit, until = self._config.execution.start_tolerance_rad, time.monotonic() + _LATE_S
        while True:
            status, q = self.joints()
            if q is None:
                return status, None
            off = np.abs(q - trajectory.position[0])
            if off.max() <= limit:
                return Status(), trajectory
            if time.monotonic() > until:
                break
            time.sleep(0.005)
        if off.max() <= trajectory.start_tolerance_rad:
            return Status(), rest_of(trajectory, q, 0.0) or trajectory
        text = (
            f'joint {int(off.argmax()) + 1} of the arm is {off.max():.3f} rad away from where the plan starts '
            f'(limit {max(limit, trajectory.start_tolerance_rad):g}); something else moved it; ask again'
        )
        return Status(StatusCode.HARDWARE, text), None
