"""Reading ROS messages by their attributes: images, clouds, poses, camera information.

Nothing here imports ROS: the functions take messages of rclpy and messages that rosbags decoded from a
bag alike. `mt3_common.conversions` has the other direction and everything that needs our own interfaces.
"""

from typing import Any

import cv2
import numpy as np

from mt3_common import se3
from mt3_common.cameras import check_intrinsics
from mt3_common.errors import InvalidInput, StatusCode

__all__ = [
    'camera_info_to_intrinsics',
    'cloud_to_points',
    'compressed_to_depth',
    'compressed_to_grey',
    'compressed_to_rgb',
    'image_to_array',
    'image_to_depth',
    'image_to_labels',
    'image_to_rgb',
    'pose_to_matrix',
    'serialised_header',
    'stamp_to_seconds',
    'transform_to_matrix',
]

# encoding: (numpy type, channels)
_ENCODINGS = {
    'rgb8': (np.uint8, 3),
    'bgr8': (np.uint8, 3),
    'rgba8': (np.uint8, 4),
    'bgra8': (np.uint8, 4),
    '8UC3': (np.uint8, 3),
    'mono8': (np.uint8, 1),
    '8UC1': (np.uint8, 1),
    'mono16': (np.uint16, 1),
    '16UC1': (np.uint16, 1),
    '32SC1': (np.int32, 1),
    '32FC1': (np.float32, 1),
}

_POINT_TYPES = {1: 'i1', 2: 'u1', 3: 'i2', 4: 'u2', 5: 'i4', 6: 'u4', 7: 'f4', 8: 'f8'}  # PointField.datatype


def stamp_to_seconds(stamp: Any) -> float:
    """Return a builtin_interfaces Time or Duration as seconds [s]."""
    return float(stamp.sec) + 1e-9 * float(stamp.nanosec)


def serialised_header(data: bytes) -> tuple[float, str]:
    """Return (stamp [s], frame) of a serialised message (CDR) that starts with a std_msgs/Header, without decoding it.

    Raises:
        InvalidInput: Too short to hold a header.
    """
    if len(data) < 16:
        raise InvalidInput(f'a message of {len(data)} bytes has no header', StatusCode.STORAGE)
    order = 'little' if data[1] & 1 else 'big'  # second byte of the encapsulation: CDR_BE 0, CDR_LE 1
    sec = int.from_bytes(data[4:8], order, signed=True)
    nanosec, length = int.from_bytes(data[8:12], order), int.from_bytes(data[12:16], order)
    frame = bytes(data[16 : 16 + max(length - 1, 0)]).decode('utf-8', errors='replace')
    return float(sec) + 1e-9 * float(nanosec), frame


def image_to_array(message: Any) -> np.ndarray:
    """Return the pixels of a sensor_msgs/Image as (H, W) or (H, W, C) in native byte order, channels as sent.

    Without row padding and in this machine's byte order it is a view of the message, not a copy.

    Raises:
        InvalidInput: An encoding that nobody here reads, or sizes that do not fit the data.
    """
    try:
        dtype, channels = _ENCODINGS[message.encoding]
    except KeyError:
        raise InvalidInput(
            f'image encoding {message.encoding!r} is not supported; supported: {", ".join(_ENCODINGS)}'
        ) from None
    height, width, step = int(message.height), int(message.width), int(message.step)
    kind = np.dtype(dtype)
    row = width * channels * kind.itemsize
    data = np.frombuffer(message.data, np.uint8)
    if height < 1 or width < 1 or step < row or step % kind.itemsize or len(data) < height * step:
        raise InvalidInput(
            f'{message.encoding} image of {width}x{height} with {step} bytes per row and {len(data)} bytes is '
            f'inconsistent: a row needs {row} bytes'
        )
    wire = kind.newbyteorder('>' if message.is_bigendian else '<')
    pixels = data[: height * step].reshape(height, step)[:, :row]
    if step != row:
        pixels = np.ascontiguousarray(pixels)
    pixels = pixels.view(wire).reshape((height, width, channels) if channels > 1 else (height, width))
    return pixels if wire.isnative else pixels.astype(kind)


def image_to_depth(message: Any) -> np.ndarray:
    """Return a 16UC1 (millimetres, 0 unknown) or 32FC1 (metres) image as (H, W) float32 metres, NaN unknown.

    Raises:
        InvalidInput: Another encoding.
    """
    if message.encoding not in ('16UC1', 'mono16', '32FC1'):
        raise InvalidInput(f'depth must be 16UC1 (millimetres) or 32FC1 (metres): got {message.encoding!r}')
    return _metres(image_to_array(message))


def image_to_rgb(message: Any) -> np.ndarray:
    """Return a colour or grey image as (H, W, 3) uint8 rgb, contiguous.

    Raises:
        InvalidInput: An encoding without colours in 8 bit.
    """
    pixels = image_to_array(message)
    encoding = message.encoding
    if encoding == 'rgb8':
        return np.ascontiguousarray(pixels)
    codes = {
        'bgr8': cv2.COLOR_BGR2RGB,
        '8UC3': cv2.COLOR_BGR2RGB,  # what OpenCV means by it
        'rgba8': cv2.COLOR_RGBA2RGB,
        'bgra8': cv2.COLOR_BGRA2RGB,
        'mono8': cv2.COLOR_GRAY2RGB,
        '8UC1': cv2.COLOR_GRAY2RGB,
    }
    if encoding not in codes:
        raise InvalidInput(f'a colour image must be one of rgb8, {", ".join(codes)}: got {encoding!r}')
    return cv2.cvtColor(np.ascontiguousarray(pixels), codes[encoding])


def image_to_labels(message: Any) -> np.ndarray:
    """Return an integer image (32SC1, 16UC1, mono16, 8UC1, mono8) as labels (H, W) int32.

    Raises:
        InvalidInput: Another encoding.
    """
    if message.encoding not in ('32SC1', '16UC1', 'mono16', '8UC1', 'mono8'):
        raise InvalidInput(f'labels must be 32SC1, 16UC1, mono16, 8UC1 or mono8: got {message.encoding!r}')
    return image_to_array(message).astype(np.int32)


def compressed_to_rgb(message: Any) -> np.ndarray:
    """Return a png or jpeg CompressedImage as (H, W, 3) uint8 rgb.

    Raises:
        InvalidInput: It cannot be decoded.
    """
    pixels = _decoded(np.frombuffer(message.data, np.uint8), cv2.IMREAD_COLOR)
    if pixels is None:
        raise InvalidInput(f'compressed image of format {message.format!r}, {len(message.data)} bytes: not decodable')
    return cv2.cvtColor(pixels, cv2.COLOR_BGR2RGB)


def compressed_to_depth(message: Any) -> np.ndarray:
    """Return a 16 bit png CompressedImage (millimetres) as depth (H, W) float32 metres, NaN unknown.

    The 12 bytes that image_transport's `compressedDepth` puts before the png are skipped.

    Raises:
        InvalidInput: It cannot be decoded, or is not of 16 bit.
    """
    data = np.frombuffer(message.data, np.uint8)
    if 'compressedDepth' in message.format:
        if '32FC1' in message.format:
            raise InvalidInput('compressedDepth of 32FC1 images is not supported; record 16UC1 depth')
        data = data[12:]
    pixels = _decoded(data)
    if pixels is None or pixels.dtype != np.uint16 or pixels.ndim != 2:
        raise InvalidInput(f'compressed depth of format {message.format!r} is not a 16 bit png of one channel')
    return _metres(pixels)


def compressed_to_grey(message: Any) -> np.ndarray:
    """Return an 8 bit png CompressedImage of one channel as (H, W) uint8.

    Raises:
        InvalidInput: It cannot be decoded, or is none.
    """
    pixels = _decoded(np.frombuffer(message.data, np.uint8))
    if pixels is None or pixels.dtype != np.uint8 or pixels.ndim != 2:
        raise InvalidInput(f'an image of format {message.format!r} is not an 8 bit png of one channel')
    return pixels


def _decoded(data: np.ndarray, flags: int = cv2.IMREAD_UNCHANGED) -> np.ndarray | None:
    """Return the pixels of a png or jpeg (N,) uint8, None when it holds none: OpenCV raises for what is empty."""
    return cv2.imdecode(data, flags) if len(data) else None


def _metres(pixels: np.ndarray) -> np.ndarray:
    """Depth (H, W) float32 [m] from uint16 millimetres or float metres; NaN unknown."""
    if pixels.dtype == np.uint16:
        depth = pixels.astype(np.float32)
        depth *= np.float32(0.001)
    else:
        depth = pixels.astype(np.float32)
        depth[~np.isfinite(depth)] = np.nan
    depth[depth <= 0.0] = np.nan
    return depth


def cloud_to_points(message: Any, drop_invalid: bool = True) -> tuple[np.ndarray, np.ndarray | None]:
    """Return (points (N, 3) float64 [m], colors (N, 3) uint8 rgb or None) of a sensor_msgs/PointCloud2.

    Fields may come in any order, at any offset, with padding and in either byte order. Colours are read from a
    field `rgb` or `rgba` of 32 bit (packed 0x00rrggbb, sent as float or integer).

    Raises:
        InvalidInput: No x, y, z, or sizes that do not fit the data.
    """
    order = '>' if message.is_bigendian else '<'
    fields = {field.name: field for field in message.fields}
    missing = [name for name in 'xyz' if name not in fields]
    if missing:
        raise InvalidInput(f'point cloud lacks the fields {missing}; it has {sorted(fields)}')
    height, width, step = int(message.height), int(message.width), int(message.point_step)
    row_step = int(message.row_step) or width * step
    data = np.frombuffer(message.data, np.uint8)
    if row_step < width * step or len(data) < height * row_step:
        raise InvalidInput(f'point cloud of {width}x{height} points of {step} bytes does not fit {len(data)} bytes')
    kinds = {}
    for name in ('x', 'y', 'z', 'rgb', 'rgba'):
        if name in fields:
            kind = np.dtype(_POINT_TYPES.get(fields[name].datatype, 'V0'))
            if kind.itemsize == 0 or fields[name].offset + kind.itemsize > step:
                raise InvalidInput(f'field {name} of the point cloud has an unknown type or lies outside a point')
            packed = name.startswith('rgb') and kind.itemsize == 4
            kinds[name] = (np.dtype('u4') if packed else kind).newbyteorder(order)
    layout = np.dtype(
        {
            'names': list(kinds),
            'formats': list(kinds.values()),
            'offsets': [int(fields[name].offset) for name in kinds],
            'itemsize': step,
        }
    )
    if width * height == 0:
        return np.zeros((0, 3)), np.zeros((0, 3), np.uint8) if {'rgb', 'rgba'} & set(kinds) else None
    rows = data[: height * row_step].reshape(height, row_step)[:, : width * step]
    cloud = np.ascontiguousarray(rows).view(layout).reshape(-1)
    points = np.stack([cloud['x'], cloud['y'], cloud['z']], axis=1).astype(np.float64)
    packed = next((cloud[name] for name in ('rgb', 'rgba') if name in kinds and kinds[name].itemsize == 4), None)
    colors = None
    if packed is not None:
        packed = packed.astype(np.uint32)
        colors = np.stack([packed >> 16 & 255, packed >> 8 & 255, packed & 255], axis=1).astype(np.uint8)
    if drop_invalid:
        valid = np.isfinite(points).all(axis=1)
        if not valid.all():
            points, colors = points[valid], None if colors is None else colors[valid]
    return points, colors


def pose_to_matrix(pose: Any) -> np.ndarray:
    """Return T (4, 4) [m] of a geometry_msgs/Pose.

    Raises:
        InvalidInput: Not finite, or a quaternion that is not of unit norm (an unset pose).
    """
    p, q = pose.position, pose.orientation
    return se3.from_position_quaternion(np.array([p.x, p.y, p.z]), np.array([q.x, q.y, q.z, q.w]))


def transform_to_matrix(transform: Any) -> np.ndarray:
    """Return T_parent_child (4, 4) [m] of a geometry_msgs/Transform.

    Raises:
        InvalidInput: Not finite, or a quaternion that is not of unit norm.
    """
    p, q = transform.translation, transform.rotation
    return se3.from_position_quaternion(np.array([p.x, p.y, p.z]), np.array([q.x, q.y, q.z, q.w]))


def camera_info_to_intrinsics(message: Any, rectified: bool = False, max_shift_px: float = 1.0) -> np.ndarray:
    """Return K (3, 3) [pixel] of a sensor_msgs/CameraInfo.

    Everything here computes with a pinhole, so a lens distortion that moves any pixel of the picture by more than
    `max_shift_px` is refused rather than ignored.

    Args:
        rectified: The images were rectified (image_proc's `image_rect`): the left part of P holds, D is past.
        max_shift_px: Largest distortion that may be neglected [pixel].

    Raises:
        InvalidInput: Code CALIBRATION; not calibrated, or distorted beyond the limit.
    """
    raw = message.p if rectified else message.k
    K = np.asarray(raw, np.float64).reshape(3, 4)[:, :3] if rectified else np.asarray(raw, np.float64).reshape(3, 3)
    if not K.any():
        raise InvalidInput('camera_info is all zero: the camera is not calibrated', StatusCode.CALIBRATION)
    K = check_intrinsics(K)
    D = np.asarray(message.d, np.float64)
    if rectified or not D.any():
        return K
    w, h = max(int(message.width), 2) - 1.0, max(int(message.height), 2) - 1.0
    border = np.array([[u, v] for u in (0, w / 2, w) for v in (0, h / 2, h)]).reshape(-1, 1, 2)
    if message.distortion_model in ('equidistant', 'fisheye'):
        straight = cv2.fisheye.undistortPoints(border, K, D[:4], P=K)
    else:
        straight = cv2.undistortPoints(border, K, D, P=K)
    shift = float(np.abs(straight - border).max())
    if not shift <= max_shift_px:  # NaN too
        raise InvalidInput(
            f'the lens distortion of camera_info moves pixels by up to {shift:.1f}, the limit is {max_shift_px}; '
            'use the rectified images of image_proc',
            StatusCode.CALIBRATION,
        )
    return K
