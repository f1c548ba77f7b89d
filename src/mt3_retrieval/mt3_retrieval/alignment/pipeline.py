"""Alignment of two views: `align` is the list of steps, each in its own file."""

import os
import time
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import NamedTuple

import numpy as np

from mt3_common import se3
from mt3_common.errors import Status, StatusCode
from mt3_retrieval.alignment.climb import climb_rigid, climb_stretched
from mt3_retrieval.alignment.coarse import CoarsePoses, coarse_search
from mt3_retrieval.alignment.confidence import angle_apart, confidence, doubt_features, turn_between
from mt3_retrieval.alignment.config import AlignmentConfig
from mt3_retrieval.alignment.judge import JUDGE_POINTS, judge_all
from mt3_retrieval.alignment.polish import FINEST_M, RIGID, STRETCHED, WIDE_M, polish
from mt3_retrieval.alignment.pose import carried, pose_to_base, rigid_pose, stretch_to_base
from mt3_retrieval.alignment.result import Alignment, Pose, refused
from mt3_retrieval.alignment.settle import settle
from mt3_retrieval.alignment.shape import Shape
from mt3_retrieval.alignment.six import search_six
from mt3_retrieval.alignment.sweep import climb_around, sweep_yaws
from mt3_retrieval.alignment.symmetry import find_turns
from mt3_retrieval.alignment.tint import colour_worth
from mt3_retrieval.alignment.view import View

__all__ = ['align', 'align_many']

_FINISH_POINTS = 3000
_BETWEEN_DEPTH = 0.8
_BETWEEN_RAD = np.radians(29.0)
_SAME_YAW_RAD = np.radians(12.0)
_SAME_PLACE_M = 0.012
_STRETCH_DEPTH = 8.0  # a pose that promises so much less than the best is not tried with stretch
_GLANCE_POINTS = 600
_HOPELESS, _DOUBTFUL = -10.0, 3.0  # between these last words the surroundings of the best pose are climbed too
_RECONSIDERED = 2  # times at most


def align(demo_view: View, live_view: View, config: AlignmentConfig | None = None) -> Alignment:
    """Find how the demonstrated object moved, and say how far to believe it.

    Args:
        demo_view: The object as the demonstration saw it.
        live_view: The object as it is seen now.

    Returns:
        The alignment; `status` says why when it is refused. Deterministic to the bit on one machine.
    """
    config = config or AlignmentConfig()
    if config.dof not in (4, 6):
        return refused(Status(StatusCode.INVALID_INPUT, f'alignment has 4 or 6 degrees of freedom, not {config.dof}'))
    for name, view in (('demonstration', demo_view), ('live', live_view)):
        if not view.status.ok:
            return refused(Status(view.status.code, f'{name} view: {view.status.message}'))
    clock = _Clock()
    found = (_search_six if config.dof == 6 else _search_upright)(demo_view, live_view, config, clock)
    best = found.best
    features = doubt_features(
        found.candidates[0], found.candidates, found.coarse_scores, found.equivalent, found.looseness, found.untold
    )
    probability = confidence(features, config.dof)
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
        ambiguous=bool(found.equivalent or found.undetermined),
        alternative_yaws=tuple(_relative_yaw(p.yaw, best.yaw) for p in found.equivalent),
        status=_status(probability, config),
        timing_s=clock.marks,
        candidates=found.candidates,
        alternatives=found.equivalent,
        undetermined_yaws=tuple(_relative_yaw(p.yaw, best.yaw) for p in found.undetermined),
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


class _Found(NamedTuple):
    """What a search brings: the best pose, settled; poses best first, none settled, so that they compare; others that
    are as right as the best; others that cannot be excluded. `looseness` and `untold`: see `symmetry.Turns`. The best
    one's judgement, too, is that of before it was settled, which gives up overlap: limits and rankings are set by it.
    """

    best: Pose
    candidates: tuple[Pose, ...]
    equivalent: tuple[Pose, ...]
    undetermined: tuple[Pose, ...]
    coarse_scores: np.ndarray
    looseness: float
    untold: float


def _search_upright(demo_view: View, live_view: View, config: AlignmentConfig, clock: _Clock) -> _Found:
    """Search yaw and translation, with and without stretch."""
    demo, live = demo_view.shape, live_view.shape
    coarse = coarse_search(demo, live, config)
    clock.mark('coarse')
    climbed = _distinct([climb_rigid(demo, live, start, config) for start in _starts(coarse, config)])
    clock.mark('climb')
    if config.refine:
        refined = _refine(demo, live, climbed[: config.refined], config)
        clock.mark('refine')
        swept = [_resettle(demo, live, pose, config) for pose in sweep_yaws(demo, live, refined, config)]
        clock.mark('sweep')
        settled, colour, last_word = _reconsider(demo, live, [*refined, *swept], config)
        order = np.argsort(-last_word, kind='stable')
        ranked, colour = _finish(demo, live, [settled[i] for i in order], config), colour[order]
    else:
        ranked, colour = _by_worth(demo, live, climbed[: config.refined], config), np.zeros(1)
    candidates = _poses(demo_view, live_view, ranked, config, colour)
    clock.mark('rank')
    settled_best = settle(demo, live, ranked[0], config) if config.refine else ranked[0]
    T_live_demo, stretch, yaw = _in_base(demo_view, live_view, settled_best)
    best = replace(candidates[0], T_live_demo=T_live_demo, stretch=stretch, yaw=yaw)
    clock.mark('settle')
    turns = find_turns(demo, live, ranked[0], coarse, config)
    equivalent, undetermined = (
        _poses(
            demo_view,
            live_view,
            [carried(pose, ranked[0], settled_best) for pose in group],
            config,
            points=_GLANCE_POINTS,
        )
        for group in (turns.equivalent, turns.undetermined)
    )
    clock.mark('symmetry')
    return _Found(best, candidates, equivalent, undetermined, coarse.score, turns.looseness, turns.untold)


def _search_six(demo_view: View, live_view: View, config: AlignmentConfig, clock: _Clock) -> _Found:
    """Search rotation and translation, rigid; other rotations that are as good are all called undetermined."""
    found, coarse_scores = search_six(demo_view.shape, live_view.shape, config)
    T_dview_base = se3.inverse(demo_view.T_base_view)
    candidates = tuple(
        Pose(live_view.T_base_view @ T @ T_dview_base, np.eye(3), se3.yaw_of(T), *judged[:4], judged.worth)
        for T, judged in found
    )
    clock.mark('six')
    best = candidates[0]
    limit = best.consistency - config.ambiguous_margin
    undetermined = tuple(p for p in candidates[1:] if p.consistency > limit and turn_between(p, best) > _SAME_YAW_RAD)
    return _Found(best, candidates, (), undetermined, coarse_scores, 0.0, 0.0)


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


def _by_worth(demo: Shape, live: Shape, poses: list[np.ndarray], config: AlignmentConfig) -> list[np.ndarray]:
    """Return the poses, best first."""
    worth = [judged.worth for judged in judge_all(demo, live, poses, config)]
    return [poses[i] for i in np.argsort(-np.array(worth), kind='stable')]


def _refine(demo: Shape, live: Shape, climbed: list[np.ndarray], config: AlignmentConfig) -> list[np.ndarray]:
    """Return the climbed poses, polished, the promising ones also with stretch; best first."""
    rigid = [polish(demo, live, pose, config, RIGID) for pose in climbed]
    if not config.allow_stretch:
        return _by_worth(demo, live, rigid, config)
    starts = [polish(demo, live, pose, config, STRETCHED, WIDE_M, config.climb_points) for pose in climbed]
    hopes = [judged.worth for judged in judge_all(demo, live, [*rigid, *starts], config, _GLANCE_POINTS)]
    promise = np.maximum(hopes[: len(rigid)], hopes[len(rigid) :])
    shaped = [
        _reshape(demo, live, pose, start, config) if hope > promise.max() - _STRETCH_DEPTH else pose
        for pose, start, hope in zip(rigid, starts, promise, strict=True)
    ]
    return _by_worth(demo, live, shaped, config)


def _reshape(demo: Shape, live: Shape, rigid: np.ndarray, start: np.ndarray, config: AlignmentConfig) -> np.ndarray:
    """Return the best of a rigid pose, one climbed with stretch from `start`, and that one polished."""
    stretched, _ = climb_stretched(demo, live, start, config)
    return _by_worth(demo, live, [rigid, stretched, polish(demo, live, stretched, config, RIGID)], config)[0]


def _resettle(demo: Shape, live: Shape, pose: np.ndarray, config: AlignmentConfig) -> np.ndarray:
    """Return the best of a swept pose, its rigid polish, and its climb with all that may move."""
    options = [pose, polish(demo, live, pose, config, RIGID)]
    if config.allow_stretch:
        options.append(climb_stretched(demo, live, pose, config)[0])
    return _by_worth(demo, live, options, config)[0]


def _last_words(demo: Shape, live: Shape, poses: list[np.ndarray], config: AlignmentConfig) -> tuple:
    """Return what colour says to each of the poses (P,), and the last word on each (P,), colour included."""
    colour = colour_worth(demo, live, poses)
    return colour, colour + [judged.last_word for judged in judge_all(demo, live, poses, config)]


def _reconsider(demo: Shape, live: Shape, poses: list[np.ndarray], config: AlignmentConfig) -> tuple:
    """Return the poses, more of them where the best is worth little yet not hopeless, and `_last_words` on each."""
    colour, last_word = _last_words(demo, live, poses, config)
    for _ in range(_RECONSIDERED):
        best = int(np.argmax(last_word))
        if not _HOPELESS < last_word[best] < _DOUBTFUL:
            break
        poses = [*poses, *climb_around(demo, live, poses[best], config)]
        colour, last_word = _last_words(demo, live, poses, config)
        if np.argmax(last_word) == best:
            break
    return poses, colour, last_word


def _finish(demo: Shape, live: Shape, ranked: list[np.ndarray], config: AlignmentConfig) -> list[np.ndarray]:
    """Polish the best pose once more, on many points; it stays when that makes it worse."""
    finished = polish(demo, live, ranked[0], config, RIGID, FINEST_M, _FINISH_POINTS)
    after, before = judge_all(demo, live, [finished, ranked[0]], config)
    return ranked if after.worth < before.worth else [finished, *ranked[1:]]


def _poses(
    demo_view: View,
    live_view: View,
    poses: list[np.ndarray],
    config: AlignmentConfig,
    colour: np.ndarray | float = 0.0,
    points: int = JUDGE_POINTS,
) -> tuple[Pose, ...]:
    """Return poses (8,) with their judgements, in the base frame, in their order; `colour` adds to their worth."""
    if not poses:
        return ()
    found = []
    judged = judge_all(demo_view.shape, live_view.shape, poses, config, points)
    for pose, one, tinted in zip(poses, judged, np.broadcast_to(colour, len(poses)), strict=True):
        found.append(Pose(*_in_base(demo_view, live_view, pose), *one[:4], one.last_word + float(tinted)))
    return tuple(found)


def _in_base(demo_view: View, live_view: View, pose: np.ndarray) -> tuple[np.ndarray, np.ndarray, float]:
    """Return (T_live_demo, stretch, yaw) of a pose (8,), base frame."""
    T_live_demo = pose_to_base(pose, demo_view.T_base_view, live_view.T_base_view)
    return T_live_demo, stretch_to_base(pose, demo_view.T_base_view), float(pose[2])


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
