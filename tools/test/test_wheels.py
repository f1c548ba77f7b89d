"""What is changed in the installed wheels, and that a shared cache is never written through."""

import os
import sys
import sysconfig

import numpy

from mt3_env import wheels


def test_cmake_files_point_to_this_interpreter(monkeypatch, tmp_path):
    cached = tmp_path / 'cache.cmake'
    cached.write_text('set(X "/opt/python/cp312-cp312/include/python3.12;/opt/x/site-packages/numpy/_core/include")')
    before = cached.read_text()
    installed = tmp_path / 'venv' / 'share' / 'p' / 'x.cmake'
    installed.parent.mkdir(parents=True)
    os.link(cached, installed)
    monkeypatch.setattr(wheels, 'VENV', tmp_path / 'venv')
    wheels.relocate_cmake_files()
    once = installed.read_text()
    assert once == f'set(X "{sysconfig.get_paths()["include"]};{numpy.get_include()}")'
    assert cached.read_text() == before
    wheels.relocate_cmake_files()
    assert installed.read_text() == once


def test_only_the_robots_in_use_are_kept(monkeypatch, tmp_path):
    robots = tmp_path / 'lib/python3.11/site-packages/cmeel.prefix/share/example-robot-data/robots'
    for name in ('panda_description', 'ur_description', 'huge_description'):
        (robots / name / 'meshes').mkdir(parents=True)
    monkeypatch.setattr(wheels, 'VENV', tmp_path)
    wheels._prune_robots()
    assert sorted(path.name for path in robots.iterdir()) == ['panda_description', 'ur_description']


def test_an_environment_of_the_other_kind_is_not_used(monkeypatch, tmp_path):
    python = tmp_path / 'bin' / 'python'
    python.parent.mkdir()
    python.touch()
    here = f'{sys.version_info[0]}.{sys.version_info[1]}'
    (tmp_path / 'pyvenv.cfg').write_text(f'include-system-site-packages = false\nversion = {here}.1\n')
    monkeypatch.setattr(wheels, 'VENV', tmp_path)
    monkeypatch.setattr(wheels, 'PYTHON', python)
    assert wheels._has_environment(system_ros=False) and not wheels._has_environment(system_ros=True)
    (tmp_path / 'pyvenv.cfg').write_text('include-system-site-packages = false\nversion = 3.9.1\n')
    assert not wheels._has_environment(system_ros=False)
