"""Parametric tabletop categories for the alignment benchmark.

`build(category, rng)` draws one instance: a mesh standing on z = 0 around the category's own
origin, with the same meaning of x in every instance of a category, so that the true alignment of
two instances is the change of their object frames. Lengths in metres.
"""

from collections.abc import Callable

import alignment_solids as solids
import alignment_vessels as vessels
import numpy as np
from alignment_colour import paint
from alignment_shapes import Instance

__all__ = ['CATEGORIES', 'Instance', 'build']

CATEGORIES: dict[str, Callable] = {
    f.__name__: f
    for f in (
        vessels.mug, vessels.jug, vessels.bottle, vessels.bowl, vessels.plate, vessels.goblet, vessels.vase,
        vessels.can, solids.carton, solids.cube, solids.book, solids.bar, solids.nut, solids.wedge, solids.cross,
        solids.l_shape, solids.t_shape, vessels.pan, vessels.pot, vessels.teapot, vessels.watering_can,
        vessels.spray, solids.drill, solids.iron, solids.hammer, solids.wrench, solids.ladle, solids.knife,
        solids.screwdriver, solids.banana, solids.stapler, solids.shoe, solids.car, solids.chair, solids.faucet,
        solids.cabinet, solids.lever_box, solids.mouse, solids.mug_tree, solids.dustpan, solids.tape_dispenser,
    )
}  # fmt: skip


def build(category: str, rng: np.random.Generator) -> Instance:
    """Draw one instance: every dimension independently within 16 % of its nominal value."""

    def draw(nominal: float) -> float:
        return float(nominal * rng.uniform(0.84, 1.16))

    parts, symmetry = CATEGORIES[category](draw)
    triangles = np.concatenate([part.triangles for part in parts])
    triangles[..., 2] -= triangles[..., 2].min()
    colours = paint([part.area_faces for part in parts], symmetry != 1, rng.spawn(1)[0])  # what is drawn next stays
    return Instance(category, np.ascontiguousarray(triangles), symmetry, colours)
