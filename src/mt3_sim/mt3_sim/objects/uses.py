"""What can be done with an object: where to grip it, what it can carry, how it can be pushed."""

from dataclasses import dataclass
from typing import Literal

import numpy as np

from mt3_common import se3
from mt3_sim.experts.waypoint import top_down

__all__ = ['Grip', 'Rest', 'Uses']


@dataclass(frozen=True)
class Grip:
    """A grasp from above.

    Attributes:
        part: What is gripped, as a person would say it ('rim', 'handle'); empty for the thing as a whole.
        x, y, z: Of the tool centre point, object frame [m].
        closing_yaw: Direction in which the fingers close, about the object's z [rad].
        width: Of what is between the fingers [m].
    """

    part: str
    x: float
    y: float
    z: float
    closing_yaw: float
    width: float

    @property
    def T_object_tcp(self) -> np.ndarray:
        """Pose (4, 4) of the tool when it grips [m]."""
        return top_down(self.x, self.y, self.z, self.closing_yaw)

    @property
    def T_tcp_object(self) -> np.ndarray:
        """Pose (4, 4) of the object in the hand [m]."""
        return se3.inverse(self.T_object_tcp)


@dataclass(frozen=True)
class Rest:
    """Where other things can be put.

    Attributes:
        kind: On a surface, or in a hollow with a wall around it.
        x, y, z: Middle of the surface or of the hollow's floor, object frame [m].
        radius: Of the largest upright cylinder that finds room there [m].
        depth: Of the hollow, from its rim to its floor; 0 on a surface [m].
    """

    kind: Literal['on', 'in']
    x: float
    y: float
    z: float
    radius: float
    depth: float = 0.0


@dataclass(frozen=True)
class Uses:
    """What can be done with an object.

    Attributes:
        grips: The first is how it is held when it is to be put somewhere.
        rests: Places to put things.
        push_from: x of the flat rear face that it can be pushed by towards +x, object frame [m]; None: it cannot be.
        upright: It can be held and set down again where it then stands by itself.
    """

    grips: tuple[Grip, ...] = ()
    rests: tuple[Rest, ...] = ()
    push_from: float | None = None
    upright: bool = True

    def grip(self, part: str) -> Grip:
        """Return the grip of this part."""
        return next(g for g in self.grips if g.part == part)

    def rest(self, kind: str) -> Rest | None:
        """Return the place of this kind, None without."""
        return next((r for r in self.rests if r.kind == kind), None)
