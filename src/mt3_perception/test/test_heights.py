"""The region of the support is the table with what stands on it, and ends where the table does."""

from types import SimpleNamespace

import numpy as np

from mt3_perception.segmentation.heights import support_region


def test_what_is_no_surface_does_not_widen_the_region():
    """Large things in the middle of a table leave its edge where it is."""
    level = np.zeros((480, 640), np.uint8)
    level[40:440, 100:620] = 255
    level[80:400, 160:560] = 0  # more of the table is covered than is not
    shape = (120, 160)
    coarse = SimpleNamespace(
        inverse=np.ones(shape, np.float32),
        normals=np.broadcast_to(np.float32([0.0, 0.0, -1.0]), (*shape, 3)),
        stride=4,
    )
    heights = SimpleNamespace(level=level, height=np.zeros(level.shape, np.float32))
    region = support_region(heights, coarse, SimpleNamespace(normal=np.array([0.0, 0.0, -1.0])))
    assert region[240, 300] == 1
    v, u = np.nonzero(region)
    assert abs(v.min() - 40) < 8
    assert abs(v.max() - 440) < 8
    assert abs(u.min() - 100) < 8
    assert abs(u.max() - 620) < 8
