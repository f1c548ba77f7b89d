"""The kernels compiled, or read from where they were kept, before the first picture waits for them."""

import numpy as np

from mt3_perception.segmentation.pipeline import segment

__all__ = ['warm_up']


def warm_up() -> None:
    """Segment a small picture that needs every step, so that the first real one is as fast as the next."""
    depth = np.full((240, 320), 1.0, np.float32)  # from above: boxes on a table, two of them side by side, one small
    rgb = np.full((240, 320, 3), 200, np.uint8)
    for rows, columns, height_m, color in (
        (np.s_[60:120], np.s_[80:130], 0.1, (200, 30, 30)),
        (np.s_[90:120], np.s_[130:190], 0.05, (30, 30, 200)),
        (np.s_[150:190], np.s_[200:240], 0.07, (30, 160, 30)),
        (np.s_[150:190], np.s_[243:280], 0.04, (160, 30, 30)),
        (np.s_[60:68], np.s_[220:232], 0.03, (160, 30, 30)),
    ):
        depth[rows, columns] = 1.0 - height_m
        rgb[rows, columns] = color
    depth[160:175, 205:220] = depth[85:110, 75:85] = depth[5, 5] = np.nan
    K = np.array([[300.0, 0.0, 160.0], [0.0, 300.0, 120.0], [0.0, 0.0, 1.0]])
    T_base_camera = np.diag([1.0, -1.0, -1.0, 1.0])
    T_base_camera[2, 3] = 1.0
    segment(depth, K, T_base_camera, rgb)
