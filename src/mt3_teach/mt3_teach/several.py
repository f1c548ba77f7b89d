"""Several demonstrations of one task: brought onto one time axis, and made into one with its variance.

Positions, rotations and the gripper are aligned: dynamic time warping (Sakoe and Chiba, 1978; `dtaidistance`) of each
demonstration to the medoid, the one that is nearest to all others. A Gaussian mixture over time and what differs from
the medoid in position and rotation is then conditioned on time (Calinon, Guenter and Billard, 2007; `gmr`): the medoid
plus that mean is the interaction, the variance tells where precision matters. The regression is of the differences
because they are slow: of the path itself, a mixture would round off its corners, and a grasp is one. Where
demonstrations agree, replays should be slow; where they differ, nothing depends on the exact path.
"""

from dataclasses import dataclass, replace

import numpy as np
from scipy.ndimage import uniform_filter1d
from scipy.spatial.transform import Rotation

from mt3_common import se3
from mt3_common.demonstration import Interaction
from mt3_common.errors import InvalidInput

__all__ = ['BLENDED', 'DEVIATION', 'Aligned', 'Blend', 'Outlier', 'align_in_time', 'blend', 'outliers']

BLENDED = 'blended_from'  # in the provenance of what was made of several: their ids
DEVIATION = 'deviation_mm'  # in the provenance: standard deviation at each sample of the path
_SAMPLES = 100
_EVEN_M = 1e-4
_SLOWEST = 0.5  # share of the demonstrated speed where they agree most
_ROTATION_M = 0.1  # a radian weighs as much as this [m]
_AGREEMENT_M = 0.005  # demonstrations are not expected to agree better than this [m]
_APART_M, _APART_RATIO = 0.02, 4.0  # an outlier is that far off, and that many times as far as the others are
_WINDOW = 9  # samples over which distances are averaged: one sample says little after warping
_GRIPPER_M = 0.1  # opening or closing weighs as much as this [m]


@dataclass(frozen=True, eq=False)
class Aligned:
    """Demonstrations on one time axis.

    Attributes:
        medoid: Index of the demonstration that all were aligned to.
        time_s: (N,) of the medoid [s].
        features: (D, N, 6): position in the common frame [m], rotation vector times 0.1 m.
        openings: (D, N) of the gripper.
    """

    medoid: int
    time_s: np.ndarray
    features: np.ndarray
    openings: np.ndarray


@dataclass(frozen=True)
class Outlier:
    """A demonstration that lies apart from the others.

    Attributes:
        index: Which.
        share: Where on the common time axis it lies apart most, 0 to 1.
        distance_m: How far from their middle there [m].
        spread_m: How far the others lie from it there [m].
    """

    index: int
    share: float
    distance_m: float
    spread_m: float


@dataclass(frozen=True, eq=False)
class Blend:
    """One interaction made of several.

    Attributes:
        interaction: The mean.
        T_common_bottleneck: (4, 4) where it begins; the identity when all begin at their own bottlenecks.
        deviation_m: (K,) standard deviation of the tool's position at each of its times [m].
        speed: (K,) factor in [0.5, 1] by which a replay should go: slow where the demonstrations agree.
        medoid: Index of the demonstration whose pace it has.
        used: Indices of the demonstrations that went in.
    """

    interaction: Interaction
    T_common_bottleneck: np.ndarray
    deviation_m: np.ndarray
    speed: np.ndarray
    medoid: int
    used: tuple[int, ...]

    def retimed(self) -> Interaction:
        """Return the interaction at `speed` times its pace."""
        steps = np.diff(self.interaction.time_s) / (0.5 * (self.speed[1:] + self.speed[:-1]))
        return replace(self.interaction, time_s=np.append(0.0, np.cumsum(steps)))


def _features(path: Interaction, T_common_bottleneck: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    at = np.linspace(0.0, path.duration_s, _SAMPLES)
    T = T_common_bottleneck @ se3.interpolate(path.time_s, path.T_bottleneck_tcp, at)
    turn = Rotation.from_matrix(T[:, :3, :3]).as_rotvec()
    opening = path.gripper_opening[np.searchsorted(path.time_s, at + 1e-9, side='right') - 1]
    return np.hstack([T[:, :3, 3], _ROTATION_M * turn]), opening


def align_in_time(paths: list[Interaction], bottlenecks: list[np.ndarray] | None = None) -> Aligned:
    """Bring interactions onto the time axis of the one that is nearest to the others.

    Args:
        paths: At least two.
        bottlenecks: T_common_bottleneck (4, 4) of each, near the identity; None: each is its own origin.

    Raises:
        InvalidInput: Fewer than two.
    """
    from dtaidistance import dtw, dtw_ndim

    if len(paths) < 2:
        raise InvalidInput(f'several demonstrations are needed to align them: got {len(paths)}')
    starts = bottlenecks or [np.eye(4)] * len(paths)
    shapes = [_features(path, start) for path, start in zip(paths, starts, strict=True)]
    full = [np.ascontiguousarray(np.hstack([f, _GRIPPER_M * o[:, None]])) for f, o in shapes]
    compiled = dtw.dtw_cc is not None  # wheels have it; without, the same is computed in Python
    warp = dtw.warping_path_fast if compiled else dtw_ndim.warping_path
    cost = np.zeros((len(paths), len(paths)))
    for i in range(len(paths)):
        for j in range(i):
            cost[i, j] = cost[j, i] = dtw_ndim.distance(full[i], full[j], window=_SAMPLES // 2, use_c=compiled)
    medoid = int(np.argmin(np.median(cost, axis=1)))
    features, openings = [], []
    for k, (f, o) in enumerate(shapes):
        if k == medoid:
            features.append(f)
            openings.append(o)
            continue
        steps = np.array(warp(full[medoid], full[k], window=_SAMPLES // 2))
        # of the samples that one sample of the medoid was matched with, the mean place and the last command
        at = np.array([steps[steps[:, 0] == n, 1].mean() for n in range(_SAMPLES)])
        features.append(np.stack([np.interp(at, np.arange(_SAMPLES), f[:, i]) for i in range(6)], axis=1))
        openings.append(o[np.array([steps[steps[:, 0] == n, 1].max() for n in range(_SAMPLES)])])
    time_s = np.linspace(0.0, paths[medoid].duration_s, _SAMPLES)
    return Aligned(medoid, time_s, np.array(features), np.array(openings))


def outliers(aligned: Aligned) -> list[Outlier]:
    """Return the demonstrations that lie far from the others where those agree, or far from them altogether.

    A distance counts in view of how far the others lie apart at that time: 3 cm beside a grasp that all others met
    within millimetres are wrong, 3 cm on the way there are not. The middle and that spread are medians over the
    demonstrations: the variance of a mixture over all of them would contain the outlier that it is to tell.
    """
    squares = np.sum((aligned.features - np.median(aligned.features, axis=0)) ** 2, axis=2)
    squares = uniform_filter1d(squares, _WINDOW, axis=1, mode='nearest')
    found = []
    for k, own in enumerate(squares):
        others = np.maximum(np.median(np.delete(squares, k, axis=0), axis=0), _AGREEMENT_M**2)
        excess = np.where(own > _APART_M**2, own / others, 0.0)
        worst = int(np.argmax(excess))
        if excess[worst] > _APART_RATIO**2:
            share = worst / (squares.shape[1] - 1)
            found.append(Outlier(k, share, float(np.sqrt(own[worst])), float(np.sqrt(others[worst]))))
    return found


def blend(
    paths: list[Interaction],
    bottlenecks: list[np.ndarray] | None = None,
    components: int = 8,
    seed: int = 0,
    drop_outliers: bool = True,
) -> Blend:
    """Make one interaction of several.

    Args:
        paths: At least three, of the same task.
        bottlenecks: T_common_bottleneck (4, 4) of each, near the identity; None: each is its own origin.
        components: Of the mixture.
        drop_outliers: Leave out those that lie apart, when at least three remain.

    Raises:
        InvalidInput: Fewer than three.
    """
    if len(paths) < 3:
        raise InvalidInput(f'a mean of demonstrations needs at least 3: got {len(paths)}')
    starts = bottlenecks or [np.eye(4)] * len(paths)
    aligned = align_in_time(paths, starts)
    used = list(range(len(paths)))
    if drop_outliers:
        kept = [k for k in used if k not in {outlier.index for outlier in outliers(aligned)}]
        if 3 <= len(kept) < len(used):
            used, aligned = kept, align_in_time([paths[k] for k in kept], [starts[k] for k in kept])
    medoid = used[aligned.medoid]
    difference, variance = _regression(aligned, components, seed)
    # the medoid's own samples and commands: its corners stay corners, and its hand is never half open
    path = paths[medoid]
    difference, deviation = (
        np.stack([np.interp(path.time_s, aligned.time_s, column) for column in values.T], axis=1)
        for values in (difference, np.sqrt(variance[:, :3].sum(axis=1, keepdims=True)))
    )
    T = starts[medoid] @ path.T_bottleneck_tcp
    T[:, :3, 3] += difference[:, :3]
    T[:, :3, :3] = T[:, :3, :3] @ Rotation.from_rotvec(difference[:, 3:] / _ROTATION_M).as_matrix()
    interaction = Interaction(path.time_s, se3.inverse(T[0]) @ T, path.gripper_opening, path.gripper_max_width_m)
    return Blend(interaction, T[0], deviation[:, 0], _speed(deviation[:, 0]), medoid, tuple(used))


def _differences(aligned: Aligned) -> np.ndarray:
    """Return (D, N, 6) what differs from the medoid: position [m], and rotation in its tool's frame, times 0.1 m."""
    middle = aligned.features[aligned.medoid]
    turns = [Rotation.from_rotvec(f[:, 3:] / _ROTATION_M) for f in aligned.features]
    away = [(turns[aligned.medoid].inv() * turn).as_rotvec() for turn in turns]
    return np.concatenate([aligned.features[:, :, :3] - middle[:, :3], _ROTATION_M * np.array(away)], axis=2)


def _regression(aligned: Aligned, components: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Return mean and variance (N, 6) of what differs from the medoid, at its times."""
    from gmr import GMM

    share = aligned.time_s / aligned.time_s[-1]
    rows = np.concatenate([np.hstack([share[:, None], f]) for f in _differences(aligned)])
    # in units of their own spread, so that no feature is lost in the regularisation of the mixture
    scale = np.maximum(rows.std(axis=0), 1e-4)
    mixture = GMM(n_components=min(components, len(rows) // 20), random_state=seed)
    mixture.from_samples(rows / scale, n_iter=30, init_params='kmeans++')
    mean, variance = np.empty((_SAMPLES, 6)), np.empty((_SAMPLES, 6))
    for n in range(_SAMPLES):
        given = mixture.condition([0], np.array([share[n] / scale[0]])).to_mvn()
        mean[n], variance[n] = given.mean * scale[1:], np.diag(given.covariance) * scale[1:] ** 2
    return mean, variance


def _speed(deviation_m: np.ndarray) -> np.ndarray:
    """Return the share of the demonstrated speed: least at the greatest agreement, 1 from the median deviation on."""
    least, middle = float(deviation_m.min()), float(np.median(deviation_m))
    if middle - least < _EVEN_M:  # they agree as much everywhere: no place asks for more care than another
        return np.ones(len(deviation_m))
    share = (deviation_m - least) / (middle - least)
    return np.clip(_SLOWEST + (1.0 - _SLOWEST) * share, _SLOWEST, 1.0)
