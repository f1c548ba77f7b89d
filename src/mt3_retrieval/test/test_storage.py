"""Folders that are no library, several processes at once, writers that are killed."""

import multiprocessing
import os
import resource
import signal
import time

import lancedb
import numpy as np
import pyarrow as pa
import pytest

from mt3_common.demonstration import Demonstration, Interaction
from mt3_common.errors import MT3Error, StatusCode
from mt3_retrieval.library import DemoLibrary, indices, migrations
from mt3_retrieval.library.storage import guarded

SPAWN = multiprocessing.get_context('spawn')  # LanceDB's threads do not survive a fork


def refused(uri, **options):
    with pytest.raises(MT3Error) as refusal:
        DemoLibrary.open(uri, embed=None, **options)
    assert refusal.value.code == StatusCode.STORAGE
    return str(refusal.value)


def test_foreign_places_are_refused(tmp_path):
    (tmp_path / 'file').write_text('x')
    assert 'is a file' in refused(tmp_path / 'file')
    assert 'not empty and not a demonstration library' in refused(tmp_path)
    assert 'there is no demonstration library' in refused(tmp_path / 'absent', create=False)
    assert not (tmp_path / 'absent').exists()
    lancedb.connect(tmp_path / 'other').create_table('cats', pa.table({'name': ['Tom']}))
    assert 'not a demonstration library' in refused(tmp_path / 'other')
    lancedb.connect(tmp_path / 'same name').create_table('demonstrations', pa.table({'name': ['Tom']}))
    assert 'not a demonstration library' in refused(tmp_path / 'same name')


def test_a_damaged_library_is_refused(tmp_path):
    DemoLibrary.open(tmp_path / 'library', embed=None).add(_tiny())
    for manifest in (tmp_path / 'library' / 'demonstrations.lance' / '_versions').iterdir():
        manifest.write_bytes(b'garbage')
    assert 'damaged' in refused(tmp_path / 'library')


def test_a_newer_library_is_refused_and_an_older_one_migrated(tmp_path):
    library = DemoLibrary.open(tmp_path / 'library', embed=None)
    library.add(_tiny())
    table = library._table
    assert migrations.migrate(table, library.uri, {9: {'grade': 'cast(7 as int)'}}, version=9) == 1
    row = table.search().select(['grade', 'schema_version']).to_arrow().to_pylist()[0]
    assert row == {'grade': 7, 'schema_version': 9}
    assert 'newer version' in refused(tmp_path / 'library')


def test_a_library_of_the_first_schema_is_opened_edited_and_added_to(tmp_path):
    new = ('stretch', 'refine', 'version', 'previous', 'edited')
    first = DemoLibrary.open(tmp_path / 'new', embed=lambda text: np.full(384, 0.05))
    demo = first.add(_tiny())
    old = first._table.to_arrow().drop_columns(list(new))
    old = old.set_column(old.schema.get_field_index('schema_version'), 'schema_version', pa.array([1], pa.int32()))
    (tmp_path / 'old').mkdir()
    lancedb.connect(tmp_path / 'old').create_table('demonstrations', old)
    library = DemoLibrary.open(tmp_path / 'old', embed=None)
    assert library.get(demo.id).stretch and library.record(demo.id).version == 1 and library.briefs()[0].refine
    library.update(demo.id, notes='edited')
    other = library.add(_tiny(1))
    assert library.record(demo.id).version == 2 and library.get(demo.id, version=1).notes == ''
    assert len(library.briefs()) == 2 and library.record(other.id).version == 1


def test_conflicts_are_tried_again_and_other_errors_become_statuses():
    tries = []

    def twice():
        tries.append(1)
        if len(tries) < 3:
            raise RuntimeError('lance error: Commit conflict for version 5')
        return 'done'

    assert guarded('x', 'written', twice) == 'done' and len(tries) == 3

    def full():
        raise OSError('No space left on device')

    with pytest.raises(MT3Error, match='No space left') as refusal:
        guarded('x', 'written', full)
    assert refusal.value.code == StatusCode.STORAGE


def _tiny(k=0):
    """A demonstration with pictures of a few pixels: what is tested here does not look at them."""
    T_base_bottleneck = np.eye(4)
    T_base_bottleneck[0, 3] = 0.01 * k
    return Demonstration(
        task='pick up the can',
        robot='panda',
        T_base_bottleneck=T_base_bottleneck,
        interaction=Interaction(np.array([0.0, 3.0]), np.tile(np.eye(4), (2, 1, 1)), np.array([1.0, 0.0]), 0.08),
        rgb=np.full((12, 16, 3), k % 256, np.uint8),
        depth_m=np.full((12, 16), 1.0, np.float32),
        mask=np.ones((12, 16), bool),
        K=np.array([[20.0, 0.0, 8.0], [0.0, 20.0, 6.0], [0.0, 0.0, 1.0]]),
        T_base_camera=np.eye(4),
    )


def _write(uri, count, acknowledged):
    """Add and change demonstrations; tell each id once the library has confirmed it."""
    library = DemoLibrary.open(uri, embed=None)
    for k in range(count):
        demo = library.add(_tiny(k))
        library.update(demo.id, notes=f'{os.getpid()} {k}')
        with open(acknowledged, 'a', encoding='utf-8') as log:
            log.write(demo.id + '\n')


def test_several_processes_write_and_nothing_is_lost(tmp_path):
    uri = str(tmp_path / 'library')
    processes = [SPAWN.Process(target=_write, args=(uri, 6, tmp_path / f'{i}.log')) for i in range(2)]
    for p in processes:
        p.start()
    for p in processes:
        p.join(120)
        assert p.exitcode == 0
    library = DemoLibrary.open(uri, embed=None)
    told = {line for i in range(2) for line in (tmp_path / f'{i}.log').read_text().split()}
    records = library.list()
    assert len(told) == 12 and {r.id for r in records} == told
    assert all(r.notes for r in records)


def test_killed_writers_leave_whole_rows_only(tmp_path):
    uri, log = str(tmp_path / 'library'), tmp_path / 'log'
    log.touch()
    library = DemoLibrary.open(uri, embed=None)
    for round_ in range(2):
        writer = SPAWN.Process(target=_write, args=(uri, 1000, log))
        writer.start()
        before, until = len(log.read_text().split()), time.monotonic() + 60.0
        while len(log.read_text().split()) < before + 1 and time.monotonic() < until:
            time.sleep(0.005)
        time.sleep(0.021 * round_)  # at another point of its work each time
        os.kill(writer.pid, signal.SIGKILL)
        writer.join(30)
    told = set(log.read_text().split())
    assert len(told) >= 2
    records = {r.id for r in library.list()}
    assert told <= records and len(records) <= len(told) + 2  # one may be stored and not yet told per kill
    for demonstration_id in records:
        assert library.get(demonstration_id).interaction.duration_s == pytest.approx(3.0)
    library.add(_tiny())  # and it goes on


def _fill_the_disk(uri, told):
    """Add until nothing more can be written; tell what the library said."""
    library = DemoLibrary.open(uri, embed=None)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1024, 1024))
    try:
        library.add(_tiny(1))
    except MT3Error as error:
        told.write_text(f'{error.code.name}: {error}')


def test_a_full_disk_is_told_and_loses_nothing(tmp_path):
    uri = str(tmp_path / 'library')
    library = DemoLibrary.open(uri, embed=None)
    kept = library.add(_tiny())
    writer = SPAWN.Process(target=_fill_the_disk, args=(uri, tmp_path / 'told'))
    writer.start()
    writer.join(60)
    told = (tmp_path / 'told').read_text()
    assert told.startswith('STORAGE') and 'disk full' in told
    assert [r.id for r in library.list()] == [kept.id] and library.get(kept.id).task == kept.task
    library.add(_tiny(2))  # there is room again


def test_indices_change_nothing_but_the_time(tmp_path, monkeypatch):
    library = DemoLibrary.open(tmp_path / 'library', embed=None)
    demos = library.add_many([_tiny(k) for k in range(6)])
    library.remove(demos[0].id)
    conditions = ['', "skill = 'pick_up'", "target IN ('can', 'mug') AND NOT simulated", "robot = 'ur5'", 'simulated']

    def found():
        return [sorted(b.id for b in library.briefs(c)) for c in conditions]

    before = found()
    assert [len(ids) for ids in before] == [5, 5, 5, 0, 0]
    monkeypatch.setattr(indices, '_INDEX_FROM_ROWS', 6)
    library.optimise()
    indexed = {column for index in library._table.list_indices() for column in index.columns}
    assert indexed == {'id', 'target', 'skill', 'robot', 'simulated', 'removed_at'}
    assert found() == before
    later = library.add(_tiny(9))  # not yet in the indices
    library.undo(demos[0].id)
    assert set(found()[1]) == {*before[1], later.id, demos[0].id}
    library.optimise()
    assert len(found()[2]) == 7 and library.distinct('target') == ['can']
