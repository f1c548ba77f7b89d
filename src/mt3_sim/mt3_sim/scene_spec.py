"""What stands in the cell: the border between the physics (`world`) and the objects and tasks.

Grasps hold in MuJoCo only with elliptic friction cones and `impratio` 10 (`mjCONE_ELLIPTIC`; with the default
pyramidal cone and `impratio` 1 round things creep out of the fingers: 0 of 12 mugs were lifted), 2 ms steps, fingers
that close at no more than about 0.1 m/s, and a held thing that is being squeezed from the first step on.
What is seen is in geom groups 0 to 2, what only collides is in group 3.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

import mujoco
import numpy as np

__all__ = ['CameraSpec', 'ObjectModel', 'Placement', 'SceneSpec']


class ObjectModel(Protocol):
    """A thing that can be put into the cell. Its frame sits on its support: z = 0 is its underside."""

    category: str
    links: Sequence[Any]
    """Moving parts of furniture: each has a `name` and a joint position `start`."""

    def add_to(self, spec: mujoco.MjSpec, name: str, T_base_object: np.ndarray) -> None:
        """Add one body called `name` at T_base_object (4, 4) with its geoms and joints.

        Movable things get a free joint; furniture (a drawer's cabinet, a button's housing) is fixed to the
        world and has its own joints, named `<name>/<joint>`. Collision geoms are analytic primitives.
        """


@dataclass(frozen=True, eq=False)
class Placement:
    """One object in the cell.

    Attributes:
        name: Unique body name.
        model: What it is.
        T_base_object: (4, 4) initial pose [m].
        held: Starts between the closed fingers, T_base_object being ignored.
        T_tcp_object: (4, 4) pose in the hand when held [m].
        gripper_position: Finger joint position that holds it [m].
    """

    name: str
    model: ObjectModel
    T_base_object: np.ndarray
    held: bool = False
    T_tcp_object: np.ndarray | None = None
    gripper_position: float = 0.04


@dataclass(frozen=True, eq=False)
class CameraSpec:
    """The depth camera.

    Attributes:
        T_base_camera: (4, 4) optical frame: x right, y down, z forward [m].
        width, height: Image size [pixel].
        focal: Focal length [pixel].
        noise: Scale of the depth noise model; 0 is a perfect camera.
    """

    T_base_camera: np.ndarray
    width: int = 640
    height: int = 480
    focal: float = 600.0
    noise: float = 1.0


@dataclass(frozen=True, eq=False)
class SceneSpec:
    """Everything that a reset of the cell needs.

    Attributes:
        placements: The objects.
        camera: None keeps the cell's default camera.
        table_height: Height of the table top, base frame z [m].
        friction: Scale of every sliding friction, that of the fingers included.
        seed: Of the depth noise.
    """

    placements: tuple[Placement, ...] = field(default_factory=tuple)
    camera: CameraSpec | None = None
    table_height: float = 0.0
    friction: float = 1.0
    seed: int = 0
