"""The depth image made ready: checked, without specks."""

import cv2
import numpy as np

from mt3_common.cameras import check_depth

__all__ = ['fill_specks', 'prepare_depth']


def prepare_depth(depth_m: np.ndarray) -> np.ndarray:
    """Return depth (H, W) float32 [m], NaN unknown.

    Raises:
        InvalidInput: Not a two-dimensional float array in metres.
    """
    depth_m = np.asarray(depth_m)
    check_depth(depth_m[::8, ::8] if depth_m.ndim == 2 else depth_m)  # a sample tells metres from millimetres
    depth = depth_m.astype(np.float32)
    with np.errstate(invalid='ignore'):
        depth[~((depth > 0.0) & (depth < np.inf))] = np.nan
    return depth


def fill_specks(depth: np.ndarray, jump_m: float) -> np.ndarray:
    """Return depth with unknown pixels filled that have at least four known neighbours on one surface.

    Single missing pixels, common on steep surfaces, would otherwise tear masks apart.
    """
    unknown = np.isnan(depth)
    kernel = np.ones((3, 3), np.uint8)
    inverse = np.divide(1.0, depth, out=np.zeros_like(depth), where=~unknown)
    total = cv2.boxFilter(inverse, -1, (3, 3), normalize=False)
    count = cv2.boxFilter((~unknown).astype(np.float32), -1, (3, 3), normalize=False)
    near = cv2.dilate(inverse, kernel)
    far = cv2.erode(np.where(unknown, np.float32(np.inf), inverse), kernel)
    with np.errstate(divide='ignore', invalid='ignore'):
        fill = unknown & (count >= 3.5) & (near - far < 3.0 * jump_m * near)
        return np.where(fill, count / total, depth)
