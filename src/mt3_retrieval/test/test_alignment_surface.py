"""Surfaces: normals and nearest points agree with what geometry says."""

import numpy as np
import pytest

from mt3_retrieval.alignment.shape import FAR_M
from mt3_retrieval.alignment.support import around
from mt3_retrieval.alignment.surface import clean_surface, nearest_grid


def ball(radius=0.05, count=20_000):
    """Points (N, 3) on the upper part of a ball whose camera looks from above [m]."""
    points = np.random.default_rng(0).normal(size=(count, 3))
    points *= radius / np.linalg.norm(points, axis=1, keepdims=True)
    return points[points[:, 2] > 0.0]


def test_normals_of_a_ball_point_outwards():
    surface, normals = clean_surface(ball(), np.array([0.0, 0.0, 1.0]))
    cosine = (normals * surface).sum(axis=1) / np.linalg.norm(surface, axis=1)
    np.testing.assert_allclose(np.linalg.norm(normals, axis=1), 1.0, atol=1e-9)
    assert np.median(np.degrees(np.arccos(np.clip(cosine, -1.0, 1.0)))) < 3.0
    assert np.percentile(cosine[surface[:, 2] > 0.02], 1) > np.cos(np.radians(15.0))


@pytest.mark.parametrize('axis', [0, 1, 2])
def test_normals_of_a_flat_patch_are_exact(axis):
    grid = np.stack(np.meshgrid(np.arange(20), np.arange(20), [0.0]), axis=-1).reshape(-1, 3) * 0.002 + 0.001
    camera = np.full(3, 0.02)
    camera[axis] = 1.0
    _, normals = clean_surface(np.roll(grid, axis - 2, axis=1), camera)
    np.testing.assert_allclose(normals, np.tile(np.eye(3)[axis], (len(normals), 1)), atol=1e-6)


def test_lonely_points_are_dropped():
    stray = np.array([[0.2, 0.2, 0.1], [0.3, 0.0, 0.0]])
    surface, _ = clean_surface(np.concatenate([ball(), stray]), np.array([0.0, 0.0, 1.0]))
    assert np.abs(surface).max() < 0.06


def test_nearest_grid_knows_the_nearest_point():
    points = ball(count=3000).astype(np.float32)
    nearest, origin, cell = nearest_grid(points)
    index = np.random.default_rng(1).integers(0, nearest.shape, size=(2000, 3))
    centre = origin + (index + 0.5) * cell
    distance = np.linalg.norm(points[None] - centre[:, None], axis=2).min(axis=1)
    found = nearest[tuple(index.T)]
    assert (found[distance < 0.9 * FAR_M] >= 0).all()
    assert (found[distance > 1.05 * FAR_M] == -1).all()
    known = found >= 0
    to_found = np.linalg.norm(points[found[known]] - centre[known], axis=1)
    near = distance[known] < cell
    np.testing.assert_allclose(to_found[near], distance[known][near], atol=1e-6)
    assert (to_found - distance[known]).max() < 0.003, 'far from the surface a neighbour may stand for the nearest'


def test_ring_stays_in_the_image():
    mask = np.zeros((60, 80), dtype=bool)
    mask[0:5, 70:80] = True
    rows, columns = around(mask)
    assert (rows.start, rows.stop, columns.start, columns.stop) == (0, 26, 49, 80)
