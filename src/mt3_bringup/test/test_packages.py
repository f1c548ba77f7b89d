"""Every package manifest is valid, and says what the sources and the build need."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

SRC = Path(__file__).resolve().parents[2]
_IMPORT = re.compile(r'^\s*(?:from|import) (mt3_\w+|rclpy|\w+_msgs|\w+_interfaces)\b', re.M)
MANIFESTS = sorted(SRC.glob('*/package.xml'))


def _parse(path):
    return pytest.importorskip('catkin_pkg.package').parse_package(str(path))


@pytest.mark.parametrize('path', MANIFESTS, ids=lambda path: path.parent.name)
def test_manifest_is_valid(path):
    """An invalid one makes colcon take the package for a plain Python project, which is then not found."""
    package = _parse(path)
    package.validate()
    assert package.name == path.parent.name
    assert package.licenses == ['Apache-2.0']


def test_all_packages_have_one_version():
    assert len({_parse(path).version for path in MANIFESTS}) == 1


@pytest.mark.parametrize('path', sorted(SRC.glob('*/setup.py')), ids=lambda path: path.parent.name)
def test_setup_and_manifest_agree(path):
    package, text = _parse(path.parent / 'package.xml'), path.read_text()
    assert f"package_name = '{package.name}'" in text
    assert f"version='{package.version}'" in text
    assert (path.parent / 'resource' / package.name).exists()
    assert f'install_scripts=$base/lib/{package.name}' in (path.parent / 'setup.cfg').read_text()


@pytest.mark.parametrize('path', sorted(SRC.glob('*/setup.py')), ids=lambda path: path.parent.name)
def test_manifest_names_the_packages_that_the_sources_import(path):
    package = _parse(path.parent / 'package.xml')
    declared = {d.name for d in package.exec_depends} | {package.name}
    imported = set()
    for source in (path.parent / package.name).rglob('*.py'):
        imported |= set(_IMPORT.findall(source.read_text()))
    missing = sorted(imported - declared)
    assert not missing, f'{package.name}/package.xml lacks exec_depend of {missing}'


def test_colcon_takes_every_package_for_a_ros_package():
    if not shutil.which('colcon'):
        pytest.skip('colcon is not installed')
    listed = subprocess.run(
        ['colcon', 'list', '--base-paths', str(SRC)], capture_output=True, text=True, check=True, timeout=60
    ).stdout
    kinds = {line.split('\t')[0]: line.split('\t')[2] for line in listed.splitlines()}
    assert set(kinds) == {path.parent.name for path in MANIFESTS}
    assert set(kinds.values()) <= {'(ros.ament_python)', '(ros.ament_cmake)'}
