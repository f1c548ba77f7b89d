"""The tree of the robot's links as a robot_state_publisher sees it: which frames move, and where each one is."""

from dataclasses import dataclass

import numpy as np

from mt3_common import se3
from mt3_sim.world import World

__all__ = ['Link', 'LinkFrames']


@dataclass(frozen=True)
class Link:
    """One link and the link that it hangs on."""

    parent: str
    child: str
    fixed: bool


class LinkFrames:
    """Transforms between neighbouring links of the robot.

    Attributes:
        links: All but the root.
    """

    def __init__(self, world: World) -> None:
        joints = world.description.joints().values()
        self.links = tuple(
            Link(joint.find('parent').get('link'), joint.find('child').get('link'), joint.get('type') == 'fixed')
            for joint in joints
        )

    def transforms(self, world: World, fixed: bool) -> list[tuple[str, str, np.ndarray]]:
        """Return (parent, child, T_parent_child (4, 4) [m]) of all fixed or of all moving links."""
        return [
            (link.parent, link.child, se3.inverse(world.body_pose(link.parent)) @ world.body_pose(link.child))
            for link in self.links
            if link.fixed == fixed
        ]
