"""From one segmented RGB-D image to a Scene."""

import cv2
import numpy as np

from mt3_common.cameras import backproject, check_depth, check_intrinsics
from mt3_common.errors import InvalidInput, Status, StatusCode
from mt3_common.scene import Scene, SceneObject
from mt3_common.se3 import as_transform, transform_points
from mt3_perception.boxes import upright_box
from mt3_perception.segmentation import Segmentation, SegmentedObject
from mt3_perception.tracking import ObjectIds

__all__ = ['build_scene', 'segmentation_from_labels']


def build_scene(
    depth_m: np.ndarray,
    rgb: np.ndarray,
    K: np.ndarray,
    T_base_camera: np.ndarray,
    segmentation: Segmentation,
    *,
    stamp_s: float = 0.0,
    base_frame: str = 'panda_link0',
    camera_frame: str = 'camera_color_optical_frame',
    ids: ObjectIds | None = None,
    names: list[tuple[str, float]] | None = None,
    calibration: Status | None = None,
) -> Scene:
    """Return the scene of a segmentation made with `T_base_camera`.

    Args:
        depth_m: (H, W) float metres, NaN unknown.
        rgb: (H, W, 3) uint8 aligned to depth.
        K: (3, 3) [pixel].
        T_base_camera: (4, 4) [m].
        segmentation: Of these very images, points in the base frame.
        ids: Keeps ids stable over several calls; None numbers the objects from 1.
        names: (label, confidence) of each object; None: nobody said.
        calibration: Whether the camera is still where it was accepted; None: nobody said otherwise.
    """
    T_base_camera = as_transform(T_base_camera, 'T_base_camera')
    boxes = [upright_box(o.points, o.support_height) for o in segmentation.objects]
    if ids is None:
        numbers = list(range(1, len(boxes) + 1))
    else:
        numbers = ids.assign(
            np.array([T[:3, 3] for T, _ in boxes]).reshape(-1, 3), np.array([s for _, s in boxes]).reshape(-1, 3)
        )
    labels = np.zeros(depth_m.shape, np.int32)
    objects = []
    said = names or [('', 0.0)] * len(boxes)
    for number, segment, (T_base_object, size), (label, score) in zip(
        numbers, segmentation.objects, boxes, said, strict=True
    ):
        labels[segment.mask] = number
        colors = rgb[segment.mask & np.isfinite(depth_m) & (depth_m > 0.0)]
        objects.append(
            SceneObject(
                id=number,
                points=segment.points,
                colors=colors,
                T_base_object=T_base_object,
                size=size,
                support_height_m=segment.support_height,
                roi=tuple(int(x) for x in cv2.boundingRect(segment.mask.astype(np.uint8))),
                confidence=segment.confidence,
                label=label,
                label_confidence=score,
            )
        )
    height = float('nan')
    if segmentation.plane is not None:
        at = np.median([T[:3, 3] for T, _ in boxes], axis=0) if boxes else np.zeros(3)
        normal = segmentation.plane.normal
        height = float(-(segmentation.plane.offset + normal[:2] @ at[:2]) / normal[2])
    return Scene(
        stamp_s=stamp_s,
        base_frame=base_frame,
        camera_frame=camera_frame,
        rgb=rgb,
        depth_m=depth_m,
        labels=labels,
        K=K,
        T_base_camera=T_base_camera,
        objects=tuple(objects),
        support_height_m=height,
        calibration=calibration or Status(),
    )


def segmentation_from_labels(
    instance_ids: np.ndarray,
    depth_m: np.ndarray,
    K: np.ndarray,
    T_base_camera: np.ndarray,
    support: Segmentation | None = None,
    min_pixels: int = 20,
) -> Segmentation:
    """Return the segmentation that an external label image stands for.

    Args:
        instance_ids: (H, W) integers, 0 for none; each other value is one object.
        depth_m: (H, W) float metres.
        K: (3, 3) [pixel].
        T_base_camera: (4, 4) [m].
        support: Our own segmentation of the same depth, for the support plane; None: the lowest point of
            each object stands for its support.
        min_pixels: An object with fewer depth readings is left out.

    Raises:
        InvalidInput: The label image has another size or is not of integers.
    """
    instance_ids, depth, K = np.asarray(instance_ids), check_depth(depth_m), check_intrinsics(K)
    if instance_ids.shape != depth.shape or not np.issubdtype(instance_ids.dtype, np.integer):
        raise InvalidInput(
            f'labels must be integers (H, W) aligned to depth {depth.shape}: '
            f'got {instance_ids.shape} {instance_ids.dtype}'
        )
    plane = None if support is None else support.plane
    objects = []
    labels = np.zeros(depth.shape, np.int32)
    for value in np.unique(instance_ids):
        mask = instance_ids == value
        if value == 0 or np.count_nonzero(mask & np.isfinite(depth)) < min_pixels:
            continue
        points = transform_points(T_base_camera, backproject(depth, K, mask))
        if plane is None:
            height = float(np.percentile(points[:, 2], 1))
        else:
            middle = np.median(points, axis=0)
            height = float(middle[2] - plane.height(middle[None])[0] / plane.normal[2])
        objects.append(SegmentedObject(mask, points, height, 1.0))
        labels[mask] = len(objects)
    status = (
        Status()
        if objects
        else Status(StatusCode.NO_DATA, f'the label image names no object with {min_pixels} depth readings')
    )
    valid = float(np.isfinite(depth).mean())
    return Segmentation(tuple(objects), plane, labels, status, None if support is None else support.support, (), valid)
