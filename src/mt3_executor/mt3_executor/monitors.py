"""What is watched while the arm moves: path, tracking, efforts, wrench, fingers. Each finding names value and limit."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from mt3_common.errors import Status, StatusCode
from mt3_executor.ports import JointReading
from mt3_executor.resume import nearest_time
from mt3_executor.safety_config import MonitorConfig
from mt3_executor.trajectory import JointTrajectory

__all__ = ['Hand', 'MotionMonitor']

_SAME_OPENING = 0.05


@dataclass(frozen=True)
class Hand:
    """What the fingers should be doing.

    Attributes:
        opening: Measured when the last command had ended.
        holding: They stand apart because something is between them.
        empty_below: At or below this opening they have met.
    """

    opening: float
    holding: bool
    empty_below: float = 0.0


class MotionMonitor:
    """Looks at one motion from its beginning to its end.

    Args:
        config: The limits.
        names: Of the joints, for the words.
        trajectory: What is being done.
        joints: Reads the arm.
        wrench: Reads the wrist, None without a sensor.
        opening: Reads the gripper.
        hand: What the fingers should be doing; None: not watched.
    """

    def __init__(
        self,
        config: MonitorConfig,
        names: tuple[str, ...],
        trajectory: JointTrajectory,
        joints: Callable[[], JointReading | None],
        wrench: Callable[[], np.ndarray | None],
        opening: Callable[[], float | None],
        hand: Hand | None,
    ) -> None:
        self._config, self._names, self._trajectory, self._hand = config, names, trajectory, hand
        self._joints, self._wrench, self._opening = joints, wrench, opening
        first = joints()
        self._effort = None if first is None else first.effort
        self._bias = wrench()
        self._at_s, self._agreed = 0.0, False
        self._last: np.ndarray | None = None

    def check(self) -> Status | None:
        """Return what is wrong, or None; called every few milliseconds."""
        reading = self._joints()
        if reading is None:
            return None  # stale joint states are the arm client's business
        return self._path(reading) or self._efforts(reading) or self._felt() or self._fingers()

    def _path(self, reading: JointReading) -> Status | None:
        limit = self._config.tracking_error_rad
        if limit and reading.tracking_error is not None:
            off = np.abs(reading.tracking_error)
            if off.max() > limit:
                return self._stop(f'{self._name(off)} lags by {off.max():.3f} rad', f'tracking_error_rad {limit:g}')
        limit = self._config.path_error_rad
        if limit and (self._last is None or np.abs(reading.position - self._last).max() > 1e-3):
            self._last = reading.position
            self._at_s, _ = nearest_time(self._trajectory, reading.position, self._at_s)
            off = np.abs(self._trajectory.at(np.array([self._at_s]))[0] - reading.position)
            if off.max() > limit:
                return self._stop(
                    f'{self._name(off)} is {off.max():.3f} rad off the planned path', f'path_error_rad {limit:g}'
                )
        return None

    def _efforts(self, reading: JointReading) -> Status | None:
        if reading.effort is None or not np.isfinite(reading.effort).all():
            return None
        limits = np.asarray(self._config.effort_limits_nm, dtype=float)
        if limits.size:
            over = np.abs(reading.effort) - limits
            if over.max() > 0.0:
                j = int(over.argmax())
                limit = limits[j] if limits.size > 1 else limits[0]
                return self._stop(
                    f'{self._names[j]} exerts {abs(reading.effort[j]):.1f} N m', f'effort_limits_nm {limit:g}'
                )
        limit = self._config.effort_rise_nm
        if limit and self._effort is not None:
            rise = np.abs(reading.effort - self._effort)
            if rise.max() > limit:
                return self._stop(
                    f'the effort of {self._name(rise)} changed by {rise.max():.1f} N m', f'effort_rise_nm {limit:g}'
                )
        return None

    def _felt(self) -> Status | None:
        wrench = self._wrench()
        if wrench is None:
            return None
        change = wrench - (np.zeros(6) if self._bias is None else self._bias)
        force, torque = float(np.linalg.norm(change[:3])), float(np.linalg.norm(change[3:]))
        if self._config.force_limit_n and force > self._config.force_limit_n:
            return self._stop(f'{force:.1f} N at the wrist', f'force_limit_n {self._config.force_limit_n:g}')
        if self._config.torque_limit_nm and torque > self._config.torque_limit_nm:
            return self._stop(f'{torque:.2f} N m at the wrist', f'torque_limit_nm {self._config.torque_limit_nm:g}')
        return None

    def _fingers(self) -> Status | None:
        opening = None if self._hand is None else self._opening()
        if opening is None:
            return None
        before = self._hand.opening
        if not self._agreed:  # joint states may still be those from before the last command
            self._agreed = abs(opening - before) <= _SAME_OPENING
            return None
        if self._hand.holding:
            limit = self._config.grasp_lost_opening
            if limit and (before - opening > limit or opening <= self._hand.empty_below):
                return Status(
                    StatusCode.OUTCOME_FAILED,
                    f'grasp lost: the fingers closed from {before:.2f} to {opening:.2f} (grasp_lost_opening {limit:g})',
                )
            return None
        limit = self._config.contact_opening
        if limit and abs(opening - before) > limit:
            return self._stop(
                f'the fingers were pushed from {before:.2f} to {opening:.2f}', f'contact_opening {limit:g}'
            )
        return None

    def _name(self, values: np.ndarray) -> str:
        return self._names[int(values.argmax())]

    @staticmethod
    def _stop(what: str, limit: str) -> Status:
        return Status(
            StatusCode.HARDWARE, f'stopped by a monitor: {what} (limit {limit}); look what it met before going on'
        )
