"""The support surface: the table among floor, walls and chairs."""

from dataclasses import dataclass
from functools import cached_property, lru_cache

import numpy as np

from mt3_common.jit import kernel
from mt3_perception.segmentation.coarse import Coarse
from mt3_perception.segmentation.config import SegmentationConfig
from mt3_perception.segmentation.quantiles import median

__all__ = ['Support', 'find_support']

_BIN_M = 0.005
_HYPOTHESES = 240


@dataclass(frozen=True, eq=False)
class Support:
    """A plane N . X = 1 in the camera frame.

    Attributes:
        N: (3,) [1/m].
        up: (3,) unit vector against gravity, camera frame.
        sigma_inverse: Deviation of single pixels about the plane, in inverse depth [1/m].
        inliers: (h, w) bool, coarse samples on the plane.
    """

    N: np.ndarray
    up: np.ndarray
    sigma_inverse: float
    inliers: np.ndarray

    @cached_property
    def distance_m(self) -> float:
        """Distance of the camera from the plane [m]."""
        return float(1.0 / np.linalg.norm(self.N))

    @cached_property
    def normal(self) -> np.ndarray:
        """Unit normal (3,) towards the camera, camera frame."""
        return -self.N / np.linalg.norm(self.N)


def find_support(
    coarse: Coarse, up: np.ndarray | None, inside: np.ndarray | None, config: SegmentationConfig
) -> Support | None:
    """Return the surface on which objects are looked for, or None.

    Near surfaces in the middle of the view win over far ones (the floor has more area, the table more
    to do with the task). With gravity the surface must be level; without it, it may be any plane that
    does not hang over the camera, and its normal becomes the direction against gravity.

    Args:
        coarse: The coarse view.
        up: (3,) unit vector against gravity in the camera frame; None unknown.
        inside: (h, w) bool, samples within the workspace seen from above; None everywhere.
    """
    valid = np.isfinite(coarse.inverse) & (coarse.inverse > 1.0 / config.max_distance_m)
    if inside is not None:
        valid &= inside
    facing = np.isfinite(coarse.normals[..., 0])
    if up is not None:
        facing &= coarse.normals @ up.astype(np.float32) > np.cos(np.radians(config.max_tilt_deg + 15.0))
    weight = _weights(coarse) * (valid & facing)
    if np.count_nonzero(weight) < config.min_support_share * weight.size:
        return None
    N = _search_level(coarse, up, weight) if up is not None else _search_any(coarse, weight)
    N, inliers = _refine(coarse, N, weight, up, config)
    if np.count_nonzero(inliers) < config.min_support_share * inliers.size:
        return None
    sigma = float(np.nan_to_num(1.4826 * median(_residuals(coarse.rays, coarse.raw_inverse, inliers, N), 8000)))
    return Support(N, -N / np.linalg.norm(N) if up is None else up, sigma, inliers)


def _weights(coarse: Coarse) -> np.ndarray:
    """Weight (h, w) of each sample: nearer counts more, the rim of the picture less."""
    return _central(coarse.inverse.shape) * np.nan_to_num(np.minimum(coarse.inverse, np.float32(3.0))) ** 2


@lru_cache(maxsize=8)
def _central(shape: tuple[int, int]) -> np.ndarray:
    """Weight (h, w) that falls towards the rim of the picture."""
    v, u = np.mgrid[-1.0 : 1.0 : shape[0] * 1j, -1.0 : 1.0 : shape[1] * 1j]
    central = np.exp(-0.5 * (u**2 + v**2) / 0.7**2).astype(np.float32)
    central.flags.writeable = False
    return central


def _tolerance(inverse: np.ndarray) -> np.ndarray:
    """How far from the plane a smoothed sample may be [m]: depth noise grows with the square of the range."""
    return np.maximum(0.006, 0.006 / inverse**2)


def _search_level(coarse: Coarse, up: np.ndarray, weight: np.ndarray) -> np.ndarray:
    """Best level plane: the highest peak of the histogram of heights."""
    height, share = _heights(coarse.rays, coarse.inverse, weight, up)
    bins = ((height - (height.min() - 2 * _BIN_M)) / _BIN_M).astype(int)
    histogram = np.bincount(bins, share, bins.max() + 4)
    peak = int(np.argmax(np.convolve(histogram, np.ones(5), mode='same')))
    near = np.abs(bins - peak) <= 2
    level = np.average(height[near], weights=share[near])
    # a plane over the camera cannot support what it sees: keep it formally below
    return up / min(level, -1e-3)


@kernel
def _heights(rays, inverse, weight, up):
    """Return the height (n,) along `up` [m] and the weight (n,) of each sample (h, w) that has one."""
    height, share, n = np.empty(weight.size), np.empty(weight.size, weight.dtype), 0
    for v in range(weight.shape[0]):
        for u in range(weight.shape[1]):
            if weight[v, u] > 0.0:
                along = rays[v, u, 0] * up[0] + rays[v, u, 1] * up[1] + rays[v, u, 2] * up[2]
                height[n], share[n] = along / inverse[v, u], weight[v, u]
                n += 1
    return height[:n], share[:n]


def _search_any(coarse: Coarse, weight: np.ndarray) -> np.ndarray:
    """Best plane of any direction: hypotheses from single samples and their normals, and from three samples."""
    use = np.zeros(weight.shape, bool)
    use[1::3, 1::3] = weight[1::3, 1::3] > 0
    if np.count_nonzero(use) < 100:
        use = weight > 0
    rays, inverse, w = (values[use].astype(np.float64) for values in (coarse.rays, coarse.inverse, weight))
    points, normals = rays / inverse[:, None], coarse.normals[use].astype(np.float64)
    rng = np.random.default_rng(0)  # the same picture gives the same answer
    pick = rng.choice(len(w), (_HYPOTHESES, 3), p=w / w.sum())
    planes = np.linalg.solve(points[pick] + 1e-9 * np.eye(3), np.ones((_HYPOTHESES, 3, 1)))[..., 0]
    planes = planes[np.isfinite(planes).all(axis=1) & (np.linalg.norm(planes, axis=1) > 1e-3)]
    length = np.linalg.norm(planes, axis=1)
    up = -planes / length[:, None]
    off = points.astype(np.float32) @ (planes / length[:, None]).T.astype(np.float32)
    close = np.abs(off - (1.0 / length).astype(np.float32)) < _tolerance(inverse)[:, None]
    agree = normals.astype(np.float32) @ up.T.astype(np.float32) > np.float32(np.cos(np.radians(25.0)))
    # cameras are mounted more or less upright: a surface that faces sideways or down is not a table
    prior = np.clip(1.2 - np.abs(up[:, 0]), 0.2, 1.0) * np.where(up[:, 1] > 0.3, 0.2, 1.0)
    return planes[int(np.argmax((w @ (close & agree)) * prior))]


def _refine(
    coarse: Coarse, N: np.ndarray, weight: np.ndarray, up: np.ndarray | None, config: SegmentationConfig
) -> tuple[np.ndarray, np.ndarray]:
    """Least squares in inverse depth on the samples near the plane, narrowed step by step."""
    inliers = np.zeros(weight.shape, bool)
    for factor in (2.0, 1.3, 1.0):
        near, count, A, b, along = _near_plane(
            coarse.rays, coarse.inverse, coarse.normals, weight, N, N if up is None else up, factor
        )
        if count < 20:
            break
        inliers = near
        fit = np.linalg.solve(A + 1e-13 * np.trace(A) * np.eye(3), b)  # as good as none but where they are on a line
        tilted = up is not None and -fit @ up < np.cos(np.radians(config.max_tilt_deg)) * np.linalg.norm(fit)
        if tilted:  # too little of the surface is seen to tell its slope: trust gravity
            fit = up * along
        N = fit
    return N, inliers


@kernel
def _residuals(rays, raw_inverse, inliers, N):
    """Return how far (n,) the inverse depth of single pixels, those of some samples (h, w), is from a plane [1/m]."""
    out, n = np.empty(inliers.size, np.float32), 0
    for v in range(inliers.shape[0]):
        for u in range(inliers.shape[1]):
            if inliers[v, u]:
                on_plane = rays[v, u, 0] * N[0] + rays[v, u, 1] * N[1] + rays[v, u, 2] * N[2]
                out[n] = abs(raw_inverse[v, u] - on_plane)
                n += 1
    return out[:n]


@kernel
def _near_plane(rays, inverse, normals, weight, N, up, factor):
    """Return the samples (h, w) near a plane, their number, and the equations (3, 3), (3,) of the plane through them.

    Last the mean of what the inverse of the distance along `up` (3,) is there.
    """
    rows, columns = inverse.shape
    near, count = np.empty((rows, columns), np.bool_), 0
    xx, xy, xz, yy, yz, zz, bx, by, bz, along, total = 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0
    length, facing = np.sqrt(N[0] ** 2 + N[1] ** 2 + N[2] ** 2), np.cos(np.radians(20.0))
    for v in range(rows):
        for u in range(columns):  # without branches, so that several are looked at together
            inv = inverse[v, u]
            off = abs((N[0] * rays[v, u, 0] + N[1] * rays[v, u, 1] + N[2] * rays[v, u, 2]) / inv - 1.0) / length
            agree = -(N[0] * normals[v, u, 0] + N[1] * normals[v, u, 1] + N[2] * normals[v, u, 2]) / length
            is_close = off < factor * max(0.006, 0.006 / inv**2)
            near[v, u] = (weight[v, u] > 0.0) & is_close & (agree > facing)
    for v in range(rows):
        for u in range(columns):
            if not near[v, u]:
                continue
            count += 1
            w, inv, x, y, z = weight[v, u], inverse[v, u], rays[v, u, 0], rays[v, u, 1], rays[v, u, 2]
            xx, xy, xz = xx + w * x * x, xy + w * x * y, xz + w * x * z
            yy, yz, zz = yy + w * y * y, yz + w * y * z, zz + w * z * z
            bx, by, bz = bx + w * inv * x, by + w * inv * y, bz + w * inv * z
            along += w * inv / (up[0] * x + up[1] * y + up[2] * z)
            total += w
    A, b = np.array([[xx, xy, xz], [xy, yy, yz], [xz, yz, zz]]), np.array([bx, by, bz])
    return near, count, A, b, along / total
