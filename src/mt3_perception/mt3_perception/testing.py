"""A small ray-cast table top with known instances, for tests and benchmarks. Needs no renderer.

The table top is z = 0 of the base frame, with edges, above a floor and in front of a wall.
"""

from dataclasses import dataclass

import numpy as np

__all__ = ['Solid', 'TableTop', 'depth_noise', 'footprint', 'look_at', 'random_clutter']


@dataclass(frozen=True)
class Solid:
    """One object.

    Attributes:
        kind: 'box', 'cylinder', 'cup' (a cylinder with a wall of 4 mm, open at the top) or 'sphere'.
        x, y, z: Middle of its underside [m].
        yaw: [rad].
        size: (length, width, height) [m]; for round ones the diameter twice, then the height.
        color: rgb.
        stripe: rgb of a band around its middle third, or None.
    """

    kind: str
    x: float
    y: float
    size: tuple[float, float, float]
    yaw: float = 0.0
    z: float = 0.0
    color: tuple[int, int, int] = (200, 60, 50)
    stripe: tuple[int, int, int] | None = None


@dataclass(frozen=True, eq=False)
class View:
    """A rendered view: depth (H, W) [m], rgb (H, W, 3), ids (H, W) with i + 1 for solids[i], K, T_base_camera."""

    depth_m: np.ndarray
    rgb: np.ndarray
    ids: np.ndarray
    K: np.ndarray
    T_base_camera: np.ndarray


@dataclass(frozen=True)
class TableTop:
    """A table with objects.

    Attributes:
        solids: What stands on it.
        table: (x_min, x_max, y_min, y_max) [m].
        floor_z: [m].
        wall_x: A wall facing +x stands here, None for none [m].
        color: rgb of the table.
    """

    solids: tuple[Solid, ...]
    table: tuple[float, float, float, float] = (0.1, 1.0, -0.6, 0.6)
    floor_z: float = -0.7
    wall_x: float | None = -0.8
    color: tuple[int, int, int] = (150, 120, 90)

    def view(self, T_base_camera: np.ndarray, width: int = 640, height: int = 480, focal: float = 600.0) -> View:
        """Ray-cast the scene without noise."""
        K = np.array([[focal, 0.0, (width - 1) / 2], [0.0, focal, (height - 1) / 2], [0.0, 0.0, 1.0]])
        v, u = np.mgrid[0:height, 0:width]
        rays = np.stack([(u - K[0, 2]) / focal, (v - K[1, 2]) / focal, np.ones(u.shape)], axis=-1).reshape(-1, 3)
        d, o = rays @ T_base_camera[:3, :3].T, T_base_camera[:3, 3]
        best = np.full(len(d), np.inf)
        ids = np.zeros(len(d), np.int32)
        shade = np.zeros((len(d), 3))
        with np.errstate(divide='ignore', invalid='ignore'):
            self._background(o, d, best, shade)
            for i, solid in enumerate(self.solids):
                t, normal_z = _hit(solid, o, d)
                front = t < best
                best[front], ids[front] = t[front], i + 1
                shade[front] = _paint(solid, o + t[front, None] * d[front], normal_z[front])
        depth = np.where(np.isfinite(best), best, np.nan).astype(np.float32).reshape(height, width)
        grain = np.random.default_rng(0).normal(0.0, 3.0, (height, width, 1))
        rgb = np.clip(shade.reshape(height, width, 3) + grain, 0, 255).astype(np.uint8)
        return View(depth, rgb, ids.reshape(height, width), K, T_base_camera)

    def _background(self, o: np.ndarray, d: np.ndarray, best: np.ndarray, shade: np.ndarray) -> None:
        x0, x1, y0, y1 = self.table
        for z, box, color in ((0.0, self.table, self.color), (self.floor_z, (-9, 9, -9, 9), (90, 95, 105))):
            t = (z - o[2]) / d[:, 2]
            x, y = o[0] + t * d[:, 0], o[1] + t * d[:, 1]
            hit = (t > 0) & (t < best) & (x > box[0]) & (x < box[1]) & (y > box[2]) & (y < box[3])
            best[hit] = t[hit]
            shade[hit] = np.array(color) + 8.0 * np.sin(60.0 * y[hit] + 4.0 * np.sin(9.0 * x[hit]))[:, None]
        # the rim of the table
        t, _ = _hit(Solid('box', (x0 + x1) / 2, (y0 + y1) / 2, (x1 - x0, y1 - y0, 0.03), z=-0.0301), o, d)
        hit = t < best
        best[hit], shade[hit] = t[hit], np.array(self.color) * 0.6
        if self.wall_x is not None:
            t = (self.wall_x - o[0]) / d[:, 0]
            hit = (t > 0) & (t < best)
            best[hit], shade[hit] = t[hit], (200, 200, 190)


def _hit(solid: Solid, o: np.ndarray, d: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Distance along each ray (n,), inf for a miss, and how much the surface there faces up (n,)."""
    c, s = np.cos(solid.yaw), np.sin(solid.yaw)
    R = np.array([[c, s, 0.0], [-s, c, 0.0], [0.0, 0.0, 1.0]])
    p, e = R @ (o - np.array([solid.x, solid.y, solid.z])), d @ R.T
    length, width, height = solid.size
    if solid.kind == 'box':
        low = np.array([-length / 2, -width / 2, 0.0])
        high = np.array([length / 2, width / 2, height])
        a, b = (low - p) / e, (high - p) / e
        near, far = np.minimum(a, b), np.maximum(a, b)
        t = near.max(axis=1)
        hit = (t < far.min(axis=1)) & (t > 0)
        return np.where(hit, t, np.inf), (near.argmax(axis=1) == 2).astype(float)
    if solid.kind == 'sphere':
        p = p - np.array([0.0, 0.0, length / 2])
        a, b, c2 = (e * e).sum(1), e @ p, p @ p - (length / 2) ** 2
        root = b * b - a * c2
        t = (-b - np.sqrt(root)) / a
        t = np.where((root > 0) & (t > 0), t, np.inf)
        return t, np.where(np.isfinite(t), (p[2] + t * e[:, 2]) / (length / 2), 0.0)
    radius = length / 2
    t_best, facing = np.full(len(e), np.inf), np.zeros(len(e))
    shells = [(radius, -1)] if solid.kind == 'cylinder' else [(radius, -1), (radius - 0.004, 1)]
    for r, sign in shells:
        a, b, c2 = (e[:, :2] ** 2).sum(1), e[:, :2] @ p[:2], p[:2] @ p[:2] - r * r
        root = b * b - a * c2
        t = (-b + sign * np.sqrt(root)) / a
        z = p[2] + t * e[:, 2]
        hit = (root > 0) & (t > 0) & (z >= 0) & (z <= height) & (t < t_best)
        t_best[hit], facing[hit] = t[hit], 0.0
    inner = 0.0 if solid.kind == 'cylinder' else radius - 0.004
    for z, low in ((height, inner), (0.004, 0.0)):
        t = (z - p[2]) / e[:, 2]
        r = np.hypot(p[0] + t * e[:, 0], p[1] + t * e[:, 1])
        hit = (t > 0) & (r <= radius) & (r >= low) & (t < t_best)
        t_best[hit], facing[hit] = t[hit], 1.0
    return t_best, facing


def _paint(solid: Solid, points: np.ndarray, facing_up: np.ndarray) -> np.ndarray:
    """Colours (n, 3) of surface points: lit from above, with a band if it has one."""
    color = np.tile(np.array(solid.color, float), (len(points), 1))
    if solid.stripe is not None:
        z = (points[:, 2] - solid.z) / solid.size[2]
        color[(z > 0.33) & (z < 0.66)] = solid.stripe
    return color * (0.65 + 0.35 * np.clip(facing_up, 0.0, 1.0))[:, None]


def look_at(eye: tuple[float, float, float], target: tuple[float, float, float]) -> np.ndarray:
    """Return T_base_camera (4, 4) of an upright camera at `eye` looking at `target` [m]."""
    forward = np.subtract(target, eye).astype(float)
    forward /= np.linalg.norm(forward)
    right = np.cross(forward, [0.0, 0.0, 1.0])
    right = right / np.linalg.norm(right) if np.linalg.norm(right) > 1e-6 else np.array([0.0, -1.0, 0.0])
    T = np.eye(4)
    T[:3, :3] = np.stack([right, np.cross(forward, right), forward], axis=1)
    T[:3, 3] = eye
    return T


def depth_noise(depth_m: np.ndarray, rng: np.random.Generator, scale: float = 1.0) -> np.ndarray:
    """Return depth as a stereo camera would give it.

    White noise and a smooth bend growing with the square of the range, quantised to a millimetre, no
    reading and mixtures along edges and at grazing surfaces, and a few holes.
    """
    import cv2

    z = depth_m.astype(np.float64)
    soft = cv2.GaussianBlur(rng.normal(0.0, 1.0, z.shape), (0, 0), 12.0) * 12.0 * 3.5
    noisy = z + scale * (rng.normal(0.0, 0.0012, z.shape) + 0.0007 * soft) * z**2
    filled = np.nan_to_num(z, nan=9.0).astype(np.float32)
    kernel = np.ones((3, 3), np.uint8)
    near, far = cv2.erode(filled, kernel), cv2.dilate(filled, kernel)
    edge = far - near > 0.02
    dice = rng.random(z.shape)
    mixed = edge & (dice < 0.25 * scale)
    noisy[mixed] = (near + (far - near) * rng.random(z.shape))[mixed]
    noisy[edge & (dice > 1.0 - 0.35 * scale)] = np.nan
    grazing = (far - near > 0.012 * z) & ~edge
    noisy[grazing & (rng.random(z.shape) < 0.3 * scale)] = np.nan
    if scale > 0:
        holes = cv2.GaussianBlur(rng.random(z.shape), (0, 0), 3.0)
        noisy[holes < np.quantile(holes, 0.004 * scale)] = np.nan
        noisy = np.round(noisy, 3)
    return noisy.astype(np.float32)


def footprint(solid: Solid, samples: int = 48) -> np.ndarray:
    """Outline (n, 2) of a solid seen from above [m]."""
    length, width, _ = solid.size
    if solid.kind == 'box':
        side = np.linspace(-0.5, 0.5, samples // 4, endpoint=False)
        edge = np.full_like(side, 0.5)
        local = np.concatenate([np.c_[side, -edge], np.c_[edge, side], np.c_[-side, edge], np.c_[-edge, -side]])
        local = local * [length, width]
    else:
        a = np.linspace(0, 2 * np.pi, samples, endpoint=False)
        local = length / 2 * np.c_[np.cos(a), np.sin(a)]
    c, s = np.cos(solid.yaw), np.sin(solid.yaw)
    return local @ np.array([[c, s], [-s, c]]) + [solid.x, solid.y]


def _apart(a: Solid, b: Solid) -> float:
    """Distance between two footprints [m], negative when they overlap."""
    import cv2

    worst = np.inf
    for one, two in ((a, b), (b, a)):
        outline = footprint(two).astype(np.float32)
        worst = min(worst, min(-cv2.pointPolygonTest(outline, (float(x), float(y)), True) for x, y in footprint(one)))
    return worst


def random_clutter(rng: np.random.Generator, count: int, touching: int = 0, gap_m: float = 0.02) -> tuple[Solid, ...]:
    """Return `count` objects in x 0.35..0.70, y -0.30..0.30.

    Args:
        rng: Source of chance.
        count: How many objects.
        touching: So many of them stand against another one (1 mm apart); all others keep `gap_m`.
        gap_m: [m].
    """
    solids: list[Solid] = []
    tries = 0
    while len(solids) < count and tries < 2000:
        tries += 1
        kind = str(rng.choice(['box', 'box', 'cylinder', 'cup', 'sphere']))
        if kind == 'box':
            size = (rng.uniform(0.04, 0.16), rng.uniform(0.025, 0.09), rng.uniform(0.025, 0.18))
        elif kind == 'sphere':
            size = (rng.uniform(0.04, 0.08),) * 3
        else:
            diameter = rng.uniform(0.07, 0.1) if kind == 'cup' else rng.uniform(0.03, 0.09)
            size = (diameter, diameter, rng.uniform(0.04, 0.14))
        color, stripe = (tuple(int(x) for x in rng.integers(20, 240, 3)) for _ in range(2))
        solid = Solid(
            kind,
            rng.uniform(0.35, 0.70),
            rng.uniform(-0.30, 0.30),
            tuple(float(x) for x in size),
            float(rng.uniform(-np.pi, np.pi)),
            0.0,
            color,
            stripe if rng.random() < 0.5 else None,
        )
        if solids and count - len(solids) <= touching:
            solid = _slide(solid, solids[rng.integers(len(solids))], rng)
            if any(_apart(solid, other) < 0.0005 for other in solids):
                continue
        elif any(_apart(solid, other) < gap_m for other in solids):
            continue
        solids.append(solid)
    return tuple(solids)


def _slide(solid: Solid, against: Solid, rng: np.random.Generator) -> Solid:
    """Move a solid along a line until it stands 1 mm from another one."""
    angle = rng.uniform(-np.pi, np.pi)

    def at(distance: float) -> Solid:
        return Solid(
            solid.kind,
            against.x + distance * np.cos(angle),
            against.y + distance * np.sin(angle),
            solid.size,
            solid.yaw,
            0.0,
            solid.color,
            solid.stripe,
        )

    low, high = 0.0, 0.4
    for _ in range(12):
        middle = 0.5 * (low + high)
        low, high = (low, middle) if _apart(at(middle), against) > 0.001 else (middle, high)
    return at(high)
