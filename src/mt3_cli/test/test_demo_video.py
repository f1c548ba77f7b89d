import av
import cv2
import numpy as np
import pytest
from sensor_msgs.msg import CompressedImage

from mt3_cli.demo.video import Camcorder


class _Node:
    """Hands the subscription's callback to the test."""

    def create_subscription(self, kind, topic, callback, qos):
        self.callback = callback


def _picture(stamp_s, grey):
    message = CompressedImage(format='jpeg')
    message.header.stamp.sec, message.header.stamp.nanosec = int(stamp_s), round(1e9 * (stamp_s % 1.0))
    message.data = cv2.imencode('.jpg', np.full((49, 65, 3), grey, np.uint8))[1].tobytes()
    return message


@pytest.fixture
def node():
    return _Node()


def test_film_has_the_pictures_between_start_and_save_at_their_times(node, tmp_path):
    camcorder = Camcorder(node, '/view')
    node.callback(_picture(1.0, 0))  # before the start
    camcorder.start()
    for stamp_s, grey in ((2.0, 20), (2.5, 120), (2.5, 60), (3.5, 220)):
        node.callback(_picture(stamp_s, grey))
    film = camcorder.save(tmp_path / 'film.mp4')
    with av.open(str(film)) as container:
        frames = [(f.time, f.to_ndarray(format='gray').mean()) for f in container.decode(video=0)]
    np.testing.assert_allclose([time for time, _ in frames], [0.0, 0.5, 1.5], atol=2e-3)
    np.testing.assert_allclose([grey for _, grey in frames], [20, 120, 220], atol=12)


def test_no_film_without_pictures(node, tmp_path):
    camcorder = Camcorder(node, '/view')
    assert camcorder.save(tmp_path / 'film.mp4') is None
    camcorder.start()
    node.callback(_picture(1.0, 9))
    assert camcorder.save(tmp_path / 'film.mp4') is None
    assert not list(tmp_path.iterdir())
    assert camcorder.last().shape == (49, 65, 3)
