"""Colours of the benchmark's objects, and what a camera makes of them.

Four of ten objects are of one colour. In the others each part has its own colour with probability one half, else the
colour of the largest part; half of all colours are shades of grey, metal or wood. What is one part (a mouse, a bottle,
a cup) is of one colour always, and so is what is symmetric, so that paint does not break the symmetry. Two instances
of a category are painted independently: that they agree is chance. Every picture has its own light (direction,
strength, white balance) and exposure, and noise.
"""

import colorsys

import numpy as np

__all__ = ['TABLE_COLOUR', 'Light', 'paint', 'shade']

PLAIN_SHARE, OWN_COLOUR_SHARE, GREY_SHARE = 0.4, 0.5, 0.5
TABLE_COLOUR = np.array([0.62, 0.56, 0.48])
_NOISE = 0.012  # of full scale, per channel


def _colour(rng: np.random.Generator) -> np.ndarray:
    """Draw one reflectance (3,) in [0, 1], linear rgb."""
    if rng.random() < GREY_SHARE:
        return np.array(colorsys.hsv_to_rgb(rng.uniform(0.05, 0.15), rng.uniform(0.0, 0.15), rng.uniform(0.06, 0.9)))
    return np.array(colorsys.hsv_to_rgb(rng.random(), rng.uniform(0.4, 0.95), rng.uniform(0.25, 0.95)))


def paint(areas: list[np.ndarray], symmetric: bool, rng: np.random.Generator) -> np.ndarray:
    """Return reflectances (F, 3) of all triangles; `areas`: those of each part's triangles."""
    base, plain = _colour(rng), rng.random() < PLAIN_SHARE or symmetric
    largest = int(np.argmax([part.sum() for part in areas]))
    colours = []
    for number, part in enumerate(areas):
        own = _colour(rng)
        keeps = plain or number == largest or rng.random() > OWN_COLOUR_SHARE
        colours.append(np.broadcast_to(base if keeps else own, (len(part), 3)))
    return np.concatenate(colours)


class Light:
    """Light and exposure of one picture."""

    def __init__(self, rng: np.random.Generator) -> None:
        self._rng = rng
        turn, height = rng.uniform(-np.pi, np.pi), rng.uniform(0.5, 1.4)
        self.direction = np.array([np.cos(turn) * np.cos(height), np.sin(turn) * np.cos(height), np.sin(height)])
        self.ambient = rng.uniform(0.35, 0.65)
        self.exposure = rng.uniform(0.7, 1.25) * rng.uniform(0.94, 1.06, 3)

    def expose(self, linear: np.ndarray) -> np.ndarray:
        """Return the image (H, W, 3) uint8 of lit reflectances."""
        exposed = np.clip(linear * self.exposure, 0.0, 1.0) ** (1.0 / 2.2)
        noisy = exposed + self._rng.normal(0.0, _NOISE, linear.shape)
        return (np.clip(noisy, 0.0, 1.0) * 255.0 + 0.5).astype(np.uint8)


def shade(faces: np.ndarray, triangles: np.ndarray, colours: np.ndarray, light: Light) -> np.ndarray:
    """Return the image (H, W, 3) uint8.

    Args:
        faces: (H, W) triangle seen by each pixel, -1 none.
        triangles: (F, 3, 3) base frame [m].
        colours: (F, 3) reflectance.
    """
    normals = np.cross(triangles[:, 1] - triangles[:, 0], triangles[:, 2] - triangles[:, 0])
    normals /= np.linalg.norm(normals, axis=1, keepdims=True) + 1e-12
    diffuse = np.abs(normals @ light.direction)  # both sides of a triangle are painted
    lit = colours * (light.ambient + (1.0 - light.ambient) * diffuse)[:, None]
    return light.expose(np.where(faces[..., None] >= 0, lit[faces], 0.0))
