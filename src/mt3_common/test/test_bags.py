import os
import shutil
import signal
import subprocess
import sys
import textwrap
import time

import pytest

from mt3_common.bags import BagReader, BagRecorder, make_qos, recover
from mt3_common.errors import MT3Error, StatusCode
from mt3_common.message_types import know_type, new_typestore

STRING = new_typestore().types['std_msgs/msg/String']


def small_bag(path, count=20):
    with BagRecorder(path, {'task': 'pick up the mug'}) as bag:
        for k in range(count):
            bag.write_message('/words', k * 10**8, STRING(data=f'{k} ' + 'x' * 1000))
    return path


def test_writes_what_it_reads(tmp_path):
    with BagRecorder(tmp_path / 'bag', {'task': 'x'}) as bag:
        bag.add_topic('/words', 'std_msgs/msg/String', make_qos(transient_local=True))
        bag.write_message('/words', 10**9, STRING(data='first'))
        bag.write_message('/words', 3 * 10**9, STRING(data='second'))
        bag.set_custom_data('more', 'y')
        assert bag.messages == 2 and bag.duration_s == 2.0
    with BagReader(tmp_path / 'bag') as bag:
        assert bag.topics == {'/words': 'std_msgs/msg/String'} and bag.counts == {'/words': 2}
        assert bag.custom_data == {'task': 'x', 'more': 'y'}
        got = [(m.topic, m.received_s, m.message.data) for m in bag.messages()]
    assert got == [('/words', 1.0, 'first'), ('/words', 3.0, 'second')]


def test_late_messages_after_the_end_are_dropped(tmp_path):
    bag = BagRecorder(tmp_path / 'bag')
    bag.write_message('/words', 1, STRING(data='a'))
    bag.close()
    bag.write('/words', 2, b'')
    bag.close()
    assert bag.messages == 1


def test_never_overwrites(tmp_path):
    with pytest.raises(MT3Error, match='exists already') as refusal:
        BagRecorder(tmp_path)
    assert refusal.value.code == StatusCode.STORAGE


def test_discard_leaves_nothing(tmp_path):
    bag = BagRecorder(tmp_path / 'bag')
    bag.write_message('/words', 1, STRING(data='a'))
    bag.discard()
    assert not (tmp_path / 'bag').exists()


def test_types_of_ones_own_come_from_installed_packages(tmp_path, monkeypatch):
    folder = tmp_path / 'share' / 'my_msgs' / 'msg'
    folder.mkdir(parents=True)
    (folder / 'Inner.msg').write_text('float64 value\n')
    (folder / 'Outer.msg').write_text('my_msgs/Inner[] items\nstd_msgs/Header header\n')
    monkeypatch.setenv('AMENT_PREFIX_PATH', str(tmp_path))
    store = new_typestore()
    know_type(store, 'my_msgs/msg/Outer')
    assert {'my_msgs/msg/Inner', 'my_msgs/msg/Outer'} <= set(store.fielddefs)
    with pytest.raises(MT3Error, match=r'no definition of other/msg/Thing'):
        know_type(store, 'other/msg/Thing')


@pytest.mark.parametrize('damage', ['truncated', 'scrambled', 'empty', 'no data', 'bad yaml'])
def test_a_damaged_bag_is_a_typed_refusal(tmp_path, damage):
    bag = small_bag(tmp_path / 'bag', 200)
    data = next(bag.glob('*.mcap'))
    raw = data.read_bytes()
    if damage == 'truncated':
        data.write_bytes(raw[: len(raw) // 2])
    elif damage == 'scrambled':
        data.write_bytes(raw[:100] + bytes(reversed(raw[100:-400])) + raw[-400:])
    elif damage == 'empty':
        data.write_bytes(b'')
    elif damage == 'no data':
        data.unlink()
    else:
        (bag / 'metadata.yaml').write_text('rosbag2_bagfile_information: [')
    with pytest.raises(MT3Error, match='cannot be read') as refusal, BagReader(bag) as reader:
        list(reader.messages())
    assert refusal.value.code == StatusCode.STORAGE


def test_no_bag_is_a_typed_refusal(tmp_path):
    with pytest.raises(MT3Error, match='no bag at'):
        BagReader(tmp_path / 'nothing')


def test_recovers_the_start_of_a_torn_bag(tmp_path):
    with BagRecorder(tmp_path / 'bag', compress=False) as bag:
        for k in range(40):
            bag.write_message('/words', k * 10**8, STRING(data=f'{k} ' + 'x' * 100_000))
    (tmp_path / 'bag' / 'metadata.yaml').unlink()
    data = next((tmp_path / 'bag').glob('*.mcap'))
    raw = data.read_bytes()
    data.write_bytes(raw[: 3 * len(raw) // 4])
    saved = recover(tmp_path / 'bag', tmp_path / 'again')
    assert 20 <= saved < 40
    with BagReader(tmp_path / 'again') as reader:
        assert [m.message.data.split()[0] for m in reader.messages()] == [str(k) for k in range(saved)]


def test_what_was_recorded_before_a_crash_can_be_recovered(tmp_path):
    script = textwrap.dedent(f"""
        import time
        from mt3_common.bags import BagRecorder
        from mt3_common.message_types import new_typestore
        text = new_typestore().types['std_msgs/msg/String']
        bag = BagRecorder({str(tmp_path / 'bag')!r}, {{'task': 'pick up the mug'}})
        for k in range(10_000):
            bag.write_message('/words', k - 2 * (k % 2), text(data=str(k)))  # a little out of order
            if k == 30:
                time.sleep(1.1)
            if k == 40:
                print('ready', flush=True)
            time.sleep(0.005)
    """)
    process = subprocess.Popen([sys.executable, '-c', script], stdout=subprocess.PIPE, text=True, env=dict(os.environ))
    assert process.stdout.readline().strip() == 'ready'
    process.send_signal(signal.SIGKILL)
    process.wait()
    process.stdout.close()
    assert recover(tmp_path / 'bag', tmp_path / 'again') >= 30
    with BagReader(tmp_path / 'bag') as reader:  # no need to recover it by hand
        assert reader.cut_off and reader.custom_data == {'task': 'pick up the mug'}
        assert [m.message.data for m in reader.messages()][:30] == [str(k) for k in range(30)]
    assert not (tmp_path / 'again' / 'unfinished.json').exists()
    with BagReader(tmp_path / 'again') as reader:
        assert not reader.cut_off and reader.custom_data == {'task': 'pick up the mug'}


def test_recover_refuses_what_is_no_mcap(tmp_path):
    with pytest.raises(MT3Error, match=r'no \.mcap file'):
        recover(tmp_path, tmp_path / 'x')
    (tmp_path / 'a.mcap').write_bytes(b'something else')
    with pytest.raises(MT3Error, match='not an MCAP file'):
        recover(tmp_path / 'a.mcap', tmp_path / 'x')


def test_a_whole_file_without_metadata_still_reads(tmp_path):
    bag = small_bag(tmp_path / 'bag')
    (bag / 'metadata.yaml').unlink()
    with BagReader(bag) as reader:
        assert len(list(reader.messages())) == 20


def test_writing_is_fast_enough_for_a_camera(tmp_path):
    data = bytes(1_500_000)
    with BagRecorder(tmp_path / 'bag') as bag:
        bag.add_topic('/image', 'std_msgs/msg/String')
        begin = time.process_time()
        for k in range(10):
            bag.write('/image', k, data)
        assert (time.process_time() - begin) / 10 < 0.1
    shutil.rmtree(tmp_path / 'bag')
