"""The picture of a lesson: the scene of the demonstration, its object, and where the tool went."""

from pathlib import Path

import cv2
import numpy as np

from mt3_common import cameras, se3
from mt3_common.demonstration import Demonstration

__all__ = ['draw_lesson']

_OBJECT = (60, 190, 250)  # bgr
_PATH = (200, 90, 30)
_BOTTLENECK = (50, 50, 220)


def draw_lesson(demonstration: Demonstration, path: Path) -> None:
    """Write a PNG: the object outlined and tinted, the tool path of the interaction from the bottleneck on."""
    picture = cv2.cvtColor(demonstration.rgb, cv2.COLOR_RGB2BGR)
    tint = picture.copy()
    tint[demonstration.mask] = _OBJECT
    picture = cv2.addWeighted(tint, 0.35, picture, 0.65, 0.0)
    outlines, _ = cv2.findContours(demonstration.mask.astype(np.uint8), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    cv2.drawContours(picture, outlines, -1, _OBJECT, 2, cv2.LINE_AA)

    T_camera_base = se3.inverse(demonstration.T_base_camera)
    tool_base = demonstration.path_base()[:, :3, 3]
    pixels = cameras.project(se3.transform_points(T_camera_base, tool_base), demonstration.K)
    pixels = pixels[np.isfinite(pixels).all(axis=1)].round().astype(np.int32)
    if len(pixels):
        cv2.polylines(picture, [pixels.reshape(-1, 1, 2)], False, _PATH, 2, cv2.LINE_AA)
        cv2.circle(picture, tuple(int(c) for c in pixels[0]), 6, _BOTTLENECK, -1, cv2.LINE_AA)
    path.parent.mkdir(parents=True, exist_ok=True)
    cv2.imwrite(str(path), picture)
