"""What the rules look at."""

from dataclasses import dataclass

import numpy as np

from mt3_common.demonstration import Demonstration
from mt3_common.robot import RobotConfig
from mt3_perception.segmentation import Segmentation
from mt3_teach.bag_demo import BagDemo
from mt3_teach.gripper import GripperTrack
from mt3_teach.scene_view import SceneView
from mt3_teach.tool_path import ToolPath

__all__ = ['Recording', 'Shape']


@dataclass(frozen=True, eq=False)
class Recording:
    """What the import knows beside the demonstration: the bag and what was read from it."""

    demo: BagDemo
    path: ToolPath
    track: GripperTrack | None
    view: SceneView
    segmentation: Segmentation
    robot: RobotConfig
    bottleneck_s: float
    end_s: float


@dataclass(frozen=True, eq=False)
class Shape:
    """Measures of a demonstration that several rules use."""

    demo: Demonstration
    points: np.ndarray  # (N, 3) of the object, base frame [m]
    near: np.ndarray  # (K,) distance of the tool to it along the interaction [m]
