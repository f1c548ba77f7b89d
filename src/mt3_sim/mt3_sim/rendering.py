"""Pictures of the cell: colour and depth in one pass, segmentation, and a nicer view for videos.

OpenGL contexts belong to one thread: a `Renderer` is created, used and closed in the same one, and `RenderThread`
owns such a thread for everybody else. EGL draws without a display, unless MUJOCO_GL says otherwise.
"""

import importlib
import os
import queue
import threading
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Any

import mujoco
import numpy as np

from mt3_common.errors import MT3Error, StatusCode
from mt3_sim import stage
from mt3_sim.scene_spec import CameraSpec
from mt3_sim.world import Snapshot

__all__ = ['Picture', 'RenderThread', 'Renderer', 'intrinsics']

_FAR = 6.0  # what is farther away gives no depth [m]


@dataclass(frozen=True, eq=False)
class Picture:
    """One frame of the depth camera, without noise.

    Attributes:
        rgb: (H, W, 3) uint8.
        depth_m: (H, W) float32, NaN beyond the range [m].
        time: Of the physics [s].
        camera: What took it.
    """

    rgb: np.ndarray
    depth_m: np.ndarray
    time: float
    camera: CameraSpec


def intrinsics(camera: CameraSpec) -> np.ndarray:
    """Return K (3, 3) [pixel], pixel centres at whole numbers."""
    cx, cy = 0.5 * (camera.width - 1), 0.5 * (camera.height - 1)
    return np.array([[camera.focal, 0.0, cx], [0.0, camera.focal, cy], [0.0, 0.0, 1.0]])


class Renderer:
    """Draws snapshots. Use it in the thread that made it."""

    def __init__(self) -> None:
        self._gl: Any = None
        self._context: mujoco.MjrContext | None = None
        self._model: mujoco.MjModel | None = None
        self._option = mujoco.MjvOption()
        self._option.geomgroup[:] = (1, 1, 1, 0, 0, 0)

    def picture(self, snapshot: Snapshot) -> Picture:
        """Return colour and depth of the depth camera, from one pass without shadows."""
        camera = snapshot.camera
        self._prepare(snapshot)
        rgb, raw = self._draw(stage.CAMERA, camera.width, camera.height, shadows=False, depth=True)
        return Picture(rgb, self._metres(raw), snapshot.time, camera)

    def segmentation(self, snapshot: Snapshot) -> tuple[np.ndarray, dict[str, int]]:
        """Return the body per pixel (H, W) int32 (0: the world), and the ids by name. For tests and experts only."""
        camera = snapshot.camera
        self._prepare(snapshot)
        flags = self._scene.flags
        flags[mujoco.mjtRndFlag.mjRND_SEGMENT], flags[mujoco.mjtRndFlag.mjRND_IDCOLOR] = 1, 1
        try:
            rgb, _ = self._draw(stage.CAMERA, camera.width, camera.height, shadows=False, depth=False)
        finally:
            flags[mujoco.mjtRndFlag.mjRND_SEGMENT], flags[mujoco.mjtRndFlag.mjRND_IDCOLOR] = 0, 0
        drawn = rgb.astype(np.int32) @ np.array([1, 256, 65536]) - 1
        geoms = self._scene.geoms[: self._scene.ngeom]
        body = np.zeros(self._scene.ngeom + 1, dtype=np.int32)  # the last entry serves the background, -1
        for geom in geoms:
            if geom.segid >= 0 and geom.objtype == mujoco.mjtObj.mjOBJ_GEOM:
                body[geom.segid] = self._model.geom_bodyid[geom.objid]
        names = {self._model.body(i).name: i for i in range(1, self._model.nbody)}
        return body[np.where(drawn < self._scene.ngeom, drawn, -1)], names

    def spectator(self, snapshot: Snapshot, width: int = 640, height: int = 480, shadows: bool = True) -> np.ndarray:
        """Return the cell as a visitor sees it (height, width, 3) uint8."""
        self._prepare(snapshot)
        limit = self._model.vis.global_
        if width > limit.offwidth or height > limit.offheight:
            raise MT3Error(
                f'spectator pictures of {width} x {height} are too large; at most {limit.offwidth} x {limit.offheight}',
                StatusCode.INVALID_INPUT,
            )
        return self._draw(stage.SPECTATOR, width, height, shadows=shadows, depth=False)[0]

    def close(self) -> None:
        """Free the graphics memory."""
        if self._context is not None:
            self._context.free()
            self._context = None
        if self._gl is not None:
            self._gl.free()
            self._gl = None
        self._model = None

    def _prepare(self, snapshot: Snapshot) -> None:
        if self._model is not snapshot.model:
            self._load(snapshot.model)
        self._data.qpos[:] = snapshot.qpos
        mujoco.mj_kinematics(self._model, self._data)
        mujoco.mj_comPos(self._model, self._data)
        mujoco.mj_camlight(self._model, self._data)

    def _load(self, model: mujoco.MjModel) -> None:
        size = model.vis.global_
        if self._gl is None:
            self._gl = _graphics(size.offwidth, size.offheight)
            self._gl.make_current()
        if self._context is not None:
            self._context.free()
        self._context = mujoco.MjrContext(model, mujoco.mjtFontScale.mjFONTSCALE_100)
        self._context.readDepthMap = mujoco.mjtDepthMap.mjDEPTH_ZEROFAR
        mujoco.mjr_setBuffer(mujoco.mjtFramebuffer.mjFB_OFFSCREEN, self._context)
        self._model, self._data = model, mujoco.MjData(model)
        self._scene = mujoco.MjvScene(model, maxgeom=2000)
        self._view = mujoco.MjvCamera()
        self._view.type = mujoco.mjtCamera.mjCAMERA_FIXED

    def _draw(
        self, camera: str, width: int, height: int, shadows: bool, depth: bool
    ) -> tuple[np.ndarray, np.ndarray | None]:
        """Return colour (H, W, 3) uint8 and raw depth (H, W) float32, the first row on top."""
        self._view.fixedcamid = self._model.camera(camera).id
        self._scene.flags[mujoco.mjtRndFlag.mjRND_SHADOW] = shadows
        self._scene.flags[mujoco.mjtRndFlag.mjRND_REFLECTION] = 0
        everything = mujoco.mjtCatBit.mjCAT_ALL.value
        mujoco.mjv_updateScene(self._model, self._data, self._option, None, self._view, everything, self._scene)
        viewport = mujoco.MjrRect(0, 0, width, height)
        mujoco.mjr_render(viewport, self._scene, self._context)
        rgb = np.empty((height, width, 3), dtype=np.uint8)
        raw = np.empty((height, width), dtype=np.float32) if depth else None
        mujoco.mjr_readPixels(rgb, raw, viewport, self._context)
        return np.ascontiguousarray(rgb[::-1]), None if raw is None else raw[::-1]

    def _metres(self, raw: np.ndarray) -> np.ndarray:
        """Return depth along the optical axis [m] from the reversed depth buffer: 1 near, 0 far."""
        extent = self._model.stat.extent
        near, far = self._model.vis.map.znear * extent, self._model.vis.map.zfar * extent
        depth = np.float32(near * far) / (np.float32(near) + raw * np.float32(far - near))
        depth[depth > _FAR] = np.nan
        return depth


def _graphics(width: int, height: int) -> Any:
    """Return an OpenGL context without a window.

    `mujoco.GLContext` would be what MUJOCO_GL said when mujoco was imported first, by whomever; a window's by default.
    """
    backend = os.environ.get('MUJOCO_GL') or 'egl'
    try:
        return importlib.import_module(f'mujoco.{backend}').GLContext(width, height)
    except (AttributeError, ImportError, RuntimeError) as error:
        raise MT3Error(
            f'cannot draw with MUJOCO_GL={backend}: {error}; install libegl1 and libgl1, '
            'or set MUJOCO_GL=osmesa with libosmesa6',
            StatusCode.HARDWARE,
        ) from error


class RenderThread:
    """One thread with one renderer. Jobs are done in order; pictures never block the physics."""

    def __init__(self) -> None:
        self._jobs: queue.SimpleQueue = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._work, name='rendering', daemon=True)
        self._thread.start()

    def submit(self, job: Callable[[Renderer], Any]) -> Future:
        """Do `job(renderer)` in the thread; the future carries what it returns or raises."""
        future: Future = Future()
        self._jobs.put((job, future))
        return future

    def close(self) -> None:
        """Finish what was submitted, then end the thread."""
        self._jobs.put(None)
        self._thread.join()

    def _work(self) -> None:
        renderer = Renderer()
        while (item := self._jobs.get()) is not None:
            job, future = item
            if not future.set_running_or_notify_cancel():
                continue
            try:
                future.set_result(job(renderer))
            except Exception as error:  # whoever asked gets it
                future.set_exception(error)
        renderer.close()
