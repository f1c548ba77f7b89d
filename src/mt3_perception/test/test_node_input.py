"""Bad input to the node over DDS: each fault is a typed status and a diagnostic, and passes when the input is good."""

import threading

import numpy as np
import pytest

pytest.importorskip('rclpy', reason='needs the ROS environment: ./mt3 shell')
pytest.importorskip('mt3_interfaces', reason='needs the built workspace: ./mt3 build')

from std_srvs.srv import Trigger

from mt3_common import conversions, se3
from mt3_common.errors import StatusCode
from mt3_perception.ros_testing import holds_within
from mt3_perception.testing import Solid, TableTop


def refused(camera, code, words, timeout_s=1.0):
    """The scene is refused with this code, and the diagnostics say so."""
    answers = []

    def ask():
        answers.append(camera.capture(timeout_s))
        return answers[-1].status.code == code

    assert holds_within(ask, 5.0), answers[-1].status  # a message of before may be under way
    response = answers[-1]
    assert words in response.status.message
    assert not response.scene.objects
    told(camera, words)


def told(camera, words):
    """The diagnostics warn in these words."""
    heard = len(camera.diagnostics)
    assert holds_within(
        lambda: any(words in d.status[0].message and d.status[0].level >= b'\x01' for d in camera.diagnostics[heard:]),
        5.0,
    )


def marked(camera, words):
    """The scene comes, and says as the answer does that the camera is not to be trusted; so do the diagnostics."""
    answers = []

    def ask():
        answers.append(camera.capture())
        return answers[-1].status.code == StatusCode.CALIBRATION

    assert holds_within(ask, 5.0), answers[-1].status
    response = answers[-1]
    assert words in response.status.message
    assert response.scene.objects and response.scene.calibration == response.status
    told(camera, words)


def recovers(camera):
    """A scene comes again by itself."""
    assert holds_within(lambda: camera.capture(2.0).status.code == StatusCode.OK, 15.0), camera.capture(1.0).status


def _nan(messages):
    messages['depth'].data = bytes(len(messages['depth'].data))


def _short(messages):
    messages['depth'].data = messages['depth'].data[: len(messages['depth'].data) // 2]


def _encoding(messages):
    messages['depth'].encoding = '8UC1'
    messages['depth'].step = messages['depth'].width


def _uncalibrated(messages):
    messages['info'].k = [0.0] * 9


def _distorted(messages):
    messages['info'].d = [0.2, -0.3, 0.0, 0.0, 0.0]


def _binned(messages):
    messages['info'].binning_x = messages['info'].binning_y = 2


def _other_lens(messages):
    messages['info'].k = [v * 1.02 if i in (0, 4) else v for i, v in enumerate(messages['info'].k)]


FAULTS = {
    'no depth reading at all': (_nan, StatusCode.NO_DATA, 'depth pixels have a reading'),
    'an image cut off': (_short, StatusCode.INVALID_INPUT, 'inconsistent'),
    'an encoding that is no depth': (_encoding, StatusCode.INVALID_INPUT, '16UC1'),
    'a camera without calibration': (_uncalibrated, StatusCode.CALIBRATION, 'not calibrated'),
    'a camera that is not rectified': (_distorted, StatusCode.CALIBRATION, 'image_proc'),
    'a binned picture': (_binned, StatusCode.CALIBRATION, 'binned'),
}


@pytest.mark.parametrize('fault', FAULTS)
def test_a_broken_image_is_refused_until_it_is_whole(start, fault):
    change, code, words = FAULTS[fault]
    camera = start()
    camera.change = change
    refused(camera, code, words)
    camera.change = lambda messages: None
    recovers(camera)


def test_no_depth_stream(start):
    """Colour and calibration arrive, depth never does: the topic is named; once it comes, all is well."""
    camera = start()
    camera.change = lambda messages: messages.pop('depth')
    refused(camera, StatusCode.NO_DATA, 'aligned_depth_to_color/image_raw', 0.5)
    camera.change = lambda messages: None
    recovers(camera)


@pytest.mark.parametrize(('shift_s', 'code'), [(-30.0, StatusCode.TIMEOUT), (20.0, StatusCode.STALE_SCENE)])
def test_stamps_of_another_clock(start, shift_s, code):
    """Images of half a minute ago, or of the future, are not what is on the table now."""
    camera = start()
    camera.shift_s = shift_s
    refused(camera, code, 'same clock')
    camera.shift_s = 0.0
    recovers(camera)


def test_images_of_another_time_are_not_refused_while_better_ones_may_come(start):
    """As on a computer that is busy for a moment."""
    camera = start()
    recovers(camera)
    camera.shift_s = 20.0
    assert holds_within(lambda: camera.capture(0.5).status.code == StatusCode.STALE_SCENE, 10.0)
    threading.Timer(0.5, lambda: setattr(camera, 'shift_s', 0.0)).start()
    assert camera.capture(20.0).status.code == StatusCode.OK


def test_stale_images_are_not_published_at_a_rate(start):
    camera = start(rate_hz=10.0)
    assert holds_within(lambda: camera.scenes, 10.0)
    camera.shift_s = -5.0
    assert holds_within(lambda: any('STALE_SCENE' in d.status[0].message for d in camera.diagnostics), 10.0)
    camera.scenes.clear()
    camera.shift_s = 0.0
    assert holds_within(lambda: camera.scenes, 10.0)


def test_time_that_goes_backwards(start):
    """A clock that was set back (a bag started over): scenes come again by themselves, with the new stamps."""
    camera = start(rate_hz=10.0, max_age_s=60.0)
    camera.shift_s = 0.4
    assert holds_within(lambda: len(camera.scenes) > 1, 10.0)
    camera.shift_s = -20.0
    before = conversions.stamp_to_seconds(camera.scenes[0].header.stamp)
    assert holds_within(
        lambda: camera.scenes and conversions.stamp_to_seconds(camera.scenes[-1].header.stamp) < before - 10.0, 10.0
    )


def test_a_changed_lens_marks_scenes_until_it_is_accepted(start):
    camera = start()
    recovers(camera)
    camera.change = _other_lens
    marked(camera, 'camera_info changed')
    accept(camera)
    recovers(camera)
    camera.change = lambda messages: None
    marked(camera, 'camera_info changed')


def accept(camera):
    client = camera.create_client(Trigger, '/mt3/accept_calibration')
    assert client.wait_for_service(5.0)
    future = client.call_async(Trigger.Request())
    assert holds_within(future.done, 5.0)
    assert future.result().success


def test_a_changed_camera_pose_marks_scenes_until_it_is_accepted(start):
    camera = start()
    recovers(camera)
    moved = camera.picture.T_base_camera @ se3.exp(np.array([0.03, 0, 0, 0, 0, 0]))
    camera.calibrate(moved)
    assert holds_within(lambda: camera.capture().status.code == StatusCode.CALIBRATION, 10.0)
    marked(camera, '30.0 mm, 0.00 degrees (limits 10 mm')
    camera.calibrate()
    recovers(camera)
    camera.calibrate(moved)
    assert holds_within(lambda: camera.capture().status.code == StatusCode.CALIBRATION, 10.0)
    accept(camera)
    recovers(camera)


def test_a_camera_on_the_arm_may_move(start):
    camera = start(watch__mount='moving')
    recovers(camera)
    camera.calibrate(camera.picture.T_base_camera @ se3.exp(np.array([0.03, 0, 0, 0, 0, 0])))
    recovers(camera)
    assert camera.capture().status.code == StatusCode.OK


def test_a_camera_that_was_moved_marks_scenes_until_it_is_back(start):
    """Its pictures are of another place, its pose in TF is the old one."""
    camera = start()
    recovers(camera)
    before = camera.picture
    tilted = before.T_base_camera @ se3.exp(np.array([0, 0, 0, 0.05, 0, 0]))
    solids = (Solid('box', 0.5, -0.12, (0.1, 0.07, 0.06), 0.3), Solid('box', 0.42, 0.08, (0.06, 0.05, 0.05), 1.0))
    camera.picture = TableTop(solids).view(tilted, 320, 240, 300.0)
    marked(camera, 'the camera was moved')
    assert holds_within(lambda: 'background turned [degree]' in camera.values(), 5.0)
    camera.picture = before
    recovers(camera)


def test_scenes_at_a_rate_are_marked_too(start):
    camera = start(rate_hz=10.0)
    assert holds_within(lambda: camera.scenes and not camera.scenes[-1].calibration.code, 15.0)
    camera.calibrate(camera.picture.T_base_camera @ se3.exp(np.array([0.03, 0, 0, 0, 0, 0])))
    assert holds_within(lambda: camera.scenes[-1].calibration.code == StatusCode.CALIBRATION, 10.0)
    assert len(camera.scenes[-1].objects) == 3
    camera.calibrate()
    assert holds_within(lambda: not camera.scenes[-1].calibration.code, 10.0)


def test_watching_the_background_can_be_left(start):
    camera = start(watch__background=False)
    recovers(camera)
    tilted = camera.picture.T_base_camera @ se3.exp(np.array([0, 0, 0, 0.05, 0, 0]))
    camera.picture = TableTop((Solid('box', 0.5, -0.12, (0.1, 0.07, 0.06), 0.3),)).view(tilted, 320, 240, 300.0)
    assert holds_within(lambda: len(camera.capture().scene.objects) == 1, 10.0)
