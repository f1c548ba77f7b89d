import numpy as np
import pytest

from mt3_common.errors import InvalidInput, StatusCode
from mt3_common.scene import Scene, SceneObject


def item(number=1):
    return SceneObject(number, np.zeros((4, 3)), np.zeros((4, 3), np.uint8), np.eye(4), np.ones(3), 0.0, (0, 0, 2, 2))


def scene(**changes):
    labels = np.zeros((6, 8), np.int32)
    labels[:2, :2] = 1
    fields = {
        'stamp_s': 1.0,
        'base_frame': 'base',
        'camera_frame': 'camera',
        'rgb': np.zeros((6, 8, 3), np.uint8),
        'depth_m': np.ones((6, 8), np.float32),
        'labels': labels,
        'K': np.diag([5.0, 5.0, 1.0]),
        'T_base_camera': np.eye(4),
        'objects': (item(),),
    }
    return Scene(**{**fields, **changes})


def test_mask_and_object_by_id():
    assert scene().mask(1).sum() == 4 and scene().object(1).id == 1


def test_unknown_object_is_a_typed_refusal_that_lists_the_others():
    with pytest.raises(InvalidInput, match=r'no object 9; it has \[1\]') as refusal:
        scene().mask(9)
    assert refusal.value.code == StatusCode.OBJECT_NOT_FOUND


@pytest.mark.parametrize(
    'changes',
    [
        {'labels': np.zeros((6, 7), np.int32)},
        {'rgb': np.zeros((6, 7, 3), np.uint8)},
        {'objects': (item(), item())},
        {'objects': (item(0),)},
        {'T_base_camera': np.zeros((4, 4))},
        {'K': np.zeros((3, 3))},
    ],
)
def test_refuses(changes):
    with pytest.raises(InvalidInput):
        scene(**changes)
