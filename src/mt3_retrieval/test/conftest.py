"""A taught library and a live scene, shared by the tests of a worker."""

import pytest

from mt3_retrieval.library import DemoLibrary
from mt3_retrieval.testing import Placed, make_demo, make_scene

TAUGHT = {
    'pick up the mug': 'mug',
    'pick up the bottle': 'bottle',
    'pick up the box': 'box',
    'open the drawer': 'drawer',
    'place the block on the plate': 'plate',
}


@pytest.fixture(scope='session')
def taught(tmp_path_factory):
    """Five demonstrations; read only."""
    library = DemoLibrary.open(tmp_path_factory.mktemp('taught') / 'library', embed=None)
    library.add_many([make_demo(task, Placed(shape, 0.5, 0.02, 0.4)) for task, shape in TAUGHT.items()])
    return library


@pytest.fixture(scope='session')
def live():
    """Five other placements and a stranger; the ids are 1 mug, 2 bottle, 3 box, 4 drawer, 5 plate, 6 lblock."""
    return make_scene(
        [
            Placed('mug', 0.60, 0.20, 1.6, colour=(40, 80, 200)),
            Placed('bottle', 0.42, -0.16, 1.0, colour=(60, 160, 70)),
            Placed('box', 0.64, -0.05, -1.9, colour=(200, 160, 60)),
            Placed('drawer', 0.44, 0.06, 0.9, colour=(120, 90, 60)),
            Placed('plate', 0.62, -0.24, 0.0, colour=(235, 235, 235)),
            Placed('lblock', 0.45, 0.27, 0.5, colour=(90, 60, 160)),
        ],
        seed=7,
    )
