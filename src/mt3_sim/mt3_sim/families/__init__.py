"""Task families: samplers of scenes with machine-checked outcomes."""

from mt3_common.errors import InvalidInput

from mt3_sim.families.family import Family
from mt3_sim.families.furniture import OpenDrawer, PressButton
from mt3_sim.families.held import InsertPeg, PlaceOnTarget
from mt3_sim.families.picks import PickBottle, PickBox, PickMug, PickMugHandle
from mt3_sim.families.push import PushToSpot
from mt3_sim.families.task_scene import TaskScene, Verdict

__all__ = ['Family', 'TaskScene', 'Verdict', 'get', 'names']

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
