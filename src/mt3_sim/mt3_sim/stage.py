"""The room around the arm: table, floor, backdrop, light, camera, and what makes contacts hold."""

import mujoco
import numpy as np

from mt3_common import se3
from mt3_sim.scene_spec import CameraSpec

__all__ = ['CAMERA', 'SPECTATOR', 'TABLE', 'default_camera', 'dress', 'look_at']

CAMERA, SPECTATOR, TABLE = 'camera', 'spectator', 'table'

_TABLE_X, _TABLE_Y, _TABLE_THICKNESS = (-0.30, 1.00), (-0.60, 0.60), 0.04  # [m], base frame
_FLOOR = -0.75  # [m], base frame z
_T_OPTICAL_GL = np.diag([1.0, -1.0, -1.0, 1.0])  # OpenGL cameras look along -z, y up


def look_at(eye: tuple[float, float, float], target: tuple[float, float, float]) -> np.ndarray:
    """Return T_base_camera (4, 4) of an optical frame at `eye` that looks at `target` [m], its x level."""
    eye, target = np.asarray(eye, dtype=float), np.asarray(target, dtype=float)
    z = (target - eye) / np.linalg.norm(target - eye)
    x = np.cross(z, [0.0, 0.0, 1.0])
    x /= np.linalg.norm(x)
    return se3.make(np.stack([x, np.cross(z, x), z], axis=1), eye)


def default_camera() -> CameraSpec:
    """Return the depth camera of the cell: across the table, looking down at the workspace and the robot."""
    return CameraSpec(look_at((1.15, 0.0, 0.75), (0.50, 0.0, 0.02)))


def dress(spec: mujoco.MjSpec, camera: CameraSpec, table_height: float, timestep: float) -> None:
    """Add everything but the robot and the objects to a specification.

    Args:
        spec: Holds the robot.
        camera: The depth camera.
        table_height: Of the table top, base frame z [m].
        timestep: Of the physics [s].
    """
    _set_physics(spec, timestep)
    _set_visuals(spec, camera)
    _add_materials(spec)
    world = spec.worldbody
    world.add_light(
        type=mujoco.mjtLightType.mjLIGHT_DIRECTIONAL,
        pos=[0.8, 0.5, 2.2],
        dir=[-0.15, -0.25, -1.0],
        castshadow=True,
        diffuse=[0.48, 0.47, 0.45],
        ambient=[0.0, 0.0, 0.0],
        specular=[0.15, 0.15, 0.15],
    )
    world.add_light(
        type=mujoco.mjtLightType.mjLIGHT_DIRECTIONAL,
        pos=[1.5, -1.5, 1.5],
        dir=[-0.7, 0.6, -0.5],
        castshadow=False,
        diffuse=[0.18, 0.20, 0.23],
        ambient=[0.0, 0.0, 0.0],
        specular=[0.05, 0.05, 0.05],
    )
    world.add_geom(
        name='floor', type=mujoco.mjtGeom.mjGEOM_PLANE, pos=[0, 0, _FLOOR], size=[12, 12, 0.1], material='floor'
    )
    for index, (position, size) in enumerate((([-1.6, 0, 0.75], [0.02, 12, 3.0]), ([0, 2.6, 0.75], [12, 0.02, 3.0]))):
        world.add_geom(
            name=f'backdrop_{index}',
            type=mujoco.mjtGeom.mjGEOM_BOX,
            pos=position,
            size=size,
            material='backdrop',
            contype=0,
            conaffinity=0,
        )
    _add_table(world, table_height)
    _add_cameras(world, camera)


def _set_physics(spec: mujoco.MjSpec, timestep: float) -> None:
    option = spec.option
    option.timestep = timestep
    option.integrator = mujoco.mjtIntegrator.mjINT_IMPLICITFAST
    # elliptic cones with stiff friction: a mug rim between two pads must not creep
    option.cone = mujoco.mjtCone.mjCONE_ELLIPTIC
    option.impratio = 10.0
    option.noslip_iterations = 3
    option.iterations = 50
    option.tolerance = 1e-8
    # what nobody touches lies still: half of the computer's time went into contacts between such things
    option.enableflags |= mujoco.mjtEnableBit.mjENBL_SLEEP


def _set_visuals(spec: mujoco.MjSpec, camera: CameraSpec) -> None:
    spec.visual.global_.offwidth = max(camera.width, 1280)
    spec.visual.global_.offheight = max(camera.height, 960)
    spec.visual.headlight.ambient = [0.36, 0.36, 0.37]
    spec.visual.headlight.diffuse = [0.10, 0.10, 0.10]
    spec.visual.headlight.specular = [0.05, 0.05, 0.05]
    spec.visual.map.znear = 0.02
    spec.visual.map.zfar = 8.0
    spec.visual.quality.offsamples = 0
    spec.visual.quality.shadowsize = 1024
    spec.visual.map.shadowclip = 1.2
    spec.stat.extent = 1.0
    spec.stat.center = [0.45, 0.0, 0.2]


def _add_materials(spec: mujoco.MjSpec) -> None:
    spec.add_texture(
        name='sky',
        type=mujoco.mjtTexture.mjTEXTURE_SKYBOX,
        builtin=mujoco.mjtBuiltin.mjBUILTIN_GRADIENT,
        rgb1=[0.93, 0.95, 0.97],
        rgb2=[0.78, 0.82, 0.87],
        width=64,
        height=384,
    )
    for name, rgba, shininess in (
        ('floor', (0.72, 0.73, 0.75, 1.0), 0.1),
        ('backdrop', (0.80, 0.83, 0.86, 1.0), 0.0),
        ('table_top', (0.80, 0.74, 0.66, 1.0), 0.2),
        ('table_leg', (0.45, 0.47, 0.50, 1.0), 0.3),
    ):
        material = spec.add_material(name=name, rgba=rgba)
        material.shininess = shininess
        material.specular = 0.2
        material.emission = 0.2 if name == 'backdrop' else 0.0


def _add_table(world: mujoco.MjsBody, height: float) -> None:
    table = world.add_body(name=TABLE)
    (x0, x1), (y0, y1) = _TABLE_X, _TABLE_Y
    table.add_geom(
        name='table_top',
        type=mujoco.mjtGeom.mjGEOM_BOX,
        pos=[0.5 * (x0 + x1), 0.5 * (y0 + y1), height - 0.5 * _TABLE_THICKNESS],
        size=[0.5 * (x1 - x0), 0.5 * (y1 - y0), 0.5 * _TABLE_THICKNESS],
        material='table_top',
        friction=[0.8, 0.01, 0.0002],
        condim=4,
        group=2,
    )
    leg = 0.5 * (height - _TABLE_THICKNESS - _FLOOR)
    for x in (x0 + 0.06, x1 - 0.06):
        for y in (y0 + 0.06, y1 - 0.06):
            table.add_geom(
                type=mujoco.mjtGeom.mjGEOM_BOX,
                pos=[x, y, _FLOOR + leg],
                size=[0.03, 0.03, leg],
                material='table_leg',
                contype=0,
                conaffinity=0,
                group=2,
            )


def _add_cameras(world: mujoco.MjsBody, camera: CameraSpec) -> None:
    views = {
        CAMERA: (camera.T_base_camera, 2.0 * np.arctan2(0.5 * camera.height, camera.focal)),
        SPECTATOR: (look_at((1.36, -0.88, 0.84), (0.36, 0.0, 0.27)), np.radians(45.0)),
    }
    for name, (T_base_camera, fovy) in views.items():
        T = T_base_camera @ _T_OPTICAL_GL
        added = world.add_camera(name=name, pos=T[:3, 3], quat=np.roll(se3.quaternion(T), 1))
        added.fovy = float(np.degrees(fovy))
