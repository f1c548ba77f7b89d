"""Objects that touch, told apart by an upright cutting plane.

Two convex things that stand side by side can always be parted by an upright plane, which is a line in
the view from above. A good line leaves two parts whose outlines together enclose much less empty area
than the outline of the whole, and crosses the whole where it is narrow.
"""

from dataclasses import dataclass

import cv2
import numpy as np

__all__ = ['Cut', 'CutLimits', 'find_cuts', 'nearest_part', 'solid_outline']

_ANGLES = np.arange(16) * np.pi / 16
_MARGIN = 4


@dataclass(frozen=True)
class CutLimits:
    """What counts as two objects.

    Attributes:
        min_width: Each part is at least this wide [cell].
        min_gain: Empty area that the cut explains, as a share of the smaller part.
        min_seen: Share of that area in which the bare support is seen.
        max_neck: Length of the cut as a share of the largest breadth, along it, of the less broad part.
        min_notch: Groups with no notch as deep as this are one object [cell].
        max_roundness: Groups whose convex outline fills this share of the circle around it are one object.
        max_solidity: Groups that fill this share of their convex outline are one object.
    """

    min_width: float
    min_gain: float = 0.12
    min_seen: float = 0.05
    max_neck: float = 0.85
    max_solidity: float = 0.9
    min_notch: float = 2.0
    max_roundness: float = 0.8


@dataclass(frozen=True, eq=False)
class Cut:
    """One way to divide a group of cells.

    Attributes:
        gain: Empty area that it explains, as a share of the smaller part.
        neck: Its length as a share of the largest breadth of the less broad part, along the cut.
        sides: Two masks (rows, columns) bool of the cores of both parts.
    """

    gain: float
    neck: float
    sides: tuple[np.ndarray, np.ndarray]


def find_cuts(own: np.ndarray, empty: np.ndarray, limits: CutLimits, most: int = 24) -> list[Cut]:
    """Return the best ways to divide a group of cells (rows, columns) bool by a line, best first.

    Args:
        own: The group.
        empty: Cells in which the bare support is seen; others may be hidden behind the group itself.
        limits: What counts as two objects.
        most: How many to return.
    """
    cells = _opened(own, empty, limits)
    if len(cells) < 1.2 * limits.min_width**2:
        return []
    cuts = []
    for gain, neck, side in _distinct(_lines(cells, empty, limits), most):
        masks = []
        for part in (cells[side], cells[~side]):
            mask = np.zeros(own.shape, bool)
            at = part.astype(int)
            mask[at[:, 1], at[:, 0]] = True
            masks.append(mask)
        cuts.append(Cut(gain, neck, (masks[0], masks[1])))
    return cuts


def solid_outline(own: np.ndarray) -> np.ndarray:
    """Return a group of cells (rows, columns) bool with its holes filled, as uint8."""
    padded = np.pad(own.astype(np.uint8), _MARGIN)
    closed = cv2.morphologyEx(padded, cv2.MORPH_CLOSE, np.ones((3, 3), np.uint8))
    outlines, _ = cv2.findContours(closed, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    solid = cv2.drawContours(np.zeros_like(padded), outlines, -1, 1, cv2.FILLED)
    return solid[_MARGIN:-_MARGIN, _MARGIN:-_MARGIN]


def _opened(own: np.ndarray, empty: np.ndarray, limits: CutLimits) -> np.ndarray:
    """Cells (n, 2) float32 (column, row) of the group without handles and smeared depth.

    Hidden cells between its parts (the inside of a cup whose rim is seen) are filled, as far as nobody saw
    the bare support there.
    """
    solid = solid_outline(own)
    size = 2 * int(limits.min_width / 2.5) + 1
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (size, size))
    opened = cv2.morphologyEx(np.pad(solid, size), cv2.MORPH_OPEN, kernel)
    if opened.sum() < 0.6 * solid.sum():  # a broken ring
        wide = 2 * int(2.0 * limits.min_width) + 1
        round_kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (wide, wide))
        closed = cv2.morphologyEx(np.pad(solid, wide), cv2.MORPH_CLOSE, round_kernel)[wide:-wide, wide:-wide]
        solid |= closed & ~empty
        opened = cv2.morphologyEx(np.pad(solid, size), cv2.MORPH_OPEN, kernel)
    v, u = np.nonzero(opened[size:-size, size:-size])
    return np.stack([u, v], axis=1).astype(np.float32)


def _lines(cells: np.ndarray, empty: np.ndarray, limits: CutLimits) -> list[tuple[float, float, np.ndarray]]:
    """Good lines through cells (n, 2), best first: gain, neck, and which cells (n,) bool lie on the one side."""
    outline, notch = _outline(cells)
    if notch < limits.min_notch:
        return []
    hull = cv2.convexHull(outline)
    whole = _area(hull)
    radius = cv2.minEnclosingCircle(hull)[1] + 0.5
    # a round outline is that of one hollow thing, a bowl whose near wall hides its bottom
    if len(cells) > limits.max_solidity * whole or whole > limits.max_roundness * np.pi * radius**2:
        return []
    filled = _inside(hull)
    around = np.zeros(empty.shape, np.uint8)
    cv2.fillConvexPoly(around, np.round(hull).astype(np.int32), 1)
    around &= empty
    found = []
    for angle in _ANGLES:
        along = np.array([np.cos(angle), np.sin(angle)], np.float32)
        offset, rim = cells @ along, outline @ along
        rim -= offset.min()
        offset -= offset.min()
        count = int(offset.max()) + 1
        lines = np.arange(int(limits.min_width), count - int(limits.min_width))
        if not len(lines):
            continue
        crossing = np.bincount((offset + 0.5).astype(int), minlength=count + 2).astype(np.float32)
        crossing = np.convolve(crossing, (0.25, 0.5, 0.25), mode='same')  # oblique lines meet 0.7 or 1.4 cells a step
        over = filled @ along
        chord = np.bincount((over - over.min() + 0.5).astype(int), minlength=count + 2)
        open_share = crossing[lines] / np.maximum(chord[lines], 1)
        for line in lines[_minima(open_share)]:
            # a handle meets its head with its whole breadth; things that merely touch meet with less than theirs
            neck = float(crossing[line]) / max(min(crossing[:line].max(), crossing[line + 1 :].max()), 1.0)
            if neck > limits.max_neck:
                continue
            over_line = rim > line + 0.5
            gain = _gain(outline[over_line], outline[~over_line], whole, around, limits)
            if gain >= limits.min_gain * (
                1.0 + 3.0 * max(neck - 0.5, 0.0)
            ):  # the wider the cut, the more it must explain
                found.append((gain, neck, offset > line + 0.5))
    return sorted(found, key=lambda item: 0.5 * item[1] - min(item[0], 1.0))


def _minima(values: np.ndarray) -> np.ndarray:
    """Return the indices of the three lowest local minima of values (n,)."""
    padded = np.concatenate([[np.inf], values, [np.inf]])
    at = np.flatnonzero((values <= padded[:-2]) & (values < padded[2:]))
    return at[np.argsort(values[at], kind='stable')[:3]]


def _distinct(lines: list[tuple[float, float, np.ndarray]], most: int) -> list[tuple[float, float, np.ndarray]]:
    """Return the first lines that divide the cells differently: by more than 1 % of them."""
    kept: list[tuple[float, float, np.ndarray]] = []
    for line in lines:
        shares = [np.mean(line[2] == other[2]) for other in kept]
        if all(0.01 < share < 0.99 for share in shares):
            kept.append(line)
        if len(kept) == most:
            break
    return kept


def _gain(one: np.ndarray, other: np.ndarray, whole: float, around: np.ndarray, limits: CutLimits) -> float:
    """Gain of a line that leaves two outlines (n, 2); 0 where a part would be too narrow.

    Args:
        whole: Area of the convex outline of both [cell].
        around: (rows, columns) uint8, cells inside of that outline in which the bare support is seen: hidden ones
            may be the hollow of a bowl.
    """
    if min(len(one), len(other)) < 3:
        return 0.0
    hulls = cv2.convexHull(one), cv2.convexHull(other)
    if min(min(cv2.minAreaRect(hull)[1]) for hull in hulls) + 1.0 < limits.min_width:
        return 0.0
    areas = [_area(hull) for hull in hulls]
    explained = around.copy()
    for hull in hulls:
        cv2.fillConvexPoly(explained, np.round(hull).astype(np.int32), 0)
    area = whole - sum(areas)
    return area / min(areas) if np.count_nonzero(explained) > limits.min_seen * area else 0.0


def _outline(cells: np.ndarray) -> tuple[np.ndarray, float]:
    """Outer cells (m, 2) of cells (n, 2) float32, and the depth of the deepest notch in them [cell]."""
    corner = cells.min(axis=0).astype(int)
    at = cells.astype(int) - corner
    mask = np.zeros(at.max(axis=0)[::-1] + 1, np.uint8)
    mask[at[:, 1], at[:, 0]] = 1
    outlines, _ = cv2.findContours(mask, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    rim = np.concatenate(outlines).reshape(-1, 2)
    corners = cv2.convexHull(rim).reshape(-1, 2).astype(np.float64)
    notch = np.inf  # between separate pieces
    if len(outlines) == 1:
        edges = np.roll(corners, -1, axis=0) - corners
        normals = (
            np.stack([-edges[:, 1], edges[:, 0]], axis=1) / np.maximum(np.linalg.norm(edges, axis=1), 1e-9)[:, None]
        )
        depth = np.abs(rim @ normals.T - (corners * normals).sum(axis=1))
        notch = float(depth.min(axis=1).max())
    return (rim + corner).astype(np.float32), notch


def nearest_part(own: np.ndarray, sides: tuple[np.ndarray, np.ndarray]) -> np.ndarray:
    """Return 1 or 2 for each cell (rows, columns) of a group, by the nearer core, and 0 elsewhere."""
    distance = [cv2.distanceTransform((~core).astype(np.uint8), cv2.DIST_L2, 5) for core in sides]
    return np.where(own, np.where(distance[0] <= distance[1], 1, 2), 0).astype(np.int32)


def _area(outline: np.ndarray) -> float:
    """Return the number of cells inside of a convex outline that runs through the middles of its outer cells."""
    return cv2.contourArea(outline) + 0.5 * cv2.arcLength(outline, True) + 1.0


def _inside(hull: np.ndarray) -> np.ndarray:
    """Cells (m, 2) float32 (column, row) inside of a convex outline."""
    corner = hull.reshape(-1, 2).min(axis=0)
    size = (hull.reshape(-1, 2).max(axis=0) - corner).astype(int) + 1
    mask = cv2.fillConvexPoly(np.zeros((size[1], size[0]), np.uint8), np.round(hull - corner).astype(np.int32), 1)
    v, u = np.nonzero(mask)
    return np.stack([u, v], axis=1).astype(np.float32) + corner
