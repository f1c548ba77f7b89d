"""One object as one camera saw it: everything alignment needs, computed once per demonstration."""

import time
from dataclasses import dataclass, field

import cv2
import numpy as np

from mt3_common import se3
from mt3_common.cameras import backproject, check_depth, check_intrinsics
from mt3_common.errors import InvalidInput, MT3Error, Status, StatusCode
from mt3_retrieval.alignment.shape import Shape
from mt3_retrieval.alignment.support import around, ring_heights, support_height
from mt3_retrieval.alignment.surface import clean_surface, nearest_grid
from mt3_retrieval.alignment.tint import tints_at

__all__ = ['View']

_MIN_POINTS = 40
_MAX_PIXELS = 60_000  # more are thinned before anything else
_MARGIN_M = 0.15  # of depth image kept around the object, for its free space
_MAX_RING_SPREAD_M = 0.02


@dataclass(frozen=True, eq=False)
class View:
    """A segmented object of one depth image in its own upright frame.

    The view frame stands under the object: z up from the support, x towards the camera's right.
    It depends on the camera and the object alone, so that turning or moving the base frame changes
    nothing in what is computed. A view that cannot be used says why in `status` and holds no shape.

    Attributes:
        T_base_view: (4, 4) [m].
        shape: Arrays for the kernels; None when `status` is not OK.
        support_known: Whether the support was given or seen; otherwise the lowest point stands for it.
        status: OK, or why nothing can be aligned.
        timing_s: Seconds per step.
    """

    T_base_view: np.ndarray
    shape: Shape | None
    support_known: bool = True
    status: Status = field(default_factory=Status)
    timing_s: dict[str, float] = field(default_factory=dict)

    @staticmethod
    def from_rgbd(
        depth_m: np.ndarray,
        mask: np.ndarray,
        K: np.ndarray,
        T_base_camera: np.ndarray,
        rgb: np.ndarray | None = None,
        support_height: float | None = None,
    ) -> 'View':
        """Look at the object under `mask`.

        Args:
            depth_m: (H, W) float metres, NaN or 0 where there is no reading [m].
            mask: (H, W) bool, the object.
            K: (3, 3) pinhole intrinsics [pixel].
            T_base_camera: (4, 4), optical frame; the base's z is up [m].
            rgb: (H, W, 3) uint8, seen by the same camera; None: geometry alone decides.
            support_height: Height of the surface under the object, base z [m]; None or NaN: seen around the mask.

        Returns:
            A view; never an exception for bad images: read `status`.
        """
        try:
            return _look(depth_m, mask, K, T_base_camera, rgb, support_height)
        except MT3Error as error:
            return View(np.eye(4), None, False, error.status)

    @property
    def center(self) -> np.ndarray:
        """Point (3,) on the support under the object, base frame [m]: where scaling is anchored."""
        return self.T_base_view[:3, 3].copy()

    def points_base(self) -> np.ndarray:
        """Return the surface points (N, 3) in the base frame [m]."""
        if self.shape is None:
            return np.zeros((0, 3))
        return se3.transform_points(self.T_base_view, self.shape.points.astype(np.float64))

    def to_arrays(self) -> dict[str, np.ndarray]:
        """Return plain arrays for storage (np.savez, an Arrow column); `from_arrays` is the inverse.

        Raises:
            InvalidInput: The view holds nothing because its status is not OK.
        """
        if self.shape is None:
            raise InvalidInput(f'a refused view cannot be stored: {self.status}')
        arrays = {name: np.asarray(value) for name, value in self.shape._asdict().items() if name != 'nearest'}
        return {**arrays, 'T_base_view': self.T_base_view, 'support_known': np.asarray(self.support_known)}

    @staticmethod
    def from_arrays(arrays: dict[str, np.ndarray]) -> 'View':
        """Restore a view from `to_arrays`; the grid of nearest points is computed again."""
        points = np.ascontiguousarray(arrays['points'], dtype=np.float32)
        nearest, origin, cell = nearest_grid(points)
        shape = Shape(
            points=points,
            normals=np.ascontiguousarray(arrays['normals'], dtype=np.float32),
            tints=np.ascontiguousarray(arrays['tints'], dtype=np.float32),
            nearest=nearest,
            origin=origin,
            cell=cell,
            depth=np.ascontiguousarray(arrays['depth'], dtype=np.float32),
            camera=np.ascontiguousarray(arrays['camera'], dtype=np.float64),
        )
        return View(np.array(arrays['T_base_view'], dtype=np.float64), shape, bool(arrays['support_known']))


def _look(depth_m, mask, K, T_base_camera, rgb, given_support) -> View:
    """Build the view step by step; raises InvalidInput where it cannot."""
    clock = time.perf_counter()
    K = check_intrinsics(K)
    T_base_camera = se3.as_transform(T_base_camera, 'T_base_camera')
    whole, mask = np.asarray(depth_m), np.asarray(mask, dtype=bool)
    if mask.ndim != 2 or mask.shape != whole.shape:
        raise InvalidInput(f'mask {mask.shape} and depth {whole.shape} must be one image')
    if rgb is not None and np.shape(rgb) != (*mask.shape, 3):
        raise InvalidInput(f'colours {np.shape(rgb)} and depth {mask.shape} must be one image')
    if not mask.any():
        raise InvalidInput('the mask of the object is empty', StatusCode.NO_DATA)

    rows, columns = around(mask)  # all but the free space is looked for here
    depth, mask = check_depth(whole[rows, columns]), mask[rows, columns]
    K_near = K - np.array([[0.0, 0.0, columns.start], [0.0, 0.0, rows.start], [0.0, 0.0, 0.0]])
    points = _object_points(depth, mask, K_near, T_base_camera)
    T_base_level = _level_frame(T_base_camera)
    height, known = _support(depth, mask, K_near, T_base_camera, given_support, points)
    points_level = se3.transform_points(se3.inverse(T_base_level), points)
    points_level[:, 2] += T_base_level[2, 3] - height
    camera_level = np.array([0.0, 0.0, T_base_camera[2, 3] - height])
    surface, normals = clean_surface(points_level, camera_level)
    if len(surface) < _MIN_POINTS:
        raise InvalidInput(
            f'{len(surface)} surface points are left of the object after cleaning, {_MIN_POINTS} are needed; '
            'move the camera nearer or segment again',
            StatusCode.NO_DATA,
        )
    surface_clock = time.perf_counter()

    center = _center(surface)
    T_base_view = T_base_level.copy()
    T_base_view[:3, 3] = T_base_level[:3, :3] @ [center[0], center[1], 0.0] + T_base_level[:3, 3]
    T_base_view[2, 3] = height
    order = np.random.default_rng(0).permutation(len(surface))
    points32 = np.ascontiguousarray((surface - [center[0], center[1], 0.0])[order], dtype=np.float32)
    normals32 = np.ascontiguousarray(normals[order], dtype=np.float32)
    nearest, origin, cell = nearest_grid(points32)
    T_camera_view = se3.inverse(T_base_camera) @ T_base_view
    crop, camera = _crop(whole, mask, (rows, columns), K, T_camera_view)
    tints = tints_at(se3.transform_points(T_camera_view, points32), K, rgb)
    shape = Shape(points32, normals32, tints, nearest, origin, cell, crop, camera)
    done = time.perf_counter()
    timing = {'surface': surface_clock - clock, 'grid': done - surface_clock}
    return View(T_base_view, shape, known, Status(), timing)


def _object_points(depth, mask, K, T_base_camera) -> np.ndarray:
    """Return the object's raw points (N, 3) in the base frame: the mask eroded, thinned when huge."""
    pixels = int(mask.sum())
    eroded = cv2.erode(mask.astype(np.uint8), np.ones((3, 3), np.uint8), borderValue=1).astype(bool)
    if eroded.sum() < 0.4 * pixels:  # a thin object would vanish
        eroded = mask
    stride = int(np.ceil(np.sqrt(eroded.sum() / _MAX_PIXELS)))
    if stride > 1:
        thin = np.zeros_like(eroded)
        thin[::stride, ::stride] = eroded[::stride, ::stride]
        eroded = thin
    points = backproject(depth, K, eroded)
    if len(points) < _MIN_POINTS:
        raise InvalidInput(
            f'the object has {len(points)} valid depth pixels of {pixels}, {_MIN_POINTS} are needed; '
            'check the mask and the depth image',
            StatusCode.NO_DATA,
        )
    return se3.transform_points(T_base_camera, points)


def _level_frame(T_base_camera: np.ndarray) -> np.ndarray:
    """Return T_base_level (4, 4): at the camera, z up, x along the camera's right (or its view, when rolled)."""
    heading = T_base_camera[:2, 0]
    if np.linalg.norm(heading) < 0.5:
        heading = T_base_camera[:2, 2]
    return se3.from_yaw(float(np.arctan2(heading[1], heading[0])), T_base_camera[:3, 3])


def _support(depth, mask, K, T_base_camera, given, points) -> tuple[float, bool]:
    """Return the height of the support in the base frame [m] and whether it is known.

    Raises:
        InvalidInput: With code CALIBRATION, the object would lie under its support.
    """
    low = float(np.percentile(points[:, 2], 2))
    if given is None or not np.isfinite(given):
        v, u = np.indices(mask.shape, np.float32)
        R, t = T_base_camera[:3, :3], T_base_camera[:3, 3]
        ray = R[2, 0] * (u - K[0, 2]) / K[0, 0] + R[2, 1] * (v - K[1, 2]) / K[1, 1] + R[2, 2]
        height, spread = support_height(ring_heights(depth, mask, ray * depth + t[2]))
        if not np.isfinite(height) or spread > _MAX_RING_SPREAD_M or height > low + 0.01:
            return low, False
        return height, True
    if float(np.median(points[:, 2])) < given - 0.005:
        raise InvalidInput(
            f'the object lies under its support: half of its points are below {given:.3f} m, '
            f'the lowest at {low:.3f} m; check the support height and the camera calibration',
            StatusCode.CALIBRATION,
        )
    return float(given), True


def _center(surface: np.ndarray) -> np.ndarray:
    """Return the middle (2,) between centroid and box centre: less drawn to the seen side than either [m]."""
    low, high = np.percentile(surface[:, :2], [1, 99], axis=0)
    return 0.5 * (surface[:, :2].mean(axis=0) + 0.5 * (low + high))


def _crop(whole, mask, near, K, T_camera_view) -> tuple[np.ndarray, np.ndarray]:
    """Return the depth image around the object, whose mask is that of the rows and columns `near`, and the kernels'
    camera vector (16,).
    """
    rows, columns = np.nonzero(mask.any(axis=1))[0] + near[0].start, np.nonzero(mask.any(axis=0))[0] + near[1].start
    pad = int(_MARGIN_M * K[0, 0] / max(0.1, T_camera_view[2, 3]))
    top, left = max(0, rows[0] - pad), max(0, columns[0] - pad)
    crop = check_depth(np.ascontiguousarray(whole[top : rows[-1] + pad + 1, left : columns[-1] + pad + 1]))
    inner = [K[0, 0], K[1, 1], K[0, 2] - left, K[1, 2] - top]
    return crop, np.concatenate([T_camera_view[:3, :3].ravel(), T_camera_view[:3, 3], inner])
