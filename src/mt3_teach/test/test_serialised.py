"""The fast reading gives what the general decoder gives, and leaves to it what it cannot read."""

import numpy as np
import pytest

from mt3_common.message_types import new_typestore
from mt3_teach.serialised import joint_state, transforms
from mt3_teach.testing import _Messages

STORE = new_typestore()
MAKE = _Messages(STORE)


def raw(message):
    return bytes(STORE.serialize_cdr(message, message.__msgtype__))


@pytest.mark.parametrize('parent', ['', 'a', 'base', 'panda_link0'])
@pytest.mark.parametrize('count', [0, 1, 3])
def test_transforms(parent, count):
    T = np.eye(4)
    T[:3, 3] = [0.1, -2.0, 3.5]
    items = [MAKE.transform(12.25 + k, parent, 'child' * (k + 1), T) for k in range(count)]
    found = transforms(raw(MAKE.tf(items)))
    assert [(f[0], f[1], f[2]) for f in found] == [(12.25 + k, parent, 'child' * (k + 1)) for k in range(count)]
    assert all(f[3] == (0.1, -2.0, 3.5, 0.0, 0.0, 0.0, 1.0) for f in found)


@pytest.mark.parametrize('names', [[], ['j'], ['joint_1', 'j2', 'finger']])
def test_joint_states(names):
    position, effort = [0.5 + k for k in range(len(names))], [-float(k) for k in range(len(names))]
    assert joint_state(raw(MAKE.joints(7.5, names, position, effort))) == (
        7.5,
        tuple(names),
        tuple(position),
        tuple(effort),
    )


@pytest.mark.parametrize('read', [transforms, joint_state])
def test_what_is_torn_or_big_endian_is_left_alone(read):
    message = (
        MAKE.tf([MAKE.transform(1.0, 'a', 'b', np.eye(4))])
        if read is transforms
        else MAKE.joints(1.0, ['a', 'b'], [1.0, 2.0], [0.0, 0.0])
    )
    data = raw(message)
    assert read(data) is not None
    assert all(read(data[:k]) is None for k in range(len(data) - 7))
    assert read(data + bytes(64)) is None
    assert read(bytes([0, 0, 0, 0]) + data[4:]) is None
