"""Task families: samplers of scenes with machine-checked outcomes."""

import numpy as np

from mt3_common.errors import InvalidInput
from mt3_sim.families.family import Family
from mt3_sim.families.furniture import OpenDrawer, PressButton
from mt3_sim.families.held import InsertPeg, PlaceOnTarget
from mt3_sim.families.picks import PickBottle, PickBox, PickMug, PickMugHandle
from mt3_sim.families.push import PushToSpot
from mt3_sim.families.task_scene import TaskScene, Verdict

__all__ = ['Family', 'TaskScene', 'Verdict', 'get', 'names', 'set_up']

_FAMILIES: dict[str, Family] = {
    family.name: family
    for family in (
        PickMug(),
        PickMugHandle(),
        PickBox(),
        PickBottle(),
        OpenDrawer(),
        PressButton(),
        PushToSpot(),
        PlaceOnTarget(),
        InsertPeg(),
    )
}


def names() -> tuple[str, ...]:
    """Return the names of all families."""
    return tuple(_FAMILIES)


def get(name: str) -> Family:
    """Return a family by its name.

    Raises:
        InvalidInput: No such family.
    """
    if name not in _FAMILIES:
        raise InvalidInput(f'there is no task family {name!r}; there are {", ".join(_FAMILIES)}')
    return _FAMILIES[name]


def set_up(family: str, seed: int, instance: str = 'taught', instance_seed: int = 0, distractors: int = 0) -> TaskScene:
    """Return the scene of a reset request: the same numbers give the same scene in every process.

    Raises:
        InvalidInput: No such family or instance.
        MT3Error: With code UNREACHABLE, no room for so many distractors.
    """
    return get(family).sample(np.random.default_rng(seed), instance or 'taught', instance_seed, distractors)
