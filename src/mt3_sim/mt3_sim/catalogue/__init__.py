"""The categories of the task suite: what each looks like, and what can be done with it."""

from mt3_sim.catalogue import cartons, figures, fixtures, holders, kitchen, known, tools, vessels
from mt3_sim.catalogue.kit import REGISTRY, sample

__all__ = ['CATEGORIES', 'sample']

del cartons, figures, fixtures, holders, kitchen, known, tools, vessels  # they have put their categories there

CATEGORIES = tuple(REGISTRY)
"""Names of all categories."""
