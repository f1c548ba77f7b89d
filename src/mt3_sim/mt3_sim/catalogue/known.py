"""The cell's own categories, with what can be done with them."""

from dataclasses import replace

import numpy as np

from mt3_sim import objects
from mt3_sim.catalogue.kit import REGISTRY, top_grip
from mt3_sim.experts.ways import QUARTER_TURN
from mt3_sim.objects.instances import Instance
from mt3_sim.objects.model import ParametricObject
from mt3_sim.objects.uses import Grip, Rest, Uses

__all__: list[str] = []


def _mug(size) -> Uses:
    rim = Grip('rim', -(size.radius - 0.5 * size.wall), 0.0, size.height - 0.012, 0.0, size.wall)
    x = size.radius + size.handle_reach - size.handle_radius - 0.002
    z = max(0.68 * size.height, size.height - 0.029)
    handle = Grip('handle', x, 0.0, z, QUARTER_TURN, 2.0 * size.handle_radius)
    return Uses((rim, handle), (Rest('in', 0, 0, size.wall, size.radius - size.wall, size.height - size.wall),))


def _vessel(size) -> Uses:
    rim = Grip('rim', -(size.rim_radius - 0.5 * size.wall), 0.0, max(size.height - 0.014, 0.0125), 0.0, size.wall)
    depth = size.height - size.floor
    return Uses((rim,), (Rest('in', 0, 0, size.floor, size.foot_radius - size.wall, depth),))


def _plate(size) -> Uses:
    return Uses((), (Rest('on', 0, 0, size.floor, size.foot_radius - size.wall),))


def _box(size) -> Uses:
    top = (Rest('on', 0, 0, size.height, 0.5 * size.width),)
    return Uses((top_grip(size.height, size.width),), top, -0.5 * size.length)


def _block(size) -> Uses:
    return Uses((top_grip(size.height, size.width),), (Rest('on', 0, 0, size.height, 0.5 * size.width),))


def _pan(size) -> Uses:
    r, h = size.head_length, size.head_height
    handle = Grip('handle', r + 0.5 * size.length, 0.0, max(0.7 * h - 0.004, 0.0125), QUARTER_TURN, size.thickness)
    return Uses((handle,), (Rest('in', 0, 0, 0.005, r - 0.005, h - 0.005),))


def _bar(size) -> Uses:
    return Uses((top_grip(size.thickness, size.thickness),))


_KNOWN = {
    'mug': _mug,
    'bowl': _vessel,
    'plate': _plate,
    'box': _box,
    'block': _block,
    'pan': _pan,
    'bar': _bar,
}


def _register(name: str) -> None:
    def sample(rng: np.random.Generator, instance: Instance = 'taught') -> ParametricObject:
        model = objects.sample(name, rng, instance)
        return replace(model, uses=_KNOWN[name](model.parameters))

    REGISTRY[name] = sample


def _register_bottle() -> None:
    def sample(rng: np.random.Generator, instance: Instance = 'taught') -> ParametricObject:
        model = objects.sample('bottle', rng, instance)
        return replace(model, uses=Uses((Grip('neck', 0.0, 0.0, model.height - 0.022, 0.0, 0.03),)))

    REGISTRY['bottle'] = sample


def _register_drawers() -> None:
    def closed(rng: np.random.Generator, instance: Instance = 'taught') -> ParametricObject:
        return objects.sample('drawer', rng, instance)

    def opened(rng: np.random.Generator, instance: Instance = 'taught') -> ParametricObject:
        model = objects.sample('drawer', rng, instance)
        return replace(model, links=(replace(model.links[0], start=0.085),))

    REGISTRY['drawer'], REGISTRY['open drawer'] = closed, opened


def _register_button() -> None:
    def sample(rng: np.random.Generator, instance: Instance = 'taught') -> ParametricObject:
        return objects.sample('button', rng, instance)

    REGISTRY['button'] = sample


_register_drawers()
_register_button()
for _name in _KNOWN:
    _register(_name)
_register_bottle()
