"""What stands in a container is an object of its own, and so is the container."""

import numpy as np
import pytest

from mt3_perception.segmentation import segment
from mt3_perception.testing import Solid, TableTop, depth_noise, look_at

CAMERA = look_at((1.15, 0.1, 0.75), (0.5, 0.0, 0.02))
RED, BLUE, GREEN = (190, 40, 40), (40, 60, 190), (30, 150, 70)
POT = Solid('cup', 0.5, 0.0, (0.16, 0.16, 0.09), 0.0, 0.0, GREEN)


def crate(length, width, height, color=GREEN):
    """Walls of 8 mm and a floor of 5 mm."""
    wall = 0.008
    sides = ((wall, width), (wall, width), (length, wall), (length, wall))
    places = ((0.5 * length, 0.0), (-0.5 * length, 0.0), (0.0, 0.5 * width), (0.0, -0.5 * width))
    return (
        Solid('box', 0.5, 0.0, (length, width, 0.005), color=color),
        *(
            Solid('box', 0.5 + x, y, (along, across, height), color=color)
            for (x, y), (along, across) in zip(places, sides, strict=True)
        ),
    )


def masks_of(container, content, seed=0):
    """Objects found, and the true masks of the container and of its content."""
    view = TableTop((*container, *content)).view(CAMERA)
    depth = depth_noise(view.depth_m, np.random.default_rng(seed))
    found = segment(depth, view.K, view.T_base_camera, view.rgb)
    inside = view.ids > len(container)
    return found.objects, (view.ids > 0) & ~inside, inside


def iou(found, truth):
    return max(np.count_nonzero(o.mask & truth) / np.count_nonzero(o.mask | truth) for o in found)


CRATE = crate(0.24, 0.18, 0.07)
BLOCK = (Solid('box', 0.5, 0.0, (0.05, 0.05, 0.06), 0.4, 0.005, RED),)
CAN = (Solid('cylinder', 0.5, 0.0, (0.06, 0.06, 0.15), 0.0, 0.005, BLUE),)
BOTTLE = (
    Solid('cylinder', 0.5, 0.0, (0.06, 0.06, 0.10), 0.0, 0.005, RED),
    Solid('cylinder', 0.5, 0.0, (0.035, 0.035, 0.03), 0.0, 0.105, BLUE),
)


NARROW_POT = Solid('cup', 0.5, 0.0, (0.12, 0.12, 0.08), 0.0, 0.0, GREEN)
WIDE_POT = Solid('cup', 0.5, 0.0, (0.20, 0.20, 0.10), 0.0, 0.0, GREEN)


@pytest.mark.parametrize(
    ('container', 'content'),
    [
        (CRATE, BLOCK),
        (CRATE, CAN),
        (CRATE, BOTTLE),
        ((POT,), BLOCK),
        ((POT,), CAN),
        ((POT,), BOTTLE),
        ((WIDE_POT,), CAN),
        ((WIDE_POT,), BOTTLE),
        ((NARROW_POT,), CAN),
        ((NARROW_POT,), BOTTLE),
    ],
)
def test_what_stands_in_a_container(container, content):
    found, outside, inside = masks_of(container, content)
    assert len(found) == 2
    assert iou(found, inside) > 0.8 and iou(found, outside) > 0.8


@pytest.mark.parametrize(
    'thing',
    [
        (Solid('cup', 0.5, 0.0, (0.09, 0.09, 0.09), 0.0, 0.0, RED),),
        (Solid('cup', 0.5, 0.0, (0.09, 0.09, 0.09), 0.0, 0.0, RED, BLUE),),
        CRATE,
        (
            Solid('box', 0.5, 0.0, (0.12, 0.12, 0.04)),
            Solid('cylinder', 0.5, 0.0, (0.05, 0.05, 0.015), z=0.04, color=BLUE),
        ),
    ],
    ids=['cup', 'cup with a stripe', 'empty crate', 'button'],
)
def test_a_thing_of_two_colours_stays_one(thing):
    found, outside, _ = masks_of(thing, ())
    assert len(found) == 1 and iou(found, outside) > 0.9


def test_a_pot_with_another_colour_inside_stays_one():
    view = TableTop((POT,)).view(CAMERA)
    depth = depth_noise(view.depth_m, np.random.default_rng(0))
    rows, columns = np.indices(view.ids.shape)
    rays = np.stack([columns, rows, np.ones_like(rows)], axis=-1) @ np.linalg.inv(view.K).T
    points = rays * view.depth_m[..., None] @ view.T_base_camera[:3, :3].T + view.T_base_camera[:3, 3]
    inside = np.hypot(points[..., 0] - POT.x, points[..., 1] - POT.y) < 0.5 * POT.size[0] - 0.003
    rgb = np.where((inside & (view.ids == 1))[..., None], np.uint8(225), view.rgb)
    found = segment(depth, view.K, view.T_base_camera, rgb)
    assert len(found.objects) == 1 and iou(found.objects, view.ids == 1) > 0.9
