"""Numpy arrays to messages of the standard ROS packages."""

import array
from collections.abc import Sequence

import cv2
import numpy as np
from builtin_interfaces.msg import Duration, Time
from geometry_msgs.msg import Point, Pose, PoseStamped, Quaternion, Transform, TransformStamped, Vector3
from sensor_msgs.msg import CameraInfo, CompressedImage, Image, PointCloud2, PointField
from std_msgs.msg import Header
from trajectory_msgs.msg import JointTrajectory, JointTrajectoryPoint

from mt3_common import se3
from mt3_common.cameras import check_intrinsics
from mt3_common.errors import InvalidInput
from mt3_common.messages import stamp_to_seconds

__all__ = [
    'depth_to_compressed',
    'depth_to_image',
    'grey_to_compressed',
    'header',
    'intrinsics_to_camera_info',
    'labels_to_image',
    'matrices_to_poses',
    'matrix_to_pose',
    'matrix_to_pose_stamped',
    'matrix_to_transform',
    'matrix_to_transform_stamped',
    'msg_to_joint_trajectory',
    'nanoseconds_to_stamp',
    'points_to_cloud',
    'rgb_to_compressed',
    'rgb_to_image',
    'seconds_to_duration',
    'seconds_to_stamp',
    'trajectory_to_msg',
]


def nanoseconds_to_stamp(nanoseconds: int) -> Time:
    """Return nanoseconds, as rclpy's clocks count them, as a builtin_interfaces/Time."""
    return Time(sec=nanoseconds // 10**9, nanosec=nanoseconds % 10**9)


def seconds_to_stamp(seconds: float) -> Time:
    """Return seconds [s] as a builtin_interfaces/Time, rounded to a nanosecond."""
    sec, nanosec = _split(seconds)
    return Time(sec=sec, nanosec=nanosec)


def seconds_to_duration(seconds: float) -> Duration:
    """Return seconds [s] as a builtin_interfaces/Duration, rounded to a nanosecond."""
    sec, nanosec = _split(seconds)
    return Duration(sec=sec, nanosec=nanosec)


def _split(seconds: float) -> tuple[int, int]:
    if not np.isfinite(seconds) or abs(seconds) >= 2**31:
        raise InvalidInput(f'time {seconds} s does not fit a ROS message')
    sec = int(np.floor(seconds))
    nanosec = round((seconds - sec) * 1e9)
    return (sec + 1, 0) if nanosec == 1_000_000_000 else (sec, nanosec)


def header(frame: str, stamp_s: float) -> Header:
    """Return a header with a frame and an acquisition time [s]."""
    return Header(frame_id=frame, stamp=seconds_to_stamp(stamp_s))


def _image(pixels: np.ndarray, encoding: str, head: Header) -> Image:
    pixels = np.ascontiguousarray(pixels)
    message = Image(header=head, height=pixels.shape[0], width=pixels.shape[1], encoding=encoding)
    message.is_bigendian = int(not pixels.dtype.newbyteorder('<').isnative)
    message.step = pixels.strides[0]
    message.data = array.array('B', pixels.tobytes())  # the setter takes this type without looking at each byte
    return message


def _millimetres(depth_m: np.ndarray) -> np.ndarray:
    """Depth (H, W) uint16 [mm]; 0 for unknown and for what 16 bit cannot hold."""
    scaled = np.asarray(depth_m, np.float32) * np.float32(1000.0)
    scaled += np.float32(0.5)
    scaled[~((scaled >= 1.0) & (scaled < 65536.0))] = 0.0
    return scaled.astype(np.uint16)


def depth_to_image(depth_m: np.ndarray, head: Header) -> Image:
    """Return depth (H, W) float metres, NaN unknown, as 16UC1 millimetres, 0 unknown."""
    return _image(_millimetres(depth_m), '16UC1', head)


def rgb_to_image(rgb: np.ndarray, head: Header) -> Image:
    """Return (H, W, 3) uint8 as rgb8."""
    if rgb.dtype != np.uint8 or rgb.ndim != 3 or rgb.shape[2] != 3:
        raise InvalidInput(f'rgb must be (H, W, 3) uint8: got {rgb.shape} {rgb.dtype}')
    return _image(rgb, 'rgb8', head)


def labels_to_image(labels: np.ndarray, head: Header) -> Image:
    """Return labels (H, W) of integers as 32SC1."""
    return _image(np.asarray(labels).astype(np.int32, copy=False), '32SC1', head)


def rgb_to_compressed(rgb: np.ndarray, head: Header, kind: str = 'png') -> CompressedImage:
    """Return (H, W, 3) uint8 as a png (lossless) or jpeg CompressedImage."""
    if kind not in ('png', 'jpeg'):
        raise InvalidInput(f'compressed images are png or jpeg: got {kind!r}')
    options = [cv2.IMWRITE_PNG_COMPRESSION, 1] if kind == 'png' else [cv2.IMWRITE_JPEG_QUALITY, 92]
    return _compressed(cv2.cvtColor(rgb, cv2.COLOR_RGB2BGR), head, kind, options)


def grey_to_compressed(pixels: np.ndarray, head: Header) -> CompressedImage:
    """Return (H, W) uint8 as an 8 bit png CompressedImage."""
    if pixels.dtype != np.uint8 or pixels.ndim != 2:
        raise InvalidInput(f'a grey image must be (H, W) uint8: got {pixels.shape} {pixels.dtype}')
    return _compressed(pixels, head, 'png', [cv2.IMWRITE_PNG_COMPRESSION, 1])


def depth_to_compressed(depth_m: np.ndarray, head: Header) -> CompressedImage:
    """Return depth (H, W) float metres as a 16 bit png CompressedImage of millimetres."""
    return _compressed(_millimetres(depth_m), head, 'png', [cv2.IMWRITE_PNG_COMPRESSION, 1])


def _compressed(pixels: np.ndarray, head: Header, kind: str, options: list[int]) -> CompressedImage:
    ok, data = cv2.imencode(f'.{kind}', pixels, options)
    if not ok:
        raise InvalidInput(f'image of {pixels.shape} {pixels.dtype} could not be encoded as {kind}')
    return CompressedImage(header=head, format=kind, data=array.array('B', data.tobytes()))


def points_to_cloud(points: np.ndarray, colors: np.ndarray | None, head: Header) -> PointCloud2:
    """Return points (N, 3) [m] and colours (N, 3) uint8 rgb as a PointCloud2: x, y, z float32 and packed rgb."""
    points = np.asarray(points)
    names = ['x', 'y', 'z'] + (['rgb'] if colors is not None else [])
    cloud = np.zeros((len(points), len(names)), '<f4')
    cloud[:, :3] = points
    if colors is not None:
        c = np.asarray(colors).astype(np.uint32)
        cloud.view('<u4')[:, 3] = c[:, 0] << 16 | c[:, 1] << 8 | c[:, 2]
    message = PointCloud2(header=head, height=1, width=len(points), is_bigendian=False, is_dense=True)
    message.fields = [
        PointField(name=name, offset=4 * i, datatype=PointField.FLOAT32, count=1) for i, name in enumerate(names)
    ]
    message.point_step = 4 * len(names)
    message.row_step = message.point_step * len(points)
    message.data = array.array('B', cloud.tobytes())
    return message


def matrix_to_pose(T_a_b: np.ndarray) -> Pose:
    """Return T_a_b (4, 4) [m] as a geometry_msgs/Pose."""
    return matrices_to_poses(np.asarray(T_a_b)[None])[0]


def matrices_to_poses(T_a_b: np.ndarray) -> list[Pose]:
    """Return T_a_b (N, 4, 4) [m] as geometry_msgs/Pose, all at once: a path has hundreds."""
    poses = []
    positions = np.asarray(T_a_b, float)[:, :3, 3].tolist()
    for (x, y, z), (qx, qy, qz, qw) in zip(positions, se3.quaternion(T_a_b).tolist(), strict=True):
        poses.append(Pose(position=Point(x=x, y=y, z=z), orientation=Quaternion(x=qx, y=qy, z=qz, w=qw)))
    return poses


def matrix_to_pose_stamped(T_a_b: np.ndarray, frame: str, stamp_s: float = 0.0) -> PoseStamped:
    """Return T_a_b (4, 4) [m] as a PoseStamped in frame a."""
    return PoseStamped(header=header(frame, stamp_s), pose=matrix_to_pose(T_a_b))


def matrix_to_transform(T_a_b: np.ndarray) -> Transform:
    """Return T_a_b (4, 4) [m] as a geometry_msgs/Transform."""
    pose = matrix_to_pose(T_a_b)
    p = pose.position
    return Transform(translation=Vector3(x=p.x, y=p.y, z=p.z), rotation=pose.orientation)


def matrix_to_transform_stamped(
    T_parent_child: np.ndarray, parent: str, child: str, stamp_s: float
) -> TransformStamped:
    """Return T_parent_child (4, 4) [m] as a TransformStamped, as /tf carries it."""
    return TransformStamped(
        header=header(parent, stamp_s), child_frame_id=child, transform=matrix_to_transform(T_parent_child)
    )


def intrinsics_to_camera_info(K: np.ndarray, width: int, height: int, head: Header) -> CameraInfo:
    """Return K (3, 3) [pixel] as the CameraInfo of a rectified camera without distortion."""
    K = check_intrinsics(K)
    message = CameraInfo(header=head, width=int(width), height=int(height), distortion_model='plumb_bob')
    message.d = [0.0] * 5
    message.k = K.ravel().tolist()
    message.r = np.eye(3).ravel().tolist()
    message.p = np.hstack([K, np.zeros((3, 1))]).ravel().tolist()
    return message


def trajectory_to_msg(
    names: Sequence[str],
    time_s: np.ndarray,
    positions: np.ndarray,
    velocities: np.ndarray | None = None,
    accelerations: np.ndarray | None = None,
) -> JointTrajectory:
    """Return a joint trajectory as a message.

    Args:
        names: N joints.
        time_s: (K,) from the start [s].
        positions, velocities, accelerations: (K, N) [rad, rad/s, rad/s^2].

    Raises:
        InvalidInput: The shapes do not fit, or values are not finite.
    """
    shape = (len(time_s), len(names))
    for array_, what in ((positions, 'positions'), (velocities, 'velocities'), (accelerations, 'accelerations')):
        if array_ is not None and (np.shape(array_) != shape or not np.isfinite(array_).all()):
            raise InvalidInput(f'{what} of a joint trajectory must be finite {shape}: got {np.shape(array_)}')
    message = JointTrajectory(joint_names=list(names))
    for k, at in enumerate(time_s):
        point = JointTrajectoryPoint(time_from_start=seconds_to_duration(float(at)))
        point.positions = array.array('d', np.asarray(positions[k], float).tolist())
        if velocities is not None:
            point.velocities = array.array('d', np.asarray(velocities[k], float).tolist())
        if accelerations is not None:
            point.accelerations = array.array('d', np.asarray(accelerations[k], float).tolist())
        message.points.append(point)
    return message


def msg_to_joint_trajectory(
    message: JointTrajectory,
) -> tuple[list[str], np.ndarray, np.ndarray, np.ndarray | None, np.ndarray | None]:
    """Return (names, time_s (K,), positions (K, N), velocities or None, accelerations or None).

    Raises:
        InvalidInput: A point has another number of values than there are joints.
    """
    names, count = list(message.joint_names), len(message.joint_names)
    rows: dict[str, np.ndarray | None] = {}
    for what in ('positions', 'velocities', 'accelerations'):
        values = [getattr(point, what) for point in message.points]
        if what != 'positions' and not any(len(v) for v in values):
            rows[what] = None
            continue
        if any(len(v) != count for v in values):
            raise InvalidInput(f'{what} of a joint trajectory: every point needs {count} values')
        rows[what] = np.array([list(v) for v in values], np.float64).reshape(-1, count)
    time_s = np.array([stamp_to_seconds(point.time_from_start) for point in message.points])
    return names, time_s, rows['positions'], rows['velocities'], rows['accelerations']
