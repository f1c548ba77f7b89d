"""Pieces of the target that its segment does not hold."""

import numpy as np

from mt3_executor.config import CollisionConfig
from mt3_executor.target_extent import belongs_to_target

CONFIG = CollisionConfig()


def block(x, count, spacing=0.004):
    """A grid of count x 10 points from x on."""
    grid = np.stack(np.meshgrid(np.arange(count), np.arange(10)), axis=-1).reshape(-1, 2) * spacing
    return np.c_[grid[:, 0] + x, grid[:, 1], np.full(len(grid), 0.05)]


def scene(*parts):
    points = np.vstack([p for p, _ in parts])
    labels = np.concatenate([np.full(len(p), label) for p, label in parts])
    return points, labels


def test_a_small_segment_beside_the_target_is_a_piece_of_it_and_a_large_one_is_not():
    points, labels = scene((block(0.0, 30), 1), (block(0.16, 3), 2), (block(-0.16, 25), 3))
    found = belongs_to_target(points, labels, 1, CONFIG)
    assert found[labels == 1].all()
    assert found[labels == 2].all()
    assert not found[labels == 3].any()


def test_the_ragged_outline_is_the_target_and_what_stands_apart_is_not():
    points, labels = scene((block(0.0, 30), 1), (block(0.14, 4), 0), (block(0.30, 4), 0))
    found = belongs_to_target(points, labels, 1, CONFIG)
    assert found[points[:, 0] < 0.2].all()
    assert not found[points[:, 0] > 0.2].any()


def test_a_neighbour_that_touches_stays_an_obstacle_but_for_its_edge():
    points, labels = scene((block(0.0, 30), 1), (block(0.122, 30), 2))
    found = belongs_to_target(points, labels, 1, CONFIG)
    assert 0 < found[labels == 2].sum() < 0.2 * (labels == 2).sum()


def test_without_a_target_nothing_belongs_to_it():
    points, labels = scene((block(0.0, 5), 1))
    assert not belongs_to_target(points, labels, 0, CONFIG).any()
    assert not belongs_to_target(points, labels, 7, CONFIG).any()
