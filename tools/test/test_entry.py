"""The script at the root: which Python it takes."""

import os
import subprocess
import sys

from mt3_env.paths import ROOT


def _call(**variables):
    environment = {'PATH': os.environ['PATH'], 'HOME': os.environ.get('HOME', '/'), **variables}
    return subprocess.run([str(ROOT / 'mt3'), 'shell', '--help'], capture_output=True, text=True, env=environment)


def test_help_needs_no_set_up():
    done = _call()
    assert done.returncode == 0 and 'setup [--bench]' in done.stdout


def test_named_python_is_taken():
    assert _call(MT3_PYTHON=sys.executable).returncode == 0


def test_unsupported_python_is_refused_with_the_supported_ones(tmp_path):
    old = tmp_path / 'python'
    old.write_text('#!/bin/sh\nexit 1\n')
    old.chmod(0o755)
    done = _call(MT3_PYTHON=str(old))
    assert done.returncode != 0 and '3.10, 3.11, 3.12 or 3.13' in done.stderr and str(old) in done.stderr
