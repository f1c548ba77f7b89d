"""One concrete task: what stands where, what is asked for, and the judge's answer."""

from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np

from mt3_common.errors import InvalidInput
from mt3_common.robot import RobotConfig
from mt3_sim.experts.waypoint import Waypoint
from mt3_sim.objects import ParametricObject
from mt3_sim.objects.instances import Instance
from mt3_sim.scene_spec import Placement, SceneSpec

__all__ = ['PhysicsState', 'TaskScene', 'Verdict']


class PhysicsState(Protocol):
    """What a judge may ask; `mt3_sim.world.World` is one.

    Attributes:
        robot: The arm; its gripper's links are what may hold something.
    """

    robot: RobotConfig

    def body_pose(self, name: str) -> np.ndarray:
        """Return T_base_body (4, 4) [m]."""

    def joint_position(self, name: str) -> float:
        """Return the position of a furniture joint [m]."""

    def touching(self, a: str, b: str) -> bool:
        """Return whether two bodies touch."""


@dataclass(frozen=True)
class Verdict:
    """Whether the task is done, and what was found."""

    success: bool
    reason: str


@dataclass(frozen=True, eq=False)
class TaskScene:
    """One task in one scene.

    Attributes:
        family: Name of its family.
        spec: The scene to set up.
        task: The instruction, as the teacher says it.
        wordings: Other ways to ask for the same.
        target: Body that the task acts on and that the bottleneck moves with.
        held: Body in the hand at the start, None without.
        instance, instance_seed: Which instances they are.
        details: Numbers of the family that expert and judge share, by name.
        waypoints: The expert's way; the first is the bottleneck, the last the end.
        attempts: How many poses were drawn until the arm could do it there.
    """

    family: str
    spec: SceneSpec
    task: str
    wordings: tuple[str, ...]
    target: str
    held: str | None = None
    instance: Instance = 'taught'
    instance_seed: int = 0
    details: dict[str, Any] = field(default_factory=dict)
    waypoints: tuple[Waypoint, ...] = ()
    attempts: int = 1

    def placement(self, name: str) -> Placement:
        """Return what stands in the scene under this body name.

        Raises:
            InvalidInput: No such body.
        """
        for placement in self.spec.placements:
            if placement.name == name:
                return placement
        raise InvalidInput(f'the scene has no {name!r}; it has {[p.name for p in self.spec.placements]}')

    def model(self, name: str) -> ParametricObject:
        """Return the object that stands in the scene under this body name."""
        return self.placement(name).model

    @property
    def T_base_target(self) -> np.ndarray:
        """Initial pose (4, 4) of the target [m]."""
        return self.placement(self.target).T_base_object

    def target_mask(self, bodies: np.ndarray, ids: dict[str, int]) -> np.ndarray:
        """Return the target's own pixels (H, W), its moving parts' too, of what `Renderer.segmentation` gave."""
        parts = [i for name, i in ids.items() if name == self.target or name.startswith(f'{self.target}/')]
        return np.isin(bodies, parts)
