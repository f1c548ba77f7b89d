"""What the kernels see of a view: its surface, the way to the nearest surface point, and its depth image."""

from typing import NamedTuple

import numpy as np

__all__ = ['FAR_M', 'MAX_POINTS', 'Shape']

FAR_M = 0.025  # distances to the surface are known up to here; everything beyond is equally far [m]
MAX_POINTS = 6000  # of a surface; larger objects get larger voxels


class Shape(NamedTuple):
    """Arrays of one view in the view frame: z up from the support, origin under the object, x to the camera's right.

    Attributes:
        points: (N, 3) float32 surface points in a fixed random order, so that every prefix is a fair sample [m].
        normals: (N, 3) float32 unit normals towards the camera.
        tints: (N, 3) float32 colour of each point as `tint.tint_of` writes it, NaN where none is known.
        nearest: (X, Y, Z) int16 grid: index of the surface point nearest to the cell's centre, -1 beyond FAR_M.
        origin: (3,) float64 corner of the grid [m].
        cell: Edge of a grid cell [m].
        depth: (H, W) float32 depth image around the object, NaN unknown [m].
        camera: (16,) float64: rotation (row by row) and translation of T_camera_view, then fx, fy, cx, cy.
    """

    points: np.ndarray
    normals: np.ndarray
    tints: np.ndarray
    nearest: np.ndarray
    origin: np.ndarray
    cell: float
    depth: np.ndarray
    camera: np.ndarray
