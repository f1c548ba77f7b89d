"""The perception node over DDS: a camera made of a picture, and every refusal once."""

import time

import numpy as np
import pytest

pytest.importorskip('rclpy', reason='needs the ROS environment: ./mt3 shell')
pytest.importorskip('mt3_interfaces', reason='needs the built workspace: ./mt3 build')

from mt3_common import conversions
from mt3_common.errors import StatusCode
from mt3_perception.ros_testing import FRAME, holds_within


def reported(camera, words):
    """The diagnostics say so."""
    assert holds_within(lambda: any(words in d.status[0].message for d in camera.diagnostics), 10.0)


@pytest.mark.parametrize('as_float', [False, True])
def test_capture(start, as_float):
    """A scene of objects in the base frame, also published; both depth encodings."""
    camera = start()
    camera.as_float = as_float
    before = time.time()
    response = camera.capture(10.0)
    assert response.status.code == StatusCode.OK, response.status.message
    scene = conversions.msg_to_scene(response.scene)
    assert len(scene.objects) == 3
    assert scene.base_frame == 'panda_link0'
    assert scene.camera_frame == FRAME
    assert scene.stamp_s >= before - 1e-3
    assert scene.T_base_camera == pytest.approx(camera.picture.T_base_camera, abs=1e-6)
    assert sorted(round(float(o.T_base_object[1, 3]), 1) for o in scene.objects) == [-0.1, 0.1, 0.1]
    assert holds_within(lambda: camera.scenes, 5.0)
    again = conversions.msg_to_scene(camera.capture(10.0).scene)
    assert [o.id for o in again.objects] == [o.id for o in scene.objects]


def test_no_camera(start):
    """Nothing ever came: NO_DATA names the topics."""
    camera = start(topics=('color',))
    response = camera.capture(0.5)
    assert response.status.code == StatusCode.NO_DATA
    assert 'aligned_depth_to_color/image_raw' in response.status.message
    reported(camera, 'aligned_depth_to_color/image_raw')


def test_no_camera_pose(start):
    """The camera is not in TF: CALIBRATION, until it is."""
    camera = start(calibrated=False, tf_timeout_s=0.1)
    response = camera.capture(10.0)
    assert response.status.code == StatusCode.CALIBRATION
    assert FRAME in response.status.message
    reported(camera, 'mt3 calibrate')
    camera.calibrate()
    assert holds_within(lambda: camera.capture(10.0).status.code == StatusCode.OK, 10.0)


@pytest.mark.parametrize('broken', ['color_step', 'info_step', 'labels_step'])
def test_sizes_that_differ(start, broken):
    """Colour, calibration or labels of another size than depth: INVALID_INPUT, until they fit."""
    with_labels = broken == 'labels_step'
    extra = {'labels_topic': '/labels'} if with_labels else {}
    camera = start(topics=('color', 'depth', 'info', *(('labels',) if with_labels else ())), **extra)
    setattr(camera, broken, 2)
    response = camera.capture(10.0)
    assert response.status.code == StatusCode.INVALID_INPUT
    reported(camera, 'INVALID_INPUT')
    setattr(camera, broken, 1)
    assert holds_within(lambda: camera.capture(10.0).status.code == StatusCode.OK, 10.0)


def test_camera_stops_and_comes_back(start):
    """Silence is a TIMEOUT that says for how long, and an error in the diagnostics; then all is well again."""
    camera = start(max_age_s=0.3)
    assert camera.capture(10.0).status.code == StatusCode.OK
    camera.on = False
    time.sleep(1.2)
    response = camera.capture(0.3)
    assert response.status.code == StatusCode.TIMEOUT
    assert 'silent' in response.status.message
    assert holds_within(lambda: any(d.status[0].level == b'\x02' for d in camera.diagnostics), 10.0)
    camera.on = True
    assert camera.capture(10.0).status.code == StatusCode.OK


def test_stamps_that_do_not_fit(start):
    """Colour with a clock of its own is never paired: TIMEOUT names the difference."""
    camera = start()
    camera.delay_s = 10.0
    response = camera.capture(1.0)
    assert response.status.code == StatusCode.TIMEOUT
    assert 'sync_tolerance_s' in response.status.message
    reported(camera, 'sync_tolerance_s')
    camera.delay_s = 0.0
    assert holds_within(lambda: camera.capture(10.0).status.code == StatusCode.OK, 10.0)


def test_external_labels(start):
    """The objects are those of the label image."""
    camera = start(topics=('color', 'depth', 'info', 'labels'), labels_topic='/labels')
    response = camera.capture(10.0)
    assert response.status.code == StatusCode.OK, response.status.message
    scene = conversions.msg_to_scene(response.scene)
    assert len(scene.objects) == 3
    assert np.array_equal(scene.labels > 0, camera.picture.ids > 0)


def test_scenes_at_a_rate(start):
    """With a rate, scenes come by themselves, with rising stamps, and the diagnostics report."""
    camera = start(rate_hz=10.0)
    assert holds_within(lambda: len(camera.scenes) >= 3, 20.0)
    stamps = [conversions.stamp_to_seconds(s.header.stamp) for s in camera.scenes]
    assert stamps == sorted(set(stamps))
    assert holds_within(lambda: any(d.status[0].level == b'\x00' for d in camera.diagnostics), 10.0)
    values = {v.key: v.value for v in camera.diagnostics[-1].status[0].values}
    assert values['objects'] == '3'
    assert 'latency [s]' in values
