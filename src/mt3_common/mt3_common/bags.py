"""Writing and reading rosbag2 bags without ROS, through rosbags.

The writer takes the serialised bytes that a raw subscription delivers. It closes an MCAP chunk at least every second,
so what was recorded before a crash can be recovered: by `recover` for good, by the reader on the fly. The reader
decodes with the definitions that the bag carries, from MCAP and sqlite3 alike.
"""

import shutil
import threading
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from rosbags.interfaces import Connection, Qos, QosDurability, QosHistory, QosLiveliness, QosReliability, QosTime
from rosbags.rosbag2 import CompressionFormat, CompressionMode, StoragePlugin, Writer

from mt3_common.bag_reader import BagReader, Recorded
from mt3_common.errors import MT3Error, StatusCode
from mt3_common.message_types import know_type, new_typestore
from mt3_common.torn_bags import drop_pairs, read_pairs, whole_records, write_pairs

__all__ = ['BagReader', 'BagRecorder', 'Recorded', 'make_qos', 'recover']

_FLUSH_S = 1.0


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
        self._custom_data: dict[str, str] = {}
        self._keep_custom_data(dict(custom_data or {}))

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

        Times that go back are raised to the last one: a file without its index, as a crash leaves it, is only
        readable in order (rosbags refuses it otherwise). The messages carry their own stamps.

        Raises:
            MT3Error: STORAGE; the disk refuses.
        """
        with self._lock:
            if not self._open:
                return
            stamp_ns = max(int(stamp_ns), self._last_ns)
            try:
                self._writer.write(self._connections[topic], stamp_ns, data)
                if time.monotonic() - self._flushed > _FLUSH_S:
                    self._flush()
            except OSError as error:
                raise MT3Error(f'cannot write to the bag {self.path}: {error}', StatusCode.STORAGE) from error
            self._first_ns, self._last_ns = self._first_ns if self.messages else stamp_ns, stamp_ns
            self.counts[topic] += 1

    def write_message(self, topic: str, stamp_ns: int, message: Any) -> None:
        """Write a message of rosbags' own classes; declares the topic if need be."""
        name = message.__msgtype__
        self.add_topic(topic, name)
        self.write(topic, stamp_ns, bytes(self._types.serialize_cdr(message, name)))

    def set_custom_data(self, key: str, value: str) -> None:
        """Store a text pair in the bag's metadata.

        Raises:
            MT3Error: STORAGE; the disk refuses.
        """
        with self._lock:
            self._keep_custom_data({key: value})

    def _keep_custom_data(self, pairs: dict[str, str]) -> None:
        self._custom_data.update(pairs)
        for key, value in pairs.items():
            self._writer.set_custom_data(key, value)
        try:
            write_pairs(self.path, self._custom_data)
        except OSError as error:
            raise MT3Error(f'cannot write to the bag {self.path}: {error}', StatusCode.STORAGE) from error

    def flush(self) -> None:
        """Hand what was written to the operating system now: a mark must outlive a crash in the next second.

        Raises:
            MT3Error: STORAGE; the disk refuses.
        """
        with self._lock:
            if not self._open:
                return
            try:
                self._flush()
            except OSError as error:
                raise MT3Error(f'cannot write to the bag {self.path}: {error}', StatusCode.STORAGE) from error

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
                drop_pairs(self.path)
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
    with BagRecorder(out, read_pairs(path)) as recorder:
        for file in files:
            whole = recorder.path / f'{file.stem}.part.mcap'
            try:
                whole.write_bytes(whole_records(file))
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
