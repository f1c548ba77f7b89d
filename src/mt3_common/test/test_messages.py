"""Reading messages by their attributes: encodings, padding, byte order, damage."""

from types import SimpleNamespace as Message

import cv2
import numpy as np
import pytest

from mt3_common import messages
from mt3_common.errors import InvalidInput, StatusCode


def image(pixels, encoding, padding=0, big=False):
    rows = pixels.astype(pixels.dtype.newbyteorder('>' if big else '<'))
    width = rows.reshape(rows.shape[0], -1).view(np.uint8)
    data = np.pad(width, ((0, 0), (0, padding)), constant_values=77)
    return Message(
        encoding=encoding,
        height=pixels.shape[0],
        width=pixels.shape[1],
        step=data.shape[1],
        is_bigendian=int(big),
        data=data.tobytes(),
    )


COLOR = np.random.default_rng(0).integers(0, 255, (5, 7, 4)).astype(np.uint8)
DEPTH = np.array([[0, 500, 1234], [65535, 1, 2]], np.uint16)


@pytest.mark.parametrize('big', [False, True])
@pytest.mark.parametrize('padding', [0, 6])
def test_depth_in_millimetres(padding, big):
    depth = messages.image_to_depth(image(DEPTH, '16UC1', padding, big))
    np.testing.assert_allclose(depth, [[np.nan, 0.5, 1.234], [65.535, 0.001, 0.002]], rtol=1e-6)
    assert depth.dtype == np.float32


@pytest.mark.parametrize('big', [False, True])
@pytest.mark.parametrize('padding', [0, 8])
def test_depth_in_metres(padding, big):
    metres = np.array([[0.5, np.nan, np.inf], [-1.0, 0.0, 2.0]], np.float32)
    depth = messages.image_to_depth(image(metres, '32FC1', padding, big))
    np.testing.assert_array_equal(depth, np.array([[0.5, np.nan, np.nan], [np.nan, np.nan, 2.0]], np.float32))


@pytest.mark.parametrize('padding', [0, 5])
@pytest.mark.parametrize(
    ('encoding', 'pixels', 'rgb'),
    [
        ('rgb8', COLOR[..., :3], COLOR[..., :3]),
        ('bgr8', COLOR[..., 2::-1], COLOR[..., :3]),
        ('rgba8', COLOR, COLOR[..., :3]),
        ('bgra8', COLOR[..., [2, 1, 0, 3]], COLOR[..., :3]),
        ('mono8', COLOR[..., 0], np.repeat(COLOR[..., :1], 3, 2)),
    ],
)
def test_colour_encodings(encoding, pixels, rgb, padding):
    read = messages.image_to_rgb(image(np.ascontiguousarray(pixels), encoding, padding))
    np.testing.assert_array_equal(read, rgb)
    assert read.flags.c_contiguous


@pytest.mark.parametrize(
    ('encoding', 'dtype'), [('32SC1', np.int32), ('16UC1', np.uint16), ('mono16', np.uint16), ('mono8', np.uint8)]
)
@pytest.mark.parametrize('big', [False, True])
def test_labels(encoding, dtype, big):
    labels = np.array([[0, 1], [2, 200]], dtype)
    np.testing.assert_array_equal(messages.image_to_labels(image(labels, encoding, 4, big)), labels)


@pytest.mark.parametrize(
    ('change', 'word'),
    [
        ({'encoding': 'yuv422'}, 'yuv422'),
        ({'step': 3}, 'inconsistent'),
        ({'data': b''}, 'inconsistent'),
        ({'height': 0}, 'inconsistent'),
        ({'encoding': '32FC1'}, 'inconsistent'),
    ],
)
def test_image_refusals(change, word):
    message = image(DEPTH, '16UC1')
    message.__dict__.update(change)
    with pytest.raises(InvalidInput, match=word):
        messages.image_to_array(message)


@pytest.mark.parametrize(
    ('read', 'encoding'),
    [(messages.image_to_depth, 'rgb8'), (messages.image_to_labels, 'rgb8'), (messages.image_to_rgb, '16UC1')],
)
def test_an_image_of_another_kind_is_refused(read, encoding):
    pixels = DEPTH if encoding == '16UC1' else COLOR[..., :3]
    with pytest.raises(InvalidInput, match=encoding):
        read(image(np.ascontiguousarray(pixels), encoding))


def test_compressed_depth_with_and_without_its_header():
    png = cv2.imencode('.png', DEPTH)[1].tobytes()
    plain = messages.compressed_to_depth(Message(format='png', data=png))
    headed = messages.compressed_to_depth(Message(format='16UC1; compressedDepth png', data=bytes(12) + png))
    np.testing.assert_array_equal(plain, headed)
    assert plain[0, 1] == np.float32(0.5)


@pytest.mark.parametrize('data', [b'', b'not a picture'])
def test_compressed_images_that_are_none(data):
    with pytest.raises(InvalidInput, match='decodable'):
        messages.compressed_to_rgb(Message(format='png', data=data))
    with pytest.raises(InvalidInput, match='16 bit'):
        messages.compressed_to_depth(Message(format='png', data=data))


def cloud(order='<', height=1):
    """Eight points with the fields in an odd order, gaps between them, and padding after each row."""
    layout = np.dtype(
        {
            'names': ['z', 'rgb', 'x', 'i', 'y'],
            'formats': [order + 'f4', order + 'u4', order + 'f8', 'u1', order + 'f4'],
            'offsets': [2, 8, 12, 21, 24],
            'itemsize': 32,
        }
    )
    points = np.zeros(8, layout)
    points['x'], points['y'], points['z'] = np.arange(8), 10 + np.arange(8), 20 + np.arange(8)
    points['rgb'] = 0x00010203 + (np.arange(8) << 16)
    width = 8 // height
    data = np.pad(points.view(np.uint8).reshape(height, -1), ((0, 0), (0, 10)))
    datatype = {'f4': 7, 'u4': 7, 'f8': 8, 'u1': 2}  # rgb is sent as a float
    fields = [
        Message(name=n, offset=layout.fields[n][1], datatype=datatype[layout.fields[n][0].str[1:]], count=1)
        for n in layout.names
    ]
    return Message(
        fields=fields,
        height=height,
        width=width,
        point_step=32,
        row_step=data.shape[1],
        is_bigendian=order == '>',
        data=data.tobytes(),
    )


@pytest.mark.parametrize('order', ['<', '>'])
@pytest.mark.parametrize('height', [1, 2])
def test_cloud_in_any_layout(order, height):
    points, colors = messages.cloud_to_points(cloud(order, height))
    np.testing.assert_array_equal(points, np.stack([np.arange(8), 10 + np.arange(8), 20 + np.arange(8)], 1))
    np.testing.assert_array_equal(colors, np.stack([1 + np.arange(8), np.full(8, 2), np.full(8, 3)], 1))


def test_cloud_drops_points_that_are_not_finite():
    message = cloud()
    raw = np.frombuffer(message.data, np.uint8).copy()
    raw[2:6] = np.frombuffer(np.float32(np.nan).tobytes(), np.uint8)
    message.data = raw.tobytes()
    assert len(messages.cloud_to_points(message)[0]) == 7
    assert len(messages.cloud_to_points(message, drop_invalid=False)[0]) == 8


def test_cloud_refusals():
    message = cloud()
    message.fields = message.fields[1:]
    with pytest.raises(InvalidInput, match=r"lacks the fields \['z'\]"):
        messages.cloud_to_points(message)
    message = cloud()
    message.data = message.data[:100]
    with pytest.raises(InvalidInput, match='does not fit'):
        messages.cloud_to_points(message)
    message = cloud()
    message.fields[0].offset = 30
    with pytest.raises(InvalidInput, match='outside a point'):
        messages.cloud_to_points(message)


def info(**changes):
    K = [600.0, 0, 320, 0, 600, 240, 0, 0, 1]
    P = [500.0, 0, 310, 0, 0, 500, 230, 0, 0, 0, 1, 0]
    fields = {'k': K, 'p': P, 'd': [], 'width': 640, 'height': 480, 'distortion_model': 'plumb_bob'}
    return Message(**{**fields, **changes})


def test_intrinsics_with_no_or_negligible_distortion():
    assert messages.camera_info_to_intrinsics(info())[0, 0] == 600.0
    assert messages.camera_info_to_intrinsics(info(d=[1e-4, 0, 0, 0, 0]))[0, 0] == 600.0


def test_a_distorted_camera_is_refused_unless_its_images_are_rectified():
    with pytest.raises(InvalidInput, match='distortion') as refusal:
        messages.camera_info_to_intrinsics(info(d=[0.15, -0.3, 0, 0, 0]))
    assert refusal.value.code == StatusCode.CALIBRATION
    assert messages.camera_info_to_intrinsics(info(d=[0.15, -0.3, 0, 0, 0]), rectified=True)[0, 0] == 500.0


def test_an_uncalibrated_camera_is_refused():
    with pytest.raises(InvalidInput, match='not calibrated'):
        messages.camera_info_to_intrinsics(info(k=[0.0] * 9))


def test_an_unset_pose_is_refused():
    zero = Message(x=0.0, y=0.0, z=0.0, w=0.0)
    with pytest.raises(InvalidInput, match='left unset'):
        messages.pose_to_matrix(Message(position=zero, orientation=zero))


def test_serialised_header():
    for flag, order in ((1, 'little'), (0, 'big')):
        data = bytes([0, flag, 0, 0]) + (7).to_bytes(4, order) + (500_000_000).to_bytes(4, order)
        data += (4).to_bytes(4, order) + b'cam\0'
        assert messages.serialised_header(data) == (7.5, 'cam')
    with pytest.raises(InvalidInput):
        messages.serialised_header(b'short')
