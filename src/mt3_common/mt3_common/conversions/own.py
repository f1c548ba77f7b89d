"""Our data classes to the messages of mt3_interfaces and back."""

import array
from collections.abc import Mapping
from typing import Any

import numpy as np
from std_msgs.msg import Header

from mt3_common.conversions.standard import (
    depth_to_image,
    header,
    intrinsics_to_camera_info,
    labels_to_image,
    matrices_to_poses,
    matrix_to_pose,
    matrix_to_pose_stamped,
    matrix_to_transform,
    points_to_cloud,
    rgb_to_compressed,
    seconds_to_stamp,
)
from mt3_common.demonstration import Demonstration, Interaction
from mt3_common.errors import InvalidInput, Status, StatusCode
from mt3_common.messages import (
    camera_info_to_intrinsics,
    cloud_to_points,
    compressed_to_rgb,
    image_to_depth,
    image_to_labels,
    pose_to_matrix,
    stamp_to_seconds,
)
from mt3_common.scene import Scene, SceneObject
from mt3_interfaces import msg as mt3

__all__ = [
    'alignment_to_msg',
    'demonstration_to_msg',
    'interaction_to_msg',
    'msg_to_interaction',
    'msg_to_scene',
    'msg_to_status',
    'scene_to_msg',
    'status_to_msg',
    'timings_to_msg',
]


def status_to_msg(status: Status) -> mt3.Status:
    """Return a status as a message."""
    return mt3.Status(code=int(status.code), message=status.message)


def msg_to_status(message: mt3.Status) -> Status:
    """Return a status message as a status; a code that this version does not know becomes INTERNAL, saying so."""
    try:
        return Status(StatusCode(message.code), message.message)
    except ValueError:
        return Status(StatusCode.INTERNAL, f'unknown status code {message.code}: {message.message}')


def timings_to_msg(seconds: Mapping[str, float]) -> list[mt3.StepTiming]:
    """Return {step: wall time [s]} as messages, in its order."""
    return [mt3.StepTiming(name=name, seconds=float(value)) for name, value in seconds.items()]


def scene_to_msg(scene: Scene) -> mt3.Scene:
    """Return a scene as a message. Depth is rounded to millimetres; everything else survives."""
    base = header(scene.base_frame, scene.stamp_s)
    camera = header(scene.camera_frame, scene.stamp_s)
    message = mt3.Scene(header=base, support_height=float(scene.support_height_m))
    message.objects = [_object_to_msg(item, base) for item in scene.objects]
    message.depth = depth_to_image(scene.depth_m, camera)
    message.labels = labels_to_image(scene.labels, camera)
    message.color = rgb_to_compressed(scene.rgb, camera)
    height, width = scene.depth_m.shape
    message.camera_info = intrinsics_to_camera_info(scene.K, width, height, camera)
    message.camera_pose = matrix_to_pose(scene.T_base_camera)
    message.calibration = status_to_msg(scene.calibration)
    return message


def _object_to_msg(item: SceneObject, base: Header) -> mt3.Object:
    message = mt3.Object(id=item.id, label=item.label, label_confidence=float(item.label_confidence))
    message.confidence = float(item.confidence)
    message.cloud = points_to_cloud(item.points, item.colors, base)
    message.pose = matrix_to_pose(item.T_base_object)
    message.size.x, message.size.y, message.size.z = (float(v) for v in item.size)
    message.support_height = float(item.support_height_m)
    roi = message.roi
    roi.x_offset, roi.y_offset, roi.width, roi.height = (int(v) for v in item.roi)
    return message


def msg_to_scene(message: mt3.Scene) -> Scene:
    """Return a scene message as a scene.

    Raises:
        InvalidInput: A part is missing or does not fit; an empty message says so.
    """
    if not message.depth.data or not message.color.data:
        raise InvalidInput('the scene message holds no images; was it left empty?', StatusCode.NO_DATA)
    return Scene(
        stamp_s=stamp_to_seconds(message.header.stamp),
        base_frame=message.header.frame_id,
        camera_frame=message.camera_info.header.frame_id,
        rgb=compressed_to_rgb(message.color),
        depth_m=image_to_depth(message.depth),
        labels=image_to_labels(message.labels),
        K=camera_info_to_intrinsics(message.camera_info),
        T_base_camera=pose_to_matrix(message.camera_pose),
        objects=tuple(_msg_to_object(item) for item in message.objects),
        support_height_m=float(message.support_height),
        calibration=msg_to_status(message.calibration),
    )


def _msg_to_object(message: mt3.Object) -> SceneObject:
    points, colors = cloud_to_points(message.cloud)
    roi = message.roi
    return SceneObject(
        id=int(message.id),
        points=points,
        colors=np.zeros((len(points), 3), np.uint8) if colors is None else colors,
        T_base_object=pose_to_matrix(message.pose),
        size=np.array([message.size.x, message.size.y, message.size.z]),
        support_height_m=float(message.support_height),
        roi=(int(roi.x_offset), int(roi.y_offset), int(roi.width), int(roi.height)),
        confidence=float(message.confidence),
        label=message.label,
        label_confidence=float(message.label_confidence),
    )


def interaction_to_msg(interaction: Interaction) -> mt3.Interaction:
    """Return an interaction as a message."""
    return mt3.Interaction(
        time_from_start=array.array('d', interaction.time_s.tolist()),
        poses=matrices_to_poses(interaction.T_bottleneck_tcp),
        gripper_opening=array.array('f', interaction.gripper_opening.tolist()),
        gripper_max_width=float(interaction.gripper_max_width_m),
    )


def msg_to_interaction(message: mt3.Interaction) -> Interaction:
    """Return an interaction message as an interaction.

    Raises:
        InvalidInput: A field breaks what `Interaction` demands.
    """
    return Interaction(
        np.array(message.time_from_start, np.float64),
        np.array([pose_to_matrix(pose) for pose in message.poses]).reshape(-1, 4, 4),
        np.clip(np.array(message.gripper_opening, np.float64), 0.0, 1.0),
        float(message.gripper_max_width),
    )


def demonstration_to_msg(demo: Demonstration, base_frame: str) -> mt3.Demonstration:
    """Return a demonstration without its pictures as a message."""
    message = mt3.Demonstration(id=demo.id, task=demo.task, skill=demo.skill, robot=demo.robot, notes=demo.notes)
    message.target_object, message.other_object = demo.target, demo.other
    recorded = demo.recorded_at.timestamp()
    message.recorded_at = seconds_to_stamp(recorded)
    message.simulated, message.degrees_of_freedom = bool(demo.simulated), int(demo.dof)
    message.bottleneck = matrix_to_pose_stamped(demo.T_base_bottleneck, base_frame, recorded)
    message.interaction = interaction_to_msg(demo.interaction)
    message.tags = list(demo.tags)
    return message


def alignment_to_msg(alignment: Any) -> mt3.Alignment:
    """Return an alignment (see mt3_retrieval.alignment.Alignment) as a message."""
    message = mt3.Alignment(ambiguous=bool(alignment.ambiguous), status=status_to_msg(alignment.status))
    message.transform = matrix_to_transform(np.asarray(alignment.T_live_demo))
    scale = np.broadcast_to(np.asarray(alignment.scale, np.float64), (3,))
    message.scale.x, message.scale.y, message.scale.z = (float(v) for v in scale)
    for name in ('score', 'overlap', 'violation', 'confidence'):
        setattr(message, name, float(getattr(alignment, name)))
    message.alternative_yaws = [float(yaw) for yaw in alignment.alternative_yaws]
    return message
