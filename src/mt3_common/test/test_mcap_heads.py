import struct

import numpy as np
import pytest
from rosbags.rosbag2 import StoragePlugin, Writer

from mt3_common import mcap_heads
from mt3_common.bags import BagReader, BagRecorder
from mt3_common.errors import MT3Error, StatusCode
from mt3_common.message_types import new_typestore

STRING = new_typestore().types['std_msgs/msg/String']
BIG, SMALL, HEAD = '/pictures', '/words', 40


def text(k):
    return ''.join(chr(97 + (k * 7 + i * i) % 26) for i in range(200))


@pytest.fixture(params=[True, False], ids=['compressed', 'plain'])
def bag(tmp_path, request):
    with BagRecorder(tmp_path / 'bag', compress=request.param) as bag:
        for k in range(60):
            bag.write_message(SMALL, k * 10**8, STRING(data=text(k)))
            if k % 2:
                bag.write_message(BIG, k * 10**8 + 1, STRING(data=text(k) * 2000))
    return tmp_path / 'bag'


def read(path, **arguments):
    with BagReader(path) as reader:
        return [(connection.topic, stamp, bytes(data)) for connection, stamp, data in reader.raw(**arguments)]


def test_heads_are_the_beginnings_of_the_same_messages_in_the_same_order(bag):
    whole, shortened = read(bag), read(bag, heads={BIG: HEAD})
    assert [item[:2] for item in whole] == [item[:2] for item in shortened]
    for (topic, _, data), (_, _, head) in zip(whole, shortened, strict=True):
        assert data.startswith(head)
        assert len(head) == (HEAD if topic == BIG else len(data))


def test_only_the_topics_that_are_asked_for(bag):
    assert {topic for topic, *_ in read(bag, topics=[BIG], heads={BIG: HEAD})} == {BIG}


def test_what_is_not_wanted_is_not_decompressed(bag, monkeypatch):
    sizes, really = [], mcap_heads._decompressed

    def counted(file, chunk, size):
        sizes.append((size, chunk.uncompressed_size))
        return really(file, chunk, size)

    monkeypatch.setattr(mcap_heads, '_decompressed', counted)
    read(bag, heads={BIG: HEAD})
    some, all_of_it = np.sum(sizes, axis=0)
    assert some < 0.7 * all_of_it
    sizes.clear()
    read(bag, topics=[SMALL], heads={BIG: HEAD})
    assert len(sizes) > 1 and max(size for size, _ in sizes) < max(size for _, size in sizes)


def test_a_bag_without_an_index_is_read_as_ever(tmp_path):
    with Writer(tmp_path / 'bag', version=9, storage_plugin=StoragePlugin.SQLITE3) as writer:
        connection = writer.add_connection(SMALL, 'std_msgs/msg/String', typestore=new_typestore())
        writer.write(connection, 1, new_typestore().serialize_cdr(STRING(data='one'), 'std_msgs/msg/String'))
    assert read(tmp_path / 'bag', heads={SMALL: 4}) == read(tmp_path / 'bag')


@pytest.mark.parametrize('place', [0, 8])
def test_an_index_that_leads_astray_is_a_typed_refusal(bag, place):
    file = next(bag.glob('*.mcap'))
    data = bytearray(file.read_bytes())
    chunk = next(at for at in range(len(data)) if data[at] == 6 and _is_chunk(data, at))
    index = chunk + 9 + struct.unpack_from('<Q', data, chunk + 1)[0]
    assert data[index] == 7
    offset = index + 9 + 6 + 8  # kind and length, channel and size, log time
    data[index if place == 0 else offset] ^= 0x05
    file.write_bytes(data)
    with pytest.raises(MT3Error, match='cannot be read') as refusal:
        read(bag, heads={BIG: HEAD})
    assert refusal.value.code == StatusCode.STORAGE


def _is_chunk(data, at):
    length = struct.unpack_from('<Q', data, at + 1)[0]
    return 0 < length and at + 9 + length < len(data) and data[at + 9 + length] == 7
