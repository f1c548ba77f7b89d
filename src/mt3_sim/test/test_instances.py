"""Taught and novel instances."""

from dataclasses import asdict

import numpy as np
import pytest

from mt3_common.errors import InvalidInput
from mt3_sim.objects.instances import vary
from mt3_sim.objects.mug import MugSize


def test_taught_instance_is_the_nominal_one_whatever_the_seed():
    assert vary(MugSize(), np.random.default_rng(1), 'taught') == MugSize()


def test_novel_instances_stay_within_a_quarter_of_nominal_and_differ():
    nominal = asdict(MugSize())
    seen = set()
    for seed in range(30):
        size = vary(MugSize(), np.random.default_rng(seed), 'novel')
        for name, value in asdict(size).items():
            if name != 'color':
                assert 0.75 <= value / nominal[name] <= 1.25 + 1e-9
        assert size.color != MugSize().color
        seen.add(size)
    assert len(seen) == 30


def test_limits_and_fixed_dimensions_are_kept():
    for seed in range(10):
        size = vary(MugSize(), np.random.default_rng(seed), 'novel', {'radius': (0.0419, 0.0421)}, fixed=('height',))
        assert 0.0419 <= size.radius <= 0.0421
        assert size.height == MugSize().height


def test_unknown_kind_of_instance_is_refused():
    with pytest.raises(InvalidInput, match="'taught', 'novel' or 'resized'"):
        vary(MugSize(), np.random.default_rng(0), 'other')
