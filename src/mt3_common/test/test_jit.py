"""Kernels kept on disk: all of a folder compile again when one of its files changes."""

import importlib.util
import sys

import pytest

from mt3_common.jit import folder_stamp

INNER = 'from mt3_common.jit import kernel\n\n\n@kernel\ndef one():\n    return {value}\n'
OUTER = 'import inner\nfrom mt3_common.jit import kernel\n\n\n@kernel\ndef two():\n    return 2 * inner.one()\n'


@pytest.fixture
def load(tmp_path, monkeypatch):
    """Return a function that writes and imports both modules as a new process would, and returns the outer one."""
    monkeypatch.setenv('PYTHONDONTWRITEBYTECODE', '1')

    def load(value: int):
        if not (tmp_path / 'outer.py').exists():
            (tmp_path / 'outer.py').write_text(OUTER)
        (tmp_path / 'inner.py').write_text(INNER.format(value=value))
        folder_stamp.cache_clear()
        for name in ('inner', 'outer'):
            spec = importlib.util.spec_from_file_location(name, tmp_path / f'{name}.py')
            module = importlib.util.module_from_spec(spec)
            monkeypatch.setitem(sys.modules, name, module)
            spec.loader.exec_module(module)
        return module

    return load


def test_a_kernel_follows_a_change_in_another_file(load):
    assert load(1).two() == 2
    assert load(1000).two() == 2000


def test_the_stamp_follows_every_file(tmp_path):
    stamps = set()
    for text in (None, 'x = 1\n', 'x = 1000\n'):
        if text:
            (tmp_path / 'other.py').write_text(text)
        folder_stamp.cache_clear()
        stamps.add(folder_stamp(tmp_path))
    assert len(stamps) == 3
