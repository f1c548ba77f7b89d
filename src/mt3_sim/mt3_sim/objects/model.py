"""One parametric object: parts on a root body, and links that slide on it.

Conventions for whoever renders or simulates them: what is seen is in geom group 2, what only collides is in group 3
(MuJoCo draws groups 0 to 2 by default). A primitive that does both is one geom in group 2. Collision shapes are
primitives; hollow things are rings of them, since MuJoCo collides a mesh as its convex hull.
"""

from dataclasses import dataclass, field
from typing import Any, Literal

import mujoco
import numpy as np
import trimesh

from mt3_common import se3
from mt3_sim.objects.parts import Part
from mt3_sim.objects.uses import Uses

__all__ = ['Link', 'ParametricObject', 'Symmetry']

VISUAL_GROUP, COLLISION_GROUP = 2, 3


@dataclass(frozen=True)
class Symmetry:
    """Turns about the object's z axis that leave its shape as it is.

    Attributes:
        kind: 'none', 'n_fold' or 'continuous'.
        order: Number of equal turns in a full circle; 1 without symmetry, 0 when continuous.
    """

    kind: Literal['none', 'n_fold', 'continuous'] = 'none'
    order: int = 1

    def yaw_error(self, yaw: float) -> float:
        """Return the smallest |yaw| [rad] that is left after the best symmetric turn."""
        if self.kind == 'continuous':
            return 0.0
        period = 2.0 * np.pi / self.order
        return float(abs((yaw + period / 2.0) % period - period / 2.0))


@dataclass(frozen=True, eq=False)
class Link:
    """A part of the furniture that slides along an axis or turns about one.

    Attributes:
        name: Of the joint; in the cell both body and joint are called `<object>/<name>`.
        axis: (3,) direction of positive motion, object frame.
        travel: Range of the joint from 0 [m, or rad when it turns].
        damping: [N s/m, or N m s].
        friction: Dry friction [N, or N m].
        stiffness: Of the spring that pulls back to 0 [N/m, or N m].
        parts: Its shape at joint position 0, object frame.
        pivot: (3,) a point of the axis it turns about, object frame [m]; None slides.
        start: Joint position at the start [m or rad].
    """

    name: str
    axis: tuple[float, float, float]
    travel: float
    damping: float
    friction: float
    stiffness: float
    parts: tuple[Part, ...]
    pivot: tuple[float, float, float] | None = None
    start: float = 0.0


@dataclass(frozen=True, eq=False)
class ParametricObject:
    """A thing that can be put into the cell; its frame is centred on its underside, z up.

    Attributes:
        category: Name of the category.
        parameters: The dataclass of dimensions that it was built from [m].
        parts: Shape of the root body, object frame.
        links: Sliding links, none for a rigid object.
        movable: Free to move; otherwise fixed to the table.
        symmetry: About z.
        slippery: Its friction wins against that of what it touches (for things that are pushed).
        contact_s: Time constant of its contacts, if it is slippery: what arrives with speed v goes v * contact_s / e
            deep into what it meets; never less than two ticks [s].
        uses: What can be done with it.
    """

    category: str
    parameters: Any
    parts: tuple[Part, ...]
    links: tuple[Link, ...] = ()
    movable: bool = True
    symmetry: Symmetry = field(default_factory=Symmetry)
    slippery: bool = False
    contact_s: float = 0.02
    uses: Uses = field(default_factory=Uses)

    def add_to(self, spec: mujoco.MjSpec, name: str, T_base_object: np.ndarray) -> None:
        """Add one body called `name` at T_base_object (4, 4), with its geoms, joints and links."""
        body = spec.worldbody.add_body(name=name, pos=T_base_object[:3, 3], quat=_wxyz(T_base_object))
        if self.movable:
            body.add_freejoint(name=f'{name}/free')
        self._add_parts(spec, body, name, self.parts)
        for link in self.links:
            child = body.add_body(name=f'{name}/{link.name}')
            joint = child.add_joint(
                name=f'{name}/{link.name}',
                type=mujoco.mjtJoint.mjJNT_SLIDE if link.pivot is None else mujoco.mjtJoint.mjJNT_HINGE,
                axis=link.axis,
                pos=link.pivot or (0.0, 0.0, 0.0),
                range=[0.0, link.travel],
                limited=mujoco.mjtLimited.mjLIMITED_TRUE,
                frictionloss=link.friction,
                armature=0.02,
                # stiff dry friction: with MuJoCo's default a latched button would creep back
                solref_friction=[0.004, 1.0],
                solimp_friction=[0.999, 0.9999, 0.001, 0.5, 2.0],
            )
            joint.damping = _vector_like(joint.damping, link.damping)
            joint.stiffness = _vector_like(joint.stiffness, link.stiffness)
            self._add_parts(spec, child, f'{name}/{link.name}', link.parts)
            # a body fixed to the world does not get MuJoCo's usual parent-child exclusion
            spec.add_exclude(bodyname1=name, bodyname2=f'{name}/{link.name}')

    def _add_parts(self, spec: mujoco.MjSpec, body: Any, name: str, parts: tuple[Part, ...]) -> None:
        for index, part in enumerate(parts):
            geom = body.add_geom(
                name=f'{name}#{index}',
                pos=part.T_object_part[:3, 3],
                quat=_wxyz(part.T_object_part),
                rgba=(*part.color, 1.0),
                group=VISUAL_GROUP if part.visible else COLLISION_GROUP,
                contype=int(part.collides),
                conaffinity=int(part.collides),
                condim=4,
                friction=[part.friction, 0.01, 0.0002],
                priority=int(self.slippery),
                solref=[self.contact_s, 1.0],
                mass=part.mass,
            )
            if part.shape == 'mesh':
                mesh = spec.add_mesh(
                    name=f'{name}#{index}',
                    uservert=np.asarray(part.mesh.vertices, dtype=np.float32).ravel(),
                    userface=np.asarray(part.mesh.faces, dtype=np.int32).ravel(),
                )
                mesh.inertia = mujoco.mjtMeshInertia.mjMESH_INERTIA_SHELL
                geom.type = mujoco.mjtGeom.mjGEOM_MESH
                geom.meshname = mesh.name
            else:
                geom.type = _GEOM_TYPES[part.shape]
                geom.size = (*part.size, 0.0, 0.0)[:3]

    def mesh(self) -> trimesh.Trimesh:
        """Return what is seen of it, links at 0, object frame [m]: watertight pieces in one mesh."""
        return trimesh.util.concatenate([part.trimesh() for part in self._all_parts() if part.visible])

    def collision_mesh(self) -> trimesh.Trimesh:
        """Return what others collide with, links at 0, object frame [m]."""
        return trimesh.util.concatenate([part.trimesh() for part in self._all_parts() if part.collides])

    def _all_parts(self) -> list[Part]:
        return [*self.parts, *(part for link in self.links for part in link.parts)]

    @property
    def mass(self) -> float:
        """Of everything [kg]."""
        return sum(part.mass for part in self._all_parts())

    @property
    def footprint_radius(self) -> float:
        """Radius of the upright cylinder around the origin that holds it, links at 0 [m]."""
        return float(np.linalg.norm(self.mesh().vertices[:, :2], axis=1).max())

    @property
    def height(self) -> float:
        """Of its highest point over its underside [m]."""
        return float(self.mesh().bounds[1, 2])


_GEOM_TYPES = {
    'box': mujoco.mjtGeom.mjGEOM_BOX,
    'cylinder': mujoco.mjtGeom.mjGEOM_CYLINDER,
    'capsule': mujoco.mjtGeom.mjGEOM_CAPSULE,
    'sphere': mujoco.mjtGeom.mjGEOM_SPHERE,
}


def _wxyz(T: np.ndarray) -> np.ndarray:
    return np.roll(se3.quaternion(T), 1)


def _vector_like(current: Any, value: float) -> Any:
    """Return `value` in the shape of the field: damping and stiffness became polynomials in MuJoCo 4."""
    return value if np.isscalar(current) else np.array([value, *([0.0] * (len(current) - 1))])
