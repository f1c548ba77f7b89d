"""Named colours."""

import numpy as np
import pytest

from mt3_retrieval.colour import colour_share


@pytest.mark.parametrize(
    ('rgb', 'name'),
    [
        ((200, 30, 30), 'red'),
        ((30, 60, 200), 'blue'),
        ((40, 160, 60), 'green'),
        ((240, 220, 40), 'yellow'),
        ((245, 245, 245), 'white'),
        ((10, 10, 10), 'black'),
        ((110, 110, 112), 'grey'),
        ((240, 140, 20), 'orange'),
    ],
)
def test_plain_colours(rgb, name):
    colors = np.tile(np.array(rgb, np.uint8), (50, 1))
    assert colour_share(colors, name) == 1.0
    others = {'red', 'blue', 'green', 'yellow', 'white', 'black', 'grey', 'orange'} - {name}
    assert max(colour_share(colors, other) for other in others) == 0.0


def test_unknown_colour_and_no_pixels():
    assert colour_share(np.zeros((5, 3), np.uint8), 'mauve') is None
    assert colour_share(np.zeros((0, 3), np.uint8), 'red') is None
