"""Scenes made of segmentations."""

import numpy as np
import pytest

from mt3_common.errors import InvalidInput, MT3Error, StatusCode
from mt3_perception.config import PerceptionConfig
from mt3_perception.observer import Frame, Observer
from mt3_perception.scene_builder import build_scene, segmentation_from_labels
from mt3_perception.segmentation import segment
from mt3_perception.tracking import ObjectIds


def test_scene_of_a_table(table_view):
    """Boxes, colours, rectangles and labels fit the objects."""
    view, depth = table_view
    found = segment(depth, view.K, view.T_base_camera, view.rgb)
    scene = build_scene(depth, view.rgb, view.K, view.T_base_camera, found, stamp_s=5.0)
    assert len(scene.objects) == 5
    assert abs(scene.support_height_m) < 0.004
    for o in scene.objects:
        assert len(o.points) == len(o.colors)
        mask = scene.mask(o.id)
        u, v, width, height = o.roi
        assert mask[v : v + height, u : u + width].sum() == mask.sum() > 0
    red = max(scene.objects, key=lambda o: o.colors[:, 0].mean() - o.colors[:, 2].mean() - o.colors[:, 1].mean())
    assert red.T_base_object[:3, 3] == pytest.approx([0.45, -0.15, 0.04], abs=0.012)
    assert red.size == pytest.approx([0.12, 0.06, 0.08], abs=0.015)


def test_ids_are_kept(table_view):
    """The same table gives the same ids, whatever the order."""
    view, depth = table_view
    ids = ObjectIds()
    found = segment(depth, view.K, view.T_base_camera, view.rgb)
    first = build_scene(depth, view.rgb, view.K, view.T_base_camera, found, ids=ids)
    again = build_scene(depth, view.rgb, view.K, view.T_base_camera, found, ids=ids)
    assert [o.id for o in first.objects] == [o.id for o in again.objects]
    assert np.array_equal(first.labels, again.labels)


def test_external_labels(table_view):
    """Instance ids of somebody else become objects on our support plane."""
    view, depth = table_view
    ours = segment(depth, view.K, view.T_base_camera, view.rgb)
    ids = view.ids.astype(np.uint16) * 10
    theirs = segmentation_from_labels(ids, depth, view.K, view.T_base_camera, ours)
    assert len(theirs.objects) == 5
    assert all(abs(o.support_height) < 0.004 for o in theirs.objects)
    alone = segmentation_from_labels(ids, depth, view.K, view.T_base_camera)
    assert all(abs(o.support_height) < 0.02 for o in alone.objects)
    with pytest.raises(InvalidInput):
        segmentation_from_labels(ids[:10], depth, view.K, view.T_base_camera)
    with pytest.raises(InvalidInput):
        segmentation_from_labels(ids.astype(float), depth, view.K, view.T_base_camera)
    nothing = segmentation_from_labels(np.zeros_like(ids), depth, view.K, view.T_base_camera)
    assert nothing.status.code == StatusCode.NO_DATA


def test_observer(table_view):
    """Frames in, scene out; a dead camera and sizes that differ are typed."""
    view, depth = table_view
    observer = Observer(PerceptionConfig())
    frame = Frame(3.0, 'camera', view.rgb, depth, view.K)
    scene = observer.observe([frame, frame], view.T_base_camera).scene
    assert (scene.stamp_s, scene.camera_frame, len(scene.objects)) == (3.0, 'camera', 5)
    labelled = Frame(3.0, 'camera', view.rgb, depth, view.K, (view.ids == 2).astype(np.int32))
    assert len(observer.observe([labelled], view.T_base_camera).scene.objects) == 1
    with pytest.raises(InvalidInput, match='size'):
        observer.observe([Frame(3.0, 'camera', view.rgb[::2, ::2], depth, view.K)], view.T_base_camera)
    with pytest.raises(MT3Error) as refusal:
        observer.observe([Frame(3.0, 'camera', view.rgb, depth * np.nan, view.K)], view.T_base_camera)
    assert refusal.value.code == StatusCode.NO_DATA
