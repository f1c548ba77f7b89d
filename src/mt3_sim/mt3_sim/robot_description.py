"""Where the URDF, SRDF and meshes of an arm are on this machine, and their text with absolute mesh paths."""

import os
import sysconfig
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree

from mt3_common.errors import InvalidInput

__all__ = ['ROBOTS', 'RobotDescription', 'load_description']

#: Robots of example-robot-data that the cell knows: (urdf, srdf), relative to its folder of robots.
ROBOTS: dict[str, tuple[str, str]] = {
    'panda': ('panda_description/urdf/panda.urdf', 'panda_description/srdf/panda.srdf'),
    'ur5': ('ur_description/urdf/ur5_gripper.urdf', 'ur_description/srdf/ur5_gripper.srdf'),
}
_PACKAGE = 'example-robot-data'


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
    """Return the description of a robot of example-robot-data.

    Raises:
        InvalidInput: An unknown robot, or the package is not installed.
    """
    if robot not in ROBOTS:
        raise InvalidInput(f'the cell has no robot {robot!r}; it has {", ".join(sorted(ROBOTS))}')
    share = _share_folder()
    urdf, srdf = (share / _PACKAGE / 'robots' / part for part in ROBOTS[robot])
    root = ElementTree.parse(urdf).getroot()
    for mesh in root.iter('mesh'):
        mesh.set('filename', 'file://' + str(_resolve(mesh.get('filename'), share)))
    return RobotDescription(ElementTree.tostring(root, encoding='unicode'), srdf.read_text(encoding='utf-8'))


def _share_folder() -> Path:
    """Return the folder that holds example-robot-data: in a wheel, or in a sourced ROS 2."""
    places = [Path(sysconfig.get_path(kind)) / 'cmeel.prefix' / 'share' for kind in ('purelib', 'platlib')]
    places += [Path(prefix) / 'share' for prefix in os.environ.get('AMENT_PREFIX_PATH', '').split(':') if prefix]
    for share in places:
        if (share / _PACKAGE / 'robots').is_dir():
            return share
    raise InvalidInput(f'{_PACKAGE} is not installed; install the dependencies of the project again (`./mt3 setup`)')


def _resolve(filename: str, share: Path) -> Path:
    prefix = 'package://'
    path = share / filename[len(prefix) :] if filename.startswith(prefix) else Path(filename)
    if not path.is_file():
        raise InvalidInput(f'mesh {filename} of the robot does not exist at {path}')
    return path
