"""Several depth images of a scene at rest made into a better one."""

import numpy as np

from mt3_common.errors import InvalidInput

__all__ = ['average_depth']


def average_depth(frames: list[np.ndarray], max_spread_m: float = 0.02) -> np.ndarray:
    """Return the median depth (H, W) [m] of frames of the same view, NaN unknown.

    A pixel is known where at least half of the frames know it and those agree within `max_spread_m`;
    pixels at the rim of a thing that jump between front and back are mixtures of both.

    Raises:
        InvalidInput: No frame, or different sizes.
    """
    if not frames or any(f.shape != frames[0].shape for f in frames):
        raise InvalidInput(f'averaging needs frames of one size: got {[f.shape for f in frames]}')
    if len(frames) == 1:
        return frames[0].astype(np.float32)
    stack = np.stack(frames).astype(np.float32)
    stack[~(np.isfinite(stack) & (stack > 0.0))] = np.inf
    stack.sort(axis=0)  # unknown last
    known = np.isfinite(stack).sum(axis=0)
    low = np.take_along_axis(stack, np.maximum((known - 1) // 2, 0)[None], axis=0)[0]
    high = np.take_along_axis(stack, (known // 2).clip(max=len(frames) - 1)[None], axis=0)[0]
    last = np.take_along_axis(stack, np.maximum(known - 1, 0)[None], axis=0)[0]
    good = 2 * known >= len(frames)
    with np.errstate(invalid='ignore'):
        good &= last - stack[0] <= np.maximum(max_spread_m, 0.01 * stack[0] ** 2)
        return np.where(good & (known > 0), 0.5 * (low + high), np.float32(np.nan)).astype(np.float32)
