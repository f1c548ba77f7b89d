"""Borders in the picture divide a thing into parts, and say how these meet."""

import numpy as np
import pytest

from mt3_perception.segmentation.borders import Images, find_borders
from mt3_perception.segmentation.parts import find_contacts, find_parts

BOX = np.s_[10:70, 10:110]


def picture(step_m=0.0, second=(60, 160, 60)):
    """Images of two surfaces side by side: depth 1 m, the right one nearer by `step_m` and of another colour."""
    depth = np.ones((80, 120), np.float32)
    depth[:, 60:] -= step_m
    rgb = np.full((80, 120, 3), (60, 160, 60), np.uint8)
    rgb[:, 60:] = second
    return Images(depth, rgb)


@pytest.mark.parametrize(
    ('change', 'shape', 'colour'),
    [({'step_m': 0.05}, 1.0, 0.0), ({'second': (60, 110, 60)}, 0.0, 1.0)],
)
def test_a_border_in_depth_or_colour(change, shape, colour):
    """Two parts, and what their border shows."""
    own = np.ones((60, 100), np.int32)
    borders = find_borders(picture(**change), BOX)
    parts = find_parts(own, borders)
    assert parts.max() == 2
    assert (parts[:, 0] != parts[:, -1]).all()
    contact = find_contacts(parts, borders)[1, 2]
    assert contact.length == pytest.approx(60, abs=2)
    assert contact.shape / contact.length == pytest.approx(shape, abs=0.05)
    assert contact.colour / contact.length == pytest.approx(colour, abs=0.05)


def test_an_inward_bend_is_a_border_and_an_outward_one_is_not():
    """Things that touch bend inwards; the edge of a box bends outwards."""
    away = np.abs(np.arange(120) - 60).astype(np.float32) * 0.002
    for sign, count in ((-1.0, 2), (1.0, 1)):
        depth = np.broadcast_to(1.0 + sign * away, (80, 120)).astype(np.float32)
        borders = find_borders(Images(depth, None), BOX)
        assert find_parts(np.ones((60, 100), np.int32), borders).max() == count


def test_noise_is_no_border():
    """With the deviation of the depth noise known, noise divides nothing."""
    depth = (1.0 + np.random.default_rng(0).normal(0.0, 0.004, (80, 120))).astype(np.float32)
    own = np.ones((60, 100), np.int32)
    assert find_borders(Images(depth, sigma_inverse=0.0), BOX).any.mean() > 0.2
    assert find_borders(Images(depth, sigma_inverse=0.004), BOX).any.mean() < 0.06
    assert find_parts(own, find_borders(Images(depth, sigma_inverse=0.004), BOX)).max() == 1


def test_parts_meet_across_missing_pixels():
    """A line of pixels without a reading between two parts is still a contact."""
    own = np.ones((60, 100), np.int32)
    own[:, 49:51] = False
    borders = find_borders(picture(step_m=0.05), BOX)
    assert (1, 2) in find_contacts(find_parts(own, borders), borders)
