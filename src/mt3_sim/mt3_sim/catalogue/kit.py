"""How a category is written down: nominal dimensions, and a function from dimensions to shape and uses."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from types import SimpleNamespace

import numpy as np
import trimesh

from mt3_common.errors import InvalidInput
from mt3_sim.experts.ways import QUARTER_TURN
from mt3_sim.objects.instances import Instance, vary_values
from mt3_sim.objects.model import Link, ParametricObject, Symmetry
from mt3_sim.objects.parts import Part, with_masses
from mt3_sim.objects.uses import Grip, Uses

__all__ = [
    'NO_SYMMETRY',
    'REGISTRY',
    'ROUND',
    'SQUARE',
    'TWO_FOLD',
    'Shape',
    'bar_grip',
    'category',
    'hollow',
    'sample',
    'top_grip',
]

Sampler = Callable[[np.random.Generator, Instance], ParametricObject]
REGISTRY: dict[str, Sampler] = {}
"""Every category of the suite and its sampler."""

NO_SYMMETRY, TWO_FOLD, SQUARE = Symmetry(), Symmetry('n_fold', 2), Symmetry('n_fold', 4)
ROUND = Symmetry('continuous', 0)

_GRIP_DEPTH = 0.022  # from the top of a thing down to the tool centre point [m]
_BELOW_BAR = 0.004  # tool centre point under the middle of a bar [m]
_LOWEST = 0.0125  # tool centre point over the table: the tips stay 3 mm clear of it [m]


@dataclass(frozen=True, eq=False)
class Shape:
    """What a category's function returns.

    Attributes:
        parts: Its geoms, object frame, z = 0 the underside.
        uses: What can be done with it.
        symmetry: About z.
        mass: Of the whole [kg]; None: 350 kg per cubic metre of what collides, at least 40 g, at most 500 g.
        links: Moving parts; a thing with links is fixed to the table.
        fixed: It is fixed to the table.
    """

    parts: Iterable[Part]
    uses: Uses = field(default_factory=Uses)
    symmetry: Symmetry = NO_SYMMETRY
    mass: float | None = None
    links: tuple[Link, ...] = ()
    fixed: bool = False


def category(
    name: str, /, limits: dict[str, tuple[float, float]] | None = None, fixed: tuple[str, ...] = (), **nominal
) -> Callable[[Callable[[SimpleNamespace], Shape]], Callable[[SimpleNamespace], Shape]]:
    """Register the decorated function as the category `name`.

    Args:
        limits, fixed: See `mt3_sim.objects.instances.vary`.
        nominal: Dimensions of the taught instance [m] and its `color`.
    """

    def register(build: Callable[[SimpleNamespace], Shape]) -> Callable[[SimpleNamespace], Shape]:
        def make(rng: np.random.Generator, instance: Instance = 'taught') -> ParametricObject:
            size = SimpleNamespace(**vary_values(nominal, rng, instance, limits, fixed))
            return _assembled(name, size, build(size))

        REGISTRY[name] = make
        return build

    return register


def sample(name: str, rng: np.random.Generator, instance: Instance = 'taught') -> ParametricObject:
    """Return one object of a category.

    Raises:
        InvalidInput: An unknown category.
    """
    if name not in REGISTRY:
        raise InvalidInput(f'there is no category {name!r}; there are {", ".join(sorted(REGISTRY))}')
    return REGISTRY[name](rng, instance)


def top_grip(
    height: float, width: float, closing_yaw: float = QUARTER_TURN, x: float = 0.0, y: float = 0.0, part: str = ''
) -> Grip:
    """Return a grip from above of a thing of this height, as far down as the hand's depth and the table allow."""
    return Grip(part, x, y, max(height - _GRIP_DEPTH, _LOWEST), closing_yaw, width)


def bar_grip(height: float, radius: float, part: str) -> Grip:
    """Return a grip from above of a level bar along x at this height: with it in the middle of the finger pads.

    Deeper, a thin bar comes to lie over the pads, where the fingers leave room: they meet below it, as if they held
    nothing.
    """
    return Grip(part, 0.0, 0.0, height - _BELOW_BAR, QUARTER_TURN, 2.0 * radius)


def _assembled(name: str, size: SimpleNamespace, shape: Shape) -> ParametricObject:
    parts = list(shape.parts)
    volume = sum(part.volume for part in parts if part.collides)
    mass = shape.mass if shape.mass is not None else float(np.clip(350.0 * volume, 0.04, 0.5))
    return ParametricObject(
        name,
        size,
        with_masses(parts, mass),
        shape.links,
        movable=not (shape.fixed or shape.links),
        symmetry=shape.symmetry,
        uses=shape.uses,
    )


def hollow(outline: list[tuple[float, float]]) -> trimesh.Trimesh:
    """Return the closed mesh of a turned thing with this outline of (radius, z), from the axis around to the axis."""
    return trimesh.creation.revolve(outline, sections=40)
