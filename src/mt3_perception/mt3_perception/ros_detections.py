"""Boxes from a topic of vision_msgs, the one module that knows that package."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from mt3_common.errors import MT3Error, StatusCode
from mt3_perception.detections import Detection

__all__ = ['detection_type', 'read_detections']


def detection_type() -> type:
    """Return vision_msgs/msg/Detection2DArray.

    Raises:
        MT3Error: NO_DATA, vision_msgs is not installed.
    """
    try:
        from vision_msgs.msg import Detection2DArray
    except ImportError as error:
        raise MT3Error(
            f'detections_topic needs the package vision_msgs ({error}): install ros-$ROS_DISTRO-vision-msgs, or run '
            '`./mt3 build` where ROS comes from PyPI; or leave detections_topic empty',
            StatusCode.NO_DATA,
        ) from error
    return Detection2DArray


def read_detections(message: Any, names: Sequence[str] = ()) -> list[Detection]:
    """Return the boxes of a vision_msgs/Detection2DArray; a turned box becomes the upright one around it.

    Args:
        names: Of classes that are numbers: 0 is the first.
    """
    found = []
    for item in message.detections:
        center, theta = item.bbox.center, float(item.bbox.center.theta)
        across, along = abs(np.cos(theta)), abs(np.sin(theta))
        half_u = 0.5 * (across * item.bbox.size_x + along * item.bbox.size_y)
        half_v = 0.5 * (along * item.bbox.size_x + across * item.bbox.size_y)
        u, v = center.position.x, center.position.y
        best = max((r.hypothesis for r in item.results), key=lambda h: h.score, default=None)
        box = tuple(float(x) for x in (u - half_u, v - half_v, u + half_u, v + half_v))
        label, score = ('', 1.0) if best is None else (_name(best.class_id, names), float(best.score))
        found.append(Detection(box, label, float(np.clip(np.nan_to_num(score), 0.0, 1.0))))
    return found


def _name(class_id: str, names: Sequence[str]) -> str:
    """Return the name of a class."""
    if class_id.isdecimal() and int(class_id) < len(names):
        return names[int(class_id)]
    return class_id.replace('_', ' ').strip()
