"""Alignment of two views: `align` is the list of steps, each in its own file."""

import os
import time
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor

import numpy as np

from mt3_common.errors import Status, StatusCode
from mt3_retrieval.alignment.climb import NORMAL_WEIGHT, climb_rigid, climb_stretched, stretch_penalty
from mt3_retrieval.alignment.coarse import CoarsePoses, coarse_search
from mt3_retrieval.alignment.confidence import angle_apart, confidence, doubt_features
from mt3_retrieval.alignment.config import AlignmentConfig
from mt3_retrieval.alignment.polish import FINEST_M, WIDE_M, polish
from mt3_retrieval.alignment.pose import pose_to_base, rigid_pose, stretch_to_base
from mt3_retrieval.alignment.result import Alignment, Pose, refused
from mt3_retrieval.alignment.score import Tolerance, evaluate
from mt3_retrieval.alignment.shape import Shape
from mt3_retrieval.alignment.view import View

__all__ = ['align', 'align_many']

_FINAL = Tolerance(fit=0.009, free=0.006, ramp=0.010)
_SCORE_POINTS = 1500
_FINISH_POINTS = 3000
_LEAST_VISIBLE = 0.4  # a pose that hides more than the rest is not made consistent by the little it shows
_RANK_VIOLATION = 40.0
_BETWEEN_DEPTH = 0.8
_BETWEEN_RAD = np.radians(29.0)
_SAME_YAW_RAD = np.radians(12.0)
_SAME_PLACE_M = 0.012


def align(demo_view: View, live_view: View, config: AlignmentConfig | None = None) -> Alignment:
    """Find how the demonstrated object moved, and say how far to believe it.

    Args:
        demo_view: The object as the demonstration saw it.
        live_view: The object as it is seen now.

    Returns:
        The alignment; `status` says why when it is refused. Deterministic to the bit on one machine.
    """
    config = config or AlignmentConfig()
    if config.dof != 4:
        return refused(
            Status(StatusCode.INVALID_INPUT, f'alignment knows 4 degrees of freedom, {config.dof} are asked')
        )
    for name, view in (('demonstration', demo_view), ('live', live_view)):
        if not view.status.ok:
            return refused(Status(view.status.code, f'{name} view: {view.status.message}'))
    clock = _Clock()
    demo, live = demo_view.shape, live_view.shape

    coarse = coarse_search(demo, live, config)
    clock.mark('coarse')
    climbed = _distinct([climb_rigid(demo, live, start, config) for start in _starts(coarse, config)])
    clock.mark('climb')
    refined = [_refine(demo, live, pose, config) for pose in climbed[: config.refined]]
    clock.mark('refine')
    ranked = _rank(demo_view, live_view, _finish(demo, live, refined, config), config)
    clock.mark('rank')
    best, alternatives = ranked[0], _equivalent(ranked, config)
    features = doubt_features(best, ranked, coarse, bool(alternatives))
    probability = confidence(features)
    clock.mark('confidence')

    return Alignment(
        T_live_demo=best.T_live_demo,
        scale=np.diag(best.stretch).copy(),
        stretch=best.stretch,
        anchor=demo_view.center,
        score=best.score,
        overlap=best.overlap,
        violation=best.violation,
        confidence=probability,
        ambiguous=bool(alternatives),
        alternative_yaws=tuple(_relative_yaw(p.yaw, best.yaw) for p in alternatives),
        status=_status(probability, config),
        timing_s=clock.marks,
        candidates=tuple(ranked),
        alternatives=alternatives,
        features=features,
    )


def align_many(
    pairs: Iterable[tuple[View, View]], config: AlignmentConfig | None = None, threads: int | None = None
) -> list[Alignment]:
    """Align pairs (demo view, live view) on several cores; the results come in the order of the pairs.

    Args:
        threads: At most this many at once; None: one per usable core.
    """
    pairs = list(pairs)
    threads = threads or len(os.sched_getaffinity(0))
    if threads == 1 or len(pairs) < 2:
        return [align(demo, live, config) for demo, live in pairs]
    with ThreadPoolExecutor(max_workers=min(threads, len(pairs))) as pool:
        return list(pool.map(lambda pair: align(*pair, config), pairs))


class _Clock:
    """Seconds between marks."""

    def __init__(self) -> None:
        self.marks: dict[str, float] = {}
        self._last = time.perf_counter()

    def mark(self, name: str) -> None:
        now = time.perf_counter()
        self.marks[name] = now - self._last
        self._last = now


def _starts(coarse: CoarsePoses, config: AlignmentConfig) -> list[np.ndarray]:
    """Return start poses (8,): local maxima over yaw, best first, then what lies between them and is not much worse.

    The yaws between the maxima matter to round objects, whose profile is flat.
    """
    left, right = np.roll(coarse.score, 1), np.roll(coarse.score, -1)
    peak = (coarse.score >= left) & (coarse.score >= right)
    order = sorted(range(len(coarse.yaw)), key=lambda i: (not peak[i], -coarse.score[i], i))
    chosen: list[int] = []
    for i in order:
        if len(chosen) == config.starts or (not peak[i] and coarse.score[i] < coarse.score.max() - _BETWEEN_DEPTH):
            break
        if peak[i] or all(angle_apart(coarse.yaw[i], coarse.yaw[k]) > _BETWEEN_RAD for k in chosen):
            chosen.append(i)
    return [rigid_pose(*coarse.shift[i], coarse.yaw[i]) for i in chosen]


def _distinct(climbed: list[tuple[np.ndarray, float]]) -> list[np.ndarray]:
    """Return the climbed poses, best first, without those that reached the same place."""
    kept: list[np.ndarray] = []
    for pose, _ in sorted(climbed, key=lambda item: -item[1]):
        if all(
            angle_apart(pose[2], other[2]) > _SAME_YAW_RAD or np.hypot(*(pose[:2] - other[:2])) > _SAME_PLACE_M
            for other in kept
        ):
            kept.append(pose)
    return kept


def _refine(demo: Shape, live: Shape, pose: np.ndarray, config: AlignmentConfig) -> np.ndarray:
    """Return the better of the rigid and the stretched refinement of a climbed pose; rigid where both are as good."""
    rigid = polish(demo, live, pose, config, stretch=False)
    if not config.allow_stretch:
        return rigid
    start = polish(demo, live, pose, config, stretch=True, widths_m=WIDE_M, count=config.climb_points)
    stretched, _ = climb_stretched(demo, live, start, config)
    options = [stretched, polish(demo, live, stretched, config, stretch=False)]
    best_score, best = max(((_final_score(demo, live, q, config)[0], q) for q in options), key=lambda item: item[0])
    return best if best_score > _final_score(demo, live, rigid, config)[0] + config.stretch_gain else rigid


def _finish(demo: Shape, live: Shape, poses: list[np.ndarray], config: AlignmentConfig) -> list[np.ndarray]:
    """Polish the best pose once more, on many points; it stays when that makes it worse."""
    scores = [_final_score(demo, live, pose, config)[0] for pose in poses]
    k = int(np.argmax(scores))
    finished = polish(demo, live, poses[k], config, stretch=False, widths_m=FINEST_M, count=_FINISH_POINTS)
    if _final_score(demo, live, finished, config)[0] < scores[k]:
        return poses
    return [*poses[:k], finished, *poses[k + 1 :]]


def _final_score(demo: Shape, live: Shape, pose: np.ndarray, config: AlignmentConfig) -> tuple[float, ...]:
    """Return score, overlap, violation and consistency of a pose on all points and the real depth images."""
    forward, backward = evaluate(demo, live, pose, _FINAL, NORMAL_WEIGHT, _SCORE_POINTS)
    fit, violation = forward.fit + backward.fit, forward.violation + backward.violation
    cost = config.free_space_weight * violation + stretch_penalty(pose, config)
    visible_fit = sum(e.fit / max(_LEAST_VISIBLE, 1.0 - e.hidden) for e in (forward, backward))
    return fit - cost, 0.5 * fit, 0.5 * violation, visible_fit - cost


def _rank(demo_view: View, live_view: View, poses: list[np.ndarray], config: AlignmentConfig) -> list[Pose]:
    """Return the candidates with their final scores, best first."""
    ranked = [
        Pose(
            pose_to_base(pose, demo_view.T_base_view, live_view.T_base_view),
            stretch_to_base(pose, demo_view.T_base_view),
            float(pose[2]),
            *_final_score(demo_view.shape, live_view.shape, pose, config),
        )
        for pose in poses
    ]
    return sorted(ranked, key=lambda p: -_worth(p))


def _worth(p: Pose) -> float:
    """Return what candidates are ranked by: the hidden side counts half, and free space decides between good fits."""
    return 0.5 * (p.score + p.consistency) - _RANK_VIOLATION * p.violation


def _equivalent(ranked: list[Pose], config: AlignmentConfig) -> tuple[Pose, ...]:
    """Return the candidates at other yaws that are as good as the best."""
    best = ranked[0]
    return tuple(
        p
        for p in ranked[1:]
        if p.consistency > best.consistency - config.ambiguous_margin and angle_apart(p.yaw, best.yaw) > _SAME_YAW_RAD
    )


def _relative_yaw(yaw: float, reference: float) -> float:
    return float((yaw - reference + np.pi) % (2.0 * np.pi) - np.pi)


def _status(probability: float, config: AlignmentConfig) -> Status:
    if probability >= config.min_confidence:
        return Status()
    return Status(
        StatusCode.LOW_CONFIDENCE,
        f'the alignment is right with probability {probability:.2f} only, {config.min_confidence:.2f} is asked; '
        'show the object from another side or use another demonstration',
    )
