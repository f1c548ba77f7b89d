"""The locks pin everything by hash and name no registry."""

import re

import pytest

from mt3_env.lock import LOCK_INPUTS
from mt3_env.paths import LOCKS


@pytest.mark.parametrize('name', LOCK_INPUTS)
def test_lock_is_pinned_hashed_and_without_addresses(name):
    text = (LOCKS / name).read_text()
    assert not re.search(r'https?://|file:|@ |--(extra-)?index-url|--find-links', text)
    entries = re.split(r'\n(?=[A-Za-z0-9])', text.strip())
    wrong = [entry.split('\n')[0] for entry in entries if not re.match(r'[\w.-]+(\[[\w,-]+\])?==\S+', entry)]
    assert not wrong, f'not pinned: {wrong}'
    unhashed = [entry.split('\n')[0] for entry in entries if '--hash=sha256:' not in entry]
    assert not unhashed, f'not hashed: {unhashed}'


def test_every_lock_is_known():
    assert {path.name for path in LOCKS.glob('*.txt')} == set(LOCK_INPUTS)


def test_no_ros_wheels_where_ros_is_installed():
    assert not re.search(r'^(ros-|colcon)', (LOCKS / 'system-ros.txt').read_text(), re.M)
