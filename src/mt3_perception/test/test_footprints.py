"""Outlines seen from above tell one convex thing from two."""

import numpy as np
import pytest

from mt3_perception.segmentation.footprints import Footprint


def cells(column, row, width, height):
    """All cells of an upright rectangle."""
    v, u = np.mgrid[row : row + height, column : column + width]
    return np.stack([u.ravel(), v.ravel()], axis=1)


def test_area_counts_cells():
    """The area of a rectangle of cells is their number; two halves make the whole."""
    one, other = Footprint.around(cells(3, 4, 10, 6)), Footprint.around(cells(13, 4, 10, 6))
    assert one.area == pytest.approx(60.0)
    assert (one | other).area == pytest.approx(120.0)
    assert one.overlap(one) == pytest.approx(45.0)  # between the middles of its outer cells


def test_rectangle_of_a_turned_bar():
    """Length and width do not depend on the yaw."""
    u, v = np.meshgrid(np.arange(-20, 21), np.arange(-3, 4))
    angle = 0.7
    turned = np.stack([u * np.cos(angle) - v * np.sin(angle), u * np.sin(angle) + v * np.cos(angle)], axis=-1)
    length, width = Footprint.around(np.round(turned.reshape(-1, 2)) + 50).rectangle
    assert length == pytest.approx(41, abs=1.5)
    assert width == pytest.approx(7, abs=1.5)


def test_gain():
    """Faces of one box enclose nothing more than themselves; things in a corner or apart do."""
    top, front = Footprint.around(cells(0, 0, 20, 10)), Footprint.around(cells(0, 10, 20, 2))
    assert top.gain(front, 6.0) < 0.05
    corner = Footprint.around(cells(20, 8, 20, 10))
    assert top.gain(corner, 6.0) > 0.5
    assert top.gain(corner, 6.0) == pytest.approx(corner.gain(top, 6.0))
    assert Footprint.around(cells(60, 0, 20, 10)).gain(top, 6.0) > 1.5


@pytest.mark.parametrize('seed', range(5))
def test_gain_encloses_what_the_outline_of_both_does(seed):
    """For outlines of any shape, apart, crossing, or one within the other."""
    rng = np.random.default_rng(seed)
    one, other = (
        Footprint.around(rng.integers(0, 30, (rng.integers(1, 40), 2)) + rng.integers(0, 25, 2)) for _ in 'ab'
    )
    smaller = min(max(part.area, 6.0 * part.rectangle[0]) for part in (one, other))
    enclosed = (one | other).area - one.area - other.area + one.overlap(other)
    assert one.gain(other, 6.0) == pytest.approx(enclosed / smaller, abs=1e-9)


def test_roundness():
    """A disc fills the circle around it, a bar does not."""
    v, u = np.mgrid[-12:13, -12:13]
    disc = np.argwhere(u**2 + v**2 <= 144)
    assert Footprint.around(disc).roundness > 0.9
    assert Footprint.around(cells(0, 0, 30, 5)).roundness < 0.3


def test_between():
    """Cells between two outlines are counted, and those that are set."""
    one, other = Footprint.around(cells(0, 0, 5, 10)), Footprint.around(cells(15, 0, 5, 10))
    seen = np.zeros((10, 20), np.uint8)
    seen[:5] = 1
    assert one.between(other, seen) == (100, 50)
