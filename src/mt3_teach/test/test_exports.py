"""`__all__` of every module of every package names things that exist."""

import ast
from pathlib import Path

import pytest

_PACKAGE = Path(__file__).parents[1] / 'mt3_teach'
_MODULES = sorted(path for path in _PACKAGE.rglob('*.py'))


@pytest.mark.parametrize('path', _MODULES, ids=lambda path: str(path.relative_to(_PACKAGE)))
def test_all_resolves(path):
    tree = ast.parse(path.read_text())
    if not any(isinstance(n, ast.Assign) and getattr(n.targets[0], 'id', '') == '__all__' for n in tree.body):
        return
    name = '.'.join(path.relative_to(_PACKAGE.parent).with_suffix('').parts).removesuffix('.__init__')
    uses_ros = any(word in path.read_text() for word in ('rclpy', 'std_msgs.msg', 'mt3_interfaces', 'conversions'))
    if uses_ros:
        pytest.importorskip('rclpy')
        pytest.importorskip('mt3_interfaces.msg')
    module = __import__(name, fromlist=['__all__'])
    missing = [entry for entry in module.__all__ if not hasattr(module, entry)]
    assert not missing
    assert len(set(module.__all__)) == len(module.__all__)
