"""Medians and percentiles agree with numpy's."""

import numpy as np
import pytest

from mt3_perception.segmentation.quantiles import median, middle, quantiles, sample


@pytest.mark.parametrize('count', [1, 2, 3, 100, 1001])
def test_as_numpy(count):
    """Interpolated between neighbours, as numpy does it by default."""
    values = np.random.default_rng(count).normal(size=count).astype(np.float32)
    shares = (0.0, 0.02, 0.5, 0.96, 1.0)
    assert quantiles(values, *shares) == pytest.approx(np.quantile(values, shares), abs=1e-6)
    assert median(values) == pytest.approx(np.median(values), abs=1e-6)


def test_unknown_values_are_left_out():
    """NaN does not count; nothing else gives NaN."""
    assert median(np.array([np.nan, 3.0, 1.0, 2.0, np.nan])) == 2.0
    assert np.isnan(median(np.array([np.nan]))) and np.isnan(median(np.array([])))


def test_a_sample_is_spread_evenly():
    """About as many as asked for, from the first to nearly the last."""
    values = sample(np.arange(10_500), 1000)
    assert 1000 <= len(values) <= 1100
    assert values[0] == 0 and values[-1] > 10_400


@pytest.mark.parametrize('count', [1, 2, 500, 1001])
def test_middle_of_points(count):
    """The median of each coordinate."""
    points = np.random.default_rng(count).normal(size=(count, 3))
    assert middle(points, 2000) == pytest.approx(np.median(points, axis=0), abs=1e-12)
    assert np.isnan(middle(np.empty((0, 3)))).all()
