"""Other ways to align two clouds, for the same table; each needs a package of the optional group `bench`.

Every function takes two clouds (N, 3) in the base frame [m], 2 mm voxels, and returns T_live_demo (4, 4).
"""

import time
from collections.abc import Callable

import numpy as np

from mt3_common import se3

__all__ = ['available']

_NEAR_M = 0.02


def _start(demo: np.ndarray, live: np.ndarray, yaw: float) -> np.ndarray:
    """Return the transform that turns by `yaw` and puts centroid on centroid."""
    T = se3.from_yaw(yaw)
    T[:3, 3] = live.mean(axis=0) - T[:3, :3] @ demo.mean(axis=0)
    return T


def yaw_sweep(demo: np.ndarray, live: np.ndarray, yaw_hint: float) -> np.ndarray:
    """36 yaws, each polished by small_gicp's GICP, the lowest error per inlier kept."""
    import small_gicp

    target, target_tree = small_gicp.preprocess_points(live, downsampling_resolution=0.002, num_threads=1)
    source, _ = small_gicp.preprocess_points(demo, downsampling_resolution=0.002, num_threads=1)
    best, lowest = np.eye(4), np.inf
    for yaw in np.arange(36) * np.pi / 18:
        result = small_gicp.align(
            target, source, target_tree, _start(demo, live, yaw), max_correspondence_distance=_NEAR_M, num_threads=1
        )
        error = result.error / max(1, result.num_inliers) + 1e3 * (result.num_inliers < 0.3 * len(demo))
        if error < lowest:
            best, lowest = np.array(result.T_target_source), error
    return best


def gicp_restarts(demo: np.ndarray, live: np.ndarray, yaw_hint: float) -> np.ndarray:
    """Do as the reference does: random restarts of Open3D's GICP for 3 s near the true yaw, lowest RMSE kept."""
    import open3d

    registration = open3d.pipelines.registration
    source, target = _open3d_cloud(demo), _open3d_cloud(live)
    rng = np.random.default_rng(0)
    best, lowest, end = np.eye(4), np.inf, time.perf_counter() + 3.0
    while time.perf_counter() < end:
        start = _start(demo, live, yaw_hint + rng.normal(0.0, np.radians(10.0)))
        result = registration.registration_generalized_icp(source, target, _NEAR_M, start)
        if result.fitness > 0.0 and result.inlier_rmse < lowest:
            best, lowest = np.array(result.transformation), result.inlier_rmse
    return best


def fpfh_ransac(demo: np.ndarray, live: np.ndarray, yaw_hint: float) -> np.ndarray:
    """FPFH features, RANSAC, GICP, all of Open3D."""
    import open3d

    registration = open3d.pipelines.registration
    open3d.utility.random.seed(0)
    clouds = [_open3d_cloud(points) for points in (demo, live)]
    search = open3d.geometry.KDTreeSearchParamHybrid(radius=0.02, max_nn=100)
    features = [registration.compute_fpfh_feature(cloud, search) for cloud in clouds]
    result = registration.registration_ransac_based_on_feature_matching(
        *clouds,
        *features,
        True,
        0.008,
        registration.TransformationEstimationPointToPoint(False),
        3,
        [registration.CorrespondenceCheckerBasedOnEdgeLength(0.9)],
        registration.RANSACConvergenceCriteria(20000, 0.999),
    )
    return np.array(registration.registration_generalized_icp(*clouds, _NEAR_M, result.transformation).transformation)


def _open3d_cloud(points: np.ndarray):
    import open3d

    cloud = open3d.geometry.PointCloud(open3d.utility.Vector3dVector(points))
    cloud.estimate_normals(open3d.geometry.KDTreeSearchParamHybrid(radius=0.01, max_nn=30))
    cloud.orient_normals_towards_camera_location(np.array([1.1, 0.0, 0.7]))
    return cloud


def available() -> dict[str, Callable]:
    """Return the baselines whose package is installed, by the name they have in the table."""
    found: dict[str, Callable] = {}
    for package, name, function in (
        ('open3d', 'Open3D GICP, restarts for 3 s, yaw known to 10 degrees', gicp_restarts),
        ('small_gicp', '36 yaws, small_gicp, lowest error', yaw_sweep),
        ('open3d', 'FPFH, RANSAC, GICP (Open3D)', fpfh_ransac),
    ):
        try:
            __import__(package)
        except ImportError:
            continue
        found[name] = function
    return found
