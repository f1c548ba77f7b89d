"""What the repository promises of itself: which package imports which, what needs ROS, what is exported."""

import ast
import importlib
import subprocess
import sys
from pathlib import Path

import pytest

SRC = Path(__file__).resolve().parents[2]
if not (SRC / 'mt3_common' / 'package.xml').exists():
    pytest.skip('the sources of the workspace are not beside this test', allow_module_level=True)

_BASE = {'mt3_common', 'mt3_interfaces'}
MAY_IMPORT = {
    'mt3_common': {'mt3_interfaces'},
    'mt3_perception': _BASE,
    'mt3_retrieval': _BASE,
    'mt3_executor': _BASE,
    'mt3_teach': _BASE | {'mt3_perception', 'mt3_retrieval'},
    'mt3_sim': _BASE | {'mt3_perception', 'mt3_retrieval', 'mt3_executor', 'mt3_teach'},
    'mt3_cli': _BASE | {'mt3_perception', 'mt3_retrieval', 'mt3_executor', 'mt3_teach', 'mt3_sim'},
}
WITHOUT_ROS = [  # the Python API that needs no ROS
    'mt3_common.demonstration',
    'mt3_common.scene',
    'mt3_perception.segmentation',
    'mt3_retrieval.alignment',
    'mt3_retrieval.library',
    'mt3_retrieval.retrieval',
    'mt3_executor.planning',
]
ONLY_INSIDE_FUNCTIONS = {'moveit', 'tf2_ros', 'tf_transformations', 'launch', 'launch_ros', 'rosbag2_py'}


def _modules(package):
    return sorted((SRC / package / package).rglob('*.py'))


def _imports(path, *, module_level=False):
    """Return {imported module: line} of a file."""
    tree = ast.parse(path.read_text())
    nodes = tree.body if module_level else ast.walk(tree)
    found = {}
    for node in nodes:
        if isinstance(node, ast.Import):
            found.update((alias.name, node.lineno) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            found[node.module] = node.lineno
    return found


@pytest.mark.parametrize('package', MAY_IMPORT)
def test_imports_go_one_way(package):
    allowed = MAY_IMPORT[package] | {package}
    wrong = [
        f'{path.relative_to(SRC)}:{line} imports {module}'
        for path in _modules(package)
        for module, line in _imports(path).items()
        if module.startswith('mt3_') and module.split('.')[0] not in allowed
    ]
    assert not wrong


def test_the_cell_itself_knows_only_mt3_common():
    """It must be impossible to tell from the stack's side that it is a simulation, so it shares nothing with it."""
    wrong = [
        f'{path.name}:{line} imports {module}'
        for path in sorted((SRC / 'mt3_sim' / 'mt3_sim').glob('*.py'))
        for module, line in _imports(path).items()
        if module.startswith('mt3_') and module.split('.')[0] not in _BASE | {'mt3_sim'}
    ]
    assert not wrong


@pytest.mark.parametrize('package', MAY_IMPORT)
def test_optional_ros_packages_are_imported_only_where_they_are_used(package):
    """They are missing in the environment of wheels: importing a module must not need them."""
    wrong = [
        f'{path.relative_to(SRC)}:{line} imports {module}'
        for path in _modules(package)
        for module, line in _imports(path, module_level=True).items()
        if module.split('.')[0] in ONLY_INSIDE_FUNCTIONS
    ]
    assert not wrong


@pytest.mark.parametrize('module', WITHOUT_ROS)
def test_the_python_api_needs_no_ros(module):
    code = f'import sys, {module}; sys.exit("rclpy" in sys.modules)'
    done = subprocess.run([sys.executable, '-c', code], capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr or f'{module} imports rclpy'


def _with_all():
    for package in MAY_IMPORT:
        for path in _modules(package):
            if '__all__' in path.read_text():
                parts = path.relative_to(SRC / package).with_suffix('').parts
                yield '.'.join(parts[:-1] if parts[-1] == '__init__' else parts)


@pytest.mark.parametrize('name', _with_all())
def test_all_resolves(name):
    module = importlib.import_module(name)
    missing = [word for word in module.__all__ if not hasattr(module, word)]
    assert not missing and len(set(module.__all__)) == len(module.__all__)
