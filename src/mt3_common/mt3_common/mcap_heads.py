"""Going through an MCAP file without decompressing what nobody looks at.

Most bytes of a bag are pictures, and of most pictures only the stamp is wanted. The index behind each chunk says where
its messages begin (MCAP specification, "Message Index"), so decompressing may end after the last byte that is wanted.
"""

import heapq
import struct
from collections.abc import Iterator, Mapping
from typing import Any

from backports.zstd import ZstdDecompressor
from rosbags.interfaces import Connection
from rosbags.rosbag2.storage_mcap import ChunkInfo, McapReader, decompress

__all__ = ['mcap_files', 'messages_with_heads']

_MESSAGE, _MESSAGE_INDEX = 0x05, 0x07
_RECORD = struct.Struct('<BQ')  # kind, length of what follows
_MESSAGE_HEAD = struct.Struct('<BQHIQQ')  # kind, length, channel, sequence, log time, publish time
_CHUNK_HEAD = struct.Struct('<BQQQQII')  # kind, length, first and last log time, uncompressed size, crc, text length

Found = tuple[int, int, int, bytes]  # log time [ns], place in the file, channel, data


def mcap_files(reader: Any) -> list[McapReader] | None:
    """Return the MCAP files behind rosbags' `AnyReader` in the order of reading; None: it cannot be read by index."""
    files: list[Any] = []
    for bag in reader.readers:
        storage = bag.storage
        if getattr(storage.metadata, 'compression_mode', None) == 'message':
            return None
        files += getattr(storage, 'storages', [storage])
    indexed = all(
        isinstance(file, McapReader) and file.chunks and all(chunk.message_index_length for chunk in file.chunks)
        for file in files
    )
    return files if files and indexed else None


def messages_with_heads(
    file: McapReader, chosen: Mapping[int, Connection], heads: Mapping[int, int]
) -> Iterator[tuple[Connection, int, bytes]]:
    """Go through messages in the order of recording.

    Args:
        file: Open, with an index.
        chosen: {channel: connection} of those that are wanted.
        heads: {channel: how many bytes of each message are wanted at least}; all of the others.

    Yields:
        (connection, log time [ns], data); what `heads` shortens may be longer or as long as asked.

    Raises:
        ValueError, struct.error: The file is damaged here; besides whatever a decompressor raises.
    """
    chunks = [_chunk_messages(file, chunk, chosen, heads) for chunk in file.chunks]
    for time_ns, _, channel, data in heapq.merge(*chunks, key=lambda found: found[:2]):
        if channel >= 0:
            yield chosen[channel], time_ns, data


def _chunk_messages(
    file: McapReader, chunk: ChunkInfo, chosen: Mapping[int, Connection], heads: Mapping[int, int]
) -> Iterator[Found]:
    # a chunk is read when its time has come, not when the merging begins
    yield chunk.message_start_time, chunk.chunk_start_offset, -1, b''
    places = _places(file, chunk)
    ends = [at for at, _ in places[1:]] + [chunk.uncompressed_size]
    wanted = [
        (at, min(end, at + _MESSAGE_HEAD.size + heads[channel]) if channel in heads else end)
        for (at, channel), end in zip(places, ends, strict=True)
        if channel in chosen
    ]
    if not wanted:
        return
    raw = _decompressed(file, chunk, max(end for _, end in wanted))
    found: list[Found] = []
    for at, end in wanted:
        kind, length, channel, _, time_ns, _ = _MESSAGE_HEAD.unpack_from(raw, at)
        whole = at + _RECORD.size + length
        if kind != _MESSAGE or whole > chunk.uncompressed_size or length < _MESSAGE_HEAD.size - _RECORD.size:
            raise ValueError(f'the index leads to no message at byte {at} of the chunk at {chunk.chunk_start_offset}')
        last = min(end, whole) if channel in heads else whole
        found.append((time_ns, chunk.chunk_start_offset + at, channel, raw[at + _MESSAGE_HEAD.size : last]))
    yield from sorted(found, key=lambda item: item[:2])


def _places(file: McapReader, chunk: ChunkInfo) -> list[tuple[int, int]]:
    """Return [(byte in the chunk, channel)] of all messages of a chunk, in the order of their bytes."""
    assert file.bio is not None
    file.bio.seek(chunk.chunk_start_offset + chunk.chunk_length)
    index = file.bio.read(chunk.message_index_length)
    places, at = [], 0
    while at < len(index):
        kind, length = _RECORD.unpack_from(index, at)
        if kind != _MESSAGE_INDEX:
            raise ValueError(f'no message index behind the chunk at {chunk.chunk_start_offset}')
        channel, size = struct.unpack_from('<HI', index, at + _RECORD.size)
        entries = struct.unpack_from(f'<{size // 8}Q', index, at + _RECORD.size + 6)
        places += [(byte, channel) for byte in entries[1::2]]
        at += _RECORD.size + length
    return sorted(places)


def _decompressed(file: McapReader, chunk: ChunkInfo, size: int) -> bytes:
    """Return at least the first `size` bytes of a chunk; all, and checked, where it carries a checksum."""
    assert file.bio is not None
    file.bio.seek(chunk.chunk_start_offset)
    head = file.bio.read(_CHUNK_HEAD.size)
    checksum = _CHUNK_HEAD.unpack(head)[5]
    file.bio.seek(chunk.chunk_start_offset + _CHUNK_HEAD.size + len(chunk.compression) + 8)
    data = file.bio.read(chunk.compressed_size)
    if checksum or chunk.compression != 'zstd':
        return decompress(data, chunk.compression, chunk.uncompressed_size, checksum)
    raw = ZstdDecompressor().decompress(data, max_length=size)
    if len(raw) < size:
        raise ValueError(f'the chunk at {chunk.chunk_start_offset} ends after {len(raw)} of {size} bytes')
    return raw
