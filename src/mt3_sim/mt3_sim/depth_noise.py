"""What a stereo depth camera makes of the truth: noise, quantisation, ragged edges, flying pixels, holes.

The random error of triangulation grows with the square of the range (Khoshelham and Elberink, Sensors 2012,
"Accuracy and resolution of Kinect depth data"); the rest imitates what active stereo cameras show on a table top.
"""

import cv2
import numpy as np

from mt3_common.config import Config, setting

__all__ = ['DepthNoiseConfig', 'add_noise']


class DepthNoiseConfig(Config):
    """Strengths at scale 1."""

    white: float = setting(0.0012, 'standard deviation per pixel at 1 m range, growing with its square', 'm', ge=0.0)
    smooth: float = setting(0.0007, 'standard deviation of the slowly varying error at 1 m range', 'm', ge=0.0)
    smooth_pixels: int = setting(40, 'size of its bumps', 'pixel', ge=4, le=400)
    edge_step: float = setting(0.015, 'depth jump that makes an edge, as a share of the depth', '', ge=0.0, le=1.0)
    edge_dropout: float = setting(0.35, 'share of the pixels at an edge without a reading', '', ge=0.0, le=1.0)
    flying: float = setting(0.15, 'share of the pixels at an edge between front and back', '', ge=0.0, le=1.0)
    grazing_slope: float = setting(4.0, 'tangent of the incidence angle where readings begin to fail', '', ge=0.1)
    grazing_dropout: float = setting(0.6, 'share without a reading at twice that slope', '', ge=0.0, le=1.0)
    speckle: float = setting(0.0005, 'share of single pixels without a reading', '', ge=0.0, le=1.0)
    holes: float = setting(3.0, 'mean number of holes per picture', '', ge=0.0, le=100.0)
    hole_pixels: float = setting(4.0, 'mean radius of a hole', 'pixel', ge=0.5, le=100.0)


def add_noise(
    depth_m: np.ndarray,
    focal: float,
    rng: np.random.Generator,
    scale: float = 1.0,
    config: DepthNoiseConfig | None = None,
) -> np.ndarray:
    """Return what the sensor reports, as on the wire.

    Args:
        depth_m: (H, W) float32 true depth, NaN without a surface [m].
        focal: Focal length [pixel].
        rng: Decides everything random.
        scale: Of every effect but quantisation; 0 quantises only.
        config: Strengths, default those of a good stereo camera.

    Returns:
        (H, W) uint16 [mm], 0 for no reading.
    """
    config = config or DepthNoiseConfig()
    depth = np.nan_to_num(depth_m, nan=0.0).astype(np.float32)
    if scale > 0.0:
        lost, depth = _surfaces(depth, focal, rng, scale, config)
        depth = depth + _errors(depth, rng, scale, config)
        lost |= _holes(depth.shape, rng, scale, config)
        depth[lost] = 0.0
    millimetres = np.rint(depth * 1000.0)
    return np.where((depth_m > 0.0) & (millimetres > 0), millimetres, 0.0).astype(np.uint16)


def _errors(depth: np.ndarray, rng: np.random.Generator, scale: float, config: DepthNoiseConfig) -> np.ndarray:
    """Return the error (H, W) [m] of readings on smooth surfaces."""
    height, width = depth.shape
    coarse = rng.standard_normal(
        (height // config.smooth_pixels + 4, width // config.smooth_pixels + 4), dtype=np.float32
    )
    # the cubic enlargement of unit noise has a standard deviation of about 0.75
    smooth = cv2.resize(coarse, (width, height), interpolation=cv2.INTER_CUBIC) / 0.75
    white = rng.standard_normal((height, width), dtype=np.float32)
    return (scale * (config.white * white + config.smooth * smooth)) * depth * depth


def _surfaces(
    depth: np.ndarray, focal: float, rng: np.random.Generator, scale: float, config: DepthNoiseConfig
) -> tuple[np.ndarray, np.ndarray]:
    """Return the pixels lost (H, W) bool to edges and grazing light, and the depth with flying pixels."""
    kernel = np.ones((3, 3), np.uint8)
    far, near = cv2.dilate(depth, kernel), cv2.erode(depth, kernel)
    step = far - near
    chance = rng.random(depth.shape, dtype=np.float32)
    slope = step * (0.5 * focal) / np.maximum(depth, 1e-3)
    edge = (step > config.edge_step * depth) & (depth > 0.0)
    grazing = np.clip((slope - config.grazing_slope) / config.grazing_slope, 0.0, 1.0) * config.grazing_dropout
    lost = chance < scale * np.where(edge, config.edge_dropout, grazing + config.speckle)
    flying = edge & (chance > 1.0 - scale * config.flying) & (near > 0.0)
    v, u = np.nonzero(flying)
    depth = depth.copy()
    depth[v, u] = near[v, u] + rng.random(len(v), dtype=np.float32) * step[v, u]
    return lost, depth


def _holes(shape: tuple[int, int], rng: np.random.Generator, scale: float, config: DepthNoiseConfig) -> np.ndarray:
    """Return blobs without a reading (H, W) bool."""
    blobs = np.zeros(shape, np.uint8)
    for _ in range(rng.poisson(scale * config.holes)):
        centre = (int(rng.integers(shape[1])), int(rng.integers(shape[0])))
        axes = np.maximum(1, np.rint(config.hole_pixels * rng.uniform(0.4, 1.6, 2))).astype(int)
        cv2.ellipse(blobs, centre, (int(axes[0]), int(axes[1])), float(rng.uniform(0, 180)), 0, 360, 1, -1)
    return blobs.astype(bool)
