"""Upright boxes."""

import numpy as np
import pytest

from mt3_common.se3 import from_yaw, transform_points, yaw_of
from mt3_perception.boxes import upright_box


@pytest.mark.parametrize('yaw', [-1.2, 0.0, 0.3, 1.5])
def test_box_of_a_box(yaw):
    """The box of a box's surface is that box, its longer edge along x."""
    rng = np.random.default_rng(0)
    local = rng.uniform(-0.5, 0.5, (20000, 3)) * [0.12, 0.06, 0.08] + [0, 0, 0.04]
    points = transform_points(from_yaw(yaw, [0.5, 0.1, 0.2]), local)
    T_base_object, size = upright_box(points, 0.2)
    assert size == pytest.approx([0.12, 0.06, 0.08], abs=0.004)
    assert T_base_object[:3, 3] == pytest.approx([0.5, 0.1, 0.24], abs=0.003)
    assert abs(np.sin(yaw_of(T_base_object) - yaw)) < 0.05
    assert -np.pi / 2 < yaw_of(T_base_object) <= np.pi / 2


def test_box_stands_on_its_support():
    """Only the top is seen: the box still reaches down to the support."""
    points = np.random.default_rng(0).uniform(-0.05, 0.05, (5000, 3)) * [1, 1, 0] + [0.5, 0.0, 0.3]
    T_base_object, size = upright_box(points, 0.1)
    assert size[2] == pytest.approx(0.2, abs=1e-3)
    assert T_base_object[2, 3] == pytest.approx(0.2, abs=1e-3)


@pytest.mark.parametrize('count', [1, 2, 3])
def test_few_points(count):
    """One point is enough for a box of a millimetre."""
    T_base_object, size = upright_box(np.tile([0.5, 0.1, 0.05], (count, 1)), float('nan'))
    assert (size >= 1e-3 - 1e-9).all()
    assert np.isfinite(T_base_object).all()


@pytest.mark.parametrize('strays', [0, 5, 12])
def test_a_group_of_strays_does_not_stretch_the_box(strays):
    """Depth at an edge leaves a few points between the object and what is behind it."""
    rng = np.random.default_rng(1)
    body = rng.uniform(-0.5, 0.5, (700, 3)) * [0.06, 0.06, 0.12] + [0.6, 0.0, 0.06]
    behind = rng.normal(0.0, 0.002, (strays, 3)) + np.array([0.5, -0.03, 0.06])
    _, size = upright_box(np.concatenate([body, behind]), 0.0)
    assert size == pytest.approx([0.06, 0.06, 0.12], abs=0.006)


def test_points_all_over_a_room_are_no_reason_to_stumble():
    _, size = upright_box(np.random.default_rng(2).uniform(-40.0, 40.0, (500, 3)), 0.0)
    assert size.min() > 30.0
