"""What a second attempt does differently: another yaw, another object or demonstration, or a little beside."""

from dataclasses import dataclass, field, replace

import numpy as np

from mt3_common import se3
from mt3_common.errors import Status, StatusCode
from mt3_executor.ports import Retrieved
from mt3_executor.safety_config import RecoveryConfig

__all__ = ['AttemptReport', 'Memory', 'in_vain', 'worth_another']

_NO_WAY = (StatusCode.UNREACHABLE, StatusCode.COLLISION, StatusCode.LIMITS)
_NOT_IT = (StatusCode.OBJECT_NOT_FOUND, StatusCode.LOW_CONFIDENCE, StatusCode.AMBIGUOUS, StatusCode.NO_DEMONSTRATION)
_SEARCH = np.array([[1.0, 0.0], [-1.0, 0.0], [0.0, 1.0], [0.0, -1.0]])  # in the tool's x and y


@dataclass
class AttemptReport:
    """One attempt, for the answer, the run's folder and the trial log.

    Attributes:
        number: From 1.
        status: How it ended.
        demonstration_id, object_id: What was tried.
        phase: In which it ended.
        changed: What it did otherwise than the one before.
        moved: Whether the arm moved.
        seconds: It took.
        outcome: One sentence of the check, empty when it was not reached.
        confidence: Of that judgement.
        alignment_confidence: NaN without an alignment.
        alternative: Which of the equally right bottlenecks; -1 none.
        recovered: What was done after it.
    """

    number: int
    status: Status = field(default_factory=Status)
    demonstration_id: str = ''
    object_id: int = 0
    phase: str = ''
    changed: str = ''
    moved: bool = False
    seconds: float = 0.0
    outcome: str = ''
    confidence: float = 0.0
    alignment_confidence: float = float('nan')
    alternative: int = -1
    recovered: str = ''

    def __str__(self) -> str:
        how = f' ({self.changed})' if self.changed else ''
        after = f'; {self.recovered}' if self.recovered else ''
        words = self.outcome if self.status.ok and self.outcome else str(self.status)
        return f'{self.number}{how}: {words}{after}'


def worth_another(report: AttemptReport, others: int) -> bool:
    """Whether to try again after an attempt, if attempts are left.

    A refusal to guess (confidence, ambiguity, words) stays one: asking again until the noise agrees is guessing. So
    does whatever a person should look at first (hardware, monitors, a stop). What is worth another attempt: a motion
    that ran without its effect, an object that was moved while the arm approached, and a place that the arm cannot
    reach while others fit the task as well.

    Args:
        report: Of the attempt.
        others: Pairs of demonstration and object that fit the words as well and were not tried.
    """
    if report.status.code == StatusCode.OUTCOME_FAILED or (
        report.status.code == StatusCode.STALE_SCENE and report.moved
    ):
        return True
    return report.status.code in _NO_WAY and not report.moved and others > 0


def in_vain(report: AttemptReport) -> bool:
    """Whether an attempt at the next best pair only found that this one cannot be done either."""
    return not report.moved and report.status.code in (*_NO_WAY, *_NOT_IT)


class Memory:
    """What was tried in this task.

    Args:
        config: What counts as the same place.
    """

    def __init__(self, config: RecoveryConfig) -> None:
        self._config = config
        self._tried: list[np.ndarray] = []
        self._without_way: set[tuple[str, int]] = set()

    def failed_at(self, T_base_bottleneck: np.ndarray | None) -> None:
        """Remember where an attempt that moved went wrong."""
        if T_base_bottleneck is not None:
            self._tried.append(np.array(T_base_bottleneck))

    def no_way(self, demonstration_id: str, object_id: int) -> None:
        """Remember a pair that the arm cannot do."""
        self._without_way.add((demonstration_id, object_id))

    def others(self, retrieved: Retrieved | None) -> list[tuple[str, int]]:
        """Return the pairs that fit the words as well and were not found impossible."""
        if retrieved is None:
            return []
        this = (retrieved.demonstration_id, retrieved.object_id)
        return [pair for pair in retrieved.others if pair != this and pair not in self._without_way]

    def choose(self, retrieved: Retrieved) -> tuple[Retrieved, str]:
        """Return what to try now, and in words what is done otherwise than before.

        Of several equally right yaws, one that failed is left out. At a place that failed twice, the bottleneck is
        moved by a step of a search: then it is not chance, but the calibration or the alignment.
        """
        ways = retrieved.T_base_bottleneck
        failures = [sum(self._same(T, tried) for tried in self._tried) for T in ways]
        if not any(failures):
            return retrieved, ''
        if min(failures) < max(failures):
            kept = ways[np.array(failures) == min(failures)]
            return replace(retrieved, T_base_bottleneck=kept), f'another of {len(ways)} equally right yaws'
        step, again = self._config.search_step_m, min(failures)
        if step == 0.0 or again < 2:
            return retrieved, 'looked again'
        x, y = step * _SEARCH[(again - 2) % len(_SEARCH)] * (1 + (again - 2) // len(_SEARCH))
        moved = ways @ se3.make(None, [x, y, 0.0])
        return replace(
            retrieved, T_base_bottleneck=moved
        ), f'{1e3 * x:+.0f}, {1e3 * y:+.0f} mm beside, in the tool frame'

    def _same(self, T: np.ndarray, tried: np.ndarray) -> bool:
        away, angle = se3.pose_error(T, tried)
        # a search step away is still the same place
        near = self._config.same_place_m + self._config.search_step_m
        return away <= near and angle <= self._config.same_place_rad
