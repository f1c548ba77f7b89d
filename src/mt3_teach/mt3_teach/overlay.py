"""The picture of a demonstration: its object, the bottleneck and the tool's path drawn into the scene."""

from itertools import pairwise

import cv2
import numpy as np

from mt3_common import se3
from mt3_common.cameras import project
from mt3_common.demonstration import Demonstration

__all__ = ['draw_blend', 'draw_demonstration', 'draw_edit', 'draw_objects']

_OBJECT, _PATH, _GRIP = (40, 200, 90), (250, 180, 30), (235, 60, 60)
_AXIS_M = 0.05


def draw_demonstration(demo: Demonstration) -> np.ndarray:
    """Return a picture (H, W, 3) uint8: the object outlined in green, the path in orange, gripper commands as red dots,
    and the bottleneck as red, green and blue axes of 5 cm.
    """
    picture = demo.rgb.copy()
    tint = picture[demo.mask].astype(np.float32) * 0.6 + np.array(_OBJECT, np.float32) * 0.4
    picture[demo.mask] = tint.astype(np.uint8)
    outlines, _ = cv2.findContours(demo.mask.astype(np.uint8), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    cv2.drawContours(picture, outlines, -1, _OBJECT, 1, cv2.LINE_AA)
    T_camera_base = se3.inverse(demo.T_base_camera)
    path = _pixels(demo, T_camera_base, demo.path_base()[:, :3, 3])
    for a, b in pairwise(path):
        if a is not None and b is not None:
            cv2.line(picture, a, b, _PATH, 2, cv2.LINE_AA)
    for k in np.flatnonzero(np.abs(np.diff(demo.interaction.gripper_opening)) > 0.02):
        if path[k] is not None:
            cv2.circle(picture, path[k], 5, _GRIP, -1, cv2.LINE_AA)
    T = demo.T_base_bottleneck
    ends = _pixels(demo, T_camera_base, np.vstack([T[:3, 3], T[:3, 3] + _AXIS_M * T[:3, :3].T]))
    for end, color in zip(ends[1:], ((255, 0, 0), (0, 255, 0), (60, 110, 255)), strict=True):
        if ends[0] is not None and end is not None:
            cv2.arrowedLine(picture, ends[0], end, color, 2, cv2.LINE_AA, tipLength=0.25)
    return picture


def draw_edit(before: Demonstration, after: Demonstration) -> np.ndarray:
    """Return two pictures side by side (H, 2 W, 3) uint8: a demonstration before and after an edit, on one scene."""
    halves = []
    for word, demo in (('before', before), ('after', after)):
        half = draw_demonstration(demo)
        _caption(half, f'{word}: {demo.interaction.duration_s:.2f} s, {demo.dof} DoF', (8, 22), 0.6)
        halves.append(half)
    return np.hstack(halves)


def draw_blend(demo: Demonstration, deviation_m: np.ndarray, paths_base: list[np.ndarray]) -> np.ndarray:
    """Return a picture (H + 90, W, 3) uint8 of several demonstrations made into one, and a chart of their spread.

    In the picture the parents' paths are grey, and the mean is as wide as they lie apart: red where they agree. In the
    chart the standard deviation over time, with the gripper's commands as red lines.

    Args:
        demo: The mean.
        deviation_m: (K,) at its samples [m].
        paths_base: (N, 3) of each parent, in its scene, base frame [m].
    """
    picture = draw_demonstration(demo)
    T_camera_base = se3.inverse(demo.T_base_camera)
    for points in paths_base:
        for a, b in pairwise(_pixels(demo, T_camera_base, points)):
            if a is not None and b is not None:
                cv2.line(picture, a, b, (150, 150, 150), 1, cv2.LINE_AA)
    path = demo.path_base()[:, :3, 3]
    depth = np.maximum(se3.transform_points(T_camera_base, path)[:, 2], 0.05)
    agree = 1.0 - deviation_m / max(float(deviation_m.max()), 1e-6)
    for k, pixel in enumerate(_pixels(demo, T_camera_base, path)):
        if pixel is not None:
            color = tuple(int(c) for c in agree[k] * np.array(_GRIP) + (1.0 - agree[k]) * np.array((60, 140, 255)))
            cv2.circle(picture, pixel, max(2, round(deviation_m[k] * demo.K[0, 0] / depth[k])), color, 1, cv2.LINE_AA)
    return np.vstack([picture, _spread_chart(demo, deviation_m, picture.shape[1])])


def _spread_chart(demo: Demonstration, deviation_m: np.ndarray, width: int, height: int = 90) -> np.ndarray:
    chart = np.full((height, width, 3), 255, np.uint8)
    path, left, low, top = demo.interaction, 8, height - 8, 24
    u = left + path.time_s / path.duration_s * (width - 2 * left)
    v = low - deviation_m / max(float(deviation_m.max()), 1e-6) * (low - top)
    for k in np.flatnonzero(np.abs(np.diff(path.gripper_opening)) > 0.02):
        cv2.line(chart, (round(u[k + 1]), top), (round(u[k + 1]), low), _GRIP, 1)
    line = np.stack([u, v], axis=1).round().astype(np.int32)
    cv2.polylines(chart, [line], False, (40, 90, 200), 2, cv2.LINE_AA)
    text = (
        f'standard deviation {1e3 * deviation_m.min():.1f} to {1e3 * deviation_m.max():.1f} mm, over '
        f'{path.duration_s:.1f} s'
    )
    cv2.putText(chart, text, (left, 16), cv2.FONT_HERSHEY_SIMPLEX, 0.42, (40, 40, 40), 1, cv2.LINE_AA)
    return chart


def draw_objects(rgb: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """Return a picture (H, W, 3) uint8 with each object of labels (H, W) outlined, and a pixel to choose it by."""
    picture = rgb.copy()
    for i in range(1, int(labels.max()) + 1):
        mask = (labels == i).astype(np.uint8)
        outlines, _ = cv2.findContours(mask, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
        cv2.drawContours(picture, outlines, -1, _OBJECT, 1, cv2.LINE_AA)
        inside = cv2.distanceTransform(mask, cv2.DIST_L2, 3)
        v, u = np.unravel_index(int(np.argmax(inside)), inside.shape)
        cv2.drawMarker(picture, (int(u), int(v)), _GRIP, cv2.MARKER_CROSS, 7)
        at = (min(int(u) + 5, picture.shape[1] - 60), max(int(v) - 5, 10))
        _caption(picture, f'{u} {v}', at, 0.38)
    return picture


def _caption(picture: np.ndarray, text: str, at: tuple[int, int], size: float) -> None:
    """Write white on black, since an outline of thicker letters runs wider than the letters."""
    (width, height), below = cv2.getTextSize(text, cv2.FONT_HERSHEY_SIMPLEX, size, 1)
    cv2.rectangle(picture, (at[0] - 2, at[1] - height - 2), (at[0] + width + 2, at[1] + below), (0, 0, 0), -1)
    cv2.putText(picture, text, at, cv2.FONT_HERSHEY_SIMPLEX, size, (255, 255, 255), 1, cv2.LINE_AA)


def _pixels(demo: Demonstration, T_camera_base: np.ndarray, points: np.ndarray) -> list[tuple[int, int] | None]:
    """Pixels of points (N, 3), base frame; None behind the camera or far outside the picture."""
    pixels = project(se3.transform_points(T_camera_base, points), demo.K)
    return [(round(u), round(v)) if np.isfinite(u) and max(abs(u), abs(v)) < 5000 else None for u, v in pixels]
