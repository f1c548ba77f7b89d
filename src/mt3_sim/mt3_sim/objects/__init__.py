"""Parametric objects: one taught instance and any number of novel ones per category."""

from collections.abc import Callable

import numpy as np

from mt3_common.errors import InvalidInput
from mt3_sim.objects import bottle, bowl, box, button, distractors, drawer, mug, peg, sled
from mt3_sim.objects.instances import Instance
from mt3_sim.objects.model import Link, ParametricObject, Symmetry

__all__ = ['CATEGORIES', 'DISTRACTORS', 'Link', 'ParametricObject', 'Symmetry', 'sample']

CATEGORIES: dict[str, Callable[[np.random.Generator, Instance], ParametricObject]] = {
    'mug': mug.sample,
    'box': box.sample,
    'bottle': bottle.sample,
    'bowl': bowl.sample,
    'drawer': drawer.sample,
    'button': button.sample,
    'sled': sled.sample,
    'plate': bowl.sample_plate,
    'block': box.sample_block,
    'peg': peg.sample_peg,
    'hole_block': peg.sample_block,
    'can': distractors.sample_can,
    'cylinder': distractors.sample_cylinder,
    'bar': distractors.sample_bar,
    'hammer': distractors.sample_hammer,
    'pan': distractors.sample_pan,
}
"""Every category and its sampler."""

DISTRACTORS = ('can', 'cylinder', 'bar', 'hammer', 'pan', 'bowl')
"""Categories that only stand around."""


def sample(category: str, rng: np.random.Generator, instance: Instance = 'taught') -> ParametricObject:
    """Return one object of a category.

    Raises:
        InvalidInput: An unknown category.
    """
    if category not in CATEGORIES:
        raise InvalidInput(f'there is no category {category!r}; there are {", ".join(sorted(CATEGORIES))}')
    return CATEGORIES[category](rng, instance)
