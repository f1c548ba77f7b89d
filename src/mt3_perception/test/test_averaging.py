"""Averages of depth images."""

import numpy as np
import pytest

from mt3_common.errors import InvalidInput
from mt3_perception.averaging import average_depth


def test_noise_shrinks_and_rims_go():
    """Noise is averaged, pixels that jump are unknown, rare readings too."""
    rng = np.random.default_rng(0)
    frames = [(1.0 + rng.normal(0, 0.002, (40, 40))).astype(np.float32) for _ in range(5)]
    for i, frame in enumerate(frames):
        frame[0, 0] = 1.0 if i % 2 else 1.5
        frame[1, 1] = 1.0 if i == 0 else np.nan
        frame[2, 2] = np.nan if i == 0 else 1.0
        frame[3, 3] = 0.0
    mean = average_depth(frames)
    assert np.nanstd(mean) < 0.0016
    assert np.isnan(mean[0, 0])
    assert np.isnan(mean[1, 1])
    assert mean[2, 2] == pytest.approx(1.0)
    assert np.isnan(mean[3, 3])
    assert mean.dtype == np.float32


def test_one_frame_is_itself():
    """Nothing happens to a single frame."""
    frame = np.array([[1.0, np.nan]], np.float32)
    assert np.array_equal(average_depth([frame]), frame, equal_nan=True)


def test_refusals():
    """No frames, or two sizes."""
    with pytest.raises(InvalidInput):
        average_depth([])
    with pytest.raises(InvalidInput):
        average_depth([np.ones((2, 2)), np.ones((2, 3))])
