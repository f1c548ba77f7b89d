"""Reading rosbag2 bags without ROS; see `mt3_common.bags`."""

import tempfile
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any

from rosbags.highlevel import AnyReader
from rosbags.interfaces import Connection
from rosbags.rosbag2.storage_mcap import McapReader

from mt3_common.errors import MT3Error, StatusCode
from mt3_common.mcap_heads import mcap_files, messages_with_heads
from mt3_common.message_types import new_typestore
from mt3_common.torn_bags import read_pairs, whole_records

__all__ = ['BagReader', 'Recorded']


@dataclass(frozen=True)
class Recorded:
    """One decoded message of a bag: its topic, the time at which it was recorded [s], and itself."""

    topic: str
    received_s: float
    message: Any


class BagReader:
    """A bag, opened; a context manager.

    Attributes:
        path: The bag.
        custom_data: Text pairs of its metadata.
        cut_off: Its recording did not end properly; what follows its last whole record is lost.

    Args:
        path: Folder of a rosbag2 bag, or a single .mcap or .db3 file.

    Raises:
        MT3Error: STORAGE; there is no bag, or it is damaged.
    """

    def __init__(self, path: str | Path) -> None:
        self.path = Path(path).expanduser().absolute()
        if not self.path.exists():
            raise MT3Error(f'there is no bag at {self.path}', StatusCode.STORAGE)
        file, self._scratch = self.path, None
        self.cut_off = file.is_dir() and not (file / 'metadata.yaml').exists()
        if self.cut_off:
            files = [*file.glob('*.mcap'), *file.glob('*.db3')]
            file = files[0] if len(files) == 1 else file  # the file may yet be whole
        try:
            self._reader = _opened(file)
        except Exception as error:  # rosbags answers damaged bytes with whatever its parsers stumble over
            if not self.cut_off or len(list(self.path.glob('*.mcap'))) != 1:
                raise _damaged(self.path, error) from error
            self._scratch = tempfile.TemporaryDirectory(prefix='mt3-bag-')
            try:
                self._reader = _repaired(self.path, Path(self._scratch.name))
            except BaseException:
                self._scratch.cleanup()
                raise
        self.custom_data: dict[str, str] = dict(self._reader.readers[0].storage.metadata.custom or {})
        if self.cut_off:
            self.custom_data.update(read_pairs(self.path))

    @property
    def topics(self) -> dict[str, str]:
        """{topic: message type} of all topics that hold messages."""
        return {c.topic: c.msgtype for c in self._reader.connections if c.msgcount}

    @property
    def counts(self) -> dict[str, int]:
        """{topic: how many messages}."""
        counts: dict[str, int] = {}
        for connection in self._reader.connections:
            counts[connection.topic] = counts.get(connection.topic, 0) + connection.msgcount
        return counts

    def raw(
        self,
        topics: Collection[str] | None = None,
        start_ns: int | None = None,
        stop_ns: int | None = None,
        heads: Mapping[str, int] | None = None,
    ) -> Iterator[tuple[Connection, int, bytes]]:
        """Go through the serialised messages in the order of recording: (connection, time [ns], bytes).

        Args:
            topics: Only these; None: all.
            start_ns, stop_ns: Only messages recorded from the one until before the other; the index finds them.
            heads: {topic: how many of the first bytes of its messages are wanted}: they may come shortened to that,
                and what follows them is not decompressed where the bag's index allows it. For the whole bag only.

        Raises:
            MT3Error: STORAGE; the bag is damaged here.
        """
        chosen = [c for c in self._reader.connections if topics is None or c.topic in topics]
        if not chosen:
            return
        if heads and start_ns is None and stop_ns is None and (files := mcap_files(self._reader)) is not None:
            messages = self._with_heads(files, chosen, heads)
        else:
            messages = self._reader.messages(chosen, start_ns, stop_ns)
        while True:
            try:
                item = next(messages)
            except StopIteration:
                return
            except Exception as error:  # see __init__
                raise _damaged(self.path, error) from error
            yield item

    @staticmethod
    def _with_heads(
        files: list[McapReader], chosen: list[Connection], heads: Mapping[str, int]
    ) -> Iterator[tuple[Connection, int, bytes]]:
        mine = {(c.topic, c.msgtype): c for c in chosen}
        for file in files:
            channels = {c.id: mine[c.topic, c.msgtype] for c in file.connections if (c.topic, c.msgtype) in mine}
            sizes = {channel: heads[c.topic] for channel, c in channels.items() if c.topic in heads}
            yield from messages_with_heads(file, channels, sizes)

    def decode(self, connection: Connection, data: bytes) -> Any:
        """Return the message in these bytes.

        Raises:
            MT3Error: STORAGE; they are damaged.
        """
        try:
            return self._reader.deserialize(data, connection.msgtype)
        except Exception as error:  # see __init__
            raise _damaged(self.path, error) from error

    def messages(self, topics: Collection[str] | None = None) -> Iterator[Recorded]:
        """Go through the decoded messages in the order of recording.

        Raises:
            MT3Error: STORAGE; the bag is damaged here.
        """
        for connection, stamp_ns, data in self.raw(topics):
            yield Recorded(connection.topic, 1e-9 * stamp_ns, self.decode(connection, data))

    def close(self) -> None:
        """Close it."""
        if self._reader.stack:
            self._reader.close()
        if self._scratch is not None:
            self._scratch.cleanup()

    def __enter__(self) -> 'BagReader':
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def _opened(file: Path) -> AnyReader:
    reader = AnyReader([file], default_typestore=new_typestore())  # sqlite3 bags of old carry no definitions
    reader.open()
    return reader


def _repaired(path: Path, scratch: Path) -> AnyReader:
    """Open what is whole of the one MCAP file of a bag, in a copy."""
    copy = scratch / 'whole.mcap'
    try:
        copy.write_bytes(whole_records(next(path.glob('*.mcap'))))
        return _opened(copy)
    except Exception as error:  # see BagReader
        raise _damaged(path, error) from error


def _damaged(path: Path, error: Exception) -> MT3Error:
    why = str(error) or type(error).__name__
    return MT3Error(
        f'the bag {path} cannot be read: {why.rstrip(".")}. If its recording was cut off, recover it first',
        StatusCode.STORAGE,
    )
