"""Broken bags and folders: each is read or refused with its reason; none crashes or leaves a trace in the library."""

import random
import shutil

import pytest

from mt3_common.robot import RobotConfig
from mt3_retrieval.library import DemoLibrary
from mt3_teach.batch import Job, import_many
from mt3_teach.config import ImportConfig
from mt3_teach.folder import export_folder
from mt3_teach.formats.lerobot import export_lerobot
from mt3_teach.formats.paper import export_paper
from mt3_teach.import_part import Wanted
from mt3_teach.sources import kind_of
from mt3_teach.testing import Script, synthetic_demonstration, to_sqlite3, write_bag


@pytest.fixture(scope='module')
def sources(tmp_path_factory):
    root, demo = tmp_path_factory.mktemp('whole'), synthetic_demonstration()
    marked = write_bag(root / 'marked')
    return [
        marked,
        to_sqlite3(write_bag(root / 'plain', Script.plain()), root / 'sqlite3'),
        export_folder(demo, root / 'folder'),
        export_paper(demo, root / 'paper'),
        export_lerobot([demo], root / 'lerobot'),
    ]


def damage(folder, chance):
    """Cut, flip, blank or delete one file."""
    file = chance.choice(sorted(path for path in folder.rglob('*') if path.is_file()))
    data, how = bytearray(file.read_bytes()), chance.choice(['cut', 'flip', 'zero', 'swap', 'gone'])
    at = chance.randrange(max(len(data), 1))
    if how == 'gone':
        file.unlink()
        return
    if how == 'cut':
        data = data[:at]
    elif how == 'flip':
        for _ in range(chance.choice([1, 20])):
            data[chance.randrange(len(data))] ^= 1 << chance.randrange(8)
    elif how == 'zero':
        data[at : at + 200] = bytes(len(data[at : at + 200]))
    else:
        data = data[at:] + data[:at]
    file.write_bytes(bytes(data))


def break_and_import(sources, tmp_path, seeds):
    library = DemoLibrary.open(tmp_path / 'library', embed=None)
    refused = stored = 0
    for seed in seeds:
        chance, broken = random.Random(seed), tmp_path / 'broken'
        shutil.rmtree(broken, ignore_errors=True)
        shutil.copytree(chance.choice(sources), broken)
        damage(broken, chance)
        kind = kind_of(broken)
        if kind is None:
            refused += 1
            continue
        job = Job(broken, kind, Wanted(task='pick up the box'), RobotConfig(), ImportConfig())
        (outcome,) = import_many([job], library)
        if outcome.refusal or outcome.before:
            refused += 1
            assert len(outcome.refusal) > 10 or outcome.before, seed
        else:
            stored += len(outcome.results)
        assert library.count() == stored, seed
    return refused, stored


def test_forty_of_them(sources, tmp_path):
    refused, stored = break_and_import(sources, tmp_path, range(40))
    assert refused > 10
    assert refused + stored == 40


@pytest.mark.slow
@pytest.mark.timeout(1200)
def test_five_hundred_of_them(sources, tmp_path):
    refused, stored = break_and_import(sources, tmp_path, range(1000, 1500))
    assert refused > 150
    assert refused + stored == 500
