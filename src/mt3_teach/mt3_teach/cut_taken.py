"""What is taken off something that perception takes for one with it: the tin off the book of its own colour."""

from dataclasses import replace

import numpy as np

from mt3_perception.scene_builder import build_scene
from mt3_perception.segmentation import Segmentation, SegmentedObject
from mt3_retrieval.divide import taken
from mt3_retrieval.language import ParsedTask
from mt3_teach.scene_view import SceneView

__all__ = ['cut_taken']

_TAKES = ('pick_up', 'remove')


def cut_taken(
    segmentation: Segmentation, index: int, view: SceneView, parsed: ParsedTask, T_base_grip: np.ndarray
) -> tuple[SegmentedObject, str]:
    """Return the object that is taught, without what carries it, and what was done to it in words, empty if nothing.

    A task that takes something off, or out of, something else names two things. Where the object is both, what the
    hand closes on is cut from the rest: with both, the demonstration would only be found again where both look alike.

    Args:
        segmentation: Of the taught picture.
        index: Of the chosen object.
        view: The picture.
        parsed: The task.
        T_base_grip: (K, 4, 4) of the tool at gripper motions near the object, the first of them first [m].
    """
    target = segmentation.objects[index]
    if parsed.skill not in _TAKES or not parsed.other or not len(T_base_grip):
        return target, ''
    scene = build_scene(view.depth_m, view.rgb, view.K, view.T_base_camera, segmentation)
    piece = taken(scene, index + 1, T_base_grip[0, :3, 3])
    if piece is None:
        return target, ''
    height = piece.object.support_height_m
    cut = replace(target, mask=piece.mask, points=piece.object.points, support_height=height)
    return cut, f'; what the hand closes on, cut from what carries it at {height:.3f} m'
