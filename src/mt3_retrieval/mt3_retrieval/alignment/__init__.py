"""Alignment: how an object moved between a demonstration and now, from one depth image each.

demo = View.from_rgbd(depth_m, mask, K, T_base_camera)       # once per demonstration
live = View.from_rgbd(live_depth_m, live_mask, K, T_base_camera)
alignment = align(demo, live)
T_base_bottleneck_live = alignment.transfer_pose(T_base_bottleneck_demo)
"""

from mt3_retrieval.alignment.config import AlignmentConfig
from mt3_retrieval.alignment.pipeline import align, align_many
from mt3_retrieval.alignment.result import Alignment, Pose
from mt3_retrieval.alignment.view import View

__all__ = ['Alignment', 'AlignmentConfig', 'Pose', 'View', 'align', 'align_many']
