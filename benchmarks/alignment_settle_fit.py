"""Fit of the terms by which a pose is settled among its neighbours: printed as constants for alignment/settle.py.

For each tuning pair the neighbours of the true pose (climbed with stretch when the instance is novel): turns up to 25
degrees, each at its own best place, and random steps. A conditional logistic regression makes those near the truth
probable. The constants in use were fitted with the neighbours of the found pose beside them, so this prints similar
ones, not the same. Run it with the project's environment, 1 minute per seed:
`python benchmarks/alignment_settle_fit.py [--seeds 12]`
"""

import argparse
import dataclasses

import numpy as np
from alignment_objects import CATEGORIES
from alignment_scenes import Pair, make_pair, pose_errors, view_of
from scipy.optimize import minimize

from mt3_common import se3
from mt3_retrieval.alignment import AlignmentConfig, align
from mt3_retrieval.alignment.climb import climb_stretched, stretch_penalty
from mt3_retrieval.alignment.polish import PLACE, polish
from mt3_retrieval.alignment.pose import pose_to_base, rigid_pose, stretch_to_base, turned_about
from mt3_retrieval.alignment.settle import TERMS, expectations

_CONFIG = AlignmentConfig()
_TURNS = np.radians([-25, -18, -12, -9, -6, -4, -2, 0, 2, 4, 6, 9, 12, 18, 25])
_RIGHT_M, _RIGHT_RAD = 0.004, np.radians(2.5)  # errors at which a neighbour counts as half right
_NEAR_M, _NEAR_RAD = 0.03, np.radians(16.0)
_RIDGE = 0.3


def neighbours(pair: Pair, novel: bool, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray] | None:
    """Return the terms (N, T) of the neighbours and how right each is (N,), None when none is."""
    demo, live = view_of(pair.demo), view_of(pair.live)
    found = align(demo, live, _CONFIG)
    T = pair.live.T_base_object @ se3.inverse(pair.demo.T_base_object)
    T = se3.inverse(live.T_base_view) @ T @ demo.T_base_view
    truth = rigid_pose(T[0, 3], T[1, 3], se3.yaw_of(T))
    if novel:
        place = polish(demo.shape, live.shape, truth, _CONFIG, PLACE, (0.010, 0.008, 0.006))
        truth = climb_stretched(demo.shape, live.shape, place, _CONFIG)[0]
    poses = []
    for turn in _TURNS:
        start = turned_about(truth, truth[:2], turn)
        poses.append(polish(demo.shape, live.shape, start, _CONFIG, PLACE, (0.010, 0.007, 0.005, 0.004), 500))
    for _ in range(8):
        step = rng.normal(size=8) * [0.003, 0.003, 0.05, 0.0, *[0.03 * novel] * 4]
        poses.append(truth + step)
    error = np.array([_error(pair, found, pose, demo, live) for pose in poses])
    near = (error[:, 0] < _NEAR_M) & (error[:, 1] < _NEAR_RAD)
    right = np.exp(-((error[:, 0] / _RIGHT_M) ** 2) - (error[:, 1] / _RIGHT_RAD) ** 2)[near]
    if not near.any() or right.max() < 0.1:
        return None
    poses = np.array(poses)[near]
    terms = np.array([expectations(demo.shape, live.shape, pose, 1500) for pose in poses])
    return np.c_[terms, [stretch_penalty(pose, _CONFIG) for pose in poses]], right / right.max()


def _error(pair, found, pose, demo, live) -> tuple[float, float]:
    T = pose_to_base(pose, demo.T_base_view, live.T_base_view)
    moved = dataclasses.replace(found, T_live_demo=T, stretch=stretch_to_base(pose, demo.T_base_view))
    return pose_errors(pair, moved.transfer, T)


def fit(groups: list[tuple[np.ndarray, np.ndarray]]) -> np.ndarray:
    """Return the weights (T,) that make what is right in each group probable."""
    spread = np.concatenate([X for X, _ in groups]).std(axis=0) + 1e-9

    def loss(w: np.ndarray) -> tuple[float, np.ndarray]:
        total, slope = 0.5 * _RIDGE * w @ w, _RIDGE * w
        for X, right in groups:
            odds = np.exp((X / spread) @ w - ((X / spread) @ w).max())
            chosen, wanted = odds / odds.sum(), right * odds / (right @ odds)
            total -= np.log(right @ chosen)
            slope = slope + (X / spread).T @ (chosen - wanted)
        return total, slope

    return minimize(loss, np.zeros(len(spread)), jac=True, method='L-BFGS-B').x / spread


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument('--seeds', type=int, default=12, help='tuning seeds, from 1 on')
    rng, groups = np.random.default_rng(0), []
    for seed in range(1, parser.parse_args().seeds + 1):
        for kind in ('same', 'cat'):
            pairs = (make_pair(category, kind, seed) for category in CATEGORIES)
            asked = (neighbours(pair, kind == 'cat', rng) for pair in pairs if pair.demo.instance.symmetry != 0)
            groups += [group for group in asked if group is not None]
        print(f'seed {seed} done', flush=True)
    for term, weight in zip(TERMS, fit(groups), strict=True):
        print(f"    '{term}': {weight:.1f},")


if __name__ == '__main__':
    main()
