"""What is conceded where something is in the way of every way of doing it: as little as helps.

As it was taught, among obstacles in coarse cells, which keep some distance from everything that was seen; then with the
hand opened less before it grasps; then both among obstacles in fine cells, for what goes in or out between close walls.
"""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from mt3_common.demonstration import Interaction
from mt3_executor.config import PlanningConfig
from mt3_executor.obstacles import Obstacles
from mt3_executor.opening import narrower, opened_less

__all__ = ['Variant', 'variants']


class Variant(NamedTuple):
    """One try of planning: what is conceded, and what it is planned with."""

    words: str
    interaction: Interaction
    obstacles: Obstacles
    config: PlanningConfig


def variants(
    interaction: Interaction, bottlenecks: np.ndarray, obstacles: Obstacles, config: PlanningConfig
) -> Iterator[Variant]:
    """Yield what to plan, the next when something is in the way of all that was planned before.

    Args:
        interaction: As demonstrated.
        bottlenecks: (M, 4, 4) equally right T_base_bottleneck [m].
        obstacles: In coarse cells.
        config: Settings.
    """
    hows = [('', interaction)]
    for opening in narrower(interaction, bottlenecks, obstacles.seen_points, config):
        less = opened_less(interaction, opening, config.gripper_event_tolerance)
        hows.append((f'with the hand open to {100.0 * opening:.0f} %', less))
    yield from (Variant(words, how, obstacles, config) for words, how in hows)
    size_m = config.collision.fine_resolution_m
    if obstacles.finer is None or size_m >= config.collision.cloud_resolution_m:
        return
    fine = config.model_copy(update={'collision': config.collision.model_copy(update={'cloud_resolution_m': size_m})})
    finer = obstacles.finer()
    for words, how in hows:
        yield Variant(f'{words} among obstacles in cells of {1e3 * size_m:.0f} mm'.lstrip(), how, finer, fine)
