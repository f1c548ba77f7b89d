"""Pairs from the simulated cell: its task families, its camera and noise, masks as perception finds them.

The demonstration shows the taught instance in a scene that a teacher would choose; live it, or another of its kind,
stands anywhere, as in `./mt3 demo`. They keep the confidence honest about the objects that the demo uses.
"""

import numpy as np
from alignment_scenes import Pair, Picture
from alignment_shapes import Instance

from mt3_common import se3
from mt3_perception.config import PerceptionConfig
from mt3_perception.observer import Frame, Observer
from mt3_sim import families
from mt3_sim.cell import Cell
from mt3_sim.depth_noise import add_noise
from mt3_sim.rendering import Renderer, intrinsics
from mt3_sim.world import World

__all__ = ['FAMILIES', 'CellCamera']

FAMILIES = tuple(name for name in families.names() if name != 'pick_mug_handle')  # the same mugs as pick_mug
_FIRST_SEED = 700_000  # far from those of demos and other benchmarks


class CellCamera:
    """Takes the pairs; one for all of them."""

    def __init__(self) -> None:
        self._cell, self._renderer = Cell(World()), Renderer()

    def pair(self, family: str, novel: bool, seed: int) -> Pair | None:
        """Return one pair, None when perception does not find the object."""
        number = _FIRST_SEED + 10 * seed + novel
        live_scene = families.set_up(family, number, 'novel' if novel else 'taught', number)
        demo = self._shoot(families.set_up(family, families.teaching_seed(family, seed % 8)), number)
        live = self._shoot(live_scene, number + 5)
        return Pair(family, demo, live, False, False) if demo and live else None

    def _shoot(self, scene: families.TaskScene, seed: int) -> Picture | None:
        self._cell.reset(scene.spec)
        snapshot = self._cell.snapshot()
        picture, camera = self._renderer.picture(snapshot), snapshot.camera
        millimetres = add_noise(picture.depth_m, camera.focal, np.random.default_rng(seed), camera.noise)
        depth = np.where(millimetres > 0, millimetres / 1000.0, np.nan).astype(np.float32)
        bodies, names = self._renderer.segmentation(snapshot)
        target = scene.target
        true = np.isin(bodies, [i for name, i in names.items() if name == target or name.startswith(f'{target}/')])
        frame = Frame(picture.time, 'camera', picture.rgb, depth, intrinsics(camera))
        found = Observer(PerceptionConfig()).observe([frame], camera.T_base_camera).scene
        masks = [found.mask(item.id) for item in found.objects]
        mask = max(masks, key=lambda m: (m & true).sum() / (m | true).sum(), default=None)
        if mask is None or (mask & true).sum() < 0.5 * (mask | true).sum():
            return None
        T_base_object = self._cell.world.body_pose(target)
        model = scene.model(target)
        top = np.array([[[0.0, 0.0, 2.0 * max(0.02, _middle(depth, mask, camera))]] * 3])
        instance = Instance(scene.family, top, model.symmetry.order, np.zeros((1, 3)))
        return Picture(depth, picture.rgb, mask, camera.T_base_camera, T_base_object, instance, intrinsics(camera))


def _middle(depth, mask, camera) -> float:
    """Return the median height of what is seen of the object over the table [m]."""
    v, u = np.nonzero(mask & np.isfinite(depth))
    K, z = intrinsics(camera), depth[v, u]
    points = np.stack([(u - K[0, 2]) * z / K[0, 0], (v - K[1, 2]) * z / K[1, 1], z], axis=1)
    return float(np.median(se3.transform_points(camera.T_base_camera, points)[:, 2]))
