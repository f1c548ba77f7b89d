"""Where the files named in a URDF are: `package://`, `file://` and plain paths."""

import os
import sysconfig
from pathlib import Path
from urllib.parse import unquote
from xml.etree import ElementTree

from mt3_common.errors import InvalidInput

__all__ = ['example_robot_data_folder', 'package_folder', 'resolve_mesh', 'with_absolute_meshes']

_EXAMPLE_ROBOT_DATA = 'example-robot-data'


def example_robot_data_folder() -> Path:
    """Return the folder of the example-robot-data package (robots with URDF, SRDF and meshes).

    Raises:
        InvalidInput: It is not installed.
    """
    places = [Path(sysconfig.get_path(kind)) / 'cmeel.prefix' / 'share' for kind in ('purelib', 'platlib')]
    places += [Path(prefix) / 'share' for prefix in os.environ.get('AMENT_PREFIX_PATH', '').split(':') if prefix]
    for place in places:
        if (place / _EXAMPLE_ROBOT_DATA / 'robots').is_dir():
            return place / _EXAMPLE_ROBOT_DATA
    raise InvalidInput('the package example-robot-data is not installed; pip install example-robot-data')


def package_folder(package: str) -> Path:
    """Return the share folder of a ROS package.

    Raises:
        InvalidInput: Nobody knows the package.
    """
    for prefix in os.environ.get('AMENT_PREFIX_PATH', '').split(':'):
        if prefix and (Path(prefix) / 'share/ament_index/resource_index/packages' / package).is_file():
            return Path(prefix) / 'share' / package
    if package == _EXAMPLE_ROBOT_DATA:
        return example_robot_data_folder()
    for root in os.environ.get('ROS_PACKAGE_PATH', '').split(':'):
        if root and (Path(root) / package).is_dir():
            return Path(root) / package
    raise InvalidInput(
        f'the URDF names package://{package}, which is not installed here; source the workspace that has it'
    )


def resolve_mesh(uri: str) -> Path:
    """Return the path of a mesh named in a URDF.

    Raises:
        InvalidInput: Its package is not installed or the file does not exist.
    """
    if uri.startswith('package://'):
        package, _, rest = uri[len('package://') :].partition('/')
        path = package_folder(package) / rest
    elif uri.startswith('file://'):
        path = Path(unquote(uri[len('file://') :]))
    else:
        path = Path(uri)
    if not path.is_file():
        raise InvalidInput(f'the mesh {uri} of the URDF does not exist at {path}')
    return path


def with_absolute_meshes(urdf: str) -> ElementTree.Element:
    """Return the parsed URDF without visuals, its collision meshes given by absolute paths.

    Raises:
        InvalidInput: Not XML, or a mesh cannot be found.
    """
    try:
        root = ElementTree.fromstring(urdf)
    except ElementTree.ParseError as error:
        raise InvalidInput(f'robot_description is not valid XML: {error}') from error
    for link in root.iter('link'):
        for visual in link.findall('visual'):
            link.remove(visual)
        for mesh in link.iter('mesh'):
            mesh.set('filename', str(resolve_mesh(mesh.get('filename', ''))))
    return root
