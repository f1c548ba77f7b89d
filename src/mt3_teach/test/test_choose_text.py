"""Words for an object: colours, sizes and places."""

import pytest

from mt3_common.errors import MT3Error, StatusCode
from mt3_perception.segmentation import segment
from mt3_teach.choose_text import by_text
from mt3_teach.config import ImportConfig
from mt3_teach.testing import box_view

VIEW = box_view(second=True)  # a box of the default colour, a blue cylinder, a green box
SCENE = segment(VIEW.depth_m, VIEW.K, VIEW.T_base_camera, VIEW.rgb, ImportConfig().segmentation)


def chosen(text):
    mask = SCENE.objects[by_text(SCENE, VIEW.rgb, text).index].mask
    return max((1, 2, 3), key=lambda i: (mask & (VIEW.ids == i)).sum())


@pytest.mark.parametrize(('text', 'number'), [('the blue one', 2), ('green', 3), ('tallest', 2), ('smallest box', 3)])
def test_words(text, number):
    assert chosen(text) == number


def test_left_is_not_right():
    assert chosen('leftmost') != chosen('rightmost')


@pytest.mark.parametrize(
    ('text', 'code'),
    [('the purple one', StatusCode.OBJECT_NOT_FOUND), ('the gizmo', StatusCode.INVALID_INPUT)],
)
def test_refusals(text, code):
    with pytest.raises(MT3Error) as refusal:
        by_text(SCENE, VIEW.rgb, text)
    assert refusal.value.code == code
