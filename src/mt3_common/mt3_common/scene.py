"""A scene: one RGB-D observation in the base frame with its segmented objects."""

from dataclasses import dataclass, field

import numpy as np

from mt3_common import se3
from mt3_common.cameras import check_depth, check_intrinsics
from mt3_common.errors import InvalidInput, Status, StatusCode

__all__ = ['OBJECT', 'SURROUNDINGS', 'Scene', 'SceneObject']

OBJECT, SURROUNDINGS = 255, 127
"""Values of a target mask (H, W) uint8 of a scene: the taught object; what stood beside it in the demonstration as it
does now, or cannot be told from it. 0 is anything else."""


@dataclass(frozen=True, eq=False)
class SceneObject:
    """One segmented object, base frame.

    Attributes:
        id: Its label in `Scene.labels`, from 1.
        points: (N, 3) [m].
        colors: (N, 3) uint8 rgb of the points.
        T_base_object: (4, 4) centre of the upright box, yaw about gravity [m].
        size: (3,) edge lengths of that box [m].
        support_height_m: Height of the surface it stands on, base frame z [m].
        roi: (u, v, width, height) bounding rectangle [pixel].
        confidence: That this segment is one whole object, in [0, 1].
        label, label_confidence: Category name of a detector, empty and 0 without one.
    """

    id: int
    points: np.ndarray
    colors: np.ndarray
    T_base_object: np.ndarray
    size: np.ndarray
    support_height_m: float
    roi: tuple[int, int, int, int]
    confidence: float = 1.0
    label: str = ''
    label_confidence: float = 0.0


@dataclass(frozen=True, eq=False)
class Scene:
    """One observation; everything retrieval needs.

    Attributes:
        stamp_s: Acquisition time of the depth image, seconds of the ROS clock [s].
        base_frame: Name of the base frame.
        camera_frame: Name of the camera's optical frame.
        rgb: (H, W, 3) uint8.
        depth_m: (H, W) float32, NaN unknown [m].
        labels: (H, W) int32, object id per pixel, 0 none.
        K: (3, 3) [pixel].
        T_base_camera: (4, 4) [m].
        objects: The segmented objects.
        support_height_m: Height of the main support plane, base frame z [m].
        calibration: Not OK: the camera changed or was moved since its calibration was accepted. What it sees is there,
            but where that is in the base frame is not to be acted on.

    Raises:
        InvalidInput: The images do not fit each other, or an object has no pixel.
    """

    stamp_s: float
    base_frame: str
    camera_frame: str
    rgb: np.ndarray
    depth_m: np.ndarray
    labels: np.ndarray
    K: np.ndarray
    T_base_camera: np.ndarray
    objects: tuple[SceneObject, ...] = ()
    support_height_m: float = float('nan')
    calibration: Status = field(default_factory=Status)

    def __post_init__(self) -> None:
        depth = check_depth(self.depth_m)
        labels, rgb = np.asarray(self.labels), np.asarray(self.rgb)
        if labels.shape != depth.shape or rgb.shape != (*depth.shape, 3):
            raise InvalidInput(
                f'depth {depth.shape}, labels {labels.shape} and rgb {rgb.shape} of a scene must be one image'
            )
        object.__setattr__(self, 'depth_m', depth)
        object.__setattr__(self, 'labels', labels.astype(np.int32, copy=False))
        object.__setattr__(self, 'rgb', rgb)
        object.__setattr__(self, 'K', check_intrinsics(self.K))
        object.__setattr__(self, 'T_base_camera', se3.as_transform(self.T_base_camera, 'T_base_camera'))
        object.__setattr__(self, 'objects', tuple(self.objects))
        ids = [o.id for o in self.objects]
        if len(set(ids)) != len(ids) or any(i < 1 for i in ids):
            raise InvalidInput(f'object ids of a scene must be distinct and at least 1: got {ids}')

    def mask(self, object_id: int) -> np.ndarray:
        """Return the pixels (H, W) bool of one object.

        Raises:
            InvalidInput: With code OBJECT_NOT_FOUND, no such object.
        """
        self.object(object_id)
        return self.labels == object_id

    def object(self, object_id: int) -> SceneObject:
        """Return one object by its id.

        Raises:
            InvalidInput: With code OBJECT_NOT_FOUND, no such object.
        """
        for candidate in self.objects:
            if candidate.id == object_id:
                return candidate
        raise InvalidInput(
            f'the scene has no object {object_id}; it has {[o.id for o in self.objects]}',
            StatusCode.OBJECT_NOT_FOUND,
        )
