"""The tasks of the suite, by name: which skill on which things."""

import functools
from collections.abc import Iterable
from itertools import zip_longest
from pathlib import Path

import numpy as np

from mt3_common.errors import InvalidInput
from mt3_sim import catalogue
from mt3_sim.families.family import Family
from mt3_sim.objects.model import ParametricObject
from mt3_sim.objects.uses import Uses
from mt3_sim.suite.fit import Hang, Insert
from mt3_sim.suite.hand import release_height
from mt3_sim.suite.operate import MoveDoor, MoveDrawer, MoveLid, Press, Turn
from mt3_sim.suite.pick import PickUp, TakeFrom
from mt3_sim.suite.pour import Pour
from mt3_sim.suite.put import Put, PutNextTo
from mt3_sim.suite.shift import Pull, Push
from mt3_sim.suite.swipe import Swipe

__all__ = ['LEFT_OUT', 'candidates', 'get', 'left_out', 'names', 'representative']

LEFT_OUT = Path(__file__).with_name('left_out.tsv')

# what is put somewhere: stands by itself, not too large for the hand to carry past things
_CARRIED = (
    'brick', 'sponge', 'matchbox', 'tea box', 'eraser', 'butter', 'domino', 'cube', 'milk carton', 'juice box',
    'toy house', 'can', 'tin', 'jar', 'candle', 'thermos', 'salt shaker', 'spool', 'glue bottle', 'chess piece',
    'bell', 'shampoo bottle', 'stamp', 'toy car', 'toy train', 'toy boat', 'toy robot', 'toy pyramid', 'traffic cone',
    'block', 'tumbler', 'egg cup', 'battery', 'bottle', 'suitcase', 'toy duck',
)  # fmt: skip
_SURFACES = (
    'plate', 'tray', 'coaster', 'pedestal', 'cutting board', 'kitchen scale', 'step', 'laptop', 'book',
)  # fmt: skip
_HOLLOWS = ('crate', 'shoe box', 'basket', 'dog bowl', 'bowl', 'pot', 'saucepan', 'bin', 'pan')
_NEIGHBOURS = (
    'mug', 'teacup', 'jug', 'measuring cup', 'toy house', 'toy train', 'juice box', 'spray bottle', 'book', 'camera',
    'tape dispenser', 'toolbox',
)  # fmt: skip
_STACKED = ('cube', 'block', 'brick', 'tin', 'can', 'box')
_PUSHED = (
    'brick', 'tea box', 'book', 'toolbox', 'toy car', 'toy train', 'toy boat', 'toy house', 'crate', 'shoe box',
    'tray', 'box',
)  # fmt: skip
_PULLED = ('crate', 'shoe box', 'tray', 'toolbox', 'saucepan', 'iron', 'suitcase', 'measuring cup')
_POURED = ('mug', 'teacup', 'measuring cup')
_POURED_INTO = ('pot', 'saucepan', 'crate', 'dog bowl', 'shoe box', 'pan', 'bin')
_WIPERS = ('sponge', 'scrubbing brush', 'eraser', 'butter', 'stamp')
_WIPED = ('cutting board', 'tray', 'plate', 'kitchen scale', 'laptop')


def _uses(category: str) -> Uses:
    return _nominal(category).uses


@functools.cache
def _nominal(category: str) -> ParametricObject:
    return catalogue.sample(category, np.random.default_rng(0))


def _fits_on(held: str, target: str) -> bool:
    rest = _uses(target).rest('on')
    return held != target and rest is not None and _nominal(held).footprint_radius <= 1.05 * rest.radius


def _fits_in(held: str, target: str) -> bool:
    rest = _uses(target).rest('in')
    return held != target and rest is not None and _nominal(held).footprint_radius <= 0.85 * rest.radius


def _sticks_out(held: str, target: str) -> bool:
    """Whether the hand can grip a thing that stands in a hollow."""
    rest = _uses(target).rest('in')
    return release_height(_uses(held).grips[0], rest) <= rest.z + 0.004


def _all() -> list[Family]:
    tasks: list[Family] = []
    for category in catalogue.CATEGORIES:
        model = _nominal(category)
        if model.movable:
            grips = model.uses.grips
            tasks += [PickUp(category, grip.part, len(grips) > 1) for grip in grips]
    for held in _CARRIED:
        tasks += [Put(held, target, 'on') for target in _SURFACES if _fits_on(held, target)]
        tasks += [Put(held, target, 'in') for target in _HOLLOWS if _fits_in(held, target)]
        tasks += [PutNextTo(held, target) for target in _NEIGHBOURS if held != target]
        tasks += [TakeFrom(held, target, 'on') for target in _SURFACES if _fits_on(held, target)]
        tasks += [
            TakeFrom(held, target, 'in') for target in _HOLLOWS if _fits_in(held, target) and _sticks_out(held, target)
        ]
    tasks += [
        Put(a, b, 'stack') for a in _STACKED for b in _STACKED if _nominal(a).uses.rests and _nominal(b).uses.rests
    ]
    tasks += [
        Insert('battery', 'battery charger'),
        Insert('toast', 'toaster'),
        Insert('plug', 'socket'),
        Insert('plug', 'battery charger'),
    ]
    tasks += [Hang(ring, post) for ring in ('ring', 'tape roll', 'bracelet') for post in ('post', 'bottle rack')]
    tasks += [Hang(bow, 'rail') for bow in ('coat hanger', 'clip')]
    tasks += [Pour(vessel, target) for vessel in _POURED for target in _POURED_INTO if vessel != target]
    tasks += [Push(category) for category in _PUSHED] + [Pull(category) for category in _PULLED]
    tasks += [
        Press('press', category) for category in ('button', 'doorbell', 'emergency stop', 'soap dispenser', 'keypad')
    ]
    tasks += [
        Turn(category, left)
        for category in ('stove knob', 'radio dial', 'timer', 'lever', 'tap')
        for left in (True, False)
    ]
    tasks += [MoveDoor('cupboard', False), MoveDoor('open cupboard', True)]
    tasks += [MoveLid('chest', False), MoveLid('open chest', True)]
    tasks += [MoveDrawer('drawer', False), MoveDrawer('open drawer', True)]
    tasks += [Swipe(held, target) for held in _WIPERS for target in _WIPED]
    return tasks


@functools.lru_cache(maxsize=1)
def candidates() -> dict[str, Family]:
    """Return every task that was thought of, by name, in a fixed order."""
    return {family.name: family for family in _all()}


@functools.lru_cache(maxsize=1)
def left_out() -> dict[str, str]:
    """Return why tasks that were thought of are not in the suite, by name: their expert does not manage them."""
    lines = LEFT_OUT.read_text(encoding='utf-8').splitlines()
    return dict(line.split('\t', 1) for line in lines if line and not line.startswith('#'))


@functools.lru_cache(maxsize=1)
def names() -> tuple[str, ...]:
    """Return the tasks of the suite."""
    return tuple(name for name in candidates() if name not in left_out())


def get(name: str) -> Family:
    """Return a task by its name.

    Raises:
        InvalidInput: No such task.
    """
    if name not in candidates():
        raise InvalidInput(f'there is no task {name!r} in the suite; `mt3 bench list` names all {len(names())}')
    return candidates()[name]


def representative(count: int, among: Iterable[str] | None = None) -> tuple[str, ...]:
    """Return `count` tasks that stand for all: of every skill in turn, spread over its things; always the same.

    Args:
        count: How many.
        among: Names to choose from; the suite's by default.
    """
    by_skill: dict[str, list[str]] = {}
    for name in candidates():  # the order is that of all, so that one that is left out does not change it
        by_skill.setdefault(get(name).skill, []).append(name)
    wanted, rng = set(names() if among is None else among), np.random.default_rng(1)
    shuffled = [[group[i] for i in rng.permutation(len(group)) if group[i] in wanted] for group in by_skill.values()]
    turns = [name for turn in zip_longest(*shuffled) for name in turn if name is not None]
    return tuple(turns[:count])
