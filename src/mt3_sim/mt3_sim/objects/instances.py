"""Taught, novel and resized instances: a table of nominal dimensions, varied within a factor."""

from dataclasses import fields, replace
from typing import Any, Literal, TypeVar

import numpy as np

from mt3_common.errors import InvalidInput

__all__ = ['PALETTE', 'Instance', 'vary', 'vary_values']

Instance = Literal['taught', 'novel', 'resized']
Dimensions = TypeVar('Dimensions')

PALETTE = (
    (0.80, 0.15, 0.13),
    (0.16, 0.38, 0.75),
    (0.95, 0.72, 0.12),
    (0.20, 0.60, 0.30),
    (0.93, 0.45, 0.10),
    (0.50, 0.25, 0.60),
    (0.10, 0.60, 0.62),
    (0.88, 0.86, 0.82),
    (0.85, 0.40, 0.55),
)
"""Colours of things: red, green, blue in [0, 1]; none is near the table's or the robot's."""


def vary(
    nominal: Dimensions,
    rng: np.random.Generator,
    instance: Instance,
    limits: dict[str, tuple[float, float]] | None = None,
    fixed: tuple[str, ...] = (),
) -> Dimensions:
    """Return the taught instance as it is, or a novel one: another size, other proportions, another colour.

    A novel instance is scaled as a whole by 0.8 to 1.2, each dimension by another 0.9 to 1.1, together at most
    25 % away from nominal. A resized one is the taught one as a whole 6 to 20 % larger or smaller.

    Args:
        nominal: A dataclass of floats [m] with a field `color`: the taught instance.
        limits: Range of single dimensions beyond which the thing would be useless (a grip wider than the hand) [m].
        fixed: Dimensions that every instance shares.

    Raises:
        InvalidInput: An unknown kind of instance.
    """
    values = {item.name: getattr(nominal, item.name) for item in fields(nominal)}
    return replace(nominal, **vary_values(values, rng, instance, limits, fixed))


def vary_values(
    nominal: dict[str, Any],
    rng: np.random.Generator,
    instance: Instance,
    limits: dict[str, tuple[float, float]] | None = None,
    fixed: tuple[str, ...] = (),
) -> dict[str, Any]:
    """Return the values of a taught or a novel instance by name, as `vary` does for a dataclass.

    Args:
        nominal: Dimensions [m], and a colour under the name `color`.
        limits, fixed: See `vary`.

    Raises:
        InvalidInput: An unknown kind of instance.
    """
    if instance == 'taught':
        return dict(nominal)
    if instance not in ('novel', 'resized'):
        raise InvalidInput(f"instance must be 'taught', 'novel' or 'resized': got {instance!r}")
    resized = instance == 'resized'
    overall = rng.uniform(1.06, 1.2) ** rng.choice([-1.0, 1.0]) if resized else rng.uniform(0.8, 1.2)
    values: dict[str, Any] = {}
    for name, value in nominal.items():
        if name == 'color':
            others = [value] if resized else [color for color in PALETTE if color != value]
            values['color'] = others[rng.integers(len(others))]
            continue
        factor = overall if resized else float(np.clip(overall * rng.uniform(0.9, 1.1), 0.75, 1.25))
        if name in fixed:
            values[name] = value
            continue
        low, high = (limits or {}).get(name, (-np.inf, np.inf))
        values[name] = float(np.clip(value * factor, low, high))
    return values
