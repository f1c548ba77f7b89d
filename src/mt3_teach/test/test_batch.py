"""Many bags at once: stored whole, passed over the second time, refused without a trace."""

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
from mt3_teach.sources import find_sources
from mt3_teach.testing import Script, synthetic_demonstration, write_bag


def jobs(folder):
    return [Job(path, kind, Wanted(), RobotConfig(), ImportConfig()) for path, kind in find_sources([folder])]


@pytest.fixture(scope='module')
def folder(tmp_path_factory):
    root = tmp_path_factory.mktemp('all')
    write_bag(root / 'bags' / 'one')
    write_bag(root / 'bags' / 'bad', Script(drop=('/tf_static',)))
    demo = synthetic_demonstration()
    export_paper(demo, root / 'paper' / 'demo')
    export_lerobot([demo, demo], root / 'lerobot')
    export_folder(demo, root / 'plain' / 'demo')
    return root


@pytest.mark.parametrize('processes', [1, 2])
def test_every_kind_once_and_the_second_run_stores_no_bag_again(folder, tmp_path, processes):
    library = DemoLibrary.open(tmp_path / 'library', embed=None)
    outcomes = {o.path.name: o for o in import_many(jobs(folder), library, processes)}
    assert {name for name, o in outcomes.items() if o.refusal} == {'bad'}
    assert 'camera' in outcomes['bad'].refusal
    assert library.count() == 5
    again = {o.path.name: o for o in import_many(jobs(folder / 'bags'), library, 1)}
    assert again['one'].before and again['bad'].refusal and library.count() == 5


def test_a_bag_that_was_moved_or_removed_from_the_library_is_known(folder, tmp_path):
    library = DemoLibrary.open(tmp_path / 'library', embed=None)
    shutil.copytree(folder / 'bags' / 'one', tmp_path / 'elsewhere' / 'other')
    for outcome in import_many(jobs(folder / 'bags' / 'one'), library):
        library.remove(outcome.results[0].demonstration.id)
    assert [o.before for o in import_many(jobs(tmp_path / 'elsewhere'), library)] == [True]
    assert library.count() == 0
