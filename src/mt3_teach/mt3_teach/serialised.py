"""Transforms and joint states straight from their serialised bytes.

A bag of twenty seconds holds ten thousand of them, and a general decoder spends most of an import on these two types.
The layout is plain CDR (OMG DDS-XTypes, version 1): little endian, strings with their length and a final zero, doubles
aligned to eight bytes from the fourth byte on. What does not read as such is left to the general decoder.
"""

import struct

__all__ = ['joint_state', 'transforms']

_HEADER = struct.Struct('<iII')  # sec, nanosec, length of the frame's name
_LENGTH = struct.Struct('<I')
_POSE = struct.Struct('<7d')  # translation x y z, rotation x y z w
_SLACK = 8  # bytes that some writers pad a message with

Transform = tuple[float, str, str, tuple[float, ...]]


def transforms(data: bytes) -> list[Transform] | None:
    """Return [(stamp [s], parent, child, (x, y, z, qx, qy, qz, qw))] of a tf2_msgs/TFMessage; None: not readable so."""
    try:
        if data[1] != 1:
            return None
        found: list[Transform] = []
        at = 8
        for _ in range(_LENGTH.unpack_from(data, 4)[0]):
            sec, nanosec, length = _HEADER.unpack_from(data, at)
            parent, at = _text(data, at + 12, length)
            at = (at + 3) & ~3
            child, at = _text(data, at + 4, _LENGTH.unpack_from(data, at)[0])
            at = ((at + 3) & ~7) + 4
            found.append((sec + 1e-9 * nanosec, parent, child, _POSE.unpack_from(data, at)))
            at += 56
    except (struct.error, IndexError, UnicodeDecodeError, ValueError):
        return None
    return found if 0 <= len(data) - at < _SLACK else None


def joint_state(data: bytes) -> tuple[float, tuple[str, ...], tuple[float, ...], tuple[float, ...]] | None:
    """Return (stamp [s], names, positions, efforts) of a sensor_msgs/JointState; None: not readable so."""
    try:
        if data[1] != 1:
            return None
        sec, nanosec, length = _HEADER.unpack_from(data, 4)
        _, at = _text(data, 16, length)
        at = (at + 3) & ~3
        names = []
        (count,) = _LENGTH.unpack_from(data, at)
        at += 4
        for _ in range(count):
            at = (at + 3) & ~3
            name, at = _text(data, at + 4, _LENGTH.unpack_from(data, at)[0])
            names.append(name)
        arrays = []
        for _ in range(3):  # position, velocity, effort
            at = (at + 3) & ~3
            (count,) = _LENGTH.unpack_from(data, at)
            at += 4
            if count:
                at = ((at + 3) & ~7) + 4
            arrays.append(struct.unpack_from(f'<{count}d', data, at))
            at += 8 * count
    except (struct.error, IndexError, UnicodeDecodeError, ValueError):
        return None
    if not 0 <= len(data) - at < _SLACK:
        return None
    return sec + 1e-9 * nanosec, tuple(names), arrays[0], arrays[2]


def _text(data: bytes, at: int, length: int) -> tuple[str, int]:
    """Return the string of `length` bytes, its zero included, and where it ends."""
    if length > len(data) - at:
        raise ValueError('a string that is longer than its message')
    return bytes(data[at : at + max(length - 1, 0)]).decode(), at + length
