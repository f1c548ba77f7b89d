"""Pictures: depth that agrees with the geometry, segmentation, the view at home, threads."""

import numpy as np
import pytest

from mt3_common import se3
from mt3_common.cameras import backproject
from mt3_common.errors import MT3Error
from mt3_sim import families
from mt3_sim.rendering import RenderThread, intrinsics
from mt3_sim.world import World


@pytest.fixture(scope='module')
def world() -> World:
    return World(families.set_up('pick_box', 3, 'taught', 0, 2).spec)


@pytest.fixture(scope='module')
def thread():
    thread = RenderThread()
    yield thread
    thread.close()


def draw(thread, job):
    try:
        return thread.submit(job).result(60.0)
    except MT3Error as error:
        pytest.skip(f'no graphics here: {error}')


def test_depth_agrees_with_the_table_and_segmentation_with_the_objects(world, thread):
    snapshot = world.snapshot()
    picture = draw(thread, lambda renderer: renderer.picture(snapshot))
    labels, ids = draw(thread, lambda renderer: renderer.segmentation(snapshot))
    assert picture.rgb.shape == (480, 640, 3)
    assert picture.rgb.dtype == np.uint8
    assert picture.rgb.std() > 10.0
    assert picture.depth_m.dtype == np.float32
    camera = picture.camera
    for name, low, high in (('table', -1e-4, 1e-4), ('box', -1e-4, 0.0651)):
        mask = labels == ids[name]
        assert mask.sum() > 500
        points = se3.transform_points(camera.T_base_camera, backproject(picture.depth_m, intrinsics(camera), mask))
        assert low < points[:, 2].min()
        assert points[:, 2].max() < high
        if name == 'box':
            assert np.linalg.norm(points[:, :2].mean(axis=0) - world.body_pose('box')[:2, 3]) < 0.03


def test_at_home_the_arm_is_not_in_front_of_the_objects(world, thread):
    snapshot = world.snapshot()
    labels, ids = draw(thread, lambda renderer: renderer.segmentation(snapshot))
    moving = [ids[f'panda_link{i}'] for i in range(2, 8)] + [ids[n] for n in world.robot.gripper.links]
    assert not np.isin(labels, moving).any()


def test_a_moved_arm_and_a_new_scene_change_the_picture(world, thread):
    before = world.snapshot()
    first = draw(thread, lambda renderer: renderer.picture(before))
    again = draw(thread, lambda renderer: renderer.picture(before))
    assert np.array_equal(first.rgb, again.rgb)
    other = World(families.set_up('pick_bottle', 3).spec).snapshot()
    second = draw(thread, lambda renderer: renderer.picture(other))
    assert not np.array_equal(first.rgb, second.rgb)


def test_the_spectator_view_has_the_size_asked_for(world, thread):
    snapshot = world.snapshot()
    assert draw(thread, lambda r: r.spectator(snapshot, 320, 240, shadows=False)).shape == (240, 320, 3)
    with pytest.raises(MT3Error, match='too large'):
        thread.submit(lambda r: r.spectator(snapshot, 5000, 240)).result(60.0)
