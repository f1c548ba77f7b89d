"""Several demonstrations of one task: brought onto one time axis, and made into one with its variance.

Positions, rotations and the gripper are aligned: dynamic time warping (Sakoe and Chiba, 1978; `dtaidistance`) of each
demonstration to the medoid, the one that is nearest to all others. A Gaussian mixture over (time, position, rotation
vector) is then conditioned on time (Calinon, Guenter and Billard, 2007; `gmr`): its mean is the interaction, its
variance tells where precision matters. Where demonstrations agree, replays should be slow; where they differ, nothing
depends on the exact path.
"""

from dataclasses import dataclass

import numpy as np
from scipy.spatial.transform import Rotation

from mt3_common import se3
from mt3_common.demonstration import Interaction
from mt3_common.errors import InvalidInput

__all__ = ['Aligned', 'Blend', 'align_in_time', 'blend', 'outliers']

_SAMPLES = 100
_ROTATION_M = 0.1  # a radian weighs as much as this [m]
_GRIPPER_M = 0.1  # opening or closing weighs as much as this [m]


@dataclass(frozen=True, eq=False)
class Aligned:
    """Demonstrations on one time axis.

    Attributes:
        medoid: Index of the demonstration that all were aligned to.
        time_s: (N,) of the medoid [s].
        features: (D, N, 6): position in the bottleneck frame [m], rotation vector times 0.1 m.
        openings: (D, N) of the gripper.
    """

    medoid: int
    time_s: np.ndarray
    features: np.ndarray
    openings: np.ndarray


@dataclass(frozen=True, eq=False)
class Blend:
    """One interaction made of several.

    Attributes:
        interaction: The mean.
        deviation_m: (K,) standard deviation of the tool's position at each of its times [m].
        speed: (K,) factor in [0.3, 1] by which a replay should go: slow where the demonstrations agree.
        used: Indices of the demonstrations that went in.
    """

    interaction: Interaction
    deviation_m: np.ndarray
    speed: np.ndarray
    used: tuple[int, ...]


def _features(path: Interaction) -> tuple[np.ndarray, np.ndarray]:
    at = np.linspace(0.0, path.duration_s, _SAMPLES)
    T = se3.interpolate(path.time_s, path.T_bottleneck_tcp, at)
    turn = Rotation.from_matrix(T[:, :3, :3]).as_rotvec()
    opening = path.gripper_opening[np.searchsorted(path.time_s, at + 1e-9, side='right') - 1]
    return np.hstack([T[:, :3, 3], _ROTATION_M * turn]), opening


def align_in_time(paths: list[Interaction]) -> Aligned:
    """Bring interactions onto the time axis of the one that is nearest to the others.

    Raises:
        InvalidInput: Fewer than two.
    """
    from dtaidistance import dtw_ndim

    if len(paths) < 2:
        raise InvalidInput(f'several demonstrations are needed to align them: got {len(paths)}')
    shapes = [_features(path) for path in paths]
    full = [np.ascontiguousarray(np.hstack([f, _GRIPPER_M * o[:, None]])) for f, o in shapes]
    cost = np.zeros((len(paths), len(paths)))
    for i in range(len(paths)):
        for j in range(i):
            cost[i, j] = cost[j, i] = dtw_ndim.distance(full[i], full[j], window=_SAMPLES // 2)
    medoid = int(np.argmin(np.median(cost, axis=1)))
    features, openings = [], []
    for k, (f, o) in enumerate(shapes):
        if k == medoid:
            features.append(f)
            openings.append(o)
            continue
        steps = np.array(dtw_ndim.warping_path(full[medoid], full[k], window=_SAMPLES // 2))
        # of the samples that one sample of the medoid was matched with, the mean place and the last command
        at = np.array([steps[steps[:, 0] == n, 1].mean() for n in range(_SAMPLES)])
        features.append(np.stack([np.interp(at, np.arange(_SAMPLES), f[:, i]) for i in range(6)], axis=1))
        openings.append(o[np.array([steps[steps[:, 0] == n, 1].max() for n in range(_SAMPLES)])])
    time_s = np.linspace(0.0, paths[medoid].duration_s, _SAMPLES)
    return Aligned(medoid, time_s, np.array(features), np.array(openings))


def outliers(aligned: Aligned) -> list[tuple[int, float, float]]:
    """Return (index, distance from the middle [m], limit [m]) of demonstrations that lie apart from the others.

    The middle is the median over demonstrations; the limit three times the median distance, and at least 2 cm.
    """
    middle = np.median(aligned.features, axis=0)
    distance = np.sqrt(np.mean(np.sum((aligned.features - middle) ** 2, axis=2), axis=1))
    limit = max(3.0 * float(np.median(distance)), 0.02)
    return [(int(k), float(distance[k]), limit) for k in np.flatnonzero(distance > limit)]


def blend(paths: list[Interaction], components: int = 12, seed: int = 0, drop_outliers: bool = True) -> Blend:
    """Make one interaction of several.

    Args:
        paths: At least three, relative to their bottlenecks, of the same task.
        components: Of the mixture.
        drop_outliers: Leave out those that lie apart, when at least three remain.

    Raises:
        InvalidInput: Fewer than three.
    """
    from gmr import GMM

    if len(paths) < 3:
        raise InvalidInput(f'a mean of demonstrations needs at least 3: got {len(paths)}')
    aligned = align_in_time(paths)
    used = list(range(len(paths)))
    if drop_outliers:
        kept = [k for k in used if k not in {index for index, _, _ in outliers(aligned)}]
        if 3 <= len(kept) < len(used):
            used, aligned = kept, align_in_time([paths[k] for k in kept])
    count = len(used)
    share = aligned.time_s / aligned.time_s[-1]
    rows = np.concatenate([np.hstack([share[:, None], f]) for f in aligned.features])
    # in units of their own spread, so that no feature is lost in the regularisation of the mixture
    scale = np.maximum(rows.std(axis=0), 1e-4)
    mixture = GMM(n_components=min(components, count * _SAMPLES // 20), random_state=seed)
    mixture.from_samples(rows / scale, n_iter=60, init_params='kmeans++')
    mean, variance = np.empty((_SAMPLES, 6)), np.empty((_SAMPLES, 6))
    for n in range(_SAMPLES):
        given = mixture.condition([0], np.array([share[n] / scale[0]]))
        single = given.to_mvn()
        mean[n], variance[n] = single.mean * scale[1:], np.diag(single.covariance) * scale[1:] ** 2
    spread = aligned.features.var(axis=0)  # the mixture adds the curvature of the path within a component
    variance = np.minimum(variance, np.maximum(spread, 1e-8))
    deviation = np.sqrt(variance[:, :3].sum(axis=1))
    T = np.tile(np.eye(4), (_SAMPLES, 1, 1))
    T[:, :3, :3] = Rotation.from_rotvec(mean[:, 3:] / _ROTATION_M).as_matrix()
    T[:, :3, 3] = mean[:, :3]
    T = se3.inverse(T[0]) @ T
    # a command is a step: it is where the medoid has it, so that it never becomes a half-open hand
    medoid = used[aligned.medoid]
    opening = aligned.openings[aligned.medoid]
    interaction = Interaction(aligned.time_s, T, opening, paths[medoid].gripper_max_width_m)
    return Blend(interaction, deviation, _speed(deviation), tuple(used))


def _speed(deviation_m: np.ndarray) -> np.ndarray:
    """Return the share of the demonstrated speed: 0.3 at the greatest agreement, 1 from the median deviation on."""
    middle = float(np.median(deviation_m))
    return np.clip(0.3 + 0.7 * deviation_m / max(middle, 1e-6), 0.3, 1.0)
