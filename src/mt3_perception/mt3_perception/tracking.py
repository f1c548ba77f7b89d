"""Object ids that stay the same from frame to frame."""

import numpy as np
from scipy.optimize import linear_sum_assignment

__all__ = ['ObjectIds']


class ObjectIds:
    """Remembers where objects were and gives the same id to what is there again.

    An object keeps its id while its middle moves less than `reach_m` between two scenes and its size
    stays alike. An object that was away for more than `memory` scenes has lost its id; ids are never
    given twice.
    """

    def __init__(self, reach_m: float = 0.05, memory: int = 30) -> None:
        self._reach_m = reach_m
        self._memory = memory
        self._known: dict[int, tuple[np.ndarray, np.ndarray, int]] = {}
        self._scene = 0
        self._next = 1

    def assign(self, centres: np.ndarray, sizes: np.ndarray) -> list[int]:
        """Return an id for each object of a new scene.

        Args:
            centres: (M, 3) base frame [m].
            sizes: (M, 3) edge lengths [m].
        """
        self._scene += 1
        centres, sizes = np.reshape(centres, (-1, 3)), np.reshape(sizes, (-1, 3))
        self._known = {i: k for i, k in self._known.items() if self._scene - k[2] <= self._memory}
        ids = [0] * len(centres)
        known = list(self._known)
        if known and len(centres):
            old_centres = np.stack([self._known[i][0] for i in known])
            old_sizes = np.stack([self._known[i][1] for i in known])
            distance = np.linalg.norm(centres[:, None] - old_centres[None], axis=2)
            change = np.abs(sizes[:, None] - old_sizes[None]).sum(axis=2) / 3.0
            cost = distance + change
            for row, column in zip(*linear_sum_assignment(np.minimum(cost, 1.0)), strict=True):
                if distance[row, column] <= self._reach_m and change[row, column] <= self._reach_m:
                    ids[row] = known[column]
        for i in range(len(ids)):
            if ids[i] == 0:
                ids[i], self._next = self._next, self._next + 1
            self._known[ids[i]] = (centres[i], sizes[i], self._scene)
        return ids
