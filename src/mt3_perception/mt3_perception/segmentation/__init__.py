"""Objects on a support surface from one RGB-D image, without learned weights."""

from mt3_perception.segmentation.config import SegmentationConfig
from mt3_perception.segmentation.pipeline import segment
from mt3_perception.segmentation.result import Dropped, Plane, Segmentation, SegmentedObject
from mt3_perception.segmentation.warm_up import warm_up

__all__ = ['Dropped', 'Plane', 'Segmentation', 'SegmentationConfig', 'SegmentedObject', 'segment', 'warm_up']
