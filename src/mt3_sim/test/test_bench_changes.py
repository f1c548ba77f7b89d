"""What the splits do to a scene, and that they leave everything else alone."""

import numpy as np
import pytest

from mt3_common import se3
from mt3_sim import stage
from mt3_sim.bench import changes, splits
from mt3_sim.cell import Cell
from mt3_sim.rendering import Renderer
from mt3_sim.suite.tasks import get
from mt3_sim.world import World


@pytest.fixture
def scene():
    return get('place on.can.plate').sample(np.random.default_rng(3), distractors=3)


def test_the_table_carries_what_stands_on_it(scene):
    changed = changes.height(scene, np.random.default_rng(0))
    rise = changed.spec.table_height
    assert 0.02 <= abs(rise) <= 0.05
    for before, after in zip(scene.spec.placements, changed.spec.placements, strict=True):
        moved = after.T_base_object[:3, 3] - before.T_base_object[:3, 3]
        assert moved == pytest.approx([0.0, 0.0, 0.0 if before.held else rise])
    world = World(changed.spec)
    assert world.body_pose(scene.target)[2, 3] == pytest.approx(rise, abs=2e-3)


def test_less_friction_is_less_for_every_geom(scene):
    changed = changes.friction(scene, np.random.default_rng(0))
    full, less = World(scene.spec).model.geom_friction, World(changed.spec).model.geom_friction
    assert 0.5 <= changed.spec.friction <= 0.8
    assert less[:, 0] == pytest.approx(changed.spec.friction * full[:, 0])
    assert less[:, 1:] == pytest.approx(full[:, 1:])


def test_what_is_held_sits_otherwise_but_still_between_the_fingers(scene):
    changed = changes.held_shift(scene, np.random.default_rng(0))
    before, after = (s.placement(scene.held).T_tcp_object for s in (scene, changed))
    slip = after @ se3.inverse(before)
    assert 1e-4 < np.linalg.norm(slip[:3, 3]) < 0.01
    assert slip[1, 3] == pytest.approx(0.0, abs=1e-4)  # the fingers close along y
    world = World(changed.spec)
    assert world.touching(scene.held, 'panda_leftfinger')
    assert world.touching(scene.held, 'panda_rightfinger')


def test_the_board_hides_a_part_of_the_target_and_leaves_room_for_the_hand():
    renderer, shares = Renderer(), []
    for seed in range(4):
        scene = get('pick up.mug.rim').sample(np.random.default_rng(seed))
        changed = changes.occlusion(scene, np.random.default_rng(seed))
        seen = [_pixels(renderer, s) for s in (scene, changed)]
        shares.append(seen[1] / seen[0])
        gap = changed.placement('board').T_base_object[:2, 3] - scene.T_base_target[:2, 3]
        assert np.linalg.norm(gap) >= scene.model(scene.target).footprint_radius + 0.1
    renderer.close()
    assert min(shares) > 0.2
    assert np.mean(shares) < 0.97


def _pixels(renderer, scene):
    bodies, ids = renderer.segmentation(Cell(World(scene.spec)).snapshot())
    return np.count_nonzero(bodies == ids[scene.target])


def test_the_camera_turns_about_the_table_and_looks_at_it_still(scene):
    changed = changes.camera(scene, np.random.default_rng(1))
    before, after = stage.default_camera().T_base_camera, changed.spec.camera.T_base_camera
    middle = np.array([0.5, 0.0])
    assert np.linalg.norm(after[:2, 3] - middle) == pytest.approx(np.linalg.norm(before[:2, 3] - middle))
    assert not np.allclose(before, after)


def test_a_resized_thing_keeps_colour_and_proportions():
    taught, other = (
        splits.get(name).scene(get('pick up.juice box'), 5).model('juice box').parameters for name in ('seen', 'size')
    )
    ratios = [getattr(other, n) / v for n, v in vars(taught).items() if n != 'color']
    assert other.color == taught.color
    assert max(ratios) - min(ratios) < 0.15  # a limit of one dimension may bind
    assert abs(np.median(ratios) - 1.0) >= 0.05
