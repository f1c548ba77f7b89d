"""What a further camera sees of the objects of a scene, added to them in the base frame."""

from dataclasses import replace

import numpy as np

from mt3_common import se3
from mt3_common.scene import Scene, SceneObject
from mt3_perception.boxes import upright_box
from mt3_perception.segmentation import Segmentation

__all__ = ['add_view']


def add_view(
    scene: Scene,
    segmentation: Segmentation,
    rgb: np.ndarray,
    depth_m: np.ndarray,
    margin_m: float = 0.01,
    min_share: float = 0.5,
) -> tuple[Scene, int, int]:
    """Return the scene with the points of another view, how many objects it added to, and how many only it sees.

    An object of the other view is one of the scene when at least `min_share` of its points lie in that one's upright
    box grown by `margin_m`, or the other way round (one camera may see only a small part). One that fits two objects
    of the scene, which the other camera could not tell apart, is added to none. Images and labels of the scene stay
    those of its own camera, so an object that it does not see has no place in it.

    Args:
        scene: Of the primary camera.
        segmentation: Of the other camera's picture, points in the base frame.
        rgb: (H, W, 3) uint8, of the other camera.
        depth_m: (H, W), of the other camera, NaN unknown [m].
        margin_m: [m].
        min_share: In [0, 1].
    """
    added: dict[int, list[int]] = {}
    alone = 0
    for index, other in enumerate(segmentation.objects):
        if not len(other.points):
            continue
        T_base_other, size = upright_box(other.points, other.support_height)
        fits = [
            item.id
            for item in scene.objects
            if len(item.points)
            and max(
                _share_inside(other.points, item.T_base_object, item.size, margin_m),
                _share_inside(item.points, T_base_other, size, margin_m),
            )
            >= min_share
        ]
        if len(fits) == 1:
            added.setdefault(fits[0], []).append(index)
        elif not fits:
            alone += 1
    objects = [
        _grown(item, segmentation, added[item.id], rgb, depth_m) if item.id in added else item for item in scene.objects
    ]
    return replace(scene, objects=tuple(objects)), len(added), alone


def _share_inside(points: np.ndarray, T_base_box: np.ndarray, size: np.ndarray, margin_m: float) -> float:
    local = np.abs(se3.transform_points(se3.inverse(T_base_box), points))
    return float((local <= 0.5 * size + margin_m).all(axis=1).mean())


def _grown(
    item: SceneObject, segmentation: Segmentation, indices: list[int], rgb: np.ndarray, depth_m: np.ndarray
) -> SceneObject:
    points, colors = [item.points], [item.colors]
    for index in indices:
        other = segmentation.objects[index]
        colors.append(rgb[other.mask & np.isfinite(depth_m)])  # masks hold pixels without a reading, points do not
        points.append(other.points)
    merged = np.concatenate(points)
    T_base_object, size = upright_box(merged, item.support_height_m)
    return replace(
        item,
        points=merged,
        colors=np.concatenate(colors),
        T_base_object=T_base_object,
        size=size,
    )
