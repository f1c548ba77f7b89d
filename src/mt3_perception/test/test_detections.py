"""Boxes of a detector made into objects: named, joined, cut, found where our own segmentation finds nothing."""

from types import SimpleNamespace as Message

import numpy as np
import pytest

from mt3_common.errors import MT3Error, StatusCode
from mt3_perception.detections import Detection, DetectionConfig, instances_from_boxes
from mt3_perception.ros_detections import detection_type, read_detections
from mt3_perception.segmentation import Segmentation, segment

CONFIG = DetectionConfig()


def box_around(mask, margin=2):
    v, u = np.nonzero(mask)
    return (u.min() - margin, v.min() - margin, u.max() + 1 + margin, v.max() + 1 + margin)


def named(instances):
    return {label: np.count_nonzero(instances.ids == k) for k, (label, _) in instances.names.items()}


@pytest.fixture(scope='module')
def found(picture):
    return segment(picture.depth_m, picture.K, picture.T_base_camera, picture.rgb)


def blank(labels):
    return Segmentation((), None, labels)


def test_each_box_names_the_thing_in_it(picture, found):
    """Boxes of all things but one, in any order: names and pixels are those of the things, the last has no name."""
    things = {k: picture.ids == k for k in np.unique(picture.ids)[1:]}
    boxes = [Detection(box_around(mask), f'thing {k}', 0.9) for k, mask in things.items()][:0:-1]
    instances = instances_from_boxes(boxes, found, picture.depth_m, CONFIG)
    ids = {label: k for k, (label, _) in instances.names.items()}
    for k, mask in list(things.items())[1:]:
        own = instances.ids == ids[f'thing {k}']
        assert np.count_nonzero(own & mask) > 0.9 * np.count_nonzero(own | mask)
    nameless = (instances.ids > 0) & ~np.isin(instances.ids, list(ids.values()))
    first = next(iter(things.values()))
    assert np.count_nonzero(nameless & first) > 0.9 * np.count_nonzero(nameless | first)
    only = instances_from_boxes(boxes, found, picture.depth_m, CONFIG.model_copy(update={'keep_others': False}))
    assert not np.any(only.ids[first])


def test_a_box_around_two_things_is_one_object():
    labels = np.zeros((60, 80), np.int32)
    labels[20:40, 20:38], labels[20:40, 40:58] = 1, 2
    whole = instances_from_boxes([Detection((18, 18, 60, 42), 'stapler')], blank(labels), np.ones((60, 80)), CONFIG)
    assert np.array_equal(whole.ids > 0, labels > 0)
    assert set(np.unique(whole.ids)) == {0, 1}


def test_two_boxes_cut_what_depth_could_not():
    labels = np.zeros((60, 80), np.int32)
    labels[20:40, 20:60] = 1
    boxes = [Detection((20, 20, 42, 40), 'left', 0.6), Detection((38, 20, 60, 40), 'right', 0.9)]
    cut = instances_from_boxes(boxes, blank(labels), np.ones((60, 80)), CONFIG)
    assert named(cut) == {'left': 400, 'right': 400}
    assert np.array_equal(cut.ids > 0, labels > 0)


def test_a_small_box_on_a_large_thing_takes_its_part_and_the_rest_stays():
    labels = np.zeros((60, 80), np.int32)
    labels[10:50, 10:60] = 1
    one = instances_from_boxes([Detection((12, 12, 22, 22), 'knob')], blank(labels), np.ones((60, 80)), CONFIG)
    assert named(one) == {'knob': 100}
    assert np.count_nonzero(one.ids > 1) == 2000 - 100


def test_where_depth_found_nothing_the_middle_of_the_box_is_taken():
    """No segmentation at all: what stands out nearest in the middle, not what is behind it."""
    depth = np.full((60, 80), 1.0, np.float32)
    depth[20:40, 30:50] = 0.9
    depth[25:28, 35:38] = np.nan
    one = instances_from_boxes([Detection((26, 16, 54, 44), 'mug')], blank(np.zeros((60, 80), int)), depth, CONFIG)
    assert np.array_equal(one.ids == 1, (depth < 0.95))


@pytest.mark.parametrize(
    'box', [(-30, -30, -5, -5), (90, 10, 120, 30), (np.nan, 0, 10, 10), (10, 10, 10, 10), (40, 40, 20, 20)]
)
def test_boxes_outside_or_that_are_none_are_left_out(box):
    labels = np.zeros((60, 80), np.int32)
    labels[20:40, 20:38] = 1
    assert not instances_from_boxes([Detection(box, 'x')], blank(labels), np.ones((60, 80)), CONFIG).names


def test_unsure_and_repeated_boxes_are_left_out():
    labels = np.zeros((60, 80), np.int32)
    labels[20:40, 20:38] = 1
    boxes = [Detection((19, 19, 39, 41), 'cup', 0.5), Detection((20, 20, 38, 40), 'mug', 0.8),
             Detection((20, 20, 38, 40), 'dog', 0.1)]  # fmt: skip
    assert named(instances_from_boxes(boxes, blank(labels), np.ones((60, 80)), CONFIG)) == {'mug': 360}


def message(u, v, width, height, theta=0.0, results=()):
    center = Message(position=Message(x=u, y=v), theta=theta)
    kinds = [Message(hypothesis=Message(class_id=c, score=s)) for c, s in results]
    return Message(bbox=Message(center=center, size_x=width, size_y=height), results=kinds)


def test_messages_become_boxes_with_the_likeliest_name():
    array = Message(
        detections=[
            message(50.0, 40.0, 20.0, 10.0, results=[('1', 0.2), ('0', 0.7)]),
            message(50.0, 40.0, 20.0, 10.0, np.pi / 2, [('coffee_mug', float('nan'))]),
            message(5.0, 5.0, 4.0, 4.0),
        ]
    )
    first, turned, bare = read_detections(array, ('mug', 'box'))
    assert first == Detection((40.0, 35.0, 60.0, 45.0), 'mug', 0.7)
    assert turned.box == pytest.approx((45.0, 30.0, 55.0, 50.0))
    assert (turned.label, turned.score) == ('coffee mug', 0.0)
    assert (bare.label, bare.score) == ('', 1.0)


def test_without_vision_msgs_it_says_so(monkeypatch):
    monkeypatch.setitem(__import__('sys').modules, 'vision_msgs.msg', None)
    with pytest.raises(MT3Error, match=r'ros-.ROS_DISTRO-vision-msgs') as error:
        detection_type()
    assert error.value.code == StatusCode.NO_DATA
