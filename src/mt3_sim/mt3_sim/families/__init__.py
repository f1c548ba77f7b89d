"""Task families: samplers of scenes with machine-checked outcomes."""

import numpy as np

from mt3_common.errors import InvalidInput
from mt3_sim.families import placing
from mt3_sim.families.family import Family
from mt3_sim.families.furniture import OpenDrawer, PressButton
from mt3_sim.families.held import InsertPeg, PlaceOnTarget
from mt3_sim.families.picks import PickBlock, PickBottle, PickBox, PickMug, PickMugHandle
from mt3_sim.families.push import PushToSpot
from mt3_sim.families.task_scene import TaskScene, Verdict

__all__ = ['Family', 'TaskScene', 'Verdict', 'get', 'names', 'set_up', 'teaching_seed']

_FAMILIES: dict[str, Family] = {
    family.name: family
    for family in (
        PickMug(),
        PickMugHandle(),
        PickBox(),
        PickBottle(),
        PickBlock(),
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
    """Return a family by its name, or a task of the suite by its own (`mt3_sim.suite.tasks`).

    Raises:
        InvalidInput: No such family or task.
    """
    if name in _FAMILIES:
        return _FAMILIES[name]
    from mt3_sim.suite import tasks  # built of families: only here when somebody asks for one of its tasks

    if name in tasks.candidates():
        return tasks.get(name)
    raise InvalidInput(
        f'there is no task family {name!r}; there are {", ".join(_FAMILIES)}, and the tasks of `mt3 bench list`'
    )


def set_up(family: str, seed: int, instance: str = 'taught', instance_seed: int = 0, distractors: int = 0) -> TaskScene:
    """Return the scene of a reset request: the same numbers give the same scene in every process.

    Raises:
        InvalidInput: No such family or instance.
        MT3Error: With code UNREACHABLE, no room for so many distractors.
    """
    return get(family).sample(np.random.default_rng(seed), instance or 'taught', instance_seed, distractors)


def teaching_seed(family: str, number: int = 0) -> int:
    """Return a seed for `set_up` whose scene a teacher would choose: the target is well seen.

    It stands near the middle of the workspace and shows the camera the side that tells its yaw (the handle of a mug):
    what the demonstration did not see, no alignment can find again.

    Args:
        number: Which of them, from 0.
    """
    for seed in range(10_000):
        if placing.well_seen(set_up(family, seed)):
            if number == 0:
                return seed
            number -= 1
    raise InvalidInput(f'{family} has no {number} more scenes that are well seen')
