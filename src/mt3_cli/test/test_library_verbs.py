"""`mt3 library` as a person uses it: edit, look at the versions, go back."""

import dataclasses
import json

import numpy as np
import pytest
from typer.testing import CliRunner

from mt3_cli.verbs.library import app
from mt3_common.demonstration import new_id
from mt3_common.errors import InvalidInput
from mt3_retrieval.library import DemoLibrary
from mt3_teach.testing import synthetic_demonstration

pytest.importorskip('lancedb', reason='the library is a LanceDB table')


@pytest.fixture
def library(tmp_path):
    library = DemoLibrary.open(tmp_path / 'library', embed=None)
    library.add(synthetic_demonstration())
    return library


def mt3_library(library, *words, ok=True):
    done = CliRunner().invoke(app, [*words, '--library', library.uri])
    if ok:
        assert done.exception is None, done.output
        return done.output
    assert isinstance(done.exception, InvalidInput)
    return str(done.exception)


def test_an_edit_its_history_its_picture_and_back(library, tmp_path):
    start = library.list()[0].id[:6]
    picture = tmp_path / 'edit.png'
    said = mt3_library(library, 'edit', start, '--bottleneck', '0.5', '--end', '-0.4', '--dof', '6', '--rigid',
                       '--picture', str(picture))  # fmt: skip
    assert 'is version 2' in said and 'dof 4 -> 6' in said and '0.50 s later' in said and picture.stat().st_size > 0
    versions = json.loads(mt3_library(library, 'history', start, '--json'))
    assert [v['number'] for v in versions] == [2, 1] and versions[0]['duration_s'] == pytest.approx(3.5)
    first = json.loads(
        mt3_library(library, 'show', start, '--version', '1', '--json', '--picture', str(tmp_path / 'a.png'))
    )
    assert first['duration_s'] == pytest.approx(4.4) and first['degrees_of_freedom'] == 4
    mt3_library(library, 'undo', start)
    assert library.get(library.list()[0].id).dof == 4
    assert 'which is version 2 again' in mt3_library(library, 'restore', start, '2')
    assert library.get(library.list()[0].id).stretch is False
    assert 'back to version 2' in mt3_library(library, 'history', start)


def test_a_dry_run_and_a_refused_edit_change_nothing(library):
    start = library.list()[0].id[:6]
    assert 'would be changed' in mt3_library(library, 'edit', start, '--speed', '0.5', '--dry-run')
    assert 'got 3.00 s' in mt3_library(library, 'edit', start, '--bottleneck', '3', ok=False)
    # half a second is left of the way down: the tool would never come near the box
    assert 'new error' in mt3_library(library, 'edit', start, '--end', '0.4', ok=False)
    assert library.record(library.list()[0].id).version == 1
    assert 'version 2' in mt3_library(library, 'edit', start, '--end', '0.4', '--force')


def test_removed_and_brought_back(library):
    start = library.list()[0].id[:6]
    mt3_library(library, 'rm', start)
    assert library.count() == 0
    mt3_library(library, 'undo', start)
    assert library.count() == 1
    assert 'no edit to take back' in mt3_library(library, 'undo', start, ok=False)
    assert 'no demonstrations begin with' in mt3_library(library, 'history', 'zzz', ok=False)


def test_tags_are_replaced_and_taken_away(library):
    start = library.list()[0].id[:6]
    mt3_library(library, 'edit', start, '--tag', 'a', '--tag', 'b', '--task', 'grasp the box')
    assert library.list()[0].tags == ('a', 'b') and library.list()[0].skill == 'pick_up'
    mt3_library(library, 'edit', start, '--tag', '')
    assert library.list()[0].tags == ()


def test_several_are_blended_and_the_result_names_its_parents(library, tmp_path):
    pytest.importorskip('dtaidistance', reason='not in this environment yet; ./mt3 setup installs it')
    pytest.importorskip('gmr', reason='not in this environment yet; ./mt3 setup installs it')
    first = library.get(library.list()[0].id)
    picture = tmp_path / 'blend.png'
    said = mt3_library(library, 'blend', 'grasp the box', ok=False)
    assert said == '1 demonstrations of "grasp the box" are in the library, at least 3 are needed'
    for speed in (0.8, 1.2):
        path = dataclasses.replace(first.interaction, time_s=first.interaction.time_s / speed)
        library.add(dataclasses.replace(first, id=new_id(), interaction=path))
    parents = {record.id for record in library.list()}
    assert 'would' not in mt3_library(library, 'blend', 'grasp the box', '--picture', str(picture), '--dry-run')
    assert library.count() == 3
    said = mt3_library(library, 'blend', 'grasp the box', '--picture', str(picture), '--keep-speed')
    made = next(record for record in library.list() if record.id not in parents)
    assert made.id[:8] in said and set(made.provenance['blended_from'].split()) == parents
    assert picture.stat().st_size > 0 and 'blend' in made.tags
    mean = library.get(made.id)
    np.testing.assert_allclose(mean.path_base()[-1, :3, 3], first.path_base()[-1, :3, 3], atol=0.005)
    assert not [f for f in library.lint() if f.demonstration_id == made.id and f.name == 'duplicate']
