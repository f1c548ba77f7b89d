"""How the object is seen."""

import numpy as np

from mt3_teach.config import LintConfig
from mt3_teach.findings import Finding, Severity
from mt3_teach.lint.subject import Shape

__all__ = ['object_at_border', 'object_small', 'object_without_depth']


def object_at_border(shape: Shape, _: LintConfig) -> Finding | None:
    """Find an object that the picture cuts."""
    mask = shape.demo.mask
    sides = {'left': mask[:, :2], 'right': mask[:, -2:], 'top': mask[:2], 'bottom': mask[-2:]}
    cut = [name for name, side in sides.items() if side.any()]
    if cut:
        return Finding(
            Severity.WARNING,
            'object_at_border',
            f'the picture cuts the object at its {" and ".join(cut)} border, '
            'so '
            'its shape is incomplete; place it, or aim the camera, so that it is seen whole',
        )
    return None


def object_small(shape: Shape, config: LintConfig) -> Finding | None:
    """Find an object of few pixels."""
    count = int(np.count_nonzero(shape.demo.mask))
    if count < config.min_object_pixels:
        return Finding(
            Severity.WARNING,
            'object_small',
            f'the object covers {count} pixels, below {config.min_object_pixels}; bring the camera closer',
        )
    return None


def object_without_depth(shape: Shape, config: LintConfig) -> Finding | None:
    """Find an object that the camera sees badly."""
    share = float(np.isfinite(shape.demo.depth_m[shape.demo.mask]).mean())
    if share < config.min_depth_share:
        return Finding(
            Severity.WARNING,
            'object_without_depth',
            f'only {100 * share:.0f} % of the object has depth (shiny, '
            'black '
            'or transparent?); change the light or the angle',
        )
    return None
