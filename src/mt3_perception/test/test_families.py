"""What the simulated cell shows is found in one piece each: handles, drawers, hammers, pans, bowls, buttons."""

import numpy as np
import pytest

from mt3_common.errors import MT3Error
from mt3_perception.segmentation import segment

pytest.importorskip('mujoco', reason='needs the simulated cell')
rendering = pytest.importorskip('mt3_sim.rendering', reason='needs the simulated cell')
from mt3_sim import families  # noqa: E402
from mt3_sim.depth_noise import add_noise  # noqa: E402
from mt3_sim.world import World  # noqa: E402

SCENES = (
    ('open_drawer', 1, 'novel'),  # the bar behind the cabinet
    ('open_drawer', 6, 'taught'),  # the front with its bar, and a hammer
    ('open_drawer', 8, 'taught'),  # a hammer whose head hides a part of its handle
    ('pick_mug', 1, 'taught'),  # a handle towards the camera
    ('pick_box', 11, 'taught'),  # a pan
    ('pick_bottle', 3, 'taught'),  # the foot of a bowl under its rim
    ('press_button', 3, 'taught'),  # a button on a ramp
    ('insert_peg', 0, 'novel'),
    ('place_on_target', 2, 'taught'),
)


@pytest.fixture(scope='module')
def draw():
    """Give a function that draws with one renderer."""
    thread = rendering.RenderThread()
    try:
        yield lambda job: thread.submit(job).result(60.0)
    except MT3Error as error:
        pytest.skip(f'no graphics here: {error}')
    finally:
        thread.close()


@pytest.mark.parametrize(('family', 'seed', 'instance'), SCENES)
def test_every_object_is_one(draw, family, seed, instance):
    """No object is cut in two, none is missed, none shares a segment with another one."""
    world = World(families.set_up(family, seed, instance, seed, 2).spec)
    snapshot = world.snapshot()
    picture, (bodies, ids) = draw(lambda r: r.picture(snapshot)), draw(lambda r: r.segmentation(snapshot))
    camera = picture.camera
    reading = add_noise(picture.depth_m, camera.focal, np.random.default_rng(seed), camera.noise)
    depth = np.where(reading > 0, reading * np.float32(0.001), np.nan).astype(np.float32)
    found = segment(depth, rendering.intrinsics(camera), camera.T_base_camera, picture.rgb)
    whole = world.model.body_rootid[bodies]
    taken = {}
    for name, number in ids.items():
        true = whole == number
        if name.startswith('panda') or name == 'table' or np.count_nonzero(true) < 150:
            continue
        held = np.bincount(found.labels[true], minlength=len(found.objects) + 1)[1:]
        pieces = np.flatnonzero(held > max(60, 0.03 * np.count_nonzero(true)))
        assert len(pieces) == 1, f'{name}: {held[pieces]} pixels in {len(pieces)} objects'
        taken.setdefault(int(pieces[0]), []).append(name)
    assert all(len(names) == 1 for names in taken.values()), taken
