"""Scenes that several tests look at."""

import numpy as np
import pytest

from mt3_perception.testing import Solid, TableTop, depth_noise, look_at


@pytest.fixture(scope='session')
def table_view():
    """Five different objects, well apart, seen with noise."""
    solids = (
        Solid('box', 0.45, -0.15, (0.12, 0.06, 0.08), 0.6, color=(180, 40, 40)),
        Solid('cylinder', 0.60, -0.02, (0.06, 0.06, 0.12), color=(40, 60, 190), stripe=(230, 230, 230)),
        Solid('cup', 0.48, 0.12, (0.09, 0.09, 0.09), color=(220, 220, 60)),
        Solid('sphere', 0.62, 0.20, (0.07, 0.07, 0.07), color=(40, 160, 70)),
        Solid('box', 0.40, 0.01, (0.05, 0.03, 0.02), 0.2, color=(30, 30, 30)),
    )
    view = TableTop(solids).view(look_at((1.15, 0.1, 0.75), (0.5, 0.0, 0.02)))
    return view, depth_noise(view.depth_m, np.random.default_rng(0))
