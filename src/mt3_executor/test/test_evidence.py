import numpy as np
import pytest

from mt3_executor.evidence import appeared, find_shift, look_up
from mt3_executor.testing.depth_scenes import box_scene


def test_a_thing_is_seen_where_it_is_and_seen_through_where_it_is_not():
    scene, points = box_scene((0.5, 0.0, 0.05), (0.06, 0.1, 0.1))
    there = look_up(points, scene)
    assert there.tells and there.explained > 0.95
    gone = look_up(points + np.array([0.0, 0.2, 0.0]), scene)
    assert gone.tells and gone.explained < 0.4  # its lower rim is near the table


def test_what_stands_before_it_hides_it():
    _, points = box_scene((0.5, 0.0, 0.05), (0.06, 0.1, 0.1))
    screen, _ = box_scene((0.75, 0.0, 0.3), (0.02, 0.6, 0.6))
    assert not look_up(points, screen).tells


def test_points_outside_the_picture_tell_nothing():
    scene, points = box_scene((0.5, 0.0, 0.05), (0.06, 0.1, 0.1))
    assert not look_up(points + np.array([0.0, 5.0, 0.0]), scene).tells
    assert not look_up(np.zeros((0, 3)), scene).tells


@pytest.mark.parametrize('shift', [(0.008, 0.0, 0.0), (0.0, -0.01, 0.005), (-0.006, 0.006, -0.006)])
def test_a_shift_is_found_to_three_millimetres(shift):
    centre, size = np.array([0.5, 0.05, 0.25]), (0.06, 0.08, 0.1)
    _, points = box_scene(centre, size)
    scene, _ = box_scene(centre + shift, size)
    found, explained = find_shift(points, scene)
    assert np.linalg.norm(found - shift) < 0.003 and explained > 0.8


def test_a_fit_of_nothing_is_none():
    scene, points = box_scene((0.5, 0.0, 0.05), (0.06, 0.1, 0.1))
    away = find_shift(points + np.array([0.0, 0.0, 0.3]), scene)
    assert away is None or away[1] < 0.3


def test_what_appeared_is_counted_only_where_it_was_asked():
    bare, _ = box_scene((5.0, 0.0, 0.05), (0.01, 0.01, 0.01))
    scene, _ = box_scene((0.5, 0.0, 0.03), (0.05, 0.05, 0.06))
    assert appeared(bare, scene, np.array([0.5, 0.0, 0.06]), 0.06, 0.12, 0.02) > 100
    assert appeared(bare, scene, np.array([0.5, 0.3, 0.06]), 0.06, 0.12, 0.02) == 0
    assert appeared(scene, scene, np.array([0.5, 0.0, 0.06]), 0.06, 0.12, 0.02) == 0
