"""Small drawings on pictures: projected points, outlines, a gripper with its axes, text."""

from bisect import bisect_left
from functools import lru_cache

import cv2
import numpy as np
from PIL import ImageFont

from mt3_common import se3
from mt3_common.cameras import project

__all__ = [
    'draw_axes',
    'draw_gripper',
    'draw_mask_outline',
    'draw_number',
    'draw_path',
    'draw_points',
    'fit_into',
    'write_text',
]

_AXIS_COLOURS = ((230, 57, 70), (67, 170, 81), (58, 110, 235))  # x red, y green, z blue
_FINGER_M, _PALM_M, _WRIST_M = 0.045, 0.058, 0.11  # along -z of the tcp


def _pixels(points_base: np.ndarray, K: np.ndarray, T_base_camera: np.ndarray) -> np.ndarray:
    return project(se3.transform_points(se3.inverse(T_base_camera), np.asarray(points_base, float)), K)


def draw_points(
    rgb: np.ndarray,
    points_base: np.ndarray,
    colours: np.ndarray,
    K: np.ndarray,
    T_base_camera: np.ndarray,
    opacity: float = 0.85,
    radius_px: int = 1,
) -> np.ndarray:
    """Return the picture with points (N, 3) [m] painted over it in colours (N, 3) uint8 or (3,)."""
    pixels, colours = _pixels(points_base, K, T_base_camera), np.broadcast_to(colours, (len(points_base), 3))
    seen = np.isfinite(pixels).all(axis=1) & (np.abs(pixels) < 1e6).all(axis=1)
    at, colours = np.round(pixels[seen]).astype(int), colours[seen]
    result, (height, width) = rgb.copy(), rgb.shape[:2]
    for du, dv in [(du, dv) for du in range(-radius_px, radius_px + 1) for dv in range(-radius_px, radius_px + 1)]:
        u, v = at[:, 0] + du, at[:, 1] + dv
        inside = (u >= 0) & (u < width) & (v >= 0) & (v < height)
        if du * du + dv * dv <= radius_px * radius_px:
            u, v = u[inside], v[inside]
            result[v, u] = opacity * colours[inside] + (1.0 - opacity) * rgb[v, u]
    return result


def draw_mask_outline(rgb: np.ndarray, mask: np.ndarray, colour: tuple[int, int, int], thickness: int = 2) -> None:
    """Draw the outline of a mask (H, W) into the picture."""
    box = _box(mask)
    inner = np.ascontiguousarray(mask[box], np.uint8)
    start = (box[1].start, box[0].start)
    contours, _ = cv2.findContours(inner, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE, offset=start)
    cv2.drawContours(rgb, contours, -1, (20, 20, 20), thickness + 2, cv2.LINE_AA)
    cv2.drawContours(rgb, contours, -1, colour, thickness, cv2.LINE_AA)


def draw_number(rgb: np.ndarray, mask: np.ndarray, number: int, colour: tuple[int, int, int]) -> None:
    """Write a number onto a mask (H, W), well inside: beside it, it might stand on another object."""
    rows, columns = _box(mask)
    inner = mask[rows, columns]
    if not inner.size:
        return
    coarse = max(1, max(inner.shape) // 48)  # of a large one the middle need not be known to the pixel
    inner = inner[::coarse, ::coarse]
    depth = cv2.distanceTransform(np.pad(inner, 1).astype(np.uint8), cv2.DIST_L2, 3)[1:-1, 1:-1]
    v, u = np.nonzero(inner)
    best = int(np.argmax(depth[v, u] - 0.1 * np.hypot(v - v.mean(), u - u.mean())))
    scale, text = rgb.shape[0] / 900.0, str(number)
    (wide, high), _ = cv2.getTextSize(text, cv2.FONT_HERSHEY_SIMPLEX, scale, 2)
    left = int(np.clip(columns.start + coarse * u[best] - wide // 2, 3, rgb.shape[1] - wide - 3))
    base = int(np.clip(rows.start + coarse * v[best] + high // 2, high + 3, rgb.shape[0] - 4))
    cv2.rectangle(rgb, (left - 2, base - high - 2), (left + wide + 2, base + 3), (20, 20, 20), -1)
    cv2.putText(rgb, text, (left, base), cv2.FONT_HERSHEY_SIMPLEX, scale, colour, 2, cv2.LINE_AA)


def _box(mask: np.ndarray) -> tuple[slice, slice]:
    """Return the rows and columns that hold a mask (H, W) bool; both empty when it is."""
    left, top, width, height = cv2.boundingRect(np.ascontiguousarray(mask, bool).view(np.uint8))
    return slice(top, top + height), slice(left, left + width)


def _polyline(
    rgb: np.ndarray, points_base: np.ndarray, K: np.ndarray, T_base_camera: np.ndarray, colour: tuple, thickness: int
) -> None:
    pixels = _pixels(points_base, K, T_base_camera)
    if np.isfinite(pixels).all() and np.abs(pixels).max() < 1e5:
        line = [np.round(pixels * 8).astype(np.int32)]  # three fractional bits
        if thickness > 1:  # thin lines would drown in their border
            cv2.polylines(rgb, line, False, (20, 20, 20), thickness + 2, cv2.LINE_AA, 3)
        cv2.polylines(rgb, line, False, colour, thickness, cv2.LINE_AA, 3)


def draw_axes(
    rgb: np.ndarray, T_base_x: np.ndarray, K: np.ndarray, T_base_camera: np.ndarray, length_m: float = 0.04
) -> None:
    """Draw the axes of a frame into the picture: x red, y green, z blue."""
    for axis, colour in enumerate(_AXIS_COLOURS):
        ends = np.zeros((2, 3))
        ends[1, axis] = length_m
        _polyline(rgb, se3.transform_points(T_base_x, ends), K, T_base_camera, colour, 2)


def draw_gripper(
    rgb: np.ndarray,
    T_base_tcp: np.ndarray,
    width_m: float,
    K: np.ndarray,
    T_base_camera: np.ndarray,
    colour: tuple[int, int, int] = (255, 209, 102),
    thickness: int = 3,
) -> None:
    """Draw a two-finger gripper into the picture: fingers apart along y of the tcp, approaching along z."""
    half = 0.5 * max(width_m, 0.004)
    palm = max(half, 0.03)
    lines = (
        [(0, -half, 0), (0, -half, -_FINGER_M), (0, -palm, -_PALM_M)],
        [(0, -palm, -_PALM_M), (0, palm, -_PALM_M)],
        [(0, palm, -_PALM_M), (0, half, -_FINGER_M), (0, half, 0)],
        [(0, 0, -_PALM_M), (0, 0, -_WRIST_M)],
    )
    for line in lines:
        _polyline(rgb, se3.transform_points(T_base_tcp, np.array(line, float)), K, T_base_camera, colour, thickness)


def draw_path(
    rgb: np.ndarray,
    positions_base: np.ndarray,
    K: np.ndarray,
    T_base_camera: np.ndarray,
    colour: tuple[int, int, int] = (255, 140, 66),
) -> None:
    """Draw a path (N, 3) [m] into the picture, its end marked."""
    if len(positions_base) < 2:
        return
    _polyline(rgb, positions_base, K, T_base_camera, colour, 2)
    end = _pixels(positions_base[-1:], K, T_base_camera)[0]
    if np.isfinite(end).all():
        at = (round(float(end[0])), round(float(end[1])))
        cv2.circle(rgb, at, 5, (20, 20, 20), -1, cv2.LINE_AA)
        cv2.circle(rgb, at, 4, colour, -1, cv2.LINE_AA)


def fit_into(rgb: np.ndarray, width: int, height: int) -> np.ndarray:
    """Return the picture scaled to fit (height, width, 3), centred on a dark ground."""
    scale = min(width / rgb.shape[1], height / rgb.shape[0])
    size = (max(1, round(rgb.shape[1] * scale)), max(1, round(rgb.shape[0] * scale)))
    inner = cv2.resize(rgb, size, interpolation=cv2.INTER_AREA if scale < 1.0 else cv2.INTER_CUBIC)
    canvas = np.full((height, width, 3), 24, np.uint8)
    left, top = (width - size[0]) // 2, (height - size[1]) // 2
    canvas[top : top + size[1], left : left + size[0]] = inner
    return canvas


def write_text(rgb: np.ndarray, texts: list[tuple[tuple[int, int], str, int, tuple[int, int, int]]]) -> np.ndarray:
    """Write texts into the picture and return it: ((x, y) of the left top, text, size [pixel], colour); long: cut."""
    for (x, y), text, size, colour in texts:
        ink, right, down = _ink(text, size, rgb.shape[1] - 8 - x)
        place = rgb[y + down : y + down + ink.shape[0], x + right : x + right + ink.shape[1]]
        opacity = ink[: place.shape[0], : place.shape[1], None] / 255.0
        place[:] = place + opacity * (np.array(colour) - place) + 0.5
    return rgb


@lru_cache(maxsize=64)
def _ink(text: str, size: int, room_px: int) -> tuple[np.ndarray, int, int]:
    """Return the opacities (H, W) uint8 of a text cut to `room_px`, and how far right and down they begin [pixel]."""
    font = _font(size)
    if font.getlength(text) > room_px:
        fitting = bisect_left(range(len(text)), True, key=lambda n: font.getlength(text[: n + 1] + '...') > room_px)
        text = text[:fitting] + '...'
    mask, (right, down) = font.getmask2(text, 'L', anchor='la')
    return np.array(mask, np.uint8).reshape(mask.size[::-1]), int(right), int(down)


@lru_cache
def _font(size: int) -> ImageFont.FreeTypeFont:
    return ImageFont.load_default(size)
