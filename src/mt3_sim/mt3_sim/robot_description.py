"""Where the URDF, SRDF and meshes of an arm are on this machine, and their text with absolute mesh paths."""

from dataclasses import dataclass
from xml.etree import ElementTree

from mt3_common.example_robots import example_robot
from mt3_common.meshes import resolve_mesh

__all__ = ['RobotDescription', 'load_description']


@dataclass(frozen=True)
class RobotDescription:
    """What a real cell publishes of its arm.

    Attributes:
        urdf: URDF text; every mesh is an absolute `file://` address, so that any program on this host can load it.
        srdf: Semantic description text.
    """

    urdf: str
    srdf: str

    def disabled_collisions(self) -> list[tuple[str, str]]:
        """Return the pairs of links that may touch, from the SRDF."""
        root = ElementTree.fromstring(self.srdf)
        return [(pair.get('link1'), pair.get('link2')) for pair in root.iter('disable_collisions')]

    def joints(self) -> dict[str, ElementTree.Element]:
        """Return the joints of the URDF by name."""
        return {joint.get('name'): joint for joint in ElementTree.fromstring(self.urdf).findall('joint')}


def load_description(robot: str) -> RobotDescription:
    """Return the description of one of `mt3_common.example_robots`.

    Raises:
        InvalidInput: An unknown robot, or example-robot-data is not installed.
    """
    urdf, srdf = example_robot(robot).texts()
    root = ElementTree.fromstring(urdf)
    for mesh in root.iter('mesh'):
        mesh.set('filename', f'file://{resolve_mesh(mesh.get("filename", ""))}')
    return RobotDescription(ElementTree.tostring(root, encoding='unicode'), srdf)
