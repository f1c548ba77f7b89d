"""The shapes of a robot's links, and where they are for given joint positions."""

from collections.abc import Mapping
from xml.etree import ElementTree

import coal
import numpy as np
import pinocchio as pin

from mt3_common import se3
from mt3_common.errors import InvalidInput, MT3Error, StatusCode
from mt3_common.meshes import with_absolute_meshes
from mt3_perception.robot.polytopes import DIRECTIONS, Polytope

__all__ = ['RobotShapes']


class RobotShapes:
    """The collision shapes of all links of a URDF, each as a convex polytope.

    Attributes:
        links: Link of each shape.
        joints: Joints whose positions must be known: all that move and do not follow another one.
    """

    def __init__(self, urdf: str, base_frame: str, without: tuple[str, ...] = ()) -> None:
        """Read the shapes.

        Args:
            urdf: Robot description.
            base_frame: Link of it in whose frame the camera pose is given.
            without: Links that stay in the picture.

        Raises:
            InvalidInput: No valid URDF, a mesh that cannot be found, or no such link.
        """
        root = with_absolute_meshes(urdf)
        xml = ElementTree.tostring(root, encoding='unicode')
        try:
            self._model = pin.buildModelFromXML(xml)
            geometry = pin.buildGeomFromUrdfString(self._model, xml, pin.GeometryType.COLLISION)
        except (ValueError, RuntimeError) as error:  # what Pinocchio makes of a bad URDF
            raise InvalidInput(f'the robot description cannot be used: {error}') from error
        if not self._model.existFrame(base_frame):
            raise InvalidInput(f'base_frame {base_frame!r} is not a link of the robot description')
        self._base = self._model.getFrameId(base_frame)
        self._mimics = _mimics(root)
        self.joints = tuple(name for name in list(self._model.names)[1:] if name not in self._mimics)
        self.links: tuple[str, ...] = ()
        self._shapes: list[tuple[int, np.ndarray, Polytope]] = []
        for shape in geometry.geometryObjects:
            link = self._model.frames[shape.parentFrame].name
            if link in without:
                continue
            self.links += (link,)
            self._shapes.append((shape.parentJoint, shape.placement.homogeneous, _polytope(shape.geometry, link)))
        self._data = self._model.createData()

    def place(self, positions: Mapping[str, float], T_camera_base: np.ndarray) -> list[tuple[Polytope, np.ndarray]]:
        """Return each shape with its T_camera_body (4, 4) [m].

        Args:
            positions: Of at least `joints` [rad or m].
            T_camera_base: (4, 4) [m].

        Raises:
            MT3Error: NO_DATA, the position of a joint is unknown.
        """
        q = pin.neutral(self._model)
        for name in list(self._model.names)[1:]:
            joint = self._model.joints[self._model.getJointId(name)]
            value = self._position(name, positions)
            q[joint.idx_q : joint.idx_q + joint.nq] = [value] if joint.nq == 1 else [np.cos(value), np.sin(value)]
        pin.framesForwardKinematics(self._model, self._data, q)
        T_camera_root = T_camera_base @ se3.inverse(self._data.oMf[self._base].homogeneous)
        return [
            (polytope, T_camera_root @ self._data.oMi[joint].homogeneous @ T_joint_shape)
            for joint, T_joint_shape, polytope in self._shapes
        ]

    def _position(self, name: str, positions: Mapping[str, float]) -> float:
        if name in positions:
            return positions[name]
        if name in self._mimics:
            source, factor, offset = self._mimics[name]
            return factor * self._position(source, positions) + offset
        raise MT3Error(
            f'the joint states do not name {name}, a joint of the robot description; they name '
            f'{", ".join(sorted(positions)) or "nothing"}',
            StatusCode.NO_DATA,
        )


def _mimics(root: ElementTree.Element) -> dict[str, tuple[str, float, float]]:
    """Joints that follow another one: name -> (source, factor, offset)."""
    found = {}
    for joint in root.findall('joint'):
        mimic = joint.find('mimic')
        if mimic is not None:
            factor, offset = float(mimic.get('multiplier', '1')), float(mimic.get('offset', '0'))
            found[joint.get('name', '')] = (mimic.get('joint', ''), factor, offset)
    return found


def _polytope(shape: coal.CollisionGeometry, link: str) -> Polytope:
    """Bound a shape by planes."""
    d = DIRECTIONS
    if isinstance(shape, coal.BVHModelBase):
        return Polytope((np.asarray(shape.vertices()) @ d.T).max(axis=0))
    if isinstance(shape, coal.Box):
        return Polytope(np.abs(d) @ np.asarray(shape.halfSide).ravel())
    if isinstance(shape, coal.Sphere):
        return Polytope(np.full(len(d), shape.radius))
    if isinstance(shape, coal.Cylinder):
        return Polytope(shape.radius * np.hypot(d[:, 0], d[:, 1]) + shape.halfLength * np.abs(d[:, 2]))
    if isinstance(shape, coal.Capsule):
        return Polytope(shape.radius + shape.halfLength * np.abs(d[:, 2]))
    raise InvalidInput(f'link {link} of the robot description has a {type(shape).__name__}, which nobody here reads')
