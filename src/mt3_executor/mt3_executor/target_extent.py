"""Which seen points belong to the target although its segment does not hold them.

Outlines in depth pictures are ragged, and thin parts (the handle of a mug, the bar of a drawer) often become segments
of their own. Taken for obstacles, they would forbid exactly the touch that was demonstrated.
"""

import numpy as np
from scipy.spatial import cKDTree

from mt3_executor.config import CollisionConfig

__all__ = ['belongs_to_target']


def belongs_to_target(points: np.ndarray, labels: np.ndarray, target_id: int, config: CollisionConfig) -> np.ndarray:
    """Return which points (N,) bool are the target or a piece of it.

    A piece is: a point of any segment within `target_edge_m` of the target; a whole segment that is near and much
    smaller than the target; near unsegmented points that hang together with it in steps of `target_loose_gap_m`
    (flying pixels between a handle and what it is fixed to).

    Args:
        points: (N, 3) seen points above the support [m].
        labels: (N,) object id of each, 0 none.
        target_id: The target; 0: none.
        config: Limits.
    """
    target = labels == target_id if target_id > 0 else np.zeros(len(points), dtype=bool)
    if not target.any() or target.all():
        return target
    belongs = target.copy()
    seeds = cKDTree(points[target])
    distance = np.full(len(points), np.inf)
    distance[~target] = seeds.query(points[~target], distance_upper_bound=config.target_piece_reach_m)[0]
    belongs |= distance <= config.target_edge_m
    for other in np.unique(labels[np.isfinite(distance) & ~target]):
        segment = labels == other
        if other and segment.sum() <= config.target_piece_share * target.sum():
            belongs |= segment
    # unsegmented points: from the target outwards, as far as they hang together
    loose = np.flatnonzero((labels == 0) & np.isfinite(distance) & ~belongs)
    frontier = np.flatnonzero(belongs)
    while len(loose) and len(frontier):
        nearest = cKDTree(points[frontier]).query(points[loose], distance_upper_bound=config.target_loose_gap_m)[0]
        reached = np.isfinite(nearest)
        frontier = loose[reached]
        belongs[frontier] = True
        loose = loose[~reached]
    return belongs
