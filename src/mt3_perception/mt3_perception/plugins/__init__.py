"""Segmenters of others: what they are given, what they return, how they are found."""

from mt3_perception.plugins.interface import Instances, Segmenter
from mt3_perception.plugins.loading import load_segmenter

__all__ = ['Instances', 'Segmenter', 'load_segmenter']
