import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mt3_common import se3
from mt3_common.errors import InvalidInput
from mt3_common.scene import Scene
from mt3_executor.config import CollisionConfig
from mt3_executor.obstacles import crowded, obstacles_from_scene, voxel_filter, without_robot
from mt3_executor.testing.scenes import box_points


@given(st.integers(0, 10_000))
def test_every_point_lies_in_a_cell(seed):
    points = np.random.default_rng(seed).uniform(-0.3, 0.3, (50, 3))
    cells = voxel_filter(points, 0.02)
    nearest = np.abs(points[:, None] - cells[None]).max(axis=2).min(axis=1)
    assert nearest.max() <= 0.01 + 1e-9 and len(cells) == len(np.unique(cells, axis=0))


def test_lonely_points_are_dropped_and_columns_filled():
    points = np.concatenate([np.full((5, 3), [0.105, 0.105, 0.205]), [[0.5, 0.5, 0.5]]])
    kept = points[crowded(points, 0.01, 2)]
    assert len(kept) == 5 and len(crowded(points[:0], 0.01, 2)) == 0
    cells = voxel_filter(kept, 0.01, fill_down_to_m=0.1)
    assert np.allclose(cells[:, :2], 0.105) and cells[:, 2].min() < 0.11 and cells[:, 2].max() > 0.2
    assert len(voxel_filter(np.zeros((0, 3)), 0.01, fill_down_to_m=0.0)) == 0


def test_the_robot_itself_is_taken_out(panda):
    tcp = panda.fk(panda.home)[:3, 3]
    own = tcp + np.random.default_rng(0).normal(0, 0.004, (50, 3)) + [0.0, 0.0, 0.05]
    other = box_points((0.6, 0.3, 0.05), (0.05, 0.05, 0.05))
    kept = without_robot(np.concatenate([own, other]), panda, panda.home, 1.0, 0.025)
    assert len(kept) == len(other)


def test_scene_becomes_points_of_target_and_rest(panda):
    height, width = 120, 160
    K = np.array([[150.0, 0, 80], [0, 150.0, 60], [0, 0, 1]])
    T_base_camera = se3.make(np.diag([1.0, -1.0, -1.0]), [0.5, 0.0, 1.0])
    depth = np.full((height, width), 1.0, np.float32)
    labels = np.zeros((height, width), np.int32)
    depth[30:60, 30:60], labels[30:60, 30:60] = 0.9, 1
    depth[70:100, 100:130], labels[70:100, 100:130] = 0.8, 2
    depth[0, 0] = np.nan
    rgb = np.zeros((height, width, 3), np.uint8)
    scene = Scene(0.0, 'panda_link0', 'c', rgb, depth, labels, K, T_base_camera, (), 0.0)
    found = obstacles_from_scene(scene, 1, panda, panda.home, 1.0, CollisionConfig())
    assert 0.09 < found.target_points[:, 2].max() < 0.11 and 0.19 < found.points[:, 2].max() < 0.21
    assert found.points[:, 2].min() < 0.02  # filled to the table
    assert np.all(found.target_points[:, 0] < 0.5) and np.all(found.points[:, 0] > 0.5)
    none = obstacles_from_scene(scene, 0, panda, panda.home, 1.0, CollisionConfig())
    assert len(none.target_points) == 0 and len(none.points) > len(found.points)
    assert found.object_points is found.target_points
    finer = found.finer()
    assert len(finer.points) > 3 * len(found.points) and finer.finer is None
    for coarse, fine in ((found.points, finer.points), (found.target_points, finer.target_points)):
        assert np.abs(fine[:, None] - coarse).max(axis=2).min(axis=1).max() < 0.005, 'each lies in a coarse one'
        assert np.abs(coarse[:, None] - fine).max(axis=2).min(axis=1).max() < 0.005, 'and each coarse one holds some'

    mask = np.zeros((height, width), np.uint8)
    mask[30:60, 30:45], mask[70:100, 100:115] = 255, 127  # half of the segment, and half of what stands elsewhere
    told = obstacles_from_scene(scene, 1, panda, panda.home, 1.0, CollisionConfig(), None, mask)
    assert told.object_points[:, 0].max() < 0.5 - 0.17 and told.target_points[:, 0].max() > 0.6
    assert 0.6 < len(told.points) / len(found.points) < 0.7 and told.points[:, 2].max() > 0.19
    assert not np.isin(told.points @ [1e4, 1e2, 1], told.target_points @ [1e4, 1e2, 1]).any()
    with pytest.raises(InvalidInput, match=r'\(3, 3\)'):
        obstacles_from_scene(scene, 1, panda, panda.home, 1.0, CollisionConfig(), None, np.zeros((3, 3), np.uint8))


def test_what_is_held_is_no_obstacle_in_its_own_way(panda):
    height, width = 120, 160
    K = np.array([[150.0, 0, 80], [0, 150.0, 60], [0, 0, 1]])
    tcp = panda.fk(panda.home)
    T_base_camera = se3.make(np.diag([1.0, -1.0, -1.0]), [tcp[0, 3], tcp[1, 3], tcp[2, 3] + 0.5])
    depth = np.full((height, width), np.float32(tcp[2, 3] + 0.5), np.float32)
    depth[45:75, 65:95] = 0.5 + 0.07  # a thing that hangs below the fingers
    scene = Scene(
        0.0, 'panda_link0', 'c', np.zeros((height, width, 3), np.uint8), depth,
        np.zeros((height, width), np.int32), K, T_base_camera, (), 0.0,
    )  # fmt: skip
    config = CollisionConfig(cloud_fill_to_table=False)
    held = box_points((0.0, 0.0, 0.07), (0.14, 0.14, 0.02))
    alone = obstacles_from_scene(scene, 0, panda, panda.home, 1.0, config)
    known = obstacles_from_scene(scene, 0, panda, panda.home, 1.0, config, held)
    assert len(alone.points) > 20 and len(alone.held_points) == 0
    assert len(known.points) == 0 and np.array_equal(known.held_points, held)
