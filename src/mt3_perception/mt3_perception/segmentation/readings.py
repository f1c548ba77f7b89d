"""The depth image made ready: checked, without specks."""

import numpy as np

from mt3_common.cameras import check_depth
from mt3_common.jit import kernel

__all__ = ['fill_specks', 'prepare_depth']


def prepare_depth(depth_m: np.ndarray) -> tuple[np.ndarray, float]:
    """Return depth (H, W) float32 [m], NaN unknown, and the share of pixels with a reading.

    Raises:
        InvalidInput: Not a two-dimensional float array in metres.
    """
    depth_m = np.asarray(depth_m)
    check_depth(depth_m[::16, ::16] if depth_m.ndim == 2 else depth_m)  # a sample tells metres from millimetres
    depth = depth_m.astype(np.float32, order='C')
    return depth, _drop_impossible(depth.reshape(-1)) / max(depth.size, 1)


@kernel
def _drop_impossible(depth):
    """Write NaN over what is no distance; return how many of (n,) are one."""
    count = 0
    for i in range(len(depth)):
        known = (depth[i] > 0.0) & (depth[i] < np.inf)
        count += known
        depth[i] = depth[i] if known else np.float32(np.nan)
    return count


def fill_specks(depth: np.ndarray, jump_m: float) -> np.ndarray:
    """Return depth with unknown pixels filled that have at least four known neighbours on one surface.

    Single missing pixels, common on steep surfaces, would otherwise tear masks apart.
    """
    return _fill_specks(depth, np.flatnonzero(np.isnan(depth)), np.float32(3.0 * jump_m))


@kernel
def _fill_specks(depth, unknown, step):
    """Depth (H, W) filled where the inverse depths around an unknown pixel differ by less than a step, relatively."""
    height, width = depth.shape
    out, around = depth.copy(), np.empty(8, np.float32)
    for at in unknown:
        v = at // width
        u, known = at - v * width, 0
        for down in (-1, 0, 1):
            for across in (-1, 0, 1):
                if 0 <= v + down < height and 0 <= u + across < width and depth[v + down, u + across] > 0.0:
                    around[known] = depth[v + down, u + across]
                    known += 1
        if known < 4:
            continue
        total, near, far = np.float32(0.0), np.float32(0.0), np.float32(np.inf)
        for k in range(known):
            inverse = np.float32(1.0) / around[k]
            total += inverse
            near, far = max(near, inverse), min(far, inverse)
        if near - far < step * near:
            out[v, u] = known / total
    return out
