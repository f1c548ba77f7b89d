"""Writing and reading rosbag2 bags without ROS, through rosbags.

The writer takes the serialised bytes that a raw subscription delivers. It closes an MCAP chunk at least every second,
so what was recorded before a crash can be recovered (`recover`). The reader decodes with the definitions that
the bag carries, from MCAP and sqlite3 alike.
"""

import shutil
import threading
import time
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any

from rosbags.highlevel import AnyReader
from rosbags.interfaces import Connection, Qos, QosDurability, QosHistory, QosLiveliness, QosReliability, QosTime
from rosbags.rosbag2 import CompressionFormat, CompressionMode, StoragePlugin, Writer

from mt3_common.errors import MT3Error, StatusCode
from mt3_common.message_types import know_type, new_typestore

__all__ = ['BagReader', 'BagRecorder', 'Recorded', 'make_qos', 'recover']

_FLUSH_S = 1.0
_MAGIC = b'\x89MCAP0\r\n'


def make_qos(reliable: bool = True, transient_local: bool = False, depth: int = 10) -> Qos:
    """Return a QoS profile as bags store it."""
    forever = QosTime(2147483647, 4294967295)
    return Qos(
        QosHistory.KEEP_LAST,
        depth,
        QosReliability.RELIABLE if reliable else QosReliability.BEST_EFFORT,
        QosDurability.TRANSIENT_LOCAL if transient_local else QosDurability.VOLATILE,
        forever,
        forever,
        QosLiveliness.AUTOMATIC,
        forever,
        False,
    )


class BagRecorder:
    """Writes one bag. Safe to use from several threads. A context manager that closes it.

    Args:
        path: Folder of the bag; must not exist.
        custom_data: Text pairs stored in its metadata.
        compress: Compress chunks with zstd (every rosbag2 reads them).

    Raises:
        MT3Error: STORAGE; it exists, or cannot be made.
    """

    def __init__(self, path: str | Path, custom_data: Mapping[str, str] | None = None, compress: bool = True) -> None:
        self.path = Path(path).expanduser().absolute()
        self._lock = threading.Lock()
        self._types = new_typestore()
        self._connections: dict[str, Connection] = {}
        self._first_ns = self._last_ns = 0
        self._flushed = time.monotonic()
        self._open = False
        self.counts: dict[str, int] = {}
        if self.path.exists():
            raise MT3Error(f'{self.path} exists already; a bag is never overwritten', StatusCode.STORAGE)
        try:
            self._writer = Writer(self.path, version=9, storage_plugin=StoragePlugin.MCAP)
            if compress:
                self._writer.set_compression(CompressionMode.STORAGE, CompressionFormat.ZSTD)
            self._writer.open()
        except OSError as error:
            raise MT3Error(f'cannot make the bag {self.path}: {error}', StatusCode.STORAGE) from error
        self._open = True
        for key, value in (custom_data or {}).items():
            self._writer.set_custom_data(key, value)

    @property
    def types(self) -> dict[str, Any]:
        """The message classes that this bag knows, for `write_message`."""
        return self._types.types

    @property
    def duration_s(self) -> float:
        """Time between the first and the last message [s]."""
        return 1e-9 * (self._last_ns - self._first_ns)

    @property
    def messages(self) -> int:
        """How many messages were written."""
        return sum(self.counts.values())

    def add_topic(self, topic: str, message_type: str, qos: Qos | None = None, definition: str | None = None) -> None:
        """Declare a topic; a second time does nothing.

        Args:
            qos: As the publisher offers it; default reliable and volatile.
            definition: Text of the type; default: the standard one or that of the installed package.

        Raises:
            MT3Error: STORAGE; the definition is not to be had.
        """
        with self._lock:
            if topic in self._connections:
                return
            know_type(self._types, message_type, definition)
            self._connections[topic] = self._writer.add_connection(
                topic, message_type, typestore=self._types, offered_qos_profiles=[qos or make_qos()]
            )
            self.counts[topic] = 0

    def write(self, topic: str, stamp_ns: int, data: bytes) -> None:
        """Write one serialised message (CDR). After `close` it is dropped: late callbacks are no fault.

        Raises:
            MT3Error: STORAGE; the disk refuses.
        """
        with self._lock:
            if not self._open:
                return
            stamp_ns = max(int(stamp_ns), 0)
            try:
                self._writer.write(self._connections[topic], stamp_ns, data)
                if time.monotonic() - self._flushed > _FLUSH_S:
                    self._flush()
            except OSError as error:
                raise MT3Error(f'cannot write to the bag {self.path}: {error}', StatusCode.STORAGE) from error
            if not self.messages:
                self._first_ns = self._last_ns = stamp_ns
            self._first_ns, self._last_ns = min(self._first_ns, stamp_ns), max(self._last_ns, stamp_ns)
            self.counts[topic] += 1

    def write_message(self, topic: str, stamp_ns: int, message: Any) -> None:
        """Write a message of rosbags' own classes; declares the topic if need be."""
        name = message.__msgtype__
        self.add_topic(topic, name)
        self.write(topic, stamp_ns, bytes(self._types.serialize_cdr(message, name)))

    def set_custom_data(self, key: str, value: str) -> None:
        """Store a text pair in the bag's metadata."""
        with self._lock:
            self._writer.set_custom_data(key, value)

    def _flush(self) -> None:
        """End the current MCAP chunk and hand it to the operating system (rosbags does so per MiB only)."""
        storage = self._writer.storage
        if storage.chunk.msgs:
            storage.close_chunk()
        storage.bio.flush()
        self._flushed = time.monotonic()

    def close(self) -> None:
        """Finish the bag.

        Raises:
            MT3Error: STORAGE; the disk refuses.
        """
        with self._lock:
            if not self._open:
                return
            self._open = False
            try:
                self._writer.close()
            except OSError as error:
                raise MT3Error(f'cannot finish the bag {self.path}: {error}', StatusCode.STORAGE) from error

    def discard(self) -> None:
        """End and delete it."""
        with self._lock:
            if self._open:
                self._open = False
                self._writer.abort()
        shutil.rmtree(self.path, ignore_errors=True)

    def __enter__(self) -> 'BagRecorder':
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


@dataclass(frozen=True)
class Recorded:
    """One decoded message of a bag: its topic, the time at which it was recorded [s], and itself."""

    topic: str
    received_s: float
    message: Any


class BagReader:
    """A bag, opened; a context manager.

    Args:
        path: Folder of a rosbag2 bag, or a single .mcap or .db3 file.

    Raises:
        MT3Error: STORAGE; there is no bag, or it is damaged.
    """

    def __init__(self, path: str | Path) -> None:
        self.path = Path(path).expanduser().absolute()
        if not self.path.exists():
            raise MT3Error(f'there is no bag at {self.path}', StatusCode.STORAGE)
        file = self.path
        if file.is_dir() and not (file / 'metadata.yaml').exists():
            files = [*file.glob('*.mcap'), *file.glob('*.db3')]
            file = files[0] if len(files) == 1 else file  # cut off before its metadata; the file may yet be whole
        try:
            # bags of older distributions in sqlite3 carry no definitions
            self._reader = AnyReader([file], default_typestore=new_typestore())
            self._reader.open()
        except Exception as error:  # rosbags answers damaged bytes with whatever its parsers stumble over
            raise _damaged(self.path, error) from error
        self.custom_data: dict[str, str] = dict(self._reader.readers[0].storage.metadata.custom or {})

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

    def raw(self, topics: Collection[str] | None = None) -> Iterator[tuple[Connection, int, bytes]]:
        """Go through the serialised messages in the order of recording: (connection, time [ns], bytes).

        Raises:
            MT3Error: STORAGE; the bag is damaged here.
        """
        chosen = [c for c in self._reader.connections if topics is None or c.topic in topics]
        if not chosen:
            return
        messages = self._reader.messages(chosen)
        while True:
            try:
                item = next(messages)
            except StopIteration:
                return
            except Exception as error:  # see __init__
                raise _damaged(self.path, error) from error
            yield item

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

    def __enter__(self) -> 'BagReader':
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def _damaged(path: Path, error: Exception) -> MT3Error:
    why = str(error) or type(error).__name__
    return MT3Error(
        f'the bag {path} cannot be read: {why.rstrip(".")}. If its recording was cut off, recover it first',
        StatusCode.STORAGE,
    )


def recover(path: str | Path, out: str | Path) -> int:
    """Copy what is readable of an MCAP bag whose recording was cut off into a new bag.

    Args:
        path: The bag's folder (metadata.yaml may be missing) or its .mcap file.
        out: Folder of the new bag; must not exist.

    Returns:
        How many messages were saved.

    Raises:
        MT3Error: STORAGE; nothing is readable.
    """
    path = Path(path).expanduser()
    files = [path] if path.is_file() else sorted(path.glob('*.mcap'))
    if not files:
        raise MT3Error(f'there is no .mcap file in {path}; only MCAP bags can be recovered', StatusCode.STORAGE)
    count = 0
    with BagRecorder(out) as recorder:
        for file in files:
            whole = recorder.path / f'{file.stem}.part.mcap'
            try:
                whole.write_bytes(_without_torn_end(file))
                with BagReader(whole) as reader:
                    for connection, stamp_ns, data in reader.raw():
                        recorder.add_topic(
                            connection.topic,
                            connection.msgtype,
                            next(iter(connection.ext.offered_qos_profiles), None),
                            connection.msgdef.data,
                        )
                        recorder.write(connection.topic, stamp_ns, data)
                        count += 1
            finally:
                whole.unlink(missing_ok=True)
    return count


def _without_torn_end(file: Path) -> bytes:
    """Return the complete records of an MCAP file, closed with an empty summary (see the MCAP specification)."""
    data = file.read_bytes()
    if not data.startswith(_MAGIC):
        raise MT3Error(f'{file} is not an MCAP file', StatusCode.STORAGE)
    end = len(_MAGIC)
    while end + 9 <= len(data):
        op, size = data[end], int.from_bytes(data[end + 1 : end + 9], 'little')
        if op in (0x0F, 0x02) or op == 0 or end + 9 + size > len(data):  # end of data, footer, zeros, torn
            break
        end += 9 + size
    end_of_data = b'\x0f' + (4).to_bytes(8, 'little') + bytes(4)
    footer = b'\x02' + (20).to_bytes(8, 'little') + bytes(20)
    return data[:end] + end_of_data + footer + _MAGIC
